// SPDX-License-Identifier: GPL-2.0-or-later
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <jansson.h>
#include <limits.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>

#include "base/clean.h"
#include "base/io.h"
#include "base/mem.h"
#include "cmd/live_run.h"
#include "run/live.h"

#define UNFINISHED	".run-"
#define MAX_FILE_BYTES	65536u

static const char *last_part(const char *path)
{
	const char *slash = strrchr(path, '/');

	return slash ? slash + 1 : path;
}

/* A path that ends in slashes names the same folder; caller frees */
static char *without_slashes(const char *path)
{
	size_t len = strlen(path);

	while (len > 1 && path[len - 1] == '/')
		len--;
	return xstrndup(path, len);
}

bool live_run_is(const char *folder)
{
	AUTO_FREE char *path = without_slashes(folder);

	return !strncmp(last_part(path), UNFINISHED, strlen(UNFINISHED));
}

static bool take(struct live_run *run, const json_t *o)
{
	json_int_t pid = 0;
	const char *scenario, *release, *kernel, *sha256;

	if (json_unpack((json_t *)o, "{sI ss ss ss ss}", "qemu_pid", &pid, "scenario", &scenario,
			"release", &release, "kernel", &kernel, "image_sha256", &sha256) < 0 ||
	    pid <= 0 || pid > INT_MAX)
		return false;
	run->qemu_pid = (pid_t)pid;
	run->scenario = xstrdup(scenario);
	run->release = xstrdup(release);
	run->kernel = xstrdup(kernel);
	run->image_sha256 = xstrdup(sha256);
	return true;
}

int live_run_read(const char *folder, struct live_run *ret, struct rig_err *err)
{
	AUTO_FREE char *path = xasprintf("%s/" LIVE_FILE, folder), *text = NULL;
	struct live_run run = { .folder = without_slashes(folder) };
	json_auto_t *o = NULL;
	int r = io_read_file(path, MAX_FILE_BYTES, &text, NULL, err);

	if (r == 0)
		o = json_loads(text, JSON_REJECT_DUPLICATES, NULL);
	if (r == 0 && !take(&run, o))
		r = rig_err_set(err, RIG_HOST, EBADMSG, "'%s' is damaged, or is just being written", path);
	if (r == -ENOENT)
		rig_err_set(err, RIG_HOST, ENOENT, "the run in '%s' has no guest yet, or no more", folder);
	if (r < 0) {
		live_run_deinit(&run);
		return r;
	}
	run.name = xstrdup(last_part(run.folder));
	*ret = run;
	return 0;
}

void live_run_deinit(struct live_run *run)
{
	free(run->name);
	free(run->folder);
	free(run->scenario);
	free(run->release);
	free(run->kernel);
	free(run->image_sha256);
	*run = (struct live_run){ 0 };
}

static int compare_runs(const void *a, const void *b)
{
	return strverscmp(((const struct live_run *)a)->name, ((const struct live_run *)b)->name);
}

/* Of a rig that was killed the folder stays until the next run, but its QEMU died with it. */
static bool is_alive(pid_t pid)
{
	return kill(pid, 0) == 0 || errno != ESRCH;
}

int live_run_list(const char *results, struct live_run **ret, size_t *nr, char **damaged, struct rig_err *err)
{
	DIR *d = opendir(results);
	struct live_run *runs = NULL;
	char *bad = NULL;
	size_t n = 0, cap = 0;

	if (!d && errno != ENOENT)
		return rig_err_set(err, RIG_HOST, errno, "cannot open '%s': %s", results, strerror(errno));
	for (struct dirent *e; d && (e = readdir(d)); ) {
		AUTO_FREE char *folder = xasprintf("%s/%s", results, e->d_name);
		struct rig_err why;
		struct live_run run;
		int r;

		if (!live_run_is(folder))
			continue;
		r = live_run_read(folder, &run, &why);
		if (r < 0 && r != -ENOENT) {
			free(bad);
			bad = xstrdup(why.text);
		}
		if (r < 0)
			continue;
		if (!is_alive(run.qemu_pid)) {
			live_run_deinit(&run);
			continue;
		}
		GROW(runs, n, cap);
		runs[n++] = run;
	}
	if (d)
		closedir(d);
	if (n)
		qsort(runs, n, sizeof(*runs), compare_runs);
	*ret = runs;
	*nr = n;
	*damaged = bad;
	return 0;
}

void live_run_list_free(struct live_run *runs, size_t nr)
{
	for (size_t i = 0; i < nr; i++)
		live_run_deinit(&runs[i]);
	free(runs);
}

char *live_run_monitor(const struct live_run *run)
{
	return xasprintf("%s/" LIVE_MONITOR, run->folder);
}

static int explain(const char *path, int eno, struct rig_err *err)
{
	struct stat st;

	if (eno == EACCES && stat(path, &st) == 0)
		return rig_err_set(err, RIG_HOST, EACCES,
				   "the monitor at '%s' is that of user %u: ask as that user or as root", path,
				   (unsigned int)st.st_uid);
	if (eno == ENOENT || eno == ECONNREFUSED)
		return rig_err_set(err, RIG_HOST, eno, "no QEMU is behind the monitor at '%s': it has ended",
				   path);
	if (eno == EAGAIN)
		return rig_err_set(err, RIG_HOST, EAGAIN, "others are asking at the monitor at '%s': try again",
				   path);
	return rig_err_set(err, RIG_HOST, eno, "cannot connect to the monitor at '%s': %s", path, strerror(eno));
}

/* By way of the folder's descriptor: a socket's path is at most 107 bytes, a folder's is not. */
int live_connect(const char *path, int *ret, struct rig_err *err)
{
	struct sockaddr_un addr = { .sun_family = AF_UNIX };
	const char *name = last_part(path);
	AUTO_FREE char *folder = name == path ? xstrdup(".") : xstrndup(path, (size_t)(name - path));
	AUTO_CLOSE int dir = open(folder, O_PATH | O_DIRECTORY | O_CLOEXEC), fd = -1;

	if (dir < 0)
		return explain(path, errno, err);
	/* not blocking: a listener whose queue is full would hold us up for ever */
	fd = socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	if (fd < 0)
		return explain(path, errno, err);
	if ((size_t)snprintf(addr.sun_path, sizeof(addr.sun_path), "/proc/self/fd/%d/%s", dir, name) >=
	    sizeof(addr.sun_path))
		return explain(path, ENAMETOOLONG, err);
	if (connect(fd, (struct sockaddr *)&addr, sizeof(addr)) < 0)
		return explain(path, errno, err);
	*ret = TAKE_FD(fd);
	return 0;
}
