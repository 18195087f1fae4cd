// SPDX-License-Identifier: GPL-2.0-or-later
/* Rows of another index, and runs of a merged record.  Level 5. */
#include <errno.h>
#include <string.h>

#include "base/clean.h"
#include "base/io.h"
#include "history/history.h"
#include "history/history_db.h"

#define MAX_MERGED (256u << 20)

static void take(struct history *h, const char *path, int r, const struct history_run *run, const struct rig_err *why,
		 struct history_runs *ret)
{
	if (r < 0) {
		strv_addf(&h->words, "passed over in '%s': %s", path, why->text);
		return;
	}
	GROW(ret->run, ret->nr, ret->cap);
	ret->run[ret->nr++] = *run;
}

/* Its rows are looked at like all that comes from elsewhere. */
static int read_rows(struct history *h, struct history *from, struct history_runs *ret, struct rig_err *err)
{
	AUTO_STMT sqlite3_stmt *rows = NULL;
	struct history_run run;
	struct rig_err why;
	int r = db_prepare(from, "SELECT " HISTORY_COLUMNS " FROM run", &rows, err);

	while (!r) {
		r = db_step(from, rows, err);
		if (r <= 0)
			return r;
		r = db_read_run(rows, &run, &why);
		take(h, from->path, r, &run, &why, ret);
		r = 0;
	}
	return r;
}

/* It was written by a program and carried by another: opened to be read, never mended. */
static int read_index(struct history *h, const char *path, struct history_runs *ret, struct rig_err *err)
{
	struct history from = { .path = (char *)path };
	enum db_state state;
	int r = db_open(&from, path, SQLITE_OPEN_READONLY, &state, err);

	if (!r && state == DB_NEWER)
		r = rig_err_set(err, RIG_USAGE, EINVAL, "'%s' was made by a newer hotrig", path);
	else if (!r && state == DB_DAMAGED)
		r = rig_err_set(err, RIG_USAGE, EINVAL, "'%s' is damaged", path);
	else if (!r && state == DB_FOREIGN)
		r = rig_err_set(err, RIG_USAGE, EINVAL, "'%s' is no index of results", path);
	else if (!r && state == DB_GOOD)
		r = read_rows(h, &from, ret, err);
	sqlite3_close(from.db);
	return r;
}

static void read_cell(struct history *h, const char *path, const json_t *merged, const json_t *cell,
		      struct history_runs *ret)
{
	const char *matrix = json_string_value(json_object_get(merged, "matrix"));
	const char *date = json_string_value(json_object_get(merged, "date"));
	const json_t *from;
	struct history_run run;
	struct rig_err why;
	size_t i;

	json_array_foreach(json_object_get(cell, "runs"), i, from) {
		int r = history_run_of_cell(cell, from, matrix ? matrix : "", date ? date : "", &run, &why);

		take(h, path, r, &run, &why, ret);
	}
}

static int read_merged(struct history *h, const char *path, const char *text, size_t len, struct history_runs *ret,
		       struct rig_err *err)
{
	json_error_t jerr;
	json_auto_t *merged = json_loadb(text, len, 0, &jerr);
	const json_t *cells = json_object_get(merged, "cells"), *cell;
	size_t i;

	if (!merged)
		return rig_err_set(err, RIG_USAGE, EINVAL,
				   "'%s' is neither an index of results nor JSON: line %d: %s", path, jerr.line, jerr.text);
	if (!json_is_array(cells) || json_integer_value(json_object_get(merged, "format")) != 1)
		return rig_err_set(err, RIG_USAGE, EINVAL, "'%s' is no merged record of a matrix of format 1", path);
	json_array_foreach(cells, i, cell)
		read_cell(h, path, merged, cell, ret);
	return 0;
}

int history_import(struct history *h, const char *path, size_t *ret_added, struct rig_err *err)
{
	static const char magic[] = "SQLite format 3";
	AUTO_RUNS struct history_runs runs = { 0 };
	AUTO_FREE char *text = NULL;
	size_t len;
	int r = io_read_file(path, MAX_MERGED, &text, &len, err);

	if (r < 0) {
		err->cause = RIG_USAGE;
		return r;
	}
	if (len >= sizeof(magic) && !memcmp(text, magic, sizeof(magic)))
		r = read_index(h, path, &runs, err);
	else
		r = read_merged(h, path, text, len, &runs, err);
	if (r < 0)
		return r;
	db_begin_operation(h);
	return db_add_runs(h, runs.run, runs.nr, ret_added, err);
}
