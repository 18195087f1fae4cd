// SPDX-License-Identifier: GPL-2.0-or-later
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>

#include "base/clean.h"
#include "base/io.h"
#include "base/mem.h"
#include "record/record.h"
#include "record/record_owner.h"

#define START_FIELD	22	/* of /proc/PID/stat, see proc(5): clock ticks after boot */

/* when a process started; 0 when it cannot be told */
static unsigned long long start_ticks(pid_t pid)
{
	AUTO_FREE char *path = xasprintf("/proc/%d/stat", (int)pid);
	AUTO_FREE char *text = NULL;
	struct rig_err ignored;
	const char *p;

	if (io_read_file(path, 1 << 16, &text, NULL, &ignored) < 0)
		return 0;
	/* field 2 is the name in brackets and may hold anything, brackets too */
	p = strrchr(text, ')');
	for (int field = 2; p && field < START_FIELD; field++)
		p = strchr(p + 1, ' ');
	return p ? strtoull(p + 1, NULL, 10) : 0;
}

char *record_owner_folder(unsigned int n)
{
	return xasprintf(".run-%d-%llu-%u", (int)getpid(), start_ticks(getpid()), n);
}

/* digits up to @end: the number; false: something else stands there */
static bool read_number(const char **p, char end, unsigned long long *ret)
{
	char *stop;

	if (**p < '0' || **p > '9')
		return false;
	errno = 0;
	*ret = strtoull(*p, &stop, 10);
	if (errno || *stop != end)
		return false;
	*p = stop + (end != '\0');
	return true;
}

static bool is_alive(unsigned long long pid, unsigned long long started)
{
	unsigned long long now;

	if (pid == 0 || pid > INT_MAX)
		return false;
	if (kill((pid_t)pid, 0) < 0 && errno == ESRCH)
		return false;
	now = start_ticks((pid_t)pid);
	return !started || !now || now == started;
}

/* ".run-<pid>-<start>-<n>" of a process that is gone */
static bool is_dead_folder(const char *name)
{
	unsigned long long pid, started, n;
	const char *p = name + strlen(".run-");

	return !strncmp(name, ".run-", 5) && read_number(&p, '-', &pid) &&
	       read_number(&p, '-', &started) && read_number(&p, '\0', &n) &&
	       !is_alive(pid, started);
}

/* "<anything>.tmp.<pid>" of a process that is gone */
static bool is_dead_file(const char *name)
{
	const char *p = strstr(name, ".tmp."), *next;
	unsigned long long pid;

	while (p && (next = strstr(p + 1, ".tmp.")))
		p = next;
	if (!p)
		return false;
	p += strlen(".tmp.");
	return read_number(&p, '\0', &pid) && !is_alive(pid, 0);
}

static void sweep_folder(const char *results, int at, const char *name)
{
	AUTO_FREE char *path = xasprintf("%s/%s", results, name);
	AUTO_CLOSE int dir = openat(at, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	struct rig_err ignored;

	if (dir < 0 || (flock(dir, LOCK_EX | LOCK_NB) < 0 && errno == EWOULDBLOCK))
		return;
	if (io_remove_tree(path, &ignored) < 0)
		return;		/* the next run tries again */
}

void record_sweep(const char *results)
{
	DIR *d = opendir(results);

	if (!d)
		return;
	for (struct dirent *e; (e = readdir(d)); ) {
		struct stat st;

		/* a link with such a name is not ours, and where it points is nobody's business */
		if (fstatat(dirfd(d), e->d_name, &st, AT_SYMLINK_NOFOLLOW) < 0)
			continue;
		if (S_ISDIR(st.st_mode) && is_dead_folder(e->d_name))
			sweep_folder(results, dirfd(d), e->d_name);
		else if ((S_ISREG(st.st_mode) || S_ISLNK(st.st_mode)) && is_dead_file(e->d_name))
			unlinkat(dirfd(d), e->d_name, 0);
	}
	closedir(d);
}
