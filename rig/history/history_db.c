// SPDX-License-Identifier: GPL-2.0-or-later
#include <errno.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "base/clean.h"
#include "base/clock.h"
#include "base/loop.h"
#include "base/poll.h"
#include "history/history_db.h"

#define APPLICATION_ID	1752134770	/* "hotr": what file(1) and we know it by */
#define FORMAT		1
#define OPERATION_MS	60000
#define BUSY_MS		20		/* nothing tells when another process lets go of its lock */
#define TICK		100000		/* instructions of SQLite between two looks at the clock */

#define XSTR(x) #x
#define STR(x) XSTR(x)

/* Two machines may give a folder the same name in one second, hence the cell in the key. */
static const char schema[] =
	"CREATE TABLE run ("
	" folder TEXT NOT NULL, date TEXT NOT NULL, cell TEXT NOT NULL, scenario TEXT NOT NULL,"
	" variant TEXT NOT NULL, spec TEXT NOT NULL, release TEXT NOT NULL, image_sha256 TEXT NOT NULL,"
	" accel TEXT NOT NULL, qemu TEXT NOT NULL, matrix TEXT NOT NULL, sign TEXT NOT NULL, bugs TEXT NOT NULL,"
	" outcome TEXT NOT NULL, fail_kind TEXT NOT NULL, ms INTEGER NOT NULL,"
	" PRIMARY KEY (folder, cell)) WITHOUT ROWID;"
	"CREATE INDEX run_by_cell ON run (cell, date, folder);"
	"CREATE INDEX run_by_scenario ON run (scenario, date, folder);"
	"PRAGMA application_id = " STR(APPLICATION_ID) ";"
	"PRAGMA user_version = " STR(FORMAT) ";";

static bool never(void *arg)
{
	(void)arg;
	return false;
}

/* Another process has the lock: 0 gives up. */
static int wait_for_others(void *arg, int nr_tries)
{
	const struct history *h = arg;
	struct rig_err err;
	int r;

	(void)nr_tries;
	if (clock_ns() >= h->until_ns)
		return 0;
	r = poll_until(NULL, never, NULL, BUSY_MS, clock_sooner(clock_in_ms(BUSY_MS), h->until_ns),
		       "the index of the results", &err);
	return r == -ETIMEDOUT && !loop_interrupted();
}

/* Asked now and then while SQLite works: a file from elsewhere may keep it busy for ever. */
static int is_over(void *arg)
{
	const struct history *h = arg;

	return loop_interrupted() || clock_ns() >= h->until_ns;
}

void db_begin_operation(struct history *h)
{
	h->until_ns = clock_in_ms(OPERATION_MS);
}

static int fail(struct history *h, int rc, struct rig_err *err)
{
	if (loop_interrupted())
		return rig_err_set(err, RIG_INTERRUPTED, EINTR, "interrupted while using '%s'", h->path);
	switch (rc & 0xff) {
	case SQLITE_BUSY:
	case SQLITE_LOCKED:
	case SQLITE_INTERRUPT:
		return rig_err_set(err, RIG_HOST, ETIMEDOUT, "'%s' was not free for %d s", h->path, OPERATION_MS / 1000);
	case SQLITE_FULL:
		return rig_err_set(err, RIG_HOST, ENOSPC, "cannot write '%s': no space", h->path);
	case SQLITE_CORRUPT:
	case SQLITE_NOTADB:
		return rig_err_set(err, RIG_HOST, EBADMSG, "'%s' is damaged; 'hotrig history rebuild' makes it again",
				   h->path);
	default:
		return rig_err_set(err, RIG_HOST, EIO, "cannot use '%s': %s", h->path,
				   h->db ? sqlite3_errmsg(h->db) : sqlite3_errstr(rc));
	}
}

int db_prepare(struct history *h, const char *sql, sqlite3_stmt **ret, struct rig_err *err)
{
	int rc = sqlite3_prepare_v2(h->db, sql, -1, ret, NULL);

	return rc == SQLITE_OK ? 0 : fail(h, rc, err);
}

