// SPDX-License-Identifier: GPL-2.0-or-later
/* The keys of a matrix file, one function for each thing that it names. */
#include <stdlib.h>
#include <string.h>

#include "base/clean.h"
#include "base/io.h"
#include "base/mem.h"
#include "kernel/source_package.h"
#include "kernel/spec.h"
#include "matrix/matrix_parse.h"
#include "vm/machine.h"

#define DIGITS "0123456789"
#define LETTERS "abcdefghijklmnopqrstuvwxyz" "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
#define DEFAULT_REPEAT 2

/* Names become parts of a cell's name, "KERNEL/VARIANT/SCENARIO", and of folders. */
static const struct doc_word word_name = {
	.what = "name", .first = LETTERS DIGITS, .rest = LETTERS DIGITS "._-", .max_bytes = 40,
	.shape = "up to 40 letters, digits and ._-, such as '6.12-debug'",
};

/* The characters of a scenario's name, and those of fnmatch(3). */
static const struct doc_word word_scenario = {
	.what = "scenario", .first = LETTERS DIGITS "*?[", .rest = LETTERS DIGITS "._-/" "*?[]!", .max_bytes = 200,
	.shape = "a name, a pattern such as 'dimm/*', or 'core'",
};

size_t matrix_nr_children(const struct doc_node *node)
{
	size_t n = 0;

	for (const struct doc_node *c = node->child; c; c = c->next)
		n++;
	return n;
}

static int read_scenario(const struct doc_node *node, char **ret, struct rig_err *err)
{
	return doc_read_word(node, &word_scenario, ret, err);
}

int matrix_read_unique(const struct doc_node *node, doc_read_fn *read, char ***ret, struct rig_err *err)
{
	int r = doc_read_strings(node, read, ret, err);

	for (const struct doc_node *c = node->child; c && !r; c = c->next)
		for (const struct doc_node *d = c->next; d; d = d->next)
			if (!strcmp(json_string_value(c->value), json_string_value(d->value)))
				return doc_err(d, err, "stands here twice");
	return r;
}

int matrix_read_scenarios(const struct doc_node *node, char ***ret, struct rig_err *err)
{
	return matrix_read_unique(node, read_scenario, ret, err);
}

/* The key of a member, which nothing but a name may be */
static int read_key(const struct doc_node *node, char **ret, struct rig_err *err)
{
	size_t len = strlen(node->key);

	if (!len || len > word_name.max_bytes || !strchr(word_name.first, *node->key) ||
	    node->key[strspn(node->key, word_name.rest)])
		return doc_err(node, err, "no name: use %s", word_name.shape);
	*ret = xstrdup(node->key);
	return 0;
}

int matrix_need_members(const struct doc_node *root, const char *key, json_type type, const struct doc_node **ret,
			struct rig_err *err)
{
	int r = doc_need(root, key, ret, err);

	if (!r)
		r = doc_check_type(*ret, type, err);
	if (!r && !(*ret)->child)
		return doc_err(*ret, err, "must not be empty");
	return r;
}

static int read_built(const struct doc_node *node, struct matrix_kernel *k, struct rig_err *err)
{
	static const char *const keys[] = { "source", "config", "apply", NULL };
	const struct doc_node *n;
	int r = doc_check_keys(node, keys, err);

	if (!r)
		r = doc_need(node, "source", &n, err);
	if (!r)
		r = doc_read_line(n, &k->source, err);
	if (!r && (n = doc_get(node, "config")))
		r = matrix_read_unique(n, doc_read_line, &k->config, err);
	if (!r && (n = doc_get(node, "apply")))
		r = doc_read_line(n, &k->apply, err);
	return r;
}

static int read_kernel(const struct doc_node *node, struct matrix_kernel *k, struct rig_err *err)
{
	struct kernel_spec spec;
	struct rig_err why;
	int r = read_key(node, &k->name, err);

	k->node = node;
	if (!r && json_is_object(node->value))
		return read_built(node, k, err);
	if (!r && !json_is_string(node->value))
		return doc_err(node, err, "must be the SPEC of a kernel, or an object with 'source'");
	if (!r)
		r = doc_read_line(node, &k->spec, err);
	if (r < 0)
		return r;
	if (!strncmp(k->spec, SOURCE_PACKAGE_PREFIX, strlen(SOURCE_PACKAGE_PREFIX)))
		return doc_err(node, err, "source must be built: write {\"source\": \"%.*s\"}", doc_clip(k->spec),
			       k->spec);
	if (kernel_spec_parse(k->spec, &spec, &why) < 0)
		return doc_err(node, err, "%s", why.text);
	kernel_spec_deinit(&spec);
	return 0;
}

