/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * terminal: whether somebody looks at a stream, and how it may be written.  Level 0.
 *
 * TERM=dumb and a NO_COLOR that is not empty are honoured.
 */
#ifndef RIG_TERMINAL_H
#define RIG_TERMINAL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

bool terminal_is(FILE *stream);		/* a terminal that can move its cursor */
bool terminal_color(FILE *stream);
size_t terminal_columns(FILE *stream);	/* 80 when it does not tell; 0: no terminal */

#endif
