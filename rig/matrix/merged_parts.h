/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * merged_parts: what making a merged record and joining several share.  Level 7, part of merged.
 */
#ifndef RIG_MATRIX_MERGED_PARTS_H
#define RIG_MATRIX_MERGED_PARTS_H

#include <jansson.h>

/** merged_wrong() - why @o is no record of a matrix; NULL: it is one */
const char *merged_wrong(const json_t *o);
/** merged_sort() - an array by the names of cells; returns it */
json_t *merged_sort(json_t *list);
/** merged_finish() - what follows from the rest, and the date */
void merged_finish(json_t *merged);
/** merged_shard_name() - "1/4" of shard 0; caller frees */
char *merged_shard_name(unsigned int shard, unsigned int of);

#endif