static int read_machine(const struct doc_node *node, char **ret, struct rig_err *err)
{
	const char *names[32] = { NULL };
	const struct machine_shape *shape;
	unsigned int which;
	int r;

	for (unsigned int i = 0; i + 1 < ARRAY_SIZE(names) && (shape = machine_at(i)); i++)
		names[i] = shape->name;
	r = doc_read_choice(node, names, &which, err);
	if (!r)
		*ret = xstrdup(names[which]);
	return r;
}

static int read_accel(const struct doc_node *node, enum accel *ret, struct rig_err *err)
{
	static const char *const names[] = { "kvm", "tcg", NULL };
	unsigned int which;
	int r = doc_read_choice(node, names, &which, err);

	if (!r)
		*ret = which ? ACCEL_TCG : ACCEL_KVM;
	return r;
}

static int read_variant(const struct doc_node *node, struct matrix_variant *v, struct rig_err *err)
{
	static const char *const keys[] = { "machine", "kernel_args", "accel", "config", NULL };
	const struct doc_node *n;
	int r = read_key(node, &v->name, err);

	v->node = node;
	if (!r)
		r = doc_check_keys(node, keys, err);
	if (!r && (n = doc_get(node, "machine")))
		r = read_machine(n, &v->machine, err);
	if (!r && (n = doc_get(node, "kernel_args")))
		r = doc_read_strings(n, doc_read_line, &v->kernel_args, err);
	if (!r && (n = doc_get(node, "accel")))
		r = read_accel(n, &v->accel, err);
	if (!r && (n = doc_get(node, "config")))
		r = matrix_read_unique(n, doc_read_line, &v->config, err);
	v->run = (struct run_variant){ .name = v->name, .machine = v->machine, .kernel_args = v->kernel_args };
	return r;
}

static int read_set(const struct doc_node *node, struct matrix_set *s, struct rig_err *err)
{
	int r = read_key(node, &s->name, err);

	s->node = node;
	return r ? r : matrix_read_scenarios(node, &s->scenarios, err);
}

static int read_kernels(const struct doc_node *root, struct matrix *m, struct rig_err *err)
{
	const struct doc_node *list;
	int r = matrix_need_members(root, "kernels", JSON_OBJECT, &list, err);

	if (r < 0)
		return r;
	m->kernel = xcalloc(matrix_nr_children(list), sizeof(*m->kernel));
	for (const struct doc_node *n = list->child; n && !r; n = n->next)
		r = read_kernel(n, &m->kernel[m->nr_kernels++], err);
	return r;
}

static int read_variants(const struct doc_node *root, struct matrix *m, struct rig_err *err)
{
	const struct doc_node *list;
	int r = matrix_need_members(root, "variants", JSON_OBJECT, &list, err);

	if (r < 0)
		return r;
	m->variant = xcalloc(matrix_nr_children(list), sizeof(*m->variant));
	for (const struct doc_node *n = list->child; n && !r; n = n->next)
		r = read_variant(n, &m->variant[m->nr_variants++], err);
	return r;
}

static int read_sets(const struct doc_node *root, struct matrix *m, struct rig_err *err)
{
	const struct doc_node *list;
	int r = matrix_need_members(root, "sets", JSON_OBJECT, &list, err);

	if (r < 0)
		return r;
	m->set = xcalloc(matrix_nr_children(list), sizeof(*m->set));
	for (const struct doc_node *n = list->child; n && !r; n = n->next)
		r = read_set(n, &m->set[m->nr_sets++], err);
	return r;
}

static int read_matrix(struct matrix *m, struct rig_err *err)
{
	static const char *const keys[] = {
		"summary", "repeat", "kernels", "variants", "sets", "cells", "excludes", NULL
	};
	const struct doc_node *root = m->doc->root, *n;
	int r = doc_check_keys(root, keys, err);

	m->repeat = DEFAULT_REPEAT;
	if (!r)
		r = doc_need(root, "summary", &n, err);
	if (!r)
		r = doc_read_line(n, &m->summary, err);
	if (!r && (n = doc_get(root, "repeat")))
		r = doc_read_uint(n, 0, MATRIX_MAX_REPEAT, &m->repeat, err);
	if (!r)
		r = read_kernels(root, m, err);
	if (!r)
		r = read_variants(root, m, err);
	if (!r)
		r = read_sets(root, m, err);
	if (!r)
		r = matrix_read_rows(m, err);
	if (!r)
		r = matrix_read_excludes(m, err);
	return r ? r : matrix_check_used(m, err);
}

int matrix_parse(const char *path, const char *text, size_t len, struct matrix **ret, struct rig_err *err)
{
	struct matrix *m = xcalloc(1, sizeof(*m));
	int r = doc_parse(path, text, len, &m->doc, err);

	io_sha256_hex(text, len, m->digest);
	if (!r)
		r = read_matrix(m, err);
	if (r < 0)
		matrix_destroy(m);
	else
		*ret = m;
	return r;
}
