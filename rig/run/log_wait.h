/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * log_wait: waiting for one record of the kernel log, or one uevent, as the agent hands them on.  Level 5.
 *
 * The kernel keeps both for a listener only as long as it has room.  When it had none, what is waited for
 * may have come and gone: a deadline that passes then is our loss, not a silence of the kernel's.
 */
#ifndef RIG_RUN_LOG_WAIT_H
#define RIG_RUN_LOG_WAIT_H

#include "qmp_client.h"

#define LOG_RECORD	"KMSG"
#define LOG_UEVENT	"UEVENT"

struct log_cursor {
	size_t from;		/* what was lost since counts; an index into the agent's events */
	size_t next;		/* the wait goes on here */
};

/** log_cursor_at() - wait for what came since event @from */
struct log_cursor log_cursor_at(size_t from);

/**
 * log_wait() - the next event @name, LOG_RECORD or LOG_UEVENT, behind the one that was found last
 * Errors: as qmp_wait_event(), but RIG_AGENT and -ENOBUFS instead of -ETIMEDOUT when any were lost.
 */
int log_wait(struct qmp_client *link, const char *name, struct log_cursor *c, uint64_t until_ns,
	     const struct qmp_event **ret, struct rig_err *err) RIG_CHECKED;

#endif
