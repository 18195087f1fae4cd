// SPDX-License-Identifier: GPL-2.0-or-later
#include <stdio.h>
#include <string.h>

#include "base/clean.h"
#include "base/io.h"
#include "base/mem.h"
#include "kernel/copy.h"
#include "kernel/patched_tree.h"

#define MAX_BYTES (16u << 20)

struct patched_tree {
	const struct source_tree *base;
	const struct series *series;
	char *tree, *state, *touched, *scratch;
};

static void deinit(struct patched_tree *p)
{
	free(p->tree);
	free(p->state);
	free(p->touched);
	free(p->scratch);
}

static void read_lines(const char *path, struct strv *ret)
{
	AUTO_FREE char *text = NULL;
	struct rig_err ignored;
	char *save, *line;

	if (io_read_file(path, MAX_BYTES, &text, NULL, &ignored) < 0)
		return;
	for (line = strtok_r(text, "\n", &save); line; line = strtok_r(NULL, "\n", &save))
		strv_add(ret, line);
}

static int write_lines(const char *path, const struct strv *lines, struct rig_err *err)
{
	AUTO_FREE char *text = NULL;
	size_t len = 0;
	FILE *f = open_memstream(&text, &len);

	for (size_t i = 0; f && i < lines->n; i++)
		fprintf(f, "%s\n", lines->v[i]);
	if (!f || fclose(f) != 0)
		return rig_err_set(err, RIG_HOST, ENOMEM, "cannot make '%s'", path);
	return io_write_file(path, text, len, err);
}

/* As the base has it, in a copy: never a link, through which a patch could reach the base */
static int restore(const struct patched_tree *p, const char *name, struct rig_err *err)
{
	AUTO_FREE char *from = xasprintf("%s/%s", p->base->dir, name),
		       *to = xasprintf("%s/%s", p->tree, name);
	int r = io_remove_tree(to, err);

	if (r < 0 || !io_exists(from))
		return r;
	*strrchr(to, '/') = '\0';
	r = io_mkdirs(to, err);
	to[strlen(to)] = '/';
	return r < 0 ? r : copy_file(from, to, err);
}

static int restore_all(const struct patched_tree *p, struct strv *touched, struct rig_err *err)
{
	int r;

	series_files(p->series, touched);
	/* before the first is changed: whoever comes after a crash must know them */
	r = write_lines(p->touched, touched, err);
	for (size_t i = 0; !r && i < touched->n; i++)
		r = restore(p, touched->v[i], err);
	return r;
}

static int apply(const struct patched_tree *p, const struct strv *had, struct rig_err *err)
{
	AUTO_STRV struct strv touched = { 0 }, now = { 0 };
	AUTO_FREE char *state = xasprintf("%s\n%s\n", p->base->state, p->series->digest);
	int r;

	read_lines(p->touched, &touched);
	r = io_remove_tree(p->state, err);
	if (!r && (had->n < 1 || strcmp(had->v[0], p->base->state))) {
		r = io_remove_tree(p->tree, err);
		if (!r)
			r = copy_tree_linked(p->base->dir, p->tree, err);
	}
	if (!r)
		r = restore_all(p, &touched, err);
	if (!r)
		r = series_apply(p->series, p->tree, p->scratch, err);
	series_files(p->series, &now);
	if (!r)
		r = write_lines(p->touched, &now, err);
	return r < 0 ? r : io_write_file(p->state, state, strlen(state), err);
}

int patched_tree_make(const char *folder, const struct source_tree *base, const struct series *s,
		      char **ret, struct rig_err *err)
{
	struct patched_tree p __attribute__((cleanup(deinit))) = {
		.base = base,
		.series = s,
		.tree = xasprintf("%s/tree", folder),
		.state = xasprintf("%s/state", folder),
		.touched = xasprintf("%s/touched", folder),
		.scratch = xasprintf("%s/patch", folder),
	};
	AUTO_STRV struct strv had = { 0 };
	int r = io_mkdirs(folder, err);

	if (r < 0)
		return r;
	read_lines(p.state, &had);
	if (had.n < 2 || strcmp(had.v[0], base->state) || strcmp(had.v[1], s->digest))
		r = apply(&p, &had, err);
	if (!r)
		*ret = TAKE_PTR(p.tree);
	return r;
}
