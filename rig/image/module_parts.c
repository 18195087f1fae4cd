// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The part of parts that is about modules: their files and the two lists that init reads.
 */
#include <stdbool.h>
#include <string.h>
#include <sys/stat.h>

#include "base/clean.h"
#include "base/io.h"
#include "base/mem.h"
#include "image/modules.h"
#include "image/parts.h"

static void add_lines(struct parts *p, const char *path, const struct strv *lines)
{
	struct part *n = parts_add(p, path, S_IFREG | 0644);
	size_t len = 0;
	char *at;

	for (size_t i = 0; i < lines->n; i++)
		len += strlen(lines->v[i]) + 1;
	at = n->data = xcalloc(len + 1, 1);
	n->len = len;
	for (size_t i = 0; i < lines->n; i++) {
		at = stpcpy(at, lines->v[i]);
		*at++ = '\n';
	}
}

static bool has_part(const struct parts *p, const char *path)
{
	for (size_t i = 0; i < p->n; i++)
		if (!strcmp(p->v[i].path, path))
			return true;
	return false;
}

/* Read the files of a closure that are not parts yet. */
static int read_modules(struct parts *p, const struct module_list *files, struct rig_err *err)
{
	for (size_t i = 0; i < files->n; i++) {
		AUTO_FREE char *path = xasprintf("/modules/%s.ko", files->v[i].name);
		struct part *n;
		int r;

		if (has_part(p, path))
			continue;
		n = parts_add(p, path, S_IFREG | 0644);
		n->module = true;
		n->host = xstrdup(files->v[i].file);
		r = io_read_file(n->host, PART_MAX_BYTES, &n->data, &n->len, err);
		if (r < 0)
			return r;
	}
	return 0;
}

static int carry_module(struct parts *p, struct modules *m, const char *name, struct strv *lines,
			struct rig_err *err)
{
	AUTO_MODULE_LIST struct module_list files = { 0 };
	AUTO_FREE char *line = module_name_normalise(name);
	int r = modules_closure(m, name, &files, err);

	if (!r)
		r = read_modules(p, &files, err);
	if (r < 0)
		return r;
	for (size_t i = 0; i < files.n; i++) {
		char *longer = xasprintf("%s /modules/%s.ko", line, files.v[i].name);

		free(line);
		line = longer;
	}
	strv_add(lines, line);
	return 0;
}

/* "/etc/hotrig/carry": a line "name path path ..." per module, in load order, itself last */
static int add_carried(struct parts *p, struct modules *m, char *const *names, struct rig_err *err)
{
	AUTO_STRV struct strv lines = { 0 };
	int r = 0;

	for (char *const *name = names; !r && name && *name; name++)
		r = carry_module(p, m, *name, &lines, err);
	if (!r)
		add_lines(p, "/etc/hotrig/carry", &lines);
	return r;
}

/* The line that loads @path, or NULL.  A line is "path" or "path params". */
static char **find_line(const struct strv *lines, const char *path)
{
	size_t len = strlen(path);

	for (size_t i = 0; i < lines->n; i++)
		if (!strncmp(lines->v[i], path, len) && strchr(" ", lines->v[i][len]))
			return &lines->v[i];
	return NULL;
}

/* A closure becomes lines; a module that is there as a need of others still gets its parameters. */
static void add_load_lines(struct strv *lines, const struct module_list *files, const char *params)
{
	for (size_t i = 0; i < files->n; i++) {
		const char *with = i + 1 == files->n ? params : "";
		AUTO_FREE char *path = xasprintf("/modules/%s.ko", files->v[i].name);
		char **line = find_line(lines, path);

		if (!line) {
			strv_addf(lines, "%s%s%s", path, *with ? " " : "", with);
		} else if (*with) {
			free(*line);
			*line = xasprintf("%s %s", path, with);
		}
	}
}

static int load_entry(struct parts *p, struct modules *m, const char *entry, struct strv *lines,
		      struct rig_err *err)
{
	AUTO_MODULE_LIST struct module_list files = { 0 };
	size_t len = strcspn(entry, " ");
	AUTO_FREE char *name = xstrndup(entry, len);
	const char *params = entry + len + strspn(entry + len, " ");
	int r;

	if (strpbrk(params, "\r\n"))
		return rig_err_set(err, RIG_USAGE, EINVAL,
				   "parameters of module '%s' are more than one line", name);
	r = modules_closure(m, name, &files, err);
	if (!r)
		r = read_modules(p, &files, err);
	if (!r)
		add_load_lines(lines, &files, params);
	return r;
}

/* "/etc/hotrig/modules": a line "path params" per module that init loads */
static int add_loaded(struct parts *p, struct modules *m, char *const *entries,
		      struct rig_err *err)
{
	AUTO_STRV struct strv lines = { 0 };
	int r = 0;

	for (char *const *entry = entries; !r && entry && *entry; entry++)
		r = load_entry(p, m, *entry, &lines, err);
	if (!r)
		add_lines(p, "/etc/hotrig/modules", &lines);
	return r;
}

int parts_add_modules(struct parts *p, const char *dir, const struct image_spec *spec,
		      struct rig_err *err)
{
	struct modules *m = NULL;
	int r = modules_open(dir, &m, err);

	if (!r)
		r = add_loaded(p, m, spec->load, err);
	if (!r)
		r = add_carried(p, m, spec->carry, err);
	modules_close(m);
	return r;
}
