/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * loop: every wait of the host program happens here.  Level 0.
 *
 * Whoever waits for one thing (a QMP reply) must not starve the others (console bytes, agent
 * events, QEMU's death, ^C).  So all descriptors are watched by one loop, each with a function
 * that drains it, and a wait runs the loop until its own condition holds.
 */
#ifndef RIG_LOOP_H
#define RIG_LOOP_H

#include <stdbool.h>
#include <stdint.h>

#include "base/err.h"

struct loop;

/** called when @fd is readable, hung up or in error; must read or unwatch, never block;
 *  may watch, unwatch, and run loop_until() of the same loop */
typedef void loop_ready_fn(void *arg, int fd);

/**
 * loop_create() - a loop that also notices SIGINT, SIGTERM and SIGHUP
 * The handlers are installed once per process; a second signal of the same kind while the first
 * is being handled changes nothing.
 */
int loop_create(struct loop **ret, struct rig_err *err) RIG_CHECKED;
void loop_destroy(struct loop *loop);	/* NULL allowed; watched fds stay open */

/**
 * loop_forked() - in a child of fork(2) that is to wait itself: signals wake its loops, not its parent's
 * Before the child's first loop_create().  A signal that was known before the fork still counts.
 */
int loop_forked(struct rig_err *err) RIG_CHECKED;

/** loop_watch() - watch @fd, which stays the caller's; unwatch before closing it */
void loop_watch(struct loop *loop, int fd, loop_ready_fn *ready, void *arg);
void loop_unwatch(struct loop *loop, int fd);	/* unknown fd: nothing happens */

/**
 * loop_until() - run until done(arg) is true
 * @until_ns: absolute deadline
 * @what: what is awaited, for the message
 * done() is asked before the first wait and after every round.
 * Errors: -ETIMEDOUT (RIG_TIMEOUT), -EINTR (RIG_INTERRUPTED), the error given to loop_cancel().
 */
int loop_until(struct loop *loop, bool (*done)(void *arg), void *arg, uint64_t until_ns,
	       const char *what, struct rig_err *err) RIG_CHECKED;

/**
 * loop_cancel() - make this and every later loop_until() that is not done yet fail with @why
 * For "the guest is gone": whoever waits for it must not wait for the deadline.  The first
 * reason is kept.  loop_resume() forgets it, so that evidence can be collected.
 */
void loop_cancel(struct loop *loop, const struct rig_err *why);
void loop_resume(struct loop *loop);
const struct rig_err *loop_cancelled(const struct loop *loop);	/* NULL: not cancelled */

/** loop_interrupted() - the signal that arrived, or 0 */
int loop_interrupted(void);

/** loop_mask_interrupt() - while masked, loop_until() does not fail with -EINTR (clean-up) */
void loop_mask_interrupt(struct loop *loop, bool masked);

#endif
