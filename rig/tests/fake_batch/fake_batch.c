// SPDX-License-Identifier: GPL-2.0-or-later
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/clean.h"
#include "base/mem.h"
#include "batch/batch.h"
#include "tests/fake_batch/fake_batch.h"

struct world *sample_world(void)
{
	static struct world world;

	return &world;
}

char *sample_release(unsigned int number)
{
	return xasprintf("6.1.0-%u-cloud-amd64", number);
}

unsigned int sample_number(const char *release)
{
	unsigned int number = 0;

	if (sscanf(release, "6.1.0-%u-cloud-amd64", &number) != 1 || number >= SAMPLE_RELEASES)
		abort();
	return number;
}

/* --- where kernels come from ----------------------------------------------------------------- */

static int have_kernel(void *arg, const char *name, struct kernel **ret, struct rig_err *err)
{
	struct world *w = sample_world();
	unsigned int number = sample_number(name);
	struct kernel *k;

	(void)arg;
	w->had++;
	switch (w->behaviour[number]) {
	case BEHAVES_DROPPED: return rig_err_set(err, RIG_MISSING, ENOENT, "'%s' is served no more", name);
	case BEHAVES_UNBUILT: return rig_err_set(err, RIG_KERNEL, EINVAL, "'%s' does not compile", name);
	case BEHAVES_FULL: return rig_err_set(err, RIG_HOST, ENOSPC, "no space for '%s'", name);
	default: break;
	}
	k = xcalloc(1, sizeof(*k));
	k->spec = xasprintf("debian:%s", name);
	k->release = xstrdup(name);
	k->image_sha256 = xasprintf("sha-%u", w->image[number] ? w->image[number] : 1000 + number);
	*ret = k;
	return 0;
}

const struct exam_source sample_source = { .kernel = have_kernel };

struct trial sample_trial(void)
{
	static char other[] = "other/two", bad[] = "bad/one";
	static struct scenario scenarios[] = { { .name = other }, { .name = bad } };
	static struct scenario *const list[] = { &scenarios[0], &scenarios[1] };
	static const struct batch_how how;
	static struct progress progress;

	return (struct trial){ .how = &how, .scenario = list, .nr_scenarios = 2, .progress = &progress };
}

/* --- what runs end in ------------------------------------------------------------------------ */

static json_t *finding(const char *invariant, const char *kind, const char *seen)
{
	return json_pack("{ssssssssss}", "invariant", invariant, "kind", kind, "step", "1 plug d0", "expected", "right",
			 "seen", seen);
}

static json_t *failure(const char *kind, json_t *of)
{
	return json_pack("{ssss s[o]}", "outcome", "FAIL", "fail_kind", kind, "findings", of);
}

static json_t *pass(void)
{
	return json_pack("{ss s[]}", "outcome", "PASS", "findings");
}

static json_t *trouble(void)
{
	return json_pack("{ss s{ssss}}", "outcome", "ERROR", "error", "cause", "qemu", "text", "QEMU fell over");
}

static json_t *otherwise(void)
{
	return failure("splat", finding("splat.warning", "splat", "WARNING in other (console line 1): x"));
}

static json_t *badly(struct world *w)
{
	if (w->rate > 0 && erand48(w->dice) >= w->rate)
		return pass();
	return failure("invariant", finding("page.refcount", "invariant", "wrong"));
}

static json_t *record_of(struct world *w, const struct batch_run *run)
{
	unsigned int number = sample_number(run->kernel->release);
	bool is_first = w->runs_of[number]++ < 2;	/* round */

	w->runs++;
	if (run->template + 1 > w->templates_of[number])
		w->templates_of[number] = run->template + 1;
	if (w->behaviour[number] == BEHAVES_NO_BOOT)
		return failure("boot", finding("step.progress", "boot", "no greeting"));
	if (w->behaviour[number] == BEHAVES_TROUBLE || (w->behaviour[number] == BEHAVES_TROUBLE_ONCE && is_first))
		return trouble();
	if (strcmp(run->scenario->name, "bad/one"))
		return pass();
	if (w->odd_flake && erand48(w->dice) < 0.1)
		return otherwise();
	switch (w->behaviour[number]) {
	case BEHAVES_BADLY: case BEHAVES_TROUBLE_ONCE: return badly(w);
	case BEHAVES_OTHERWISE: return otherwise();
	case BEHAVES_LACKING: return json_pack("{ssss}", "outcome", "SKIP", "skip_reason", "no CONFIG_X");
	default: return pass();
	}
}

int batch_run(const struct batch *b, struct rig_err *err)
{
	struct world *w = sample_world();
	bool go_on = true;

	(void)err;
	if (++w->calls == w->die_at)
		_exit(0);
	for (size_t i = 0; i < b->nr && go_on; i++) {
		struct run_result result = { .record = record_of(w, &b->run[i]) };

		json_object_set_new(result.record, "scenario", json_string(b->run[i].scenario->name));
		result.path = xasprintf("/results/run-%u", w->runs);
		go_on = b->on_result(b->arg, i, &result);
		run_result_deinit(&result);
	}
	return 0;
}
