// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Process 1: mounts, modules, the link, and then it watches over the agent.  An agent that dies is
 * our fault and must never look like a kernel that panicked, so this process stays alive and says
 * on the link how it ended.
 */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/signalfd.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <termios.h>

#include "base/clean.h"
#include "base/clock.h"
#include "base/io.h"
#include "base/mem.h"
#include "guest_agent/agent.h"
#include "guest_agent/modules.h"

#define PORT_NAME "org.hotrig.agent"
#define PORT_WAIT_MS 20000

static void mount_all(void)
{
	static const struct { const char *type, *where; unsigned long flags; } mounts[] = {
		{ "proc", "/proc", 0 },
		{ "sysfs", "/sys", 0 },
		{ "devtmpfs", "/dev", 0 },
		{ "tmpfs", "/tmp", 0 },
		{ "tmpfs", "/run", 0 },
		{ "debugfs", "/sys/kernel/debug", 0 },
		{ "bpf", "/sys/fs/bpf", 0 },
	};

	for (size_t i = 0; i < ARRAY_SIZE(mounts); i++) {
		mkdir(mounts[i].where, 0755);
		/* a kernel may lack debugfs or bpf: whoever needs them will say so */
		if (mount(mounts[i].type, mounts[i].where, mounts[i].type, mounts[i].flags, NULL) < 0 &&
		    i < 3 && errno != EBUSY)
			fprintf(stderr, "hotrig init: cannot mount %s: %s\n", mounts[i].type,
				strerror(errno));
	}
}

static bool cmdline_has(const char *word)
{
	char line[4096] = "", *save, *w;
	AUTO_CLOSE int fd = open("/proc/cmdline", O_RDONLY | O_CLOEXEC);

	if (fd < 0 || read(fd, line, sizeof(line) - 1) < 0)
		return false;
	for (w = strtok_r(line, " \n", &save); w; w = strtok_r(NULL, " \n", &save))
		if (!strcmp(w, word))
			return true;
	return false;
}

static int open_virtio_port(void)
{
	char path[512], name[64];
	struct dirent *e;
	int link = -1;
	DIR *d = opendir("/sys/class/virtio-ports");

	while (d && link < 0 && (e = readdir(d))) {
		AUTO_FCLOSE FILE *f = NULL;

		snprintf(path, sizeof(path), "/sys/class/virtio-ports/%s/name", e->d_name);
		f = fopen(path, "re");
		if (!f || !fgets(name, sizeof(name), f) ||
		    strncmp(name, PORT_NAME, strlen(PORT_NAME)))
			continue;
		snprintf(path, sizeof(path), "/dev/%s", e->d_name);
		link = open(path, O_RDWR | O_CLOEXEC);
	}
	if (d)
		closedir(d);
	return link;
}

static int open_serial_port(void)
{
	int link = open("/dev/ttyS1", O_RDWR | O_CLOEXEC | O_NOCTTY);
	struct termios t;

	if (link >= 0 && tcgetattr(link, &t) == 0) {
		cfmakeraw(&t);
		cfsetspeed(&t, B115200);
		tcsetattr(link, TCSANOW, &t);
	}
	return link;
}

/* The port's name appears when host and guest have agreed on it, which no event tells us of here. */
static int open_link(void)
{
	uint64_t until = clock_in_ms(PORT_WAIT_MS);
	int link;

	if (cmdline_has("hotrig.link=serial"))
		return open_serial_port();
	while ((link = open_virtio_port()) < 0 && clock_ns() < until)
		poll(NULL, 0, 2);
	return link;
}

static pid_t start_agent(int link, const sigset_t *signals)
{
	pid_t pid = fork();

	if (pid)
		return pid;
	sigprocmask(SIG_SETMASK, signals, NULL);
	setsid();
	_exit(agent_run(link));
}

/*
 * The host asks on the console when the agent does not answer: is it stuck in the kernel ('D', or
 * sleeping elsewhere than in its own poll), or has it lost its way itself?
 */
static void report_agent(pid_t agent)
{
	char path[64], stat[512] = "", where[128] = "";
	AUTO_CLOSE int a = -1, b = -1;
	const char *state;

	snprintf(path, sizeof(path), "/proc/%d/stat", (int)agent);
	a = open(path, O_RDONLY | O_CLOEXEC);
	snprintf(path, sizeof(path), "/proc/%d/wchan", (int)agent);
	b = open(path, O_RDONLY | O_CLOEXEC);
	if (a < 0 || read(a, stat, sizeof(stat) - 1) < 0 || b < 0 || read(b, where, sizeof(where) - 1) < 0)
		where[0] = '\0';
	state = strrchr(stat, ')');
	dprintf(2, "\nhotrig init: agent state %c in %s\n", state && state[1] ? state[2] : '?',
		*where ? where : "?");
}

/* Forked children of the agent come to us when it has died; reap everything, for ever. */
static int supervise(pid_t agent, int children)
{
	struct pollfd fds[] = { { .fd = children, .events = POLLIN }, { .fd = 0, .events = POLLIN } };
	struct signalfd_siginfo info;
	char line[256];
	int status;
	pid_t pid;

	for (;;) {
		poll(fds, ARRAY_SIZE(fds), -1);
		if (fds[0].revents && read(children, &info, sizeof(info)) < 0 && errno != EAGAIN)
			fds[0].fd = -1;
		if (fds[1].revents & (POLLERR | POLLHUP | POLLNVAL))
			fds[1].fd = -1;		/* no console: nobody can ask */
		else if (fds[1].revents && read(0, line, sizeof(line)) > 0)
			report_agent(agent);
		while ((pid = waitpid(-1, &status, WNOHANG)) > 0)
			if (pid == agent)
				return status;
	}
}

/* Children that end wake us through a descriptor; the agent starts with no signal blocked. */
static int watch_children(sigset_t *old)
{
	sigset_t chld;

	sigemptyset(&chld);
	sigaddset(&chld, SIGCHLD);
	sigprocmask(SIG_BLOCK, &chld, old);
	return signalfd(-1, &chld, SFD_CLOEXEC | SFD_NONBLOCK);
}

static void report_death(int link, int status)
{
	char text[160];

	if (WIFSIGNALED(status))
		snprintf(text, sizeof(text), "signal %s", sigabbrev_np(WTERMSIG(status)));
	else
		snprintf(text, sizeof(text), "exit code %d", WEXITSTATUS(status));
	fprintf(stderr, "hotrig init: the agent ended: %s\n", text);
	dprintf(link, "\n{\"event\":\"AGENT_DIED\",\"data\":{\"reason\":\"%s\"}}\r\n", text);
}

int init_main(void)
{
	int link, status, console, children;
	sigset_t signals;

	mount_all();
	console = open("/dev/console", O_RDWR);
	if (console >= 0) {
		dup2(console, 0);
		dup2(console, 1);
		dup2(console, 2);
	}
	setenv("PATH", "/usr/sbin:/usr/bin:/sbin:/bin", 1);
	modules_load_boot();
	link = open_link();
	if (link < 0) {
		fprintf(stderr, "hotrig init: no link to the host\n");
		link = open("/dev/null", O_RDWR);
	}
	children = watch_children(&signals);
	dprintf(2, "\nhotrig init: starting the agent\n");
	status = supervise(start_agent(link, &signals), children);
	if (!WIFEXITED(status) || WEXITSTATUS(status))
		report_death(link, status);
	for (;;)
		pause();	/* the host ends the machine */
}
