// SPDX-License-Identifier: GPL-2.0-or-later
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <unistd.h>

#include "tests/fake_qemu/fake_qemu.h"

struct fake {
	const char *mode;
	int qmp, console, agent;
	const char *status;
	int state_fd;			/* passed by getfd; -1: none */
	bool has_saved;
	const char *migration_error;	/* what query-migrate says */
	void *backend;
	unsigned int keeps_backend;	/* commands until it goes; 0: as long as nobody says */
};

bool fake_qemu_is_wanted(int argc, char **argv)
{
	return getenv("FAKE_QEMU") && argc > 1 && !strcmp(argv[1], "-name");
}

static void say(int fd, const char *text)
{
	if (write(fd, text, strlen(text)) < 0)
		_exit(9);
}

static int fd_of(int argc, char **argv, const char *id)
{
	char prefix[64];
	size_t len = (size_t)snprintf(prefix, sizeof(prefix), "socket,id=%s,fd=", id);

	for (int i = 1; i < argc; i++)
		if (!strncmp(argv[i], prefix, len))
			return atoi(argv[i] + len);
	return -1;
}

static void send_event(struct fake *f, const char *name, const char *data)
{
	char line[512];

	snprintf(line, sizeof(line), "{\"event\":\"%s\",\"data\":%s,"
		 "\"timestamp\":{\"seconds\":1,\"microseconds\":2}}\r\n", name, data);
	say(f->qmp, line);
}

static void send_return(struct fake *f, int id, const char *value)
{
	char line[512];

	snprintf(line, sizeof(line), "{\"return\":%s,\"id\":%d}\r\n", value, id);
	say(f->qmp, line);
}

static void give_up_accelerator(struct fake *f)
{
	say(2, "KVM internal error. Suberror: 1\nRAX=0000\nRIP=fff0\n");
	f->status = "internal-error";
	send_event(f, "STOP", "{}");
}

/* What is no ordinary command: the ends of a guest and of QEMU. */
static bool end_somehow(struct fake *f, const char *line)
{
	if (strstr(line, "\"x-panic\"")) {
		say(f->console, "Kernel panic - not syncing\n");
		send_event(f, "GUEST_PANICKED", "{\"action\":\"pause\"}");
		send_event(f, "STOP", "{}");
	} else if (strstr(line, "\"x-reset\"")) {
		send_event(f, "SHUTDOWN", "{\"guest\":true,\"reason\":\"guest-reset\"}");
	} else if (strstr(line, "\"x-internal\"")) {
		give_up_accelerator(f);
	} else if (strstr(line, "\"x-stop\"")) {
		f->status = "paused";
		send_event(f, "STOP", "{}");
	} else if (strstr(line, "\"x-die\"")) {
		raise(SIGKILL);
	} else if (strstr(line, "\"x-leave\"")) {
		send_event(f, "SHUTDOWN", "{\"guest\":false,\"reason\":\"host-signal\"}");
		exit(0);
	} else {
		return false;
	}
	return true;
}

static void send_migration(struct fake *f, const char *status)
{
	char data[64];

	snprintf(data, sizeof(data), "{\"status\":\"%s\"}", status);
	send_event(f, "MIGRATION", data);
}

static void save(struct fake *f)
{
	send_migration(f, "setup");
	send_migration(f, "active");
	if (!strcmp(f->mode, "save-silent"))
		return;
	if (!strcmp(f->mode, "save-dies"))
		raise(SIGKILL);
	if (!strcmp(f->mode, "save-cancelled")) {
		send_migration(f, "cancelled");
	} else if (!strcmp(f->mode, "save-fails") || (!strcmp(f->mode, "save-once") && f->has_saved) ||
		   strcmp(f->status, "paused")) {
		f->migration_error = "Unable to write to the file: no space";
		send_migration(f, "failed");
	} else {
		say(f->state_fd, FAKE_STATE);
		f->has_saved = true;
		send_migration(f, "completed");
	}
}

static void restore(struct fake *f)
{
	char state[64] = "";

	send_migration(f, "setup");
	send_migration(f, "active");
	if (read(f->state_fd, state, sizeof(state) - 1) < 0 || strcmp(state, FAKE_STATE)) {
		say(2, "fake: error while loading state\nfake: load of migration failed: Invalid argument\n");
		exit(1);
	}
	f->status = "paused";
	send_migration(f, "completed");
}

/* What belongs to a kept machine, and to memory that comes and goes. */
static bool keep_machine(struct fake *f, const char *line)
{
	if (strstr(line, "\"stop\"")) {
		f->status = "paused";
		send_event(f, "STOP", "{}");
	} else if (strstr(line, "\"cont\"")) {
		f->status = "running";
		send_event(f, "RESUME", "{}");
	} else if (strstr(line, "\"x-map\"")) {
		int fd = memfd_create("backend", MFD_CLOEXEC);

		if (fd < 0 || ftruncate(fd, FAKE_BACKEND) < 0)
			exit(7);
		f->backend = mmap(NULL, FAKE_BACKEND, PROT_READ, MAP_SHARED, fd, 0);
	} else if (strstr(line, "\"x-unmap\"")) {
		f->keeps_backend = 3;
	} else {
		return false;
	}
	return true;
}

