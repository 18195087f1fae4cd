// SPDX-License-Identifier: GPL-2.0-or-later
/* Steps that the agent carries out beside the memory blocks. */
#include <errno.h>
#include <inttypes.h>
#include <string.h>

#include "base/clean.h"
#include "base/clock.h"
#include "base/mem.h"
#include "run/log_wait.h"
#include "run/namespace.h"
#include "run/program.h"
#include "run/steps.h"
#include "run/virtio_mem.h"

#define INJECT_DIR "/sys/kernel/debug/notifier-error-inject/memory/actions"

static int send_one(struct run *run, struct active_step *a, const char *command, json_t *args,
		    struct rig_err *err)
{
	a->request = xcalloc(1, sizeof(*a->request));
	a->nr_requests = 1;
	return qmp_send(run->guest.link, command, args, false, a->until_ns, &a->request[0], err);
}

/* An empty file system for a file that is mapped; what was on the namespace before is gone. */
static int make_ext4(struct run *run, const char *device, uint64_t until_ns, struct rig_err *err)
{
	const char *const argv[] = { "mke2fs", "-q", "-F", "-t", "ext4", "-b", "4096", device, NULL };
	AUTO_PROGRAM struct program p = { 0 };
	int r = program_run(run, argv, until_ns, &p, err);

	if (r < 0 || (!p.exit_code && !p.signal))
		return r;
	return rig_err_set(err, RIG_AGENT, EIO, "'mke2fs %s' ended with %d: %.300s", device, p.exit_code, p.output);
}

/* The device file that the memory of a fill on a namespace is mapped from; NULL for other kinds. */
static int fill_device(struct run *run, struct active_step *a, char **ret, struct rig_err *err)
{
	const struct fill *f = &a->step->fill;
	const struct namespace *n = f->namespace ? namespace_find(run, f->namespace) : NULL;
	char name[32];

	if (!f->namespace)
		return 0;
	if (!n)
		return rig_err_set(err, RIG_USAGE, ENODEV, "no namespace '%s' at this point", f->namespace);
	*ret = xasprintf("/dev/%s", f->kind == FILL_DEVDAX ? namespace_dax_name(n, name) :
			 namespace_disk_name(n, name));
	return f->kind == FILL_DEVDAX ? 0 : make_ext4(run, *ret, a->until_ns, err);
}

static int fill_start(struct run *run, struct active_step *a, struct rig_err *err)
{
	const struct fill *f = &a->step->fill;
	AUTO_FREE char *device = NULL;
	int r = fill_device(run, a, &device, err);
	json_t *args;

	if (r < 0)
		return r;
	args = json_pack("{ss ss sI sI ss*}", "id", f->id, "kind", fill_kind_name(f->kind), "bytes",
			 (json_int_t)f->size_bytes, "seed", (json_int_t)++run->seed, "device", device);
	if (f->has_node)
		json_object_set_new(args, "node", json_integer(f->node));
	return send_one(run, a, "fill", args, err);
}

/* The fill that step releases is of a file on a namespace: the model must know when pages of it may be mapped. */
static void note_mounted(struct run *run, const char *fill, bool mounted)
{
	for (size_t i = 0; i < run->scenario->nr_steps; i++) {
		const struct step *s = &run->scenario->steps[i];

		if (s->kind == STEP_FILL && s->fill.kind == FILL_DAX_FILE && !strcmp(s->fill.id, fill))
			model_namespace_mount(&run->model, s->fill.namespace, mounted);
	}
}

static int fill_finish(struct run *run, struct active_step *a, struct rig_err *err)
{
	json_auto_t *answer = NULL;
	const char *what;
	int eno = 0;
	int r = qmp_wait_reply(run->guest.link, a->request[0], a->until_ns, &answer, NULL, err);

	if (r < 0 || (r = guest_errno(answer, &eno, err)) < 0)
		return r;
	what = json_string_value(json_object_get(answer, "while"));
	if (eno == ENODEV && a->step->fill.kind == FILL_DAX_FILE)
		return rig_err_set(err, RIG_MISSING, eno, "ext4, built into the kernel");
	if (eno)
		return rig_err_set(err, RIG_AGENT, EIO, "fill '%s' cannot %s: %s", a->step->fill.id,
				   what ? what : "start", strerror(eno));
	note_mounted(run, a->step->fill.id, true);
	return 0;
}

/* What a program has mapped of a device is taken from it with the device: it cannot live and read it. */
static void judge_cut(struct run *run, const char *id, bool died, int64_t bad)
{
	if (!died)
		run_finding(run, "fill.residue", "the program dies of reading what it had mapped",
			    bad < 0 ? "it reads what it wrote through '%s'" : "it reads something through '%s'", id);
}

/* It is killed while it reads its own memory where a page of that is lost. */
static void judge_content(struct run *run, const char *id, bool died, int64_t bad)
{
	if (died)
		run_finding(run, "fill.content", "the program that holds the memory lives", "it died");
	else if (bad >= 0)
		run_finding(run, "fill.content", "what was written", "offset 0x%" PRIx64 " of '%s' differs", (uint64_t)bad,
			    id);
}

