// SPDX-License-Identifier: GPL-2.0-or-later
/* What is asked of the rows.  Level 5. */
#include <errno.h>
#include <fnmatch.h>
#include <stdlib.h>
#include <string.h>

#include "base/clean.h"
#include "history/history.h"
#include "history/history_db.h"

#define DURATIONS 9	/* an odd number, and few: a rig that has become faster is believed soon */
#define BEFORE_MAX 1000

static int by_value(const void *x, const void *y)
{
	const uint64_t *a = x, *b = y;

	return (*a > *b) - (*a < *b);
}

/* Median of the last runs; 0: there are none. */
static int median(struct history *h, const char *sql, const char *name, uint64_t *ret, struct rig_err *err)
{
	AUTO_STMT sqlite3_stmt *rows = NULL;
	uint64_t ms[DURATIONS];
	size_t nr = 0;
	int r = db_prepare(h, sql, &rows, err);

	if (r < 0)
		return r;
	db_bind_text(rows, 1, name);
	sqlite3_bind_int(rows, 2, DURATIONS);
	while ((r = db_step(h, rows, err)) > 0 && nr < DURATIONS)
		ms[nr++] = (uint64_t)sqlite3_column_int64(rows, 0);
	if (r < 0)
		return r;
	qsort(ms, nr, sizeof(*ms), by_value);
	*ret = nr ? ms[nr / 2] : 0;
	return 0;
}

int history_duration(struct history *h, const char *cell, const char *scenario, uint64_t *ret_ms, struct rig_err *err)
{
	uint64_t ms = 0;
	int r;

	db_begin_operation(h);
	r = median(h, "SELECT ms FROM run WHERE cell = ? AND outcome != 'ERROR' AND ms > 0 "
		   "ORDER BY date DESC, folder DESC LIMIT ?", cell, &ms, err);
	if (!r && !ms)
		r = median(h, "SELECT ms FROM run WHERE scenario = ? AND outcome != 'ERROR' AND ms > 0 "
			   "ORDER BY date DESC, folder DESC LIMIT ?", scenario, &ms, err);
	if (!r)
		*ret_ms = ms;
	return r;
}

static bool is_among(const char *folder, const struct history_run *run, size_t nr)
{
	for (size_t i = 0; i < nr; i++)
		if (!strcmp(folder, run[i].folder))
			return true;
	return false;
}

/* The newest come first: a cell may have more than are of any use. */
static int read_before(struct history *h, const struct history_run *now, size_t nr_now, struct history_runs *ret,
		       struct rig_err *err)
{
	AUTO_STMT sqlite3_stmt *rows = NULL;
	const char *first = now[0].date;
	struct history_run run;
	struct rig_err why;
	int r = db_prepare(h, "SELECT " HISTORY_COLUMNS " FROM run WHERE cell = ? AND date <= ? "
			   "ORDER BY date DESC, folder DESC LIMIT ?", &rows, err);

	if (r < 0)
		return r;
	for (size_t i = 1; i < nr_now; i++)
		if (strcmp(now[i].date, first) < 0)
			first = now[i].date;
	db_bind_text(rows, 1, now[0].cell);
	db_bind_text(rows, 2, first);
	sqlite3_bind_int64(rows, 3, (sqlite3_int64)(BEFORE_MAX + nr_now));
	while ((r = db_step(h, rows, err)) > 0) {
		if (db_read_run(rows, &run, &why) < 0)
			continue;	/* checked when it was added */
		if (is_among(run.folder, now, nr_now)) {
			history_run_deinit(&run);
			continue;
		}
		GROW(ret->run, ret->nr, ret->cap);
		ret->run[ret->nr++] = run;
	}
	return r;
}

int history_classify(struct history *h, const struct history_run *now, size_t nr, struct history_verdict *ret,
		     struct rig_err *err)
{
	AUTO_RUNS struct history_runs before = { 0 };
	int r;

	db_begin_operation(h);
	r = read_before(h, now, nr, &before, err);
	if (r < 0)
		return r;
	for (size_t i = 0; i < before.nr / 2; i++) {
		struct history_run swapped = before.run[i];

		before.run[i] = before.run[before.nr - 1 - i];
		before.run[before.nr - 1 - i] = swapped;
	}
	history_class_of(now, nr, before.run, before.nr, ret);
	return 0;
}

static bool lets_through(const struct history_filter *f, const struct history_run *run)
{
	return (!f->scenario || !fnmatch(f->scenario, run->scenario, 0)) &&
	       (!f->kernel || !strcmp(f->kernel, run->spec)) && (!f->release || !strcmp(f->release, run->release));
}

int history_each(struct history *h, const struct history_filter *filter,
		 void (*fn)(void *arg, const struct history_run *run), void *arg, struct rig_err *err)
{
	AUTO_STMT sqlite3_stmt *rows = NULL;
	struct history_run run;
	struct rig_err why;
	int r;

	db_begin_operation(h);
	r = db_prepare(h, "SELECT " HISTORY_COLUMNS " FROM run ORDER BY cell, date, folder", &rows, err);
	if (r < 0)
		return r;
	while ((r = db_step(h, rows, err)) > 0) {
		if (db_read_run(rows, &run, &why) < 0)
			continue;
		if (lets_through(filter, &run))
			fn(arg, &run);
		history_run_deinit(&run);
	}
	return r;
}
