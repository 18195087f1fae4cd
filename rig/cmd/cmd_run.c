// SPDX-License-Identifier: GPL-2.0-or-later
#include <errno.h>
#include <fnmatch.h>
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clean.h"
#include "base/io.h"
#include "base/mem.h"
#include "cmd/batch.h"
#include "cmd/cmd.h"
#include "cmd/tree.h"
#include "record/record.h"
#include "template/template.h"

/* What is to be run: a batch before it runs, and all that it borrows. */
struct choice {
	struct run_options options;
	struct progress progress;
	struct scenario **scenario;
	size_t nr_scenarios, cap_scenarios;
	struct kernel **kernel;
	size_t nr_kernels;
	struct known *known;
	char *agent;
};

static bool wanted(const struct scenario *s, const char *pattern)
{
	return !fnmatch(pattern, s->name, 0) || (!strcmp(pattern, "core") && s->core);
}

/* Scenarios that one argument names, in the catalogue's order. */
static int add_scenarios(struct choice *c, const char *arg, struct rig_err *err)
{
	AUTO_FREE char *root = tree_path("scenarios");
	AUTO_STRV struct strv paths = { 0 };
	size_t before = c->nr_scenarios, len = strlen(arg);
	bool file = len > 5 && !strcmp(arg + len - 5, ".json");
	int r = 0;

	if (file) {
		GROW(c->scenario, c->nr_scenarios, c->cap_scenarios);
		r = scenario_load(root, arg, &c->scenario[c->nr_scenarios], err);
		c->nr_scenarios += r == 0;
		return r;
	}
	r = scenario_list_files(root, &paths, err);
	for (size_t i = 0; i < paths.n && !r; i++) {
		struct scenario *s;

		r = scenario_load(root, paths.v[i], &s, err);
		if (r < 0)
			break;
		if (!wanted(s, arg)) {
			scenario_destroy(s);
			continue;
		}
		GROW(c->scenario, c->nr_scenarios, c->cap_scenarios);
		c->scenario[c->nr_scenarios++] = s;
	}
	if (!r && c->nr_scenarios == before)
		return rig_err_set(err, RIG_USAGE, ENOENT,
				   "no scenario matches '%s'; 'hotrig list' shows them", arg);
	return r;
}

static void on_kernel_progress(void *arg, const char *text)
{
	progress_text(arg, text);
}

static int add_kernels(struct choice *c, struct rig_err *err)
{
	const struct kernel_resolve_options how = {
		.may_fetch = true, .progress = on_kernel_progress, .progress_arg = &c->progress,
	};
	struct strv *specs = &c->options.kernels;

	if (!specs->n) {
		strv_add(specs, "debian:6.1");
		strv_add(specs, "debian:6.12");
	}
	c->kernel = xcalloc(specs->n, sizeof(*c->kernel));
	for (size_t i = 0; i < specs->n; i++) {
		int r = kernel_resolve(specs->v[i], &how, &c->kernel[c->nr_kernels], err);

		/* a release that is served no more is named, and the others go on */
		if (r < 0 && err->cause == RIG_MISSING) {
			progress_text(&c->progress, err->text);
			continue;
		}
		if (r < 0)
			return r;
		c->nr_kernels++;
	}
	return c->nr_kernels ? 0 : rig_err_set(err, RIG_MISSING, ENOENT, "no kernel to run on");
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
	return r;
}

static int choose(struct choice *c, char *const *args, struct rig_err *err)
{
	int r = io_exists(c->agent) ? 0 : rig_err_set(err, RIG_HOST, ENOENT,
						      "no guest agent at '%s'; 'make build' makes it", c->agent);

	if (!r)
		r = load_known(c, err);
	for (; *args && !r; args++)
		r = add_scenarios(c, *args, err);
	if (r < 0)
		return r;
	record_sweep(c->options.results);
	template_sweep();
	return add_kernels(c, err);
}

static void choice_deinit(struct choice *c)
{
	for (size_t i = 0; i < c->nr_scenarios; i++)
		scenario_destroy(c->scenario[i]);
	for (size_t i = 0; i < c->nr_kernels; i++)
		kernel_destroy(c->kernel[i]);
	free(c->scenario);
	free(c->kernel);
	free(c->agent);
	known_destroy(c->known);
	progress_deinit(&c->progress);
	run_options_deinit(&c->options);
}

int cmd_run(int argc, char **argv)
{
	const char *results = getenv("HOTRIG_RESULTS"), *agent = getenv("HOTRIG_AGENT");
	AUTO_FREE char *tree_results = tree_path("results");
	struct choice c = { 0 };
	struct rig_err err;
	int status;

	status = run_options_parse(argc, argv, &c.options);
	if (status < 0 && optind == argc) {
		fputs("hotrig: run: no scenario given; 'hotrig list' shows them\n", stderr);
		status = EXIT_USAGE;
	}
	if (status >= 0) {
		choice_deinit(&c);
		return status;
	}
	if (!c.options.results)
		c.options.results = results && *results ? results : tree_results;
	c.agent = agent ? xstrdup(agent) : tree_path("build/hotrig-agent");
	progress_init(&c.progress);
	status = choose(&c, argv + optind, &err) < 0 ? batch_exit(&err) : batch_run(&(struct batch){
		.options = &c.options, .agent = c.agent, .scenario = c.scenario, .nr_scenarios = c.nr_scenarios,
		.kernel = c.kernel, .nr_kernels = c.nr_kernels, .known = c.known, .progress = &c.progress,
	});
	choice_deinit(&c);
	return status;
}
