/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * counters: what a kernel says of memory in text, one entry for each number or file.  Level 3, plain data.
 *
 * Files of many lines are taken apart, so that each number has a name:
 *   /proc/vmstat, meminfo, nodeN/vmstat ...	the word in front of the number: "nr_free_pages"
 *   /proc/zoneinfo		"0/DMA32/min", "0/DMA32/cpu1/batch", "0/node/nr_mapped"
 *   /proc/pagetypeinfo		"0/DMA32/Movable" blocks, "0/DMA32/free/Movable", "Pages per block"
 *   /proc/buddyinfo		"0/DMA32"
 * Any other file is one entry with the name "" and its whole text.  What does not look as expected is
 * kept under the whole line as its name: a new kernel's news are no error, and nobody will know them.
 */
#ifndef RIG_COUNTERS_H
#define RIG_COUNTERS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"

struct counter {
	char *file, *name, *value;
};

struct counters {
	struct counter *v;
	size_t nr, cap;
};

/** counters_add() - take @text of @file apart; -E2BIG: more than any kernel prints */
int counters_add(struct counters *c, const char *file, const char *text, struct rig_err *err) RIG_CHECKED;
/** counters_sort() - by file and name, once all is added: finding needs it */
void counters_sort(struct counters *c);
void counters_deinit(struct counters *c);

/** counters_find() - the value of the one entry; NULL: there is none */
const char *counters_find(const struct counters *c, const char *file, const char *name);
/** counters_number() - the unsigned number that the value begins with; false: no entry, or no number */
bool counters_number(const struct counters *c, const char *file, const char *name, uint64_t *ret);
/** counters_numberf() - the same with a name as of printf() */
bool counters_numberf(const struct counters *c, uint64_t *ret, const char *file, const char *name, ...)
	__attribute__((format(printf, 4, 5)));
/** counters_sum() - of all numbers whose names are @prefix and one word more */
uint64_t counters_sum(const struct counters *c, const char *file, const char *prefix);

#endif
