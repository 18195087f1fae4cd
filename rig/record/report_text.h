/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * report_text: texts of a result as other people's programs can take them.  Level 4, pure.
 *
 * What a guest printed may be anything.  Some characters cannot stand in XML at all, others end a line or move a
 * terminal's cursor: they are shown as "\x1b" or "\ufffe" instead, so that a reader sees that there was something.
 */
#ifndef RIG_REPORT_TEXT_H
#define RIG_REPORT_TEXT_H

#include <jansson.h>
#include <stddef.h>

/** report_text() - @text with no character that XML 1.0 forbids; NULL is ""
 *  @max: bytes; a longer one is cut between characters and ends in "...".  Caller frees */
char *report_text(const char *text, size_t max);
/** report_line() - the same in one line, without blanks at its ends or two in a row */
char *report_line(const char *text, size_t max);

/** report_summary() - what came of it, in one line: "page.refcount in step '3 online d0'"; caller frees */
char *report_summary(const json_t *result);
/** report_details() - class, findings and notes, in lines; at most 16000 bytes; caller frees */
char *report_details(const json_t *result);

#endif
