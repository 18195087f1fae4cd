/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * lock: flock(2) with a deadline.  Level 0.
 *
 * The lock belongs to the descriptor and ends with it, however the process ends.
 */
#ifndef RIG_LOCK_H
#define RIG_LOCK_H

#include <stdbool.h>
#include <stdint.h>

#include "base/err.h"

/** lock_try() - exclusive, now or not at all; a file system without locks counts as locked by us */
bool lock_try(int fd);
/** lock_try_shared() - the same beside other readers */
bool lock_try_shared(int fd);

/**
 * lock_wait() - exclusive, as soon as the others are done
 * @path: for messages
 * Errors: RIG_HOST -ETIMEDOUT: another process held it all the time; RIG_INTERRUPTED.
 */
int lock_wait(int fd, const char *path, uint64_t until_ns, struct rig_err *err) RIG_CHECKED;

#endif
