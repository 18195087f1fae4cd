// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * hotrig bisect step: the tree as it stands, built and tried once.  For git bisect run, which knows
 * nothing but an exit code, so every way out of here goes through verdict_exit_code().
 */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "base/clean.h"
#include "base/tree.h"
#include "batch/selection.h"
#include "bisect/trial.h"
#include "cmd/bisect_options.h"
#include "cmd/cmd_bisect.h"
#include "kernel/build.h"
#include "kernel/built.h"
#include "record/record.h"
#include "template/template.h"

#define MAX_MAKE_JOBS 1024u

struct bisect_step {
	struct how_options how;
	struct build_request build;
	struct strv fragments;
	const char *target_text;	/* NULL: any failure but boot */
	bool help;
	struct target target;
	struct selection selection;
	struct progress progress;
};

static void on_text(void *arg, const char *text)
{
	progress_text(arg, text);
}

static int say(const char *text, enum verdict v)
{
	fprintf(stderr, "hotrig: %s: %s\n", verdict_name(v), text);
	return verdict_exit_code(v);
}

static int build(struct bisect_step *s, struct kernel **ret, struct rig_err *err)
{
	AUTO_FREE char *fragments = tree_path("kernels"), *key = NULL, *spec = NULL;
	bool new;
	int r;

	s->build.fragments_dir = fragments;
	s->build.fragments = s->fragments.v;
	s->build.nr_fragments = s->fragments.n;
	s->build.options = (struct kernel_resolve_options){ .may_fetch = true, .progress = on_text,
							    .progress_arg = &s->progress };
	r = build_kernel(&s->build, &key, &new, err);
	if (r < 0)
		return r;
	spec = xasprintf(BUILT_PREFIX "%s", key);
	return kernel_resolve(spec, &s->build.options, ret, err);
}

static int try_kernel(struct bisect_step *s, const struct kernel *k, struct rig_err *err)
{
	struct trial trial = {
		.how = &s->how.how, .scenario = s->selection.scenario, .nr_scenarios = s->selection.nr_scenarios,
		.target = &s->target, .progress = &s->progress,
	};
	struct trial_result result;
	int r = trial_run(&trial, k, NULL, &result, err), status;

	if (r < 0)
		return r;
	progress_end(&s->progress);
	status = say(result.reason, result.verdict);
	trial_result_deinit(&result);
	return status;
}

static int prepare(struct bisect_step *s, char *const *scenarios, struct rig_err *err)
{
	int r = how_options_check(&s->how, err);

	if (!r)
		r = target_parse(s->target_text ? s->target_text : "any", &s->target, err);
	if (!r && !*scenarios)
		r = rig_err_set(err, RIG_USAGE, 0, "bisect step: no scenario given; 'hotrig list' shows them");
	for (; *scenarios && !r; scenarios++)
		r = selection_add_scenarios(&s->selection, *scenarios, err);
	return r;
}

static int run(struct bisect_step *s, char *const *scenarios)
{
	struct kernel *k = NULL;
	struct rig_err err;
	int r;

	progress_init(&s->progress);
	r = prepare(s, scenarios, &err);
	if (r < 0)
		return say(err.text, VERDICT_TROUBLE);
	record_sweep(s->how.how.results);
	template_sweep();
	r = build(s, &k, &err);
	for (unsigned int i = 0; i < TRIAL_RETRIES && r < 0 && verdict_error_may_pass(&err); i++)
		r = build(s, &k, &err);
	if (r < 0)
		return say(err.text, verdict_of_error(&err));
	r = try_kernel(s, k, &err);
	kernel_destroy(k);
	return r < 0 ? say(err.text, VERDICT_TROUBLE) : r;
}

static int option(struct bisect_step *s, int c, const char *value)
{
	switch (c) {
	case BISECT_OPTION_TARGET: s->target_text = value; break;
	case 't': s->build.tree = value; break;
	case 'c': strv_add(&s->fragments, value); break;
	case 'J': return option_number(value, MAX_MAKE_JOBS, &s->build.jobs) ? 1 : -1;
	case 'h': s->help = true; break;
	default:
		return how_option(&s->how, c, value);
	}
	return 1;
}

int bisect_step(int argc, char **argv)
{
	static const struct option options[] = {
		{ "tree", required_argument, NULL, 't' }, { "config", required_argument, NULL, 'c' },
		{ "make-jobs", required_argument, NULL, 'J' },
		{ "target", required_argument, NULL, BISECT_OPTION_TARGET }, HOW_LONG,
		{ "help", no_argument, NULL, 'h' }, { 0 },
	};
	struct bisect_step s = { .build.tree = "." };
	int c, status = -1;

	how_options_init(&s.how);
	optind = 0;
	opterr = 0;
	while (status < 0 && (c = getopt_long(argc, argv, ":" HOW_SHORT "h", options, NULL)) != -1)
		if (option(&s, c, optarg) <= 0) {
			bisect_usage("step", c, argv[optind - 1], optarg);
			status = verdict_exit_code(VERDICT_TROUBLE);
		}
	if (status < 0)
		status = s.help ? bisect_help() : run(&s, argv + optind);
	progress_deinit(&s.progress);
	selection_deinit(&s.selection);
	target_deinit(&s.target);
	strv_deinit(&s.fragments);
	how_options_deinit(&s.how);
	return status;
}
