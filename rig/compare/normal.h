/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * normal: what a kernel says, in the words that two boots of it have in common.  Level 5, pure.
 */
#ifndef RIG_COMPARE_NORMAL_H
#define RIG_COMPARE_NORMAL_H

#include <stdbool.h>

/** normal_counts() - false for a line of the log that says how long something took, or which page was in the way */
bool normal_counts(const char *line);

/** normal_line() - numbers, addresses and line ends become '#' and blanks; caller frees */
char *normal_line(const char *line);

/**
 * normal_device() - "dax0.#" of "dax0.1"; other names as they are; caller frees
 * libnvdimm makes its next device in time for the one before to be gone, or not.
 */
char *normal_device(const char *name);

#endif
