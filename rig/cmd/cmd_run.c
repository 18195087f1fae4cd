// SPDX-License-Identifier: GPL-2.0-or-later
/* hotrig run: every chosen scenario on every chosen kernel, as often as asked.  Level 8. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/clean.h"
#include "base/loop.h"
#include "base/mem.h"
#include "base/tree.h"
#include "batch/batch.h"
#include "batch/order.h"
#include "batch/selection.h"
#include "cmd/cmd.h"
#include "cmd/report.h"
#include "cmd/run_options.h"
#include "record/record.h"
#include "template/template.h"

/* What is to be run, and what came of it. */
struct choice {
	struct run_options options;
	struct progress progress;
	struct selection selection;
	struct known *known;
	struct batch_run *run;		/* as they begin, and are told */
	size_t nr_runs;
	struct report report;
};

static int add_kernels(struct choice *c, struct rig_err *err)
{
	struct strv *specs = &c->options.kernels;

	if (!specs->n) {
		strv_add(specs, "debian:6.1");
		strv_add(specs, "debian:6.12");
	}
	for (size_t i = 0; i < specs->n; i++) {
		int r = selection_add_kernel(&c->selection, specs->v[i], &c->progress, err);

		/* a release that is served no more is named, and the others go on */
		if (r < 0 && err->cause == RIG_MISSING)
			progress_text(&c->progress, err->text);
		else if (r < 0)
			return r;
	}
	return c->selection.nr_kernels ? 0 : rig_err_set(err, RIG_MISSING, ENOENT, "no kernel to run on");
}

static int load_known(struct choice *c, struct rig_err *err)
{
	AUTO_FREE char *ours = tree_path(KNOWN_BUGS);
	int r;

	if (c->options.no_known)
		return 0;
	r = known_load(c->options.known ? c->options.known : ours, &c->known, err);
	if (!r && c->options.known_as)
		r = known_check_release(c->known, c->options.known_as, err);
	c->options.common.how.known = c->known;
	c->options.common.how.known_as = c->options.known_as;
	return r;
}

static int choose(struct choice *c, char *const *args, struct rig_err *err)
{
	int r = how_options_check(&c->options.common, err);

	if (!r)
		r = load_known(c, err);
	for (; *args && !r; args++)
		r = selection_add_scenarios(&c->selection, *args, err);
	if (r < 0)
		return r;
	record_sweep(c->options.common.how.results);
	template_sweep();
	return add_kernels(c, err);
}

/* One template after the other, so that a store that holds few of them still serves all. */
static void add_runs(struct choice *c, const struct kernel *kernel, const struct scenario *scenario)
{
	unsigned int repeat = c->options.repeat, fresh = c->options.fresh;

	for (unsigned int i = 0; i < repeat; i++)
		c->run[c->nr_runs++] = (struct batch_run){
			.scenario = scenario, .kernel = kernel,
			.template = fresh ? (unsigned int)((uint64_t)i * fresh / repeat) : 0,
		};
}

static void plan(struct choice *c)
{
	const struct selection *s = &c->selection;

	c->run = xcalloc(s->nr_kernels * s->nr_scenarios * c->options.repeat, sizeof(*c->run));
	for (size_t k = 0; k < s->nr_kernels; k++)
		for (size_t i = 0; i < s->nr_scenarios; i++)
			add_runs(c, s->kernel[k], s->scenario[i]);
	order_longest_first(c->run, c->nr_runs);
}

static bool on_result(void *arg, size_t run, const struct run_result *result)
{
	struct choice *c = arg;

	report_take(&c->report, run, result ? result->outcome : OUTCOME_ERROR,
		    result ? json_incref(result->record) : NULL);
	return true;
}

/* A kernel that has failed stays failed, whatever ends the batch. */
static int conclude(const struct choice *c, int r, const struct rig_err *err)
{
	AUTO_FREE char *count = report_count(&c->report);
	int worst = report_exit_code(&c->report);

	if (r < 0) {
		int status = command_fail(err);

		return worst == 1 ? 1 : status;
	}
	fprintf(stderr, "hotrig: %s; records in %s\n", count, c->options.common.how.results);
	return loop_interrupted() && worst != 1 ? EXIT_ERROR : worst;
}

static int run(struct choice *c)
{
	const struct batch b = {
		.how = &c->options.common.how, .run = c->run, .nr = c->nr_runs, .progress = &c->progress,
		.on_result = on_result, .arg = c,
	};
	struct rig_err err;
	int status;

	if (c->options.dry_run)
		return batch_dry_run(&b, &err) < 0 ? command_fail(&err) : 0;
	report_init(&c->report, stdout, c->options.json, c->nr_runs);
	report_plan(&c->report);
	status = conclude(c, batch_run(&b, &err), &err);
	report_deinit(&c->report);
	return status;
}

static void choice_deinit(struct choice *c)
{
	free(c->run);
	selection_deinit(&c->selection);
	known_destroy(c->known);
	progress_deinit(&c->progress);
	run_options_deinit(&c->options);
}

int cmd_run(int argc, char **argv)
{
	struct choice c = { 0 };
	struct rig_err err;
	int status;

	status = run_options_parse(argc, argv, &c.options);
	if (status < 0 && optind == argc) {
		fputs("hotrig: run: no scenario given; 'hotrig list' shows them\n", stderr);
		status = EXIT_USAGE;
	}
	if (status < 0) {
		progress_init(&c.progress);
		if (choose(&c, argv + optind, &err) < 0) {
			status = command_fail(&err);
		} else {
			plan(&c);
			status = run(&c);
		}
	}
	choice_deinit(&c);
	return status;
}
