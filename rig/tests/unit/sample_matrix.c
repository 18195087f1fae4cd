// SPDX-License-Identifier: GPL-2.0-or-later
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <stdlib.h>
#include <string.h>

#include "base/clean.h"
#include "base/io.h"
#include "base/mem.h"
#include "matrix/merged.h"
#include "matrix/result.h"
#include "sample_matrix.h"

int sample_matrix_parse(const char *text, struct matrix **ret, struct rig_err *err)
{
	AUTO_FREE char *strict = xstrdup(text);

	for (char *p = strict; (p = strchr(p, '\'')); )
		*p = '"';
	return matrix_parse("m.json", strict, strlen(strict), ret, err);
}

static void add_scenario(struct repertoire *all, const char *name, const char *machine)
{
	static const char shape[] = "{\"summary\": \"s\", \"origin\": \"o\", \"machine\": \"%s\", \"steps\": "
				    "[{\"plug\": {\"id\": \"d0\", \"device\": \"dimm\", \"size\": \"128M\"}}]}";
	AUTO_FREE char *text = xasprintf(shape, machine);
	struct selection *s = &all->selection;
	struct rig_err err;

	GROW(s->scenario, s->nr_scenarios, s->cap_scenarios);
	if (scenario_parse(name, "s.json", text, strlen(text), &s->scenario[s->nr_scenarios], &err) < 0)
		fail_msg("%s", err.text);
	s->nr_scenarios++;
	all->entry = xrealloc(all->entry, s->nr_scenarios, sizeof(*all->entry));
	all->entry[all->nr].scenario = s->scenario[all->nr];
	io_sha256_hex(name, strlen(name), all->entry[all->nr++].digest);
}

void sample_repertoire(struct repertoire *ret, const char *const *names)
{
	*ret = (struct repertoire){ 0 };
	add_scenario(ret, "a/one", "small");
	add_scenario(ret, "a/two", "small");
	add_scenario(ret, "b/nodes", "two-nodes");
	add_scenario(ret, "b/one", "small");
	for (; names && *names; names++)
		add_scenario(ret, *names, "small");
}

void sample_matrix_init(struct sample_matrix *s, const char *text, const char *const *names)
{
	struct rig_err err;

	sample_repertoire(&s->all, names);
	if (sample_matrix_parse(text, &s->matrix, &err) < 0 ||
	    cells_find(s->matrix, &s->all, &s->cells, &err) < 0)
		fail_msg("%s", err.text);
}

void sample_matrix_deinit(struct sample_matrix *s)
{
	cells_deinit(&s->cells);
	repertoire_deinit(&s->all);
	matrix_destroy(s->matrix);
}

json_t *sample_record(const char *outcome, double seconds)
{
	json_t *o = json_pack("{ss ss ss s{ss ss} s{sI} s{ss}}", "outcome", outcome, "date", "2026-11-21T03:40:49Z",
			      "accel", "tcg", "kernel", "release", "6.12.1", "image_sha256", "00", "timings", "total_ns",
			      (json_int_t)(seconds * 1e9), "qemu", "version", "7.2");

	if (!strcmp(outcome, "FAIL")) {
		json_object_set_new(o, "fail_kind", json_string("splat"));
		json_object_set_new(o, "findings", json_pack("[{ssss}{ssss}]", "invariant", "page.zone", "kind",
							     "invariant", "invariant", "splat.warning", "kind", "splat"));
	}
	if (!strcmp(outcome, "ERROR"))
		json_object_set_new(o, "error", json_pack("{ssss}", "cause", "host", "text", "no luck"));
	if (!strcmp(outcome, "SKIP"))
		json_object_set_new(o, "skip_reason", json_string("CONFIG_X"));
	return o;
}

json_t *sample_merged(const struct sample_matrix *s, const struct plan *plan, unsigned int shard, const char *outcome)
{
	json_auto_t *record = sample_record(outcome, 2), *result = json_array();

	for (size_t i = 0; i < s->cells.nr; i++) {
		json_auto_t *runs = json_array();

		if (plan->shard[i] != shard)
			continue;
		json_array_append_new(runs, result_run(record, "20261121T034049Z-x-1"));
		json_array_append_new(result, result_cell(&s->cells.cell[i], runs, NULL));
	}
	return merged_make(s->matrix, &s->cells, plan, shard, SAMPLE_HOW, result);
}
