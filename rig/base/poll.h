/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * poll: waiting for what no descriptor announces: a lock, another process's memory map.  Level 0.
 */
#ifndef RIG_POLL_H
#define RIG_POLL_H

#include "base/loop.h"

/** poll_until() - as loop_until(), but done() is also asked every @every_ms; @loop NULL: one of its own */
int poll_until(struct loop *loop, bool (*done)(void *arg), void *arg, unsigned int every_ms,
	       uint64_t until_ns, const char *what, struct rig_err *err) RIG_CHECKED;

#endif
