// SPDX-License-Identifier: GPL-2.0-or-later
/* hotrig compare: scenarios on two kernels, and what tells the two apart.  Level 8. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clean.h"
#include "base/loop.h"
#include "base/mem.h"
#include "batch/batch.h"
#include "batch/selection.h"
#include "cmd/cmd.h"
#include "cmd/compare_options.h"
#include "cmd/compare_text.h"
#include "compare/comparison.h"
#include "record/record.h"
#include "template/template.h"

enum { BASE, PATCHED, NR_SIDES };

/* The records of one scenario. */
struct pair {
	struct strv record[NR_SIDES];
};

struct contest_of_kernels {
	struct compare_options options;
	struct progress progress;
	struct selection selection;	/* kernels by side */
	struct batch_run *run;		/* scenario by scenario, and the sides in turn, so that the host is to both the same */
	size_t nr_runs;
	struct pair *pair;		/* by scenario */
	size_t nr_lost;			/* runs that left no record */
};

/* "core" when nothing is named. */
static int choose(struct contest_of_kernels *c, char *const *args, struct rig_err *err)
{
	static char core[] = "core";
	char *const all[] = { core, NULL };
	const char *const spec[NR_SIDES] = { c->options.base, c->options.patched };
	int r = how_options_check(&c->options.common, err);

	if (!*args)
		args = all;
	for (; *args && !r; args++)
		r = selection_add_scenarios(&c->selection, *args, err);
	if (r < 0)
		return r;
	record_sweep(c->options.common.how.results);
	template_sweep();
	for (int side = BASE; side < NR_SIDES && !r; side++)
		r = selection_add_kernel(&c->selection, spec[side], &c->progress, err);
	return r;
}

/* A kernel against itself boots apart, or the two would share all randomness. */
static unsigned int template_of(const struct contest_of_kernels *c, int side, unsigned int i)
{
	struct kernel *const *kernel = c->selection.kernel;
	unsigned int fresh = c->options.fresh ? c->options.fresh : 1, repeat = c->options.repeat;
	bool same = !strcmp(kernel[BASE]->image, kernel[PATCHED]->image);

	return (unsigned int)((uint64_t)i * fresh / repeat) + (same && side == PATCHED ? fresh : 0);
}

static void plan(struct contest_of_kernels *c)
{
	const struct selection *s = &c->selection;

	c->pair = xcalloc(s->nr_scenarios, sizeof(*c->pair));
	c->run = xcalloc(s->nr_scenarios * NR_SIDES * c->options.repeat, sizeof(*c->run));
	for (size_t i = 0; i < s->nr_scenarios; i++)
		for (unsigned int k = 0; k < c->options.repeat; k++)
			for (int side = BASE; side < NR_SIDES; side++)
				c->run[c->nr_runs++] = (struct batch_run){
					.scenario = s->scenario[i], .kernel = s->kernel[side],
					.template = template_of(c, side, k),
				};
}

static bool on_result(void *arg, size_t run, const struct run_result *result)
{
	struct contest_of_kernels *c = arg;
	struct pair *p = &c->pair[run / NR_SIDES / c->options.repeat];

	if (result && result->path)
		strv_add(&p->record[run % NR_SIDES], result->path);
	else
		c->nr_lost++;
	return true;
}

/* @all: what comparison_make() said of each scenario */
static int exit_code(const json_t *all)
{
	size_t count[COMPARE_DIFFERENT + 1] = { 0 }, i;
	const json_t *comparison;

	json_array_foreach(all, i, comparison)
		count[comparison_verdict(comparison)]++;
	return count[COMPARE_DIFFERENT] ? 1 : count[COMPARE_TROUBLE] ? EXIT_ERROR :
	       count[COMPARE_SKIPPED] && !count[COMPARE_SAME] ? EXIT_SKIPPED : 0;
}

/* Takes @all. */
static int tell(const struct compare_options *o, json_t *all)
{
	json_auto_t *report = json_pack("{si si so}", "format", 1, "repeat", (int)o->repeat, "scenarios", all);

	if (o->json) {
		json_dumpf(report, stdout, JSON_INDENT(2));
		putchar('\n');
	} else {
		compare_text(report, stdout);
	}
	return exit_code(all);
}

/* As many scenarios as both kernels ran. */
static int compare_pairs(const struct contest_of_kernels *c, int r, struct rig_err *err)
{
	json_t *all = json_array();
	int status = r < 0 || c->nr_lost || loop_interrupted() ? EXIT_ERROR : 0, worst;

	if (r < 0)
		status = command_fail(err);
	for (size_t i = 0; i < c->selection.nr_scenarios; i++) {
		const struct pair *p = &c->pair[i];
		json_t *one;

		if (!p->record[BASE].n || !p->record[PATCHED].n)
			continue;
		if (comparison_make(&p->record[BASE], &p->record[PATCHED], &one, err) < 0)
			status = command_fail(err);
		else
			json_array_append_new(all, one);
	}
	if (!json_array_size(all)) {
		json_decref(all);
		return status ? status : EXIT_ERROR;
	}
	worst = tell(&c->options, all);
	return worst == 1 || !status ? worst : status;
}

static int compare_kernels(struct compare_options *options, char *const *args)
{
	struct contest_of_kernels c = { .options = *options };
	const struct batch b = {
		.how = &c.options.common.how, .progress = &c.progress, .on_result = on_result, .arg = &c,
	};
	struct batch todo = b;
	struct rig_err err;
	int status;

	progress_init(&c.progress);
	if (choose(&c, args, &err) < 0) {
		status = command_fail(&err);
	} else {
		plan(&c);
		todo.run = c.run;
		todo.nr = c.nr_runs;
		status = batch_run(&todo, &err);
		status = compare_pairs(&c, status, &err);
	}
	for (size_t i = 0; c.pair && i < c.selection.nr_scenarios; i++)
		for (int side = BASE; side < NR_SIDES; side++)
			strv_deinit(&c.pair[i].record[side]);
	free(c.pair);
	free(c.run);
	selection_deinit(&c.selection);
	progress_deinit(&c.progress);
	return status;
}

static int compare_records(const struct compare_options *o, char *const *folder)
{
	AUTO_STRV struct strv base = { 0 }, patched = { 0 };
	struct rig_err err;
	json_t *one;

	strv_add(&base, folder[0]);
	strv_add(&patched, folder[1]);
	if (comparison_make(&base, &patched, &one, &err) < 0)
		return command_fail(&err);
	return tell(o, json_pack("[o]", one));
}

int cmd_compare(int argc, char **argv)
{
	struct compare_options o;
	int status = compare_options_parse(argc, argv, &o);

	if (status < 0)
		status = o.base ? compare_kernels(&o, argv + optind) : compare_records(&o, argv + optind);
	compare_options_deinit(&o);
	return status;
}
