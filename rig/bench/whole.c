// SPDX-License-Identifier: GPL-2.0-or-later
/* The real command as a child: its time, its memory, its record. */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/clean.h"
#include "base/clock.h"
#include "base/io.h"
#include "base/mem.h"
#include "bench/bench.h"

#define MAX_RESULT_BYTES (64u << 20)

static void exec_hotrig(const struct bench *b, const struct whole_request *request, const char *log)
{
	/* the accelerator was decided before, as a user's second run finds it decided */
	const char *accel = b->accel == ACCEL_KVM ? "kvm" : "tcg";
	AUTO_FREE char *jobs = xasprintf("%u", request->jobs ? request->jobs : 1);
	int fd = open(log, O_WRONLY | O_CREAT | O_TRUNC, 0644);

	if (fd < 0 || dup2(fd, 1) < 0 || dup2(fd, 2) < 0)
		_exit(127);
	execl(b->hotrig, b->hotrig, "run", "--accel", accel, "--results", b->results, "--kernel",
	      b->kernel_spec, "--jobs", jobs, request->scenario, request->cold ? "--cold" : (char *)NULL,
	      (char *)NULL);
	_exit(127);
}

static double folder_bytes(const char *path)
{
	DIR *d = opendir(path);
	struct dirent *e;
	struct stat st;
	double bytes = 0;

	while (d && (e = readdir(d)))
		if (fstatat(dirfd(d), e->d_name, &st, AT_SYMLINK_NOFOLLOW) == 0 &&
		    S_ISREG(st.st_mode))
			bytes += (double)st.st_size;
	if (d)
		closedir(d);
	return bytes;
}

static double seconds(const json_t *o, const char *key)
{
	return (double)json_integer_value(json_object_get(o, key)) / (double)NS_PER_S;
}

static int read_result(const char *record, struct whole *w, struct rig_err *err)
{
	AUTO_FREE char *path = xasprintf("%s/result.json", record), *text = NULL;
	json_auto_t *o = NULL;
	json_t *timings, *steps;
	const char *reader;
	size_t len;
	int r = io_read_file(path, MAX_RESULT_BYTES, &text, &len, err);

	if (r < 0)
		return r;
	o = json_loadb(text, len, 0, NULL);
	timings = json_object_get(o, "timings");
	steps = json_object_get(o, "steps");
	if (!json_is_object(timings) || !json_is_array(steps))
		return rig_err_set(err, RIG_HOST, EBADMSG, "'%s' has no timings and steps", path);
	reader = json_string_value(json_object_get(json_object_get(o, "memmap"), "reader"));
	if (!reader || strcmp(reader, "bpf"))
		return rig_err_set(
			err, RIG_HOST, ENODEV,
			"the run could not read struct pages, which would be measured: see '%s'",
			path);
	w->steps_s = seconds(timings, "steps_ns");
	w->baseline_s = seconds(timings, "total_ns") - seconds(timings, "boot_ns") - w->steps_s;
	w->peak_mib = (double)json_integer_value(json_object_get(o, "rig_peak_kib")) / 1024;
	w->steps = json_incref(steps);
	return 0;
}

/* Top-level results of the KTAP that it printed. */
static unsigned int count_passes(const char *log)
{
	AUTO_FREE char *text = NULL;
	struct rig_err ignored;
	unsigned int n = 0;

	if (io_read_file(log, MAX_RESULT_BYTES, &text, NULL, &ignored) < 0)
		return 0;
	for (const char *at = text; (at = strstr(at, "\nok ")); at++)
		n += !memmem(at, strcspn(at + 1, "\n") + 1, "# SKIP", strlen("# SKIP"));
	return n;
}

static int await_exit(pid_t pid, int *status, struct rig_err *err)
{
	while (waitpid(pid, status, 0) < 0)
		if (errno != EINTR)
			return rig_err_set(err, RIG_HOST, errno, "cannot wait for hotrig: %s", strerror(errno));
	return 0;
}

int whole_run(struct bench *b, const struct whole_request *request, struct whole *ret, struct rig_err *err)
{
	AUTO_FREE char *log = xasprintf("%s/log", b->results);
	AUTO_FREE char *record = xasprintf("%s/latest", b->results);
	uint64_t start_ns = clock_ns();
	struct whole w = { 0 };
	pid_t pid = fork();
	int status, r;

	if (pid == 0)
		exec_hotrig(b, request, log);
	if (pid < 0)
		return rig_err_set(err, RIG_HOST, errno, "cannot fork: %s", strerror(errno));
	r = await_exit(pid, &status, err);
	if (r < 0)
		return r;
	w.total_s = (double)(clock_ns() - start_ns) / (double)NS_PER_S;
	if (!WIFEXITED(status) || WEXITSTATUS(status))
		return rig_err_set(err, RIG_HOST, EPROTO,
				   "'%s' did not pass, so its time says nothing: see '%s' and "
				   "'%s'; --keep keeps them",
				   request->scenario, log, record);
	w.record_kib = folder_bytes(record) / 1024;
	w.runs = count_passes(log);
	r = read_result(record, &w, err);
	if (r < 0)
		return r;
	*ret = w;
	return 0;
}

void whole_deinit(struct whole *w)
{
	json_decref(w->steps);
	*w = (struct whole){ 0 };
}
