/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * record: what one scenario on one kernel leaves behind.  Level 4, knows files, not guests.
 *
 * A run's folder is made as results/.run-<pid>-<n> and renamed when it is complete, so a reader
 * never sees half of one; results/latest then points to it.  What a killed rig left (its pid is
 * gone) is swept by record_sweep().  Full disk: the first error is kept, later writes are
 * no-ops, and record_commit() reports it; nothing that was committed before is touched.
 */
#ifndef RIG_RECORD_H
#define RIG_RECORD_H

#include <jansson.h>
#include <stdint.h>

#include "base/err.h"

struct record;

#define RECORD_LABEL_MAX 100	/* bytes; longer ones are cut */

/** record_label() - how @label stands in the folder's name, <start>-<label>-<pid>; caller frees */
char *record_label(const char *label);

/** record_create() - @results: folder, made when missing; @label: "dimm.online-movable-6.12.1" */
int record_create(const char *results, const char *label, struct record **ret, struct rig_err *err)
	RIG_CHECKED;
/** record_destroy() - drops an uncommitted folder; NULL allowed */
void record_destroy(struct record *r);

/* Streams; the first error is kept in the record. */
void record_console(struct record *r, const char *data, size_t len);	/* console.log */
/** record_dir() - the unfinished folder, for files that live only as long as the run; the record's */
int record_dir(const struct record *r);
/** record_read_console() - all of it so far; caller frees */
int record_read_console(const struct record *r, char **ret, size_t *len, struct rig_err *err) RIG_CHECKED;
void record_kmsg(struct record *r, const char *line, size_t len);	/* kmsg.log, one line each */
/** record_wire() - one line of qmp.jsonl or agent.jsonl: {"ns":..., "dir":"<", "line": "..."};
 *  bytes that are not UTF-8 stand as {"bytes": "<hex>"} instead of "line" */
void record_wire(struct record *r, const char *which, char dir, uint64_t ns, const char *line,
		 size_t len);
/* An array too long to be built: its elements are asked for one by one. */
struct record_list {
	const char *key;
	json_t *(*next)(void *arg);	/* new reference; NULL: no more */
	void *arg;
};

/** record_list_gz() - object @rest, not empty, with the array @list in front, gzip-compressed, lossless, as
 *  @name (".json.gz" appended) */
void record_list_gz(struct record *r, const char *name, const json_t *rest, const struct record_list *list);

/** record_commit() - write result.json, sync, rename, point latest here
 *  @ret_path: final folder, caller frees.  On failure nothing half-made is left. */
int record_commit(struct record *r, const json_t *result, char **ret_path, struct rig_err *err)
	RIG_CHECKED;

/** record_sweep() - remove unfinished folders and temporary files of dead rigs */
void record_sweep(const char *results);

#endif
