// SPDX-License-Identifier: GPL-2.0-or-later
#include <fnmatch.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clean.h"
#include "base/mem.h"
#include "matrix/cell.h"

/* What becomes of a place in kernels x variants x scenarios. */
enum place { PLACE_NONE, PLACE_CELL, PLACE_EXCLUDED, PLACE_MACHINE };

struct space {
	const struct matrix *m;
	const struct repertoire *all;
	enum place *place;
	const struct matrix_exclude **by;	/* PLACE_EXCLUDED: the first that says so */
};

static size_t at(const struct space *s, size_t kernel, size_t variant, size_t scenario)
{
	return (kernel * s->m->nr_variants + variant) * s->all->nr + scenario;
}

static bool matches(const char *pattern, const struct scenario *s)
{
	return !fnmatch(pattern, s->name, 0) || (!strcmp(pattern, "core") && s->core);
}

static bool set_has(const struct matrix_set *set, const struct scenario *s)
{
	for (char **p = set->scenarios; *p; p++)
		if (matches(*p, s))
			return true;
	return false;
}

static int check_set(const struct space *s, const struct matrix_set *set, struct rig_err *err)
{
	const struct doc_node *n = set->node->child;

	for (char **p = set->scenarios; *p; p++, n = n->next) {
		bool any = false;

		for (size_t i = 0; i < s->all->nr && !any; i++)
			any = matches(*p, s->all->entry[i].scenario);
		if (!any)
			return doc_err(n, err, "no scenario matches '%.*s'; 'hotrig list' shows them", doc_clip(*p), *p);
	}
	return 0;
}

/* --- rows: which places are meant -------------------------------------------------------------- */

static bool needs_other_machine(const struct matrix_variant *v, const struct scenario *s)
{
	return v->machine && strcmp(s->machine, CELL_PLAIN_MACHINE);
}

static void mean(struct space *s, size_t kernel, size_t variant, const struct matrix_set *set)
{
	for (size_t i = 0; i < s->all->nr; i++) {
		const struct scenario *scenario = s->all->entry[i].scenario;

		if (set_has(set, scenario))
			s->place[at(s, kernel, variant, i)] =
				needs_other_machine(&s->m->variant[variant], scenario) ? PLACE_MACHINE : PLACE_CELL;
	}
}

static void mean_row(struct space *s, const struct matrix_row *row)
{
	for (size_t k = 0; k < row->kernels.nr; k++)
		for (size_t v = 0; v < row->variants.nr; v++)
			for (size_t i = 0; i < row->sets.nr; i++)
				mean(s, row->kernels.index[k], row->variants.index[v], &s->m->set[row->sets.index[i]]);
}

static bool row_has_cell(const struct space *s, const struct matrix_row *row)
{
	for (size_t k = 0; k < row->kernels.nr; k++)
		for (size_t v = 0; v < row->variants.nr; v++)
			for (size_t i = 0; i < s->all->nr; i++)
				for (size_t set = 0; set < row->sets.nr; set++)
					if (s->place[at(s, row->kernels.index[k], row->variants.index[v], i)] ==
					    PLACE_CELL && set_has(&s->m->set[row->sets.index[set]],
								  s->all->entry[i].scenario))
						return true;
	return false;
}

/* --- excludes: which of them are left out ------------------------------------------------------ */

static bool picks(const struct matrix_pick *pick, size_t i)
{
	for (size_t n = 0; n < pick->nr; n++)
		if (pick->index[n] == i)
			return true;
	return !pick->nr;
}

/* @pattern NULL: any scenario.  Says whether a place that is meant is left out, by this one or before. */
static bool exclude(struct space *s, const struct matrix_exclude *e, const char *pattern)
{
	bool any = false;

	for (size_t k = 0; k < s->m->nr_kernels; k++)
		for (size_t v = 0; v < s->m->nr_variants; v++)
			for (size_t i = 0; i < s->all->nr; i++) {
				size_t place = at(s, k, v, i);

				if (s->place[place] == PLACE_NONE || !picks(&e->kernels, k) || !picks(&e->variants, v) ||
				    (pattern && !matches(pattern, s->all->entry[i].scenario)))
					continue;
				any = true;
				if (s->place[place] == PLACE_EXCLUDED)
					continue;
				s->place[place] = PLACE_EXCLUDED;
				s->by[place] = e;
			}
	return any;
}

static int apply_exclude(struct space *s, const struct matrix_exclude *e, struct rig_err *err)
{
	const struct doc_node *n;

	if (!e->scenarios)
		return exclude(s, e, NULL) ? 0 : doc_err(e->node, err, "excludes nothing: no cell is like that");
	n = doc_get(e->node, "scenarios")->child;
	for (char **p = e->scenarios; *p; p++, n = n->next)
		if (!exclude(s, e, *p))
			return doc_err(n, err, "'%.*s' excludes nothing: no cell is like that", doc_clip(*p), *p);
	return 0;
}

