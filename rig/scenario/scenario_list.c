// SPDX-License-Identifier: GPL-2.0-or-later
/* Scenarios as files: their names, and the catalogue as a folder. */
#include <errno.h>
#include <fts.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clean.h"
#include "base/mem.h"
#include "scenario/claims.h"
#include "scenario/scenario.h"
#include "scenario/scenario_doc.h"

#define SUFFIX ".json"
#define SCHEMA_SUFFIX ".schema.json"

static bool ends_with(const char *text, const char *end)
{
	size_t len = strlen(text), end_len = strlen(end);

	return len > end_len && !strcmp(text + len - end_len, end);
}

/* The name becomes part of folder names, KTAP lines and log records. */
static bool is_plain(const char *name)
{
	static const char set[] = "abcdefghijklmnopqrstuvwxyz" "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
				  "0123456789" "._-/";

	return !name[strspn(name, set)];
}

static int name_from_path(const char *root, const char *path, char **ret, struct rig_err *err)
{
	AUTO_FREE char *real_root = root ? realpath(root, NULL) : NULL;
	AUTO_FREE char *real_path = realpath(path, NULL);
	size_t root_len = real_root ? strlen(real_root) : 0;
	AUTO_FREE char *name = NULL;
	const char *tail;

	if (!real_path)
		return rig_err_set(err, RIG_USAGE, errno, "cannot find '%s': %s", path,
				   strerror(errno));
	if (real_root && !strncmp(real_path, real_root, root_len) && real_path[root_len] == '/')
		tail = real_path + root_len + 1;
	else
		tail = strrchr(real_path, '/') + 1;
	if (!ends_with(tail, SUFFIX))
		return rig_err_set(err, RIG_USAGE, EINVAL,
				   "'%s' is no scenario: its name must end in '" SUFFIX "'", path);
	name = xstrndup(tail, strlen(tail) - strlen(SUFFIX));
	if (!is_plain(name))
		return rig_err_set(err, RIG_USAGE, EINVAL,
				   "'%s': a scenario's file name is made of letters, digits and ._-; rename it",
				   path);
	*ret = TAKE_PTR(name);
	return 0;
}

int scenario_load(const char *root, const char *path, struct scenario **ret, struct rig_err *err)
{
	AUTO_FREE char *name = NULL, *text = NULL;
	size_t len;
	int r;

	r = name_from_path(root, path, &name, err);
	if (r < 0)
		return r;
	r = doc_read_file(path, &text, &len, err);
	return r < 0 ? r : scenario_parse(name, path, text, len, ret, err);
}

static int compare(const FTSENT **a, const FTSENT **b)
{
	return strcmp((*a)->fts_name, (*b)->fts_name);
}

static void fts_clean(FTS **fts)
{
	if (*fts)
		fts_close(*fts);
}

/* Beside the scenarios lies what describes them. */
static bool is_scenario(const FTSENT *e)
{
	if (e->fts_name[0] == '.' || !ends_with(e->fts_name, SUFFIX))
		return false;
	return !ends_with(e->fts_name, SCHEMA_SUFFIX) &&
	       !(e->fts_level == FTS_ROOTLEVEL + 1 && !strcmp(e->fts_name, CLAIMS_FILE));
}

static int add_entry(FTS *fts, FTSENT *e, struct strv *paths, struct rig_err *err)
{
	switch (e->fts_info) {
	case FTS_D:
		if (e->fts_level > FTS_ROOTLEVEL && e->fts_name[0] == '.')
			fts_set(fts, e, FTS_SKIP);
		return 0;
	case FTS_F:
		if (is_scenario(e))
			strv_add(paths, e->fts_path);
		return 0;
	case FTS_DNR:
	case FTS_ERR:
	case FTS_NS:
		return rig_err_set(err, RIG_USAGE, e->fts_errno, "cannot read '%s': %s",
				   e->fts_path, strerror(e->fts_errno));
	default:
		return 0;
	}
}

int scenario_list_files(const char *root, struct strv *paths, struct rig_err *err)
{
	char *const roots[] = { (char *)root, NULL };
	__attribute__((cleanup(fts_clean))) FTS *fts = NULL;
	AUTO_STRV struct strv found = { 0 };
	FTSENT *e;
	int r;

	fts = fts_open(roots, FTS_PHYSICAL | FTS_NOCHDIR, compare);
	if (!fts)
		return rig_err_set(err, RIG_USAGE, errno, "cannot read '%s': %s", root,
				   strerror(errno));
	while (errno = 0, (e = fts_read(fts))) {
		r = add_entry(fts, e, &found, err);
		if (r < 0)
			return r;
	}
	if (errno)
		return rig_err_set(err, RIG_USAGE, errno, "cannot read '%s': %s", root,
				   strerror(errno));
	if (!found.n)
		return rig_err_set(err, RIG_USAGE, ENOENT, "no scenario in '%s'", root);
	for (size_t i = 0; i < found.n; i++)
		strv_add(paths, found.v[i]);
	return 0;
}

int scenario_list_names(const char *root, struct strv *names, struct rig_err *err)
{
	AUTO_STRV struct strv paths = { 0 };
	int r = scenario_list_files(root, &paths, err);

	for (size_t i = 0; i < paths.n && !r; i++) {
		AUTO_FREE char *name = NULL;

		r = name_from_path(root, paths.v[i], &name, err);
		if (!r)
			strv_add(names, name);
	}
	return r;
}
