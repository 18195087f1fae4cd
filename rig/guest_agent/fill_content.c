// SPDX-License-Identifier: GPL-2.0-or-later
#include "guest_agent/fill_content.h"

static uint64_t word_at(uint64_t seed, uint64_t index)
{
	uint64_t v = (index + 1) * 0x9e3779b97f4a7c15ull ^ seed;

	return v ^ v >> 29;
}

void fill_words(uint64_t seed, uint64_t *words, uint64_t first, size_t n)
{
	for (size_t i = 0; i < n; i++)
		words[i] = word_at(seed, first + i);
}

int64_t fill_first_bad(uint64_t seed, const uint64_t *words, uint64_t first, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (words[i] != word_at(seed, first + i))
			return (int64_t)((first + i) * sizeof(*words));
	return -1;
}
