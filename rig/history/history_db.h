/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * history_db: SQLite as the index uses it.  Level 5, only for history*.c.
 *
 * The journal is SQLite's plain one, not WAL: that wants memory that is shared through the file system,
 * and results may lie on any.
 */
#ifndef RIG_HISTORY_DB_H
#define RIG_HISTORY_DB_H

#include <sqlite3.h>
#include <stdint.h>

#include "base/err.h"
#include "base/mem.h"
#include "history/history_run.h"

struct history {
	char *results, *path;	/* path: of the index */
	sqlite3 *db;
	uint64_t until_ns;	/* of the operation that is under way */
	struct strv words;
};

/* what a row is, in the order of struct history_run; history_db.c has the table */
#define HISTORY_COLUMNS "folder, date, cell, scenario, variant, spec, release, image_sha256, accel, qemu, " \
			"matrix, sign, bugs, outcome, fail_kind, ms"

enum db_state { DB_GOOD, DB_EMPTY, DB_DAMAGED, DB_FOREIGN, DB_NEWER };

static inline void clean_stmt(sqlite3_stmt **stmt)
{
	sqlite3_finalize(*stmt);
}
#define AUTO_STMT __attribute__((cleanup(clean_stmt)))

/** db_open() - open @path and look what it is; @flags: of sqlite3_open_v2(3).  @h->db is closed by the caller */
int db_open(struct history *h, const char *path, int flags, enum db_state *ret, struct rig_err *err) RIG_CHECKED;
/** db_make() - make the tables of an empty one, unless another process just did */
int db_make(struct history *h, struct rig_err *err) RIG_CHECKED;
/** db_begin_operation() - its deadline counts from now */
void db_begin_operation(struct history *h);

int db_prepare(struct history *h, const char *sql, sqlite3_stmt **ret, struct rig_err *err) RIG_CHECKED;
int db_exec(struct history *h, const char *sql, struct rig_err *err) RIG_CHECKED;
/** db_step() - 1: a row, 0: there is none, or -errno */
int db_step(struct history *h, sqlite3_stmt *stmt, struct rig_err *err) RIG_CHECKED;
void db_bind_text(sqlite3_stmt *stmt, int nr, const char *text);	/* borrowed until the statement's next reset */

/** db_add_runs() - all in one transaction, but those that are there; @ret: how many were not; may be NULL */
int db_add_runs(struct history *h, const struct history_run *run, size_t nr, size_t *ret, struct rig_err *err)
	RIG_CHECKED;
/** db_read_run() - the row that @stmt stands on, which selected HISTORY_COLUMNS; checked as one from elsewhere */
int db_read_run(sqlite3_stmt *stmt, struct history_run *ret, struct rig_err *err) RIG_CHECKED;

/* Runs in memory; { 0 } is empty. */
struct history_runs {
	struct history_run *run;
	size_t nr, cap;
};

void history_runs_deinit(struct history_runs *runs);
#define AUTO_RUNS __attribute__((cleanup(history_runs_deinit)))

#endif
