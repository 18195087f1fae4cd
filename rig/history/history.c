// SPDX-License-Identifier: GPL-2.0-or-later
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/clean.h"
#include "base/clock.h"
#include "base/io.h"
#include "base/lock.h"
#include "history/history.h"
#include "history/history_db.h"

#define LOCK_MS		60000
#define ASIDE_MAX	1000

static const char *const suffixes[] = { "", "-journal", "-wal", "-shm" };

/* What SQLite keeps beside a file goes with it: left behind, it would be played into the next one. */
static int move_aside(struct history *h, const char *why, struct rig_err *err)
{
	AUTO_FREE char *aside = NULL;

	for (unsigned int n = 1; n < ASIDE_MAX && !aside; n++) {
		aside = xasprintf("%s.aside-%u", h->path, n);
		if (io_exists(aside))
			free(TAKE_PTR(aside));
	}
	for (size_t i = 0; aside && i < ARRAY_SIZE(suffixes); i++) {
		AUTO_FREE char *from = xasprintf("%s%s", h->path, suffixes[i]);
		AUTO_FREE char *to = xasprintf("%s%s", aside, suffixes[i]);

		if (rename(from, to) < 0 && errno != ENOENT)
			return rig_err_set(err, RIG_HOST, errno, "cannot move '%s' aside: %s", from, strerror(errno));
	}
	if (!aside)
		return rig_err_set(err, RIG_HOST, EEXIST, "too many of '%s.aside-1' and so on: remove them", h->path);
	strv_addf(&h->words, "'%s' %s: moved to '%s', and a new index begun", h->path, why, aside);
	return 0;
}

static void close_db(struct history *h)
{
	sqlite3_close(h->db);
	h->db = NULL;
}

/* Under the folder's lock: nobody else moves it aside or looks at it while we do. */
static int open_index(struct history *h, bool anew, struct rig_err *err)
{
	int flags = SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE;
	enum db_state state = DB_EMPTY;
	int r = 0;

	if (anew && io_exists(h->path))
		r = move_aside(h, "is made again from the records", err);
	if (!r)
		r = db_open(h, h->path, flags, &state, err);
	if (!r && state == DB_NEWER)
		return rig_err_set(err, RIG_USAGE, EINVAL, "'%s' was made by a newer hotrig: use that, or move it away",
				   h->path);
	if (!r && (state == DB_DAMAGED || state == DB_FOREIGN)) {
		close_db(h);
		r = move_aside(h, state == DB_DAMAGED ? "is damaged" : "is no index of results", err);
		if (!r)
			r = db_open(h, h->path, flags, &state, err);
	}
	return r < 0 ? r : db_make(h, err);
}

static int open_locked(const char *results, bool anew, struct history **ret, struct rig_err *err)
{
	AUTO_CLOSE int lock = -1;
	struct history *h;
	int r = io_mkdirs(results, err);

	if (r < 0)
		return r;
	lock = open(results, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (lock < 0)
		return rig_err_set(err, RIG_HOST, errno, "cannot open '%s': %s", results, strerror(errno));
	r = lock_wait(lock, results, clock_in_ms(LOCK_MS), err);
	if (r < 0)
		return r;
	h = xcalloc(1, sizeof(*h));
	h->results = xstrdup(results);
	h->path = xasprintf("%s/history.db", results);
	r = open_index(h, anew, err);
	if (r < 0)
		history_close(h);
	else
		*ret = h;
	return r;
}

int history_open(const char *results, struct history **ret, struct rig_err *err)
{
	return open_locked(results, false, ret, err);
}

int history_begin_anew(const char *results, struct history **ret, struct rig_err *err)
{
	return open_locked(results, true, ret, err);
}

void history_close(struct history *h)
{
	if (!h)
		return;
	close_db(h);
	strv_deinit(&h->words);
	free(h->results);
	free(h->path);
	free(h);
}

const struct strv *history_words(const struct history *h)
{
	return &h->words;
}