int db_exec(struct history *h, const char *sql, struct rig_err *err)
{
	int rc = sqlite3_exec(h->db, sql, NULL, NULL, NULL);

	return rc == SQLITE_OK ? 0 : fail(h, rc, err);
}

int db_step(struct history *h, sqlite3_stmt *stmt, struct rig_err *err)
{
	int rc = sqlite3_step(stmt);

	return rc == SQLITE_ROW ? 1 : rc == SQLITE_DONE ? 0 : fail(h, rc, err);
}

void db_bind_text(sqlite3_stmt *stmt, int nr, const char *text)
{
	sqlite3_bind_text(stmt, nr, text, -1, SQLITE_STATIC);
}

/* SQLite's answer to @sql in *@ret: its first value, a number; -1: text that is not "ok" */
static int ask(struct history *h, const char *sql, int64_t *ret)
{
	AUTO_STMT sqlite3_stmt *stmt = NULL;
	int rc = sqlite3_prepare_v2(h->db, sql, -1, &stmt, NULL);
	const char *text;

	if (rc == SQLITE_OK)
		rc = sqlite3_step(stmt);
	if (rc != SQLITE_ROW)
		return rc == SQLITE_DONE ? SQLITE_CORRUPT : rc;
	if (sqlite3_column_type(stmt, 0) == SQLITE_INTEGER) {
		*ret = sqlite3_column_int64(stmt, 0);
	} else {
		text = (const char *)sqlite3_column_text(stmt, 0);
		*ret = text && !strcmp(text, "ok") ? 0 : -1;
	}
	return SQLITE_OK;
}

/* What is in it?  0, or SQLite's error that is no verdict on the file. */
static int look(struct history *h, enum db_state *ret)
{
	int64_t application = 0, format = 0, nr_objects = 0, sound = 0, ignored;
	int rc = ask(h, "PRAGMA application_id", &application);

	if (rc == SQLITE_OK)
		rc = ask(h, "PRAGMA user_version", &format);
	if (rc == SQLITE_OK)
		rc = ask(h, "SELECT count(*) FROM sqlite_master", &nr_objects);
	if (rc == SQLITE_OK && application == APPLICATION_ID && format <= FORMAT)
		rc = ask(h, "PRAGMA quick_check(1)", &sound);
	if (rc == SQLITE_NOTADB || (rc & 0xff) == SQLITE_CORRUPT)
		*ret = DB_DAMAGED;
	else if (rc != SQLITE_OK)
		return rc;
	else if (!application && !nr_objects)
		*ret = DB_EMPTY;
	else if (application != APPLICATION_ID)
		*ret = DB_FOREIGN;
	else if (format > FORMAT)
		*ret = DB_NEWER;
	else if (sound || ask(h, "SELECT count(*) FROM (SELECT " HISTORY_COLUMNS " FROM run LIMIT 1)",
			      &ignored) != SQLITE_OK)
		*ret = DB_DAMAGED;
	else
		*ret = DB_GOOD;
	return SQLITE_OK;
}

int db_open(struct history *h, const char *path, int flags, enum db_state *ret, struct rig_err *err)
{
	int rc = sqlite3_open_v2(path, &h->db, flags | SQLITE_OPEN_NOMUTEX, NULL);

	db_begin_operation(h);
	if (rc == SQLITE_OK) {
		sqlite3_busy_handler(h->db, wait_for_others, h);
		sqlite3_progress_handler(h->db, TICK, is_over, h);
		/* the file may come from anywhere: what its schema says is not trusted */
		sqlite3_db_config(h->db, SQLITE_DBCONFIG_DEFENSIVE, 1, (int *)NULL);
		sqlite3_db_config(h->db, SQLITE_DBCONFIG_TRUSTED_SCHEMA, 0, (int *)NULL);
		rc = look(h, ret);
	}
	return rc == SQLITE_OK ? 0 : fail(h, rc, err);
}

/* The error that led here is the one that is told. */
static void roll_back(struct history *h)
{
	sqlite3_exec(h->db, "ROLLBACK", NULL, NULL, NULL);
}

