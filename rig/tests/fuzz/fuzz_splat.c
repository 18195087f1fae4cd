// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Any bytes, as console and as log: no crash, bounded printable text, and the same splats however
 * the bytes are cut.  The first byte says where.
 */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "splat/splat.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len);

static void check_text(const char *text, size_t size)
{
	if (!memchr(text, '\0', size))
		abort();
	for (; *text; text++)
		if (*text < 0x20 || *text > 0x7e)
			abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	struct splat_scanner *whole, *cut;
	const char *text = (const char *)data + 1;
	size_t step;

	if (len < 2)
		return 0;
	len--;
	step = 1 + data[0] % 61;
	whole = splat_scanner_create();
	cut = splat_scanner_create();
	splat_feed_console(whole, text, len);
	splat_feed_record(whole, 1, text, len);
	splat_flush(whole);
	for (size_t i = 0; i < len; i += step)
		splat_feed_console(cut, text + i, len - i < step ? len - i : step);
	splat_feed_record(cut, 1, text, len);
	splat_flush(cut);
	if (splat_count(whole) != splat_count(cut))
		abort();
	for (size_t i = 0; i < splat_count(whole); i++) {
		const struct splat *a = splat_at(whole, i), *b = splat_at(cut, i);

		check_text(a->title, sizeof(a->title));
		check_text(a->first_line, sizeof(a->first_line));
		if (!a->title[0] || a->kind != b->kind || strcmp(a->title, b->title) ||
		    a->line != b->line)
			abort();
		splat_kind_name(a->kind);
	}
	splat_scanner_destroy(whole);
	splat_scanner_destroy(cut);
	return 0;
}
