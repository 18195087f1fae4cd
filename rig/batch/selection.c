// SPDX-License-Identifier: GPL-2.0-or-later
#include <errno.h>
#include <fnmatch.h>
#include <stdlib.h>
#include <string.h>

#include "base/clean.h"
#include "base/mem.h"
#include "base/tree.h"
#include "batch/selection.h"

static bool wanted(const struct scenario *s, const char *pattern)
{
	return !fnmatch(pattern, s->name, 0) || (!strcmp(pattern, "core") && s->core);
}

static void add(struct selection *s, struct scenario *scenario)
{
	GROW(s->scenario, s->nr_scenarios, s->cap_scenarios);
	s->scenario[s->nr_scenarios++] = scenario;
}

static int add_wanted(struct selection *s, const char *root, const char *pattern, struct rig_err *err)
{
	AUTO_STRV struct strv paths = { 0 };
	int r = scenario_list_files(root, &paths, err);

	for (size_t i = 0; i < paths.n && !r; i++) {
		struct scenario *scenario;

		r = scenario_load(root, paths.v[i], &scenario, err);
		if (r < 0)
			break;
		if (wanted(scenario, pattern))
			add(s, scenario);
		else
			scenario_destroy(scenario);
	}
	return r;
}

int selection_add_scenarios(struct selection *s, const char *arg, struct rig_err *err)
{
	AUTO_FREE char *root = tree_path("scenarios");
	size_t before = s->nr_scenarios, len = strlen(arg);
	struct scenario *scenario;
	int r;

	if (len > 5 && !strcmp(arg + len - 5, ".json")) {
		r = scenario_load(root, arg, &scenario, err);
		if (!r)
			add(s, scenario);
		return r;
	}
	r = add_wanted(s, root, arg, err);
	if (!r && s->nr_scenarios == before)
		return rig_err_set(err, RIG_USAGE, ENOENT,
				   "no scenario matches '%s'; 'hotrig list' shows them", arg);
	return r;
}

static void on_kernel_progress(void *arg, const char *text)
{
	progress_text(arg, text);
}

int selection_add_kernel(struct selection *s, const char *spec, struct progress *progress, struct rig_err *err)
{
	const struct kernel_resolve_options how = {
		.may_fetch = true, .progress = on_kernel_progress, .progress_arg = progress,
	};
	struct kernel *kernel;
	int r = kernel_resolve(spec, &how, &kernel, err);

	if (r < 0)
		return r;
	GROW(s->kernel, s->nr_kernels, s->cap_kernels);
	s->kernel[s->nr_kernels++] = kernel;
	return 0;
}

void selection_deinit(struct selection *s)
{
	for (size_t i = 0; i < s->nr_scenarios; i++)
		scenario_destroy(s->scenario[i]);
	for (size_t i = 0; i < s->nr_kernels; i++)
		kernel_destroy(s->kernel[i]);
	free(s->scenario);
	free(s->kernel);
	*s = (struct selection){ 0 };
}