int db_make(struct history *h, struct rig_err *err)
{
	enum db_state state;
	int rc, r = db_exec(h, "BEGIN IMMEDIATE", err);

	if (r < 0)
		return r;
	rc = look(h, &state);
	if (rc != SQLITE_OK)
		r = fail(h, rc, err);
	else if (state == DB_EMPTY)
		r = db_exec(h, schema, err);
	if (!r)
		r = db_exec(h, "COMMIT", err);
	if (r < 0)
		roll_back(h);
	return r;
}

/* In the order of HISTORY_COLUMNS, up to outcome. */
#define NR_TEXTS 13
static void list_texts(const struct history_run *run, const char *text[NR_TEXTS])
{
	const char *const all[NR_TEXTS] = { run->folder, run->date, run->cell, run->scenario, run->variant, run->spec,
					    run->release, run->image_sha256, run->accel, run->qemu, run->matrix,
					    run->sign, run->bugs };

	memcpy(text, all, sizeof(all));
}

static int add_run(struct history *h, sqlite3_stmt *insert, const struct history_run *run, struct rig_err *err)
{
	const char *text[NR_TEXTS];
	int r;

	list_texts(run, text);
	sqlite3_reset(insert);
	for (int i = 0; i < NR_TEXTS; i++)
		db_bind_text(insert, i + 1, text[i]);
	db_bind_text(insert, NR_TEXTS + 1, outcome_name(run->outcome));
	db_bind_text(insert, NR_TEXTS + 2, fail_kind_name(run->kind));
	sqlite3_bind_int64(insert, NR_TEXTS + 3, (sqlite3_int64)run->ms);
	r = db_step(h, insert, err);
	return r < 0 ? r : sqlite3_changes(h->db);
}

int db_add_runs(struct history *h, const struct history_run *run, size_t nr, size_t *ret, struct rig_err *err)
{
	AUTO_STMT sqlite3_stmt *insert = NULL;
	size_t nr_added = 0;
	int r;

	r = db_prepare(h, "INSERT OR IGNORE INTO run (" HISTORY_COLUMNS ") VALUES (?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?)",
		       &insert, err);
	if (!r && nr)
		r = db_exec(h, "BEGIN IMMEDIATE", err);
	if (r < 0)
		return r;
	for (size_t i = 0; i < nr && r >= 0; i++) {
		r = add_run(h, insert, &run[i], err);
		nr_added += r > 0;
	}
	sqlite3_reset(insert);
	if (nr && r >= 0)
		r = db_exec(h, "COMMIT", err);
	if (r < 0) {
		roll_back(h);
		return r;
	}
	if (ret)
		*ret = nr_added;
	return 0;
}

static char *column(sqlite3_stmt *stmt, int nr)
{
	const unsigned char *text = sqlite3_column_text(stmt, nr);

	return xstrdup(text ? (const char *)text : "");
}

int db_read_run(sqlite3_stmt *stmt, struct history_run *ret, struct rig_err *err)
{
	struct history_run run = {
		.folder = column(stmt, 0), .date = column(stmt, 1), .cell = column(stmt, 2),
		.scenario = column(stmt, 3), .variant = column(stmt, 4), .spec = column(stmt, 5),
		.release = column(stmt, 6), .image_sha256 = column(stmt, 7), .accel = column(stmt, 8),
		.qemu = column(stmt, 9), .matrix = column(stmt, 10), .sign = column(stmt, 11),
		.bugs = column(stmt, 12), .ms = (uint64_t)sqlite3_column_int64(stmt, 15),
	};
	AUTO_FREE char *outcome = column(stmt, 13), *kind = column(stmt, 14);
	int r;

	if (!outcome_find(outcome, &run.outcome) || !fail_kind_find(kind, &run.kind))
		r = rig_err_set(err, RIG_HOST, EINVAL, "'%.80s' has no outcome", run.folder);
	else
		r = history_run_check(&run, err);
	if (r < 0)
		history_run_deinit(&run);
	else
		*ret = run;
	return r;
}

void history_runs_deinit(struct history_runs *runs)
{
	for (size_t i = 0; i < runs->nr; i++)
		history_run_deinit(&runs->run[i]);
	free(runs->run);
	*runs = (struct history_runs){ 0 };
}
