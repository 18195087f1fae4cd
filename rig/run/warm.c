// SPDX-License-Identifier: GPL-2.0-or-later
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include "base/clean.h"
#include "base/clock.h"
#include "base/io.h"
#include "base/mem.h"
#include "run/baseline.h"
#include "run/evidence.h"
#include "run/live.h"
#include "run/start.h"
#include "run/warm.h"
#include "vm/accel_memory.h"
#include "witness/witness.h"

#define TAPE_FORMAT	3	/* of what is kept; a template of another one is another template */
#define SAVE_MS		30000u
#define RESTORE_MS	30000u
#define MAKER_MS	300000u	/* for another process to make the same one */

/*
 * Everything that makes one machine differ from another: what QEMU is told, the bytes of kernel and
 * image, QEMU and the processor themselves.  Also this boot of the host: what a template's files
 * held was in the page cache, and nobody waited for the disk.
 */
static char *make_key(const struct run *run)
{
	const struct vm_config *c = run->plan;
	const char *qemu = c->qemu ? c->qemu : "qemu-system-x86_64";
	AUTO_FREE char *host = accel_memory_key(qemu, c->accel == ACCEL_KVM ? c->shape->cpu_kvm : c->shape->cpu_tcg);
	const struct vm_fds fds = { .qmp = -1, .console = -1, .agent = -1 };
	AUTO_STRV struct strv argv = { 0 };
	json_auto_t *list = json_array(), *all = NULL;
	AUTO_FREE char *text = NULL;
	char hex[65];

	if (!host)
		return NULL;
	vm_argv(c, &fds, &argv);
	for (size_t i = 0; i < argv.n; i++)
		json_array_append_new(list, json_string(argv.v[i]));
	all = json_pack("{si ss ss ss sO}", "format", TAPE_FORMAT, "host", host, "kernel", run->kernel->image_sha256,
			"image", run->image_sha256, "argv", list);
	text = json_dumps(all, JSON_SORT_KEYS);
	io_sha256_hex(text, strlen(text), hex);
	return xstrdup(hex);
}

/* Into the record, and to whoever waits. */
static void say(struct run *run, const char *text)
{
	evidence_note(run, text);
	if (run->request->word)
		run->request->word(run->request->word_arg, text);
}

static int write_file(struct template_draft *d, const char *name, const char *text, size_t len,
		      struct rig_err *err)
{
	AUTO_CLOSE int fd = template_draft_file(d, name, err);
	int r = fd < 0 ? fd : io_write_all(fd, text, len);

	if (fd >= 0 && r < 0)
		rig_err_set(err, RIG_HOST, -r, "cannot write '%s' of a template: %s", name, strerror(-r));
	return r;
}

/* The guest stands still from here on, so what it said last is all that it ever said. */
static int save(struct run *run, struct template_draft *d, struct rig_err *err)
{
	uint64_t until_ns = clock_in_ms(SAVE_MS);
	AUTO_CLOSE int fd = template_draft_file(d, "state", err);
	int r = fd;

	if (r < 0 || (r = vm_save(run->vm, fd, until_ns, err)) < 0)
		return r;
	qmp_drain(vm_agent(run->vm));
	evidence_drain(run);
	return 0;
}

static void keep_place(struct run *run, const char *what, uint64_t where)
{
	json_auto_t *value = json_integer((json_int_t)where);

	tape_set(run->tape, what, value);
}

static void keep_places(struct run *run)
{
	const struct witness_places p = witness_places(run->witness);

	keep_place(run, "note_gpa", p.note_gpa);
	for (enum witness_symbol s = 0; s < WITNESS_NR_SYMBOLS; s++)
		keep_place(run, witness_symbol_name(s), p.symbol[s]);
}

static int keep(struct run *run, struct template_draft *d, struct rig_err *err)
{
	const struct kernel *k = run->kernel;
	json_auto_t *about = json_pack("{ss ss ss ss}", "kernel", k->release ? k->release : k->spec, "machine",
				       runner_machine(run->request), "accel", run->plan->accel == ACCEL_KVM ? "kvm" : "tcg",
				       "cmdline", run->plan->cmdline);
	json_auto_t *kmsg = evidence_kmsg(run);
	AUTO_FREE char *answers = NULL, *console = NULL;
	size_t len;
	int r;

	tape_set(run->tape, "greeting", (json_t *)qmp_greeting(vm_agent(run->vm)));
	tape_set(run->tape, "kmsg", kmsg);
	if (run->witness)
		keep_places(run);
	answers = tape_json(run->tape);
	/* QEMU must be gone before its memory is looked at */
	start_undo(run);
	if ((r = record_read_console(run->record, &console, &len, err)) < 0 ||
	    (r = write_file(d, "answers.json", answers, strlen(answers), err)) < 0 ||
	    (r = write_file(d, "console.log", console, len, err)) < 0)
		return r;
	return template_draft_commit(d, about, err);
}

/* What came of trying to make a template. */
enum making { MADE, FAULTY, NOT_TO_BE_HAD };

/*
 * Boots the machine with its memory in the template's files.  Whatever is wrong with the guest itself
 * is the run's own result, and no template is made of it.
 */
static enum making make(struct run *run, const char *key, int *result, struct rig_err *err)
{
	const struct machine_shape *shape = run->plan->shape;
	struct vm_config config = *run->plan;
	struct template_draft *d = NULL;
	enum making made = FAULTY;

