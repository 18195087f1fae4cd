/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * page_table: a map of pages as text, for a person.  Level 8, pure: rows in, text out.
 *
 * Write errors stay in the file, see ferror(3).
 */
#ifndef RIG_PAGE_TABLE_H
#define RIG_PAGE_TABLE_H

#include <stdbool.h>
#include <stdio.h>

#include "cmd/page_rows.h"

/** page_table_print() - all rows, with a line where a device begins or ends */
void page_table_print(const struct page_rows *rows, bool color, FILE *out);
/** page_table_summary() - pages by state, those with most pages first */
void page_table_summary(const struct page_rows *rows, bool color, FILE *out);
/** page_table_total() - one line: how many pages, how many without struct page, how many unreadable */
void page_table_total(const struct page_rows *rows, FILE *out);

/** page_size_text() - of so many pages: "636 KiB", "128 MiB", "2.0 GiB" */
const char *page_size_text(uint64_t pages, char buf[24]);

#endif