/* --- what is left ------------------------------------------------------------------------------ */

static void print_list(FILE *out, char *const *list)
{
	for (; list && *list; list++)
		fprintf(out, " %s", *list);
	fputc('\n', out);
}

/*
 * What goes into the key of a template, as far as the scenario and the variant decide it: the machine, the command
 * line, and what the image carries, which follows from modules and kinds of devices.
 */
static char *group_of(const struct matrix_kernel *k, const struct matrix_variant *v, const struct scenario *s)
{
	unsigned int devices = 0, tools = 0;
	char *text = NULL;
	size_t len;
	FILE *out = open_memstream(&text, &len);

	if (!out)
		abort();
	for (size_t i = 0; i < s->nr_steps; i++) {
		devices |= s->steps[i].kind == STEP_PLUG ? 1u << s->steps[i].plug.device : 0;
		tools |= s->steps[i].kind == STEP_FILL ? 1u << s->steps[i].fill.kind : 0;
	}
	fprintf(out, "%s\n%s\n%s\n%s\n%u %u\n", k->name, v->name, v->machine ? v->machine : s->machine,
		s->online_policy, devices, tools & 1u << FILL_DAX_FILE);
	print_list(out, s->kernel_args);
	print_list(out, s->modules);
	for (size_t i = 0; i < s->nr_pmem; i++)
		fprintf(out, "%" PRIx64 "!%" PRIx64 "\n", s->pmem[i].size_bytes, s->pmem[i].addr);
	fclose(out);
	return text;
}

static void take_place(const struct space *s, size_t kernel, size_t variant, size_t i, struct cells *c)
{
	const struct matrix_kernel *k = &s->m->kernel[kernel];
	const struct matrix_variant *v = &s->m->variant[variant];
	const struct repertoire_entry *e = &s->all->entry[i];
	size_t place = at(s, kernel, variant, i);
	char *name;

	if (s->place[place] == PLACE_NONE)
		return;
	name = xasprintf("%s/%s/%s", k->name, v->name, e->scenario->name);
	if (s->place[place] == PLACE_CELL) {
		GROW(c->cell, c->nr, c->cap);
		c->cell[c->nr++] = (struct cell){
			.name = name, .group = group_of(k, v, e->scenario), .kernel = k, .variant = v,
			.scenario = e->scenario, .digest = e->digest,
		};
		return;
	}
	GROW(c->excluded, c->nr_excluded, c->cap_excluded);
	c->excluded[c->nr_excluded++] = (struct cell_excluded){
		.name = name, .reason = s->by[place] ? s->by[place]->reason : NULL,
		.machine = s->by[place] ? NULL : xstrdup(e->scenario->machine),
	};
}

static void take_all(const struct space *s, struct cells *c)
{
	for (size_t k = 0; k < s->m->nr_kernels; k++)
		for (size_t v = 0; v < s->m->nr_variants; v++)
			for (size_t i = 0; i < s->all->nr; i++)
				take_place(s, k, v, i, c);
}

int cells_find(const struct matrix *m, const struct repertoire *all, struct cells *ret, struct rig_err *err)
{
	size_t nr = m->nr_kernels * m->nr_variants * all->nr;
	AUTO_FREE enum place *place = xcalloc(nr + 1, sizeof(*place));
	AUTO_FREE const struct matrix_exclude **by = xcalloc(nr + 1, sizeof(*by));
	struct space s = { .m = m, .all = all, .place = place, .by = by };
	int r = 0;

	for (size_t i = 0; i < m->nr_sets && !r; i++)
		r = check_set(&s, &m->set[i], err);
	for (size_t i = 0; i < m->nr_rows; i++)
		mean_row(&s, &m->row[i]);
	for (size_t i = 0; i < m->nr_excludes && !r; i++)
		r = apply_exclude(&s, &m->exclude[i], err);
	for (size_t i = 0; i < m->nr_rows && !r; i++)
		if (!row_has_cell(&s, &m->row[i]))
			r = doc_err(m->row[i].node, err, "no cell is left of this row: all are excluded");
	if (r < 0)
		return r;
	*ret = (struct cells){ 0 };
	take_all(&s, ret);
	return 0;
}

void cells_deinit(struct cells *c)
{
	for (size_t i = 0; i < c->nr; i++) {
		free(c->cell[i].name);
		free(c->cell[i].group);
	}
	for (size_t i = 0; i < c->nr_excluded; i++) {
		free(c->excluded[i].name);
		free(c->excluded[i].machine);
	}
	free(c->cell);
	free(c->excluded);
	*c = (struct cells){ 0 };
}

char *cell_excluded_reason(const struct cell_excluded *e)
{
	return e->reason ? xstrdup(e->reason) : xasprintf("the scenario asks for machine '%s' itself", e->machine);
}
