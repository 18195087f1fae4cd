/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * trim: makes holes of what is zero in a file of a guest's memory.  Level 2, part of template.
 *
 * Half of what a booted guest has touched is zero again, and the store holds twice as many without it.
 */
#ifndef RIG_TEMPLATE_TRIM_H
#define RIG_TEMPLATE_TRIM_H

#include "base/err.h"

/**
 * trim_zeroes() - give back what was never written, and what is zero
 * What is read from @fd stays the same.  A file system that has no holes keeps the room, which is no
 * error; nor is anything done on tmpfs, where reading a hole, as clones do, takes memory again, and at
 * a moment when there may be none.
 * @name: for messages.  Errors: RIG_HOST: it cannot be read.
 */
int trim_zeroes(int fd, const char *name, struct rig_err *err) RIG_CHECKED;

#endif
