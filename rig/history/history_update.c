// SPDX-License-Identifier: GPL-2.0-or-later
/* Records into rows.  Level 5. */
#include <ctype.h>
#include <dirent.h>
#include <errno.h>
#include <stdbool.h>
#include <string.h>

#include "base/clean.h"
#include "base/loop.h"
#include "history/history.h"
#include "history/history_db.h"
#include "record/result_file.h"

/* "20261121T034049Z-...": all other names are no records, or no complete ones */
static bool is_stamped(const char *name)
{
	static const char shape[] = "00000000T000000Z-";

	for (size_t i = 0; shape[i]; i++)
		if (shape[i] == '0' ? !isdigit((unsigned char)name[i]) : name[i] != shape[i])
			return false;
	return true;
}

static int load_record(const char *results, const char *name, struct history_run *ret, struct rig_err *err)
{
	AUTO_FREE char *folder = xasprintf("%s/%s", results, name);
	json_auto_t *result = NULL;
	int r = result_file_read(folder, &result, err);

	return r < 0 ? r : history_run_of_record(name, result, ret, err);
}

/* Reads what @known does not have, before anything is locked. */
static int read_folder(struct history *h, DIR *dir, sqlite3_stmt *known, struct history_runs *ret,
		       struct rig_err *err)
{
	struct history_run run;
	struct rig_err why;
	int r;

	for (struct dirent *e; (e = readdir(dir)); ) {
		if (!is_stamped(e->d_name))
			continue;
		db_begin_operation(h);
		sqlite3_reset(known);
		db_bind_text(known, 1, e->d_name);
		r = db_step(h, known, err);
		if (r < 0)
			return r;
		if (loop_interrupted())
			return rig_err_set(err, RIG_INTERRUPTED, EINTR, "interrupted while reading '%s'", h->results);
		if (r > 0)
			continue;
		if (load_record(h->results, e->d_name, &run, &why) < 0) {
			strv_addf(&h->words, "passed over: %s", why.text);
			continue;
		}
		GROW(ret->run, ret->nr, ret->cap);
		ret->run[ret->nr++] = run;
	}
	return 0;
}

int history_update(struct history *h, size_t *ret_added, struct rig_err *err)
{
	AUTO_STMT sqlite3_stmt *known = NULL;
	AUTO_RUNS struct history_runs runs = { 0 };
	DIR *dir = opendir(h->results);
	int r;

	if (!dir)
		return rig_err_set(err, RIG_HOST, errno, "cannot read '%s': %s", h->results, strerror(errno));
	db_begin_operation(h);
	r = db_prepare(h, "SELECT 1 FROM run WHERE folder = ?", &known, err);
	if (!r)
		r = read_folder(h, dir, known, &runs, err);
	closedir(dir);
	if (r < 0)
		return r;
	sqlite3_reset(known);	/* it holds a lock until then */
	db_begin_operation(h);
	return db_add_runs(h, runs.run, runs.nr, ret_added, err);
}
