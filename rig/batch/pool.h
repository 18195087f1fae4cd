/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * pool: tasks done by processes, so many at a time.  Level 6; what a task is, is the caller's.
 *
 * Each task gets a process of its own, forked and not exec'd: what goes wrong in one (a crash of
 * the rig, a cancelled loop, a leak) ends with it.  Tasks begin in order, the next when one ends.
 * What a worker says on its way and what it ends with come to the parent as JSON over a pipe; the
 * pipe's end is the worker's end.  A worker whose parent dies gets SIGTERM, and its programs
 * (base/proc.h, vm/child.h) die with it.
 *
 * ^C reaches the workers from the terminal, and from the parent if only that was signalled; then
 * none begins any more, and those that run have a while to end by themselves.
 */
#ifndef RIG_POOL_H
#define RIG_POOL_H

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"

#define POOL_MAX_JOBS 64

struct pool_voice;	/* a worker's way to its parent */

struct pool_tasks {
	size_t nr;			/* tasks 0 to nr - 1 */
	unsigned int jobs;		/* that work at once, 1 to POOL_MAX_JOBS */
	uint64_t grace_ms;		/* from the interrupt to SIGKILL */
	uint64_t (*limit_ms)(void *arg, size_t task);	/* from its begin to SIGKILL: who takes longer is stuck */

	/* in the worker: do it; the result is a new reference, and not NULL */
	json_t *(*work)(void *arg, size_t task, const struct pool_voice *voice);

	/* in the parent */
	bool (*fits)(void *arg, size_t task);	/* beside the others that run?  Asked anew when one ends or rests */
	void (*began)(void *arg, size_t task);
	void (*said)(void *arg, size_t task, const json_t *what);
	/* once for each that began; either @result, borrowed, or why there is none;
	 * false: those that run are the last */
	bool (*ended)(void *arg, size_t task, const json_t *result, const struct rig_err *died);
	void *arg;
};

/** pool_say() - tell the parent; takes @what.  News only: it is dropped when nobody reads */
void pool_say(const struct pool_voice *voice, json_t *what);

/** pool_rest() - this worker only waits now, or works again: while it waits it counts for none of the jobs */
void pool_rest(const struct pool_voice *voice, bool resting);

/**
 * pool_run() - do them all, or after ^C those that had begun: loop_interrupted() tells
 * No worker is left, whatever is returned.
 * Errors: RIG_HOST when no process can be made; those that began have ended().
 */
int pool_run(const struct pool_tasks *tasks, struct rig_err *err) RIG_CHECKED;

#endif
