// SPDX-License-Identifier: GPL-2.0-or-later
/* The rows of a matrix file, and what is left out of them: lists of names that the file has. */
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "base/clean.h"
#include "base/mem.h"
#include "matrix/matrix_parse.h"

/* The members of @key of the file are what may be named; @ret has their places. */
static int read_names(const struct doc_node *node, const char *key, struct matrix_pick *ret, struct rig_err *err)
{
	AUTO_STRINGS char **names = NULL;
	int r = matrix_read_unique(node, doc_read_line, &names, err);

	if (r < 0)
		return r;
	ret->index = xcalloc(matrix_nr_children(node), sizeof(*ret->index));
	for (const struct doc_node *c = node->child; c; c = c->next) {
		const struct doc_node *all = doc_get(node->doc->root, key);
		const char *name = json_string_value(c->value);
		size_t i = 0;

		for (all = all->child; all && strcmp(all->key, name); all = all->next)
			i++;
		if (!all)
			return doc_err(c, err, "'%.*s' is not in '%s' of this file", doc_clip(name), name, key);
		ret->index[ret->nr++] = i;
	}
	return 0;
}

/* Fragments of config are for what is built. */
static int check_buildable(const struct matrix *m, const struct matrix_row *row, struct rig_err *err)
{
	for (size_t k = 0; k < row->kernels.nr; k++)
		for (size_t v = 0; v < row->variants.nr; v++) {
			const struct matrix_variant *variant = &m->variant[row->variants.index[v]];
			const struct matrix_kernel *kernel = &m->kernel[row->kernels.index[k]];

			if (variant->config && !kernel->source)
				return doc_err(row->node, err, "variant '%s' has a config of its own, and kernel '%s' is "
					       "not built from source; give it a 'source'", variant->name,
					       kernel->name);
		}
	return 0;
}

static int need_names(const struct doc_node *node, const char *key, struct matrix_pick *ret, struct rig_err *err)
{
	const struct doc_node *n;
	int r = doc_need(node, key, &n, err);

	return r ? r : read_names(n, key, ret, err);
}

static int read_row(const struct doc_node *node, const struct matrix *m, struct matrix_row *row, struct rig_err *err)
{
	static const char *const keys[] = { "kernels", "variants", "sets", NULL };
	int r = doc_check_keys(node, keys, err);

	row->node = node;
	if (!r)
		r = need_names(node, "kernels", &row->kernels, err);
	if (!r)
		r = need_names(node, "variants", &row->variants, err);
	if (!r)
		r = need_names(node, "sets", &row->sets, err);
	return r ? r : check_buildable(m, row, err);
}

int matrix_read_rows(struct matrix *m, struct rig_err *err)
{
	const struct doc_node *list;
	int r = matrix_need_members(m->doc->root, "cells", JSON_ARRAY, &list, err);

	if (r < 0)
		return r;
	m->row = xcalloc(matrix_nr_children(list), sizeof(*m->row));
	for (const struct doc_node *n = list->child; n && !r; n = n->next)
		r = read_row(n, m, &m->row[m->nr_rows++], err);
	return r;
}

static int read_exclude(const struct doc_node *node, struct matrix_exclude *e, struct rig_err *err)
{
	static const char *const keys[] = { "kernels", "variants", "scenarios", "reason", NULL };
	const struct doc_node *n;
	int r = doc_check_keys(node, keys, err);

	e->node = node;
	if (!r && (n = doc_get(node, "kernels")))
		r = read_names(n, "kernels", &e->kernels, err);
	if (!r && (n = doc_get(node, "variants")))
		r = read_names(n, "variants", &e->variants, err);
	if (!r && (n = doc_get(node, "scenarios")))
		r = matrix_read_scenarios(n, &e->scenarios, err);
	if (!r)
		r = doc_need(node, "reason", &n, err);
	return r ? r : doc_read_line(n, &e->reason, err);
}

int matrix_read_excludes(struct matrix *m, struct rig_err *err)
{
	const struct doc_node *list = doc_get(m->doc->root, "excludes");
	int r = list ? doc_check_type(list, JSON_ARRAY, err) : 0;

	if (r < 0 || !list)
		return r;
	m->exclude = xcalloc(matrix_nr_children(list) + 1, sizeof(*m->exclude));
	for (const struct doc_node *n = list->child; n && !r; n = n->next)
		r = read_exclude(n, &m->exclude[m->nr_excludes++], err);
	return r;
}

static bool has(const struct matrix_pick *pick, size_t i)
{
	for (size_t n = 0; n < pick->nr; n++)
		if (pick->index[n] == i)
			return true;
	return false;
}

/* What is in the file and never run would look as if it were. */
int matrix_check_used(const struct matrix *m, struct rig_err *err)
{
	static const char *const keys[] = { "kernels", "variants", "sets" };

	for (size_t key = 0; key < ARRAY_SIZE(keys); key++) {
		size_t i = 0;

		for (const struct doc_node *n = doc_get(m->doc->root, keys[key])->child; n; n = n->next, i++) {
			bool used = false;

			for (size_t row = 0; row < m->nr_rows && !used; row++)
				used = has(key == 0 ? &m->row[row].kernels : key == 1 ? &m->row[row].variants :
					   &m->row[row].sets, i);
			if (!used)
				return doc_err(n, err, "no row of 'cells' names it; use it or leave it out");
		}
	}
	return 0;
}
