// SPDX-License-Identifier: GPL-2.0-or-later
/* Commands about the guest as a whole: identity, files, modules, programs. */
#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <stdio.h>
#include <string.h>
#include <sys/syscall.h>
#include <sys/utsname.h>
#include <sys/wait.h>

#include "base/clean.h"
#include "base/clock.h"
#include "base/io.h"
#include "base/mem.h"
#include "guest_agent/agent.h"
#include "guest_agent/job.h"
#include "guest_agent/modules.h"

#define FILE_MAX_BYTES (8u << 20)

static json_t *file_text(const char *path)
{
	struct rig_err why;
	json_t *value;
	char *text;
	size_t len;

	if (io_read_file(path, FILE_MAX_BYTES, &text, &len, &why) < 0)
		return json_pack("{si}", "errno", why.eno);
	value = json_bytes(text, len);
	free(text);
	return value;
}

int cmd_query_guest(const struct request *req, json_t **ret, struct rig_err *err)
{
	struct utsname u;

	(void)req;
	(void)err;
	uname(&u);
	*ret = json_pack("{ssss so so so si}", "release", u.release, "machine", u.machine,
			 "version", file_text("/proc/version"), "cmdline", file_text("/proc/cmdline"),
			 "block-bytes-hex", file_text("/sys/devices/system/memory/block_size_bytes"),
			 "page-bytes", (int)sysconf(_SC_PAGESIZE));
	return 0;
}

/* {paths: [...]}: each file's text, or {errno} */
int cmd_read_files(const struct request *req, json_t **ret, struct rig_err *err)
{
	const json_t *paths = json_object_get(req->args, "paths");
	json_t *o = json_object(), *path;
	size_t i;

	(void)err;
	json_array_foreach(paths, i, path)
		if (json_is_string(path))
			json_object_set_new(o, json_string_value(path), file_text(json_string_value(path)));
	*ret = json_pack("{so}", "files", o);
	return 0;
}

/* {path, text}: one write(2), as sysfs wants it; answers {errno} */
int cmd_write_file(const struct request *req, json_t **ret, struct rig_err *err)
{
	AUTO_CLOSE int fd = -1;
	const char *path, *text;
	int r;

	if ((r = arg_string(req, "path", &path, err)) < 0 ||
	    (r = arg_string(req, "text", &text, err)) < 0)
		return r;
	fd = open(path, O_WRONLY | O_CLOEXEC);
	r = fd < 0 || write(fd, text, strlen(text)) < 0 ? errno : 0;
	*ret = json_pack("{si}", "errno", r);
	return 0;
}

/* {name}: a module that the image carries, with what it needs; answers {errno, module} */
int cmd_load_module(const struct request *req, json_t **ret, struct rig_err *err)
{
	const char *name;
	int r = arg_string(req, "name", &name, err);

	if (r < 0)
		return r;
	*ret = json_pack("{si}", "errno", -modules_load_carried(name));
	return 0;
}

/*
 * {}: run on each processor once.  Whatever one of them was in the middle of without being preemptible,
 * a change under a spin lock above all, is over then.  Answers {cpus}.
 */
int cmd_visit_cpus(const struct request *req, json_t **ret, struct rig_err *err)
{
	cpu_set_t all, one;
	int n = 0;

	(void)req;
	if (sched_getaffinity(0, sizeof(all), &all) < 0)
		return rig_err_set(err, RIG_AGENT, errno, "cannot ask for processors: %s", strerror(errno));
	for (int cpu = 0; cpu < CPU_SETSIZE; cpu++) {
		CPU_ZERO(&one);
		CPU_SET(cpu, &one);
		/* one that goes away meanwhile has nothing to finish */
		if (CPU_ISSET(cpu, &all) && sched_setaffinity(0, sizeof(one), &one) == 0)
			n++;
	}
	if (sched_setaffinity(0, sizeof(all), &all) < 0)
		return rig_err_set(err, RIG_AGENT, errno, "cannot leave a processor: %s", strerror(errno));
	*ret = json_pack("{si}", "cpus", n);
	return 0;
}

static int run_child(void *arg)
{
	char **argv = arg;
	int null = open("/dev/null", O_RDONLY);

	oom_score_set(OOM_FIRST);
	dup2(null, 0);
	execvp(argv[0], argv);
	dprintf(2, "%s: %s\n", argv[0], strerror(errno));
	return errno == ENOENT ? 127 : 126;
}

static json_t *run_answer(const struct job *job)
{
	json_t *ret = json_pack("{so sb sb sI}", "output", json_bytes(job->output ? job->output : "",
								       job->output_len),
				"truncated", job->truncated, "gave-up", job->gave_up, "ns",
				(json_int_t)(clock_ns() - job->started_ns));

	if (job->exited && WIFEXITED(job->status))
		json_object_set_new(ret, "exit", json_integer(WEXITSTATUS(job->status)));
	else if (job->exited)
		json_object_set_new(ret, "signal", json_integer(WTERMSIG(job->status)));
	return ret;
}

/* {argv, deadline-ms}: run a program, answer when it ends */
int cmd_run(const struct request *req, json_t **ret, struct rig_err *err)
{
	const json_t *argv = json_object_get(req->args, "argv");
	AUTO_STRV struct strv strv = { 0 };
	uint64_t deadline_ms;
	json_t *arg;
	size_t i;
	int r = arg_u64(req, "deadline-ms", 86400000, &deadline_ms, err);

	(void)ret;
	if (r < 0)
		return r;
	json_array_foreach(argv, i, arg)
		if (json_is_string(arg))
			strv_add(&strv, json_string_value(arg));
	if (!strv.n)
		return rig_err_set(err, RIG_AGENT, EINVAL, "argument 'argv' must be a list of strings");
	r = job_start(req, deadline_ms, run_child, strv.v, run_answer, err);
	return r < 0 ? r : COMMAND_LATER;
}