static int check_finish(struct run *run, struct active_step *a, struct rig_err *err)
{
	json_auto_t *answer = NULL;
	const json_t *offset;
	int64_t bad;
	int eno = 0, r;

	if (step_is_of_walk(run, a->step))
		return walk_check(run, a, err);
	r = qmp_call(run->guest.link, "check-fill", json_pack("{ss}", "id", a->step->fill.id), a->until_ns, &answer,
		     NULL, err);
	if (r < 0 || (r = guest_errno(answer, &eno, err)) < 0)
		return r;
	offset = json_object_get(answer, "bad-offset");
	if (!json_is_integer(offset))
		return rig_err_set(err, RIG_AGENT, EBADMSG, "no bad-offset in the agent's answer");
	bad = json_integer_value(offset);
	if (eno && eno != ESRCH)
		return rig_err_set(err, RIG_AGENT, eno, "the content of '%s' cannot be read back: %s", a->step->fill.id,
				   strerror(eno));
	if (step_fill_is_cut(run->scenario, a->step))
		judge_cut(run, a->step->fill.id, eno == ESRCH, bad);
	else
		judge_content(run, a->step->fill.id, eno == ESRCH, bad);
	return 0;
}

static int release_finish(struct run *run, struct active_step *a, struct rig_err *err)
{
	int r;

	if (step_is_of_walk(run, a->step))
		return walk_release(run, a, err);
	r = qmp_call(run->guest.link, "release-fill", json_pack("{ss}", "id", a->step->fill.id), a->until_ns, NULL, NULL,
		     err);
	if (r == 0)
		note_mounted(run, a->step->fill.id, false);
	return r;
}

static int run_start(struct run *run, struct active_step *a, struct rig_err *err)
{
	json_t *argv = json_array();

	for (char **arg = a->step->argv; *arg; arg++)
		json_array_append_new(argv, json_string(*arg));
	return send_one(run, a, "run", json_pack("{sosi}", "argv", argv, "deadline-ms",
						 clock_left_ms(a->until_ns) / 10 * 9), err);
}

static int run_finish(struct run *run, struct active_step *a, struct rig_err *err)
{
	AUTO_PROGRAM struct program p = { 0 };
	json_auto_t *answer = NULL;
	int r = qmp_wait_reply(run->guest.link, a->request[0], a->until_ns, &answer, NULL, err);

	if (r < 0 || (r = program_take(answer, a->step->argv[0], &p, err)) < 0)
		return r;
	program_judge(run, a->step, &p);
	return 0;
}

static int write_finish(struct run *run, struct active_step *a, struct rig_err *err)
{
	int expected = a->step->expect.eno, eno;
	int r = guest_write(&run->guest, a->step->write_file, a->step->write_text, a->until_ns, &eno, err);

	if (r == 0 && eno != expected)
		run_finding(run, "change.result", errno_text(expected), "'%s' to %s: %s", a->step->write_text,
			    a->step->write_file, errno_text(eno));
	return r;
}

static int inject_finish(struct run *run, struct active_step *a, struct rig_err *err)
{
	AUTO_FREE char *path = xasprintf(INJECT_DIR "/%s/error", a->step->inject_event);
	AUTO_FREE char *text = xasprintf("%d", -a->step->inject_errno);
	int eno, r;

	r = guest_write_of_module(&run->guest, "memory-notifier-error-inject", "CONFIG_MEMORY_NOTIFIER_ERROR_INJECT", path,
				  text, a->until_ns, &eno, err);
	if (r < 0)
		return r;
	return eno ? rig_err_set(err, RIG_AGENT, eno, "cannot write '%s': %s", path, strerror(eno)) : 0;
}

static int policy_finish(struct run *run, struct active_step *a, struct rig_err *err)
{
	int eno, r = guest_write(&run->guest, "/sys/devices/system/memory/auto_online_blocks", a->step->policy,
				 a->until_ns, &eno, err);

	if (r < 0)
		return r;
	if (eno)
		run_finding(run, "change.result", "the policy is accepted", "%s", strerror(eno));
	else
		snprintf(run->model.policy, sizeof(run->model.policy), "%s", a->step->policy);
	return 0;
}

static int await_kmsg(struct run *run, struct active_step *a, struct rig_err *err)
{
	struct log_cursor cursor = log_cursor_at(run->await_agent_from);
	const struct qmp_event *e;
	const char *text;
	int r;

	do {
		r = log_wait(run->guest.link, LOG_RECORD, &cursor, a->until_ns, &e, err);
		if (r < 0)
			return rig_err_wrap(err, "a kernel log record with '%s'", a->step->await_kmsg);
		text = json_string_value(json_object_get(e->data, "text"));
	} while (!text || !strstr(text, a->step->await_kmsg));
	return 0;
}

static int await_finish(struct run *run, struct active_step *a, struct rig_err *err)
{
	const struct qmp_event *e;
	size_t cursor = run->await_qmp_from;
	const json_t *info;
	int r;

	if (a->step->device)
		return virtio_mem_await(run, a, a->step->device, err);
	if (a->step->await_kmsg)
		return await_kmsg(run, a, err);
	do {
		r = qmp_wait_event(vm_qmp(run->vm), a->step->await_event, NULL, &cursor, a->until_ns, &e, err);
		if (r < 0)
			return r;
		info = json_object_get(e->data, "info");
	} while (a->step->await_ost_status >= 0 &&
		 json_integer_value(json_object_get(info, "status")) != a->step->await_ost_status);
	return 0;
}

const struct step_ops fill_ops = { .deadline_ms = 60000, .start = fill_start, .finish = fill_finish };
const struct step_ops check_ops = { .deadline_ms = 120000, .finish = check_finish };
const struct step_ops release_ops = { .deadline_ms = 60000, .finish = release_finish };
const struct step_ops run_ops = { .deadline_ms = 60000, .start = run_start, .finish = run_finish };
const struct step_ops write_ops = { .deadline_ms = 60000, .finish = write_finish };
const struct step_ops inject_ops = { .deadline_ms = 30000, .finish = inject_finish };
const struct step_ops policy_ops = { .deadline_ms = 30000, .finish = policy_finish };
const struct step_ops await_ops = { .deadline_ms = 60000, .finish = await_finish };
