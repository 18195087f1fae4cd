/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * compare_text: a comparison of two kernels as text for a cover letter.  Level 8, pure.
 */
#ifndef RIG_COMPARE_TEXT_H
#define RIG_COMPARE_TEXT_H

#include <jansson.h>
#include <stdio.h>

/**
 * compare_text() - print @report, the object that `hotrig compare --json` prints
 * Of each step the first difference of a kind, and how many more there are; what a step only keeps
 * from the one before is not told again.  Write errors stay in @out, see ferror(3).
 */
void compare_text(const json_t *report, FILE *out);

/** compare_text_latencies() - its table of step latencies, with a blank line in front; nothing when there are none */
void compare_text_latencies(const json_t *scenarios, FILE *out);

#endif
