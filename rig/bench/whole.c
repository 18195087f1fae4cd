// SPDX-License-Identifier: GPL-2.0-or-later
/* The real command as a child: its time, its memory, its record. */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ptrace.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/clean.h"
#include "base/clock.h"
#include "base/io.h"
#include "base/mem.h"
#include "bench/bench.h"

#define MAX_RESULT_BYTES (64u << 20)

static void exec_hotrig(const struct bench *b, const char *scenario, const char *log)
{
	/* the accelerator was decided before, as a user's second run finds it decided */
	const char *accel = b->accel == ACCEL_KVM ? "kvm" : "tcg";
	int fd = open(log, O_WRONLY | O_CREAT | O_TRUNC, 0644);

	if (fd < 0 || dup2(fd, 1) < 0 || dup2(fd, 2) < 0)
		_exit(127);
	execl(b->hotrig, b->hotrig, "run", "--accel", accel, "--results", b->results, "--kernel",
	      b->kernel_spec, scenario, (char *)NULL);
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
	w->steps = json_incref(steps);
	return 0;
}

static double peak_mib(pid_t pid)
{
	AUTO_FREE char *path = xasprintf("/proc/%d/status", (int)pid), *text = NULL;
	struct rig_err ignored;
	const char *at;

	if (io_read_file(path, 1u << 20, &text, NULL, &ignored) < 0 ||
	    !(at = strstr(text, "VmHWM:")))
		return 0;
	return strtod(at + strlen("VmHWM:"), NULL) / 1024;
}

/*
 * ru_maxrss of wait4(2) would be QEMU's, as it counts the children that were waited for.  The
 * child's own peak stands in /proc until it exits, so it is stopped there, at its last moment.
 */
static int wait_for(pid_t pid, int *status, double *ret_peak_mib, struct rig_err *err)
{
	for (;;) {
		long signal;

		if (waitpid(pid, status, 0) < 0) {
			if (errno == EINTR)
				continue;
			return rig_err_set(err, RIG_HOST, errno, "cannot wait for hotrig: %s",
					   strerror(errno));
		}
		if (!WIFSTOPPED(*status))
			return 0;
		if (*status >> 16 == PTRACE_EVENT_EXIT)
			*ret_peak_mib = peak_mib(pid);
		signal = *status >> 16 ? 0 : WSTOPSIG(*status);
		if (ptrace(PTRACE_CONT, pid, NULL, (void *)signal) < 0 && errno != ESRCH)
			return rig_err_set(err, RIG_HOST, errno, "cannot continue hotrig: %s",
					   strerror(errno));
	}
}

int whole_run(struct bench *b, const char *scenario, struct whole *ret, struct rig_err *err)
{
	AUTO_FREE char *log = xasprintf("%s/log", b->results);
	AUTO_FREE char *record = xasprintf("%s/latest", b->results);
	uint64_t start_ns = clock_ns();
	struct whole w = { 0 };
	pid_t pid = fork();
	int status, r;

	if (pid == 0)
		exec_hotrig(b, scenario, log);
	if (pid < 0)
		return rig_err_set(err, RIG_HOST, errno, "cannot fork: %s", strerror(errno));
	if (ptrace(PTRACE_SEIZE, pid, NULL, (void *)PTRACE_O_TRACEEXIT) < 0)
		r = rig_err_set(err, RIG_HOST, errno, "cannot watch hotrig: %s", strerror(errno));
	else
		r = wait_for(pid, &status, &w.max_rss_mib, err);
	if (r < 0) {
		kill(pid, SIGKILL);
		return r;
	}
	w.total_s = (double)(clock_ns() - start_ns) / (double)NS_PER_S;
	if (!WIFEXITED(status) || WEXITSTATUS(status))
		return rig_err_set(err, RIG_HOST, EPROTO,
				   "'%s' did not pass, so its time says nothing: see '%s' and "
				   "'%s'; --keep keeps them",
				   scenario, log, record);
	w.record_kib = folder_bytes(record) / 1024;
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