static void answer(struct fake *f, const char *line)
{
	const char *id = strstr(line, "\"id\":");
	char value[256] = "{}";

	if (!id) {
		say(2, "fake: a command without id\n");
		exit(8);
	}
	if (end_somehow(f, line) || keep_machine(f, line))
		;
	else if (strstr(line, "\"query-status\""))
		snprintf(value, sizeof(value), "{\"status\":\"%s\"}", f->status);
	else if (strstr(line, "\"query-migrate\"") && f->migration_error)
		snprintf(value, sizeof(value), "{\"error-desc\":\"%s\"}", f->migration_error);
	else if (strstr(line, "\"query-cpus-fast\""))
		snprintf(value, sizeof(value), "[{\"thread-id\":%d},{\"thread-id\":%d}]", getpid(),
			 getpid());
	if (strstr(line, "\"quit\"") && !strcmp(f->mode, "stubborn"))
		return;
	send_return(f, atoi(id + 5), value);
	if (strstr(line, "\"migrate\"") && strstr(line, "\"fd:state\""))
		save(f);
	if (strstr(line, "\"migrate-incoming\"") && strstr(line, "\"fd:state\""))
		restore(f);
	if (strstr(line, "\"quit\"")) {
		send_event(f, "SHUTDOWN", "{\"guest\":false,\"reason\":\"host-qmp-quit\"}");
		say(f->console, "last words");
		exit(0);
	}
	if (strstr(line, "\"query-status\"") && f->keeps_backend && !--f->keeps_backend)
		munmap(f->backend, FAKE_BACKEND);
	if (strstr(line, "\"query-status\"") && !strcmp(f->mode, "close-qmp"))
		close(f->qmp);
}

/* Commands, and the descriptor that getfd brings along. */
static ssize_t receive(struct fake *f, char *to, size_t len)
{
	struct iovec bytes = { to, len };
	union {
		char buf[CMSG_SPACE(sizeof(int))];
		struct cmsghdr align;
	} control = { 0 };
	struct msghdr msg = { .msg_iov = &bytes, .msg_iovlen = 1, .msg_control = control.buf,
			      .msg_controllen = sizeof(control.buf) };
	ssize_t n = recvmsg(f->qmp, &msg, MSG_CMSG_CLOEXEC);

	if (n > 0 && CMSG_FIRSTHDR(&msg))
		memcpy(&f->state_fd, CMSG_DATA(CMSG_FIRSTHDR(&msg)), sizeof(int));
	return n;
}

/* The agent is asked for its capabilities only. */
static void answer_agent(struct fake *f)
{
	char data[4096];

	if (read(f->agent, data, sizeof(data)) <= 0)
		exit(0);
	say(f->agent, "{\"return\":{},\"id\":1}\n");
}

static void serve(struct fake *f)
{
	char data[65536];
	size_t len = 0;

	for (;;) {
		bool floods = !strcmp(f->mode, "flood");
		struct pollfd p[] = { { .fd = f->qmp, .events = POLLIN },
				      { .fd = f->agent, .events = POLLIN } };
		char *end;
		ssize_t n;

		if (floods && write(f->console, "spam spam spam\n", 15) < 0 && errno != EAGAIN)
			exit(7);
		if (poll(p, 2, floods ? 0 : -1) == 0)
			continue;
		if (p[1].revents)
			answer_agent(f);
		if (!p[0].revents)
			continue;
		n = receive(f, data + len, sizeof(data) - 1 - len);
		while (n < 0 && errno == EBADF)
			pause();	/* we closed it ourselves, and live on */
		if (n <= 0)
			exit(0);
		len += (size_t)n;
		data[len] = '\0';
		while ((end = strchr(data, '\n'))) {
			*end = '\0';
			answer(f, data);
			len -= (size_t)(end + 1 - data);
			memmove(data, end + 1, len + 1);
		}
	}
}

static void begin(struct fake *f)
{
	if (!strcmp(f->mode, "exit")) {
		say(2, "qemu: a first line\nqemu: no such option\n");
		exit(1);
	}
	for (int i = 0; !strcmp(f->mode, "chatter") && i < 4096; i++)
		say(2, i ? "warning: of 64 bytes, so that it fills a pipe several times over\n" :
		    "the first line\n");
	if (!strcmp(f->mode, "stubborn"))
		signal(SIGTERM, SIG_IGN);
	if (!strcmp(f->mode, "flood"))
		fcntl(f->console, F_SETFL, O_NONBLOCK);
	while (!strcmp(f->mode, "silent"))
		pause();
	say(f->console, "first words\n");
	say(f->qmp, "{\"QMP\":{\"version\":{\"qemu\":{\"micro\":22,\"minor\":2,\"major\":7},"
	    "\"package\":\"\"},\"capabilities\":[\"oob\"]}}\r\n");
	if (!strcmp(f->mode, "greet-die")) {
		signal(SIGSEGV, SIG_DFL);	/* a sanitizer would make it an exit */
		raise(SIGSEGV);
	}
	if (!strcmp(f->mode, "internal"))
		give_up_accelerator(f);
	if (!strcmp(f->mode, "agent"))
		say(f->agent, "{\"HOTRIG\":{\"version\":{\"agent\":1},\"capabilities\":[]}}\n");
}

int fake_qemu_run(int argc, char **argv)
{
	struct fake f = {
		.mode = getenv("FAKE_QEMU"), .qmp = fd_of(argc, argv, "qmp"),
		.console = fd_of(argc, argv, "console"), .agent = fd_of(argc, argv, "agent"),
		.status = "running", .state_fd = -1,
	};

	if (f.qmp < 0 || f.console < 0 || f.agent < 0 || (fd_of(argc, argv, "qmp2") >= 0 &&
	    fcntl(fd_of(argc, argv, "qmp2"), F_GETFD) < 0)) {
		fprintf(stderr, "fake: a chardev is missing\n");
		return 8;
	}
	begin(&f);
	serve(&f);
	return 0;
}
