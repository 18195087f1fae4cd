// SPDX-License-Identifier: GPL-2.0-or-later
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "tests/fake_qemu/fake_qemu.h"

struct fake {
	const char *mode;
	int qmp, console, agent;
	const char *status;
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
	fprintf(stderr, "fake: no chardev '%s'\n", id);
	exit(8);
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

static void answer(struct fake *f, const char *line)
{
	const char *id = strstr(line, "\"id\":");
	char value[256] = "{}";

	if (!id) {
		say(2, "fake: a command without id\n");
		exit(8);
	}
	if (end_somehow(f, line))
		;
	else if (strstr(line, "\"query-status\""))
		snprintf(value, sizeof(value), "{\"status\":\"%s\"}", f->status);
	else if (strstr(line, "\"query-cpus-fast\""))
		snprintf(value, sizeof(value), "[{\"thread-id\":%d},{\"thread-id\":%d}]", getpid(),
			 getpid());
	if (strstr(line, "\"quit\"") && !strcmp(f->mode, "stubborn"))
		return;
	send_return(f, atoi(id + 5), value);
	if (strstr(line, "\"quit\"")) {
		send_event(f, "SHUTDOWN", "{\"guest\":false,\"reason\":\"host-qmp-quit\"}");
		say(f->console, "last words");
		exit(0);
	}
	if (strstr(line, "\"query-status\"") && !strcmp(f->mode, "close-qmp"))
		close(f->qmp);
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
		n = read(f->qmp, data + len, sizeof(data) - 1 - len);
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
		.status = "running",
	};

	begin(&f);
	serve(&f);
	return 0;
}
