/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * fill_content: what a fill writes into its memory, and finds there again however often the kernel moved
 * the pages in between.  Each 8-byte word holds a value that depends on the fill's seed and on the word's
 * place.  Agent.
 */
#ifndef RIG_AGENT_FILL_CONTENT_H
#define RIG_AGENT_FILL_CONTENT_H

#include <stddef.h>
#include <stdint.h>

/** fill_words() - @n words, of which the fill has @first before these */
void fill_words(uint64_t seed, uint64_t *words, uint64_t first, size_t n);

/** fill_first_bad() - offset in the fill of the first byte of the first wrong word; -1: none is wrong */
int64_t fill_first_bad(uint64_t seed, const uint64_t *words, uint64_t first, size_t n);

#endif