	*result = template_draft_create(key, run->request->template, shape->node_bytes, shape->nr_nodes,
					clock_in_ms(MAKER_MS), &d, err);
	if (*result == -EEXIST)
		return MADE;
	if (*result < 0)
		return err->cause == RIG_INTERRUPTED ? FAULTY : NOT_TO_BE_HAD;
	if (run->request->progress)
		run->request->progress(run->request->progress_arg, "boot a template", 0, run->scenario->nr_steps);
	free(run->draft_ram);
	config.ram = run->draft_ram = xstrdup(template_draft_ram(d));
	run->tape = tape_create();
	*result = start_boot(run, &config, err);
	if (*result == 0 && !run->findings.nr) {
		*result = save(run, d, err);
		/* its last words, which every guest from it would say again */
		splat_flush(run->splats);
		evidence_judge(run);
		if (*result == 0 && !run->findings.nr)
			*result = keep(run, d, err);
		if (!run->findings.nr)
			made = *result == 0 ? MADE : err->cause == RIG_INTERRUPTED ? FAULTY : NOT_TO_BE_HAD;
	}
	template_draft_destroy(d);
	return made;
}

static int load(struct run *run, struct rig_err *err)
{
	AUTO_FREE char *answers = NULL;
	int r = template_read(&run->template, "answers.json", &answers, NULL, err);

	return r < 0 ? r : tape_load(answers, &run->tape, err);
}

/* Boot's console and log go in front of what the guest will say. */
static int replay(struct run *run, struct rig_err *err)
{
	AUTO_FREE char *console = NULL;
	size_t len;
	int r = template_read(&run->template, "console.log", &console, &len, err);

	if (r == 0)
		evidence_replay(run, console, len, tape_get(run->tape, "kmsg"));
	return r;
}

static int create(struct run *run, uint64_t until_ns, struct rig_err *err)
{
	int r;

	run->config = *run->plan;
	run->config.ram = run->template.ram;
	run->config.ram_private = run->config.incoming = true;
	run->config.monitor_fd = live_listen(run);
	evidence_attach(run, &run->config);
	r = vm_create(run->loop, &run->config, until_ns, &run->vm, err);
	if (r == 0)
		live_announce(run);
	return r;
}

/* @told: who has just made the template has boot's console and log already */
static int restore(struct run *run, bool told, struct rig_err *err)
{
	uint64_t until_ns = clock_in_ms(RESTORE_MS);
	AUTO_FREE char *path = xasprintf("%s/state", run->template.dir);
	AUTO_CLOSE int fd = open(path, O_RDONLY | O_CLOEXEC);
	int r;

	if (fd < 0)
		return rig_err_set(err, RIG_HOST, errno, "cannot open '%s': %s", path, strerror(errno));
	if ((r = create(run, until_ns, err)) < 0 || (r = vm_restore(run->vm, fd, until_ns, err)) < 0 ||
	    (!told && (r = replay(run, err)) < 0) || (r = vm_continue(run->vm, until_ns, err)) < 0 ||
	    (r = qmp_resume(vm_agent(run->vm), tape_get(run->tape, "greeting"), until_ns, err)) < 0)
		return r;
	evidence_watch_agent(run);
	evidence_mark_time(run);
	run->time.booted_ns = clock_ns();
	r = guest_open(vm_agent(run->vm), run->tape, until_ns, &run->guest, err);
	run->booted = r == 0;
	return r;
}

/* Somebody's kill is no fault of the template; a QEMU that was killed as it started has no vm to ask. */
static bool killed(const struct rig_err *err)
{
	return err->cause == RIG_HOST && err->eno == EPIPE;
}

/* A template that does not start is worth nothing; who else would find that out loses time only. */
static int give_up(struct run *run, struct rig_err *err)
{
	AUTO_FREE char *text = NULL, *name = NULL;
	struct rig_err ignored;

	if (run->vm)
		vm_explain(run->vm, err);
	/* a kernel that dies in a sound clone has died */
	if (err->cause == RIG_KERNEL && run->template.dir && template_verify(&run->template, &ignored) == 0)
		return -err->eno;
	if (err->cause == RIG_INTERRUPTED || killed(err))
		return -err->eno;
	text = xasprintf("booted, because its template could not be used: %.600s", err->text);
	if (run->template.dir)
		name = xstrdup(template_name(&run->template));
	start_undo(run);
	loop_resume(run->loop);
	evidence_restart(run);
	/* one that others use stays: they do well with it */
	if (name && template_drop(name, &ignored) < 0)
		ignored.eno = 0;
	say(run, text);
	return -ENOENT;
}

int warm_start(struct run *run, struct rig_err *err)
{
	AUTO_FREE char *key = make_key(run);
	bool made = false;
	int r;

	run->step_name = "boot";
	if (!key)
		return -ENOENT;
	r = template_open(key, run->request->template, &run->template, err);
	if (r == -ESTALE) {
		AUTO_FREE char *text = xasprintf("%.600s; made anew", err->text);

		say(run, text);
	}
	if (r == -ENOENT || r == -ESTALE) {
		enum making m = make(run, key, &r, err);

		if (m == FAULTY)
			return r;
		if (m == NOT_TO_BE_HAD)
			return give_up(run, err);
		made = r == 0;
		r = template_open(key, run->request->template, &run->template, err);
	}
	if (r < 0 || (r = load(run, err)) < 0 || (r = restore(run, made, err)) < 0)
		return give_up(run, err);
	r = baseline_take(run, err);
	/* another version of the rig made it */
	return r == -ENODATA && err->cause == RIG_HOST ? give_up(run, err) : r;
}
