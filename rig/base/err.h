/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * err: the one error object.  Level 0, knows nothing of its users.
 *
 * A function that can fail returns int, 0 or -errno, and takes the error last.  On failure the
 * error is filled and every other output is untouched; on success the error is untouched.
 * Text is lower case, without a full stop, with the subject in '...', and says what to do next
 * where that is not obvious.  The cause decides the outcome of a run: only RIG_KERNEL can become
 * a FAIL, everything else is ERROR or a usage error.
 */
#ifndef RIG_ERR_H
#define RIG_ERR_H

enum rig_cause {
	RIG_USAGE,		/* argument, scenario or matrix is wrong: exit 2 */
	RIG_HOST,		/* the host or the rig itself */
	RIG_QEMU,		/* QEMU refused, died or broke the protocol */
	RIG_AGENT,		/* the guest agent refused, died or broke the protocol */
	RIG_KERNEL,		/* the kernel under test */
	RIG_TIMEOUT,		/* a deadline passed; the runner finds out whose fault that was */
	RIG_INTERRUPTED,	/* SIGINT, SIGTERM or SIGHUP */
	RIG_MISSING,		/* what the scenario needs is not there: SKIP */
};

struct rig_err {
	enum rig_cause cause;
	int eno;		/* positive errno */
	char text[1024];
};

#define RIG_CHECKED __attribute__((warn_unused_result))

/** rig_err_set() - fill @err and return -@eno.  @eno 0 becomes EIO. */
int rig_err_set(struct rig_err *err, enum rig_cause cause, int eno, const char *fmt, ...)
	__attribute__((format(printf, 4, 5)));

/** rig_err_wrap() - put context in front ("context: text") and return -err->eno */
int rig_err_wrap(struct rig_err *err, const char *fmt, ...) __attribute__((format(printf, 2, 3)));

/** rig_cause_name() - "usage", "host" ... as records write it */
const char *rig_cause_name(enum rig_cause cause);

#endif
