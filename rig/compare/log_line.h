/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * log_line: a line of the kernel log as two boots of one kernel both say it.  Level 5, pure.
 */
#ifndef RIG_COMPARE_LOG_LINE_H
#define RIG_COMPARE_LOG_LINE_H

#include <stdbool.h>

/** log_line_counts() - false for a line that says how long something took, or which page was in the way */
bool log_line_counts(const char *line);

/** log_line_normal() - numbers, addresses and line ends become '#' and blanks; caller frees */
char *log_line_normal(const char *line);

#endif
