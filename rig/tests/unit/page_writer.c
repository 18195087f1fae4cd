// SPDX-License-Identifier: GPL-2.0-or-later
#include <string.h>

#include "base/clean.h"
#include "page_writer.h"

static const struct {
	const char *name;
	int bit;
} kpf_copied[] = {
	{ "locked", 0 },       { "referenced", 2 }, { "dirty", 4 },
	{ "lru", 5 },          { "active", 6 },     { "writeback", 8 },
	{ "unevictable", 18 }, { "reserved", 32 },  { "mlocked", 33 },
	{ "owner_priv_1", 37 }, { "hwpoison", 19 },
};

uint64_t sample_kpageflags(const struct page_layout *l, const struct page_state *p, bool online, bool free)
{
	uint64_t k = 0;

	if (!online)
		return 1ull << KPF_NOPAGE;
	for (size_t i = 0; i < ARRAY_SIZE(kpf_copied); i++)
		if (p->flags & layout_flag_mask(l, kpf_copied[i].name))
			k |= 1ull << kpf_copied[i].bit;
	if (free || (p->type >= 0 && p->type == layout_type_index(l, "buddy")))
		k |= 1ull << KPF_BUDDY;
	if (p->type >= 0 && p->type == layout_type_index(l, "offline"))
		k |= 1ull << KPF_OFFLINE;
	return k;
}

struct page_writer page_writer_begin(const struct page_layout *l, struct page_map *map, uint64_t pfn, const char *zone)
{
	return (struct page_writer){ .l = l, .map = map, .pfn = pfn, .zone = zone, .raw = true,
				     .pgmap = SAMPLE_PGMAP };
}

static uint64_t flags_of(const struct page_layout *l, const char *names)
{
	uint64_t flags = 0;
	char name[LAYOUT_NAME_LEN];

	for (size_t len; *names; names += len + (names[len] == '|')) {
		len = strcspn(names, "|");
		memcpy(name, names, len);
		name[len] = 0;
		flags |= layout_flag_mask(l, name);
	}
	return flags;
}

struct page_state page_writer_state(const struct page_writer *w, int refcount, const char *flags, const char *type)
{
	struct page_state s = {
		.flags = flags_of(w->l, flags), .head_pfn = PAGE_NO_HEAD, .order = PAGE_NO_ORDER, .type = PAGE_TYPE_NONE,
		.type_word = UINT32_MAX, .refcount = refcount, .node = (uint16_t)w->node,
		.zone = (uint8_t)layout_zone_index(w->l, w->zone),
		.pgmap = strcmp(w->zone, "Device") ? PAGE_PGMAP_UNKNOWN : w->pgmap,
		.origin = strcmp(w->zone, "Device") ? PAGE_ORIGIN_UNKNOWN : PAGE_ORIGIN_NONE,
	};

	if (type) {
		uint32_t value = w->l->type[layout_type_index(w->l, type)].value;

		s.type = (int16_t)layout_type_index(w->l, type);
		s.type_word = w->l->type_encoding == TYPE_TOP_BYTE ? value << 24 : ~value;
	}
	return s;
}

static void put(struct page_writer *w, uint64_t nr, const struct page_state *state, bool free)
{
	struct page_run run = { .pfn = w->pfn, .nr = nr, .state = *state, .has_kpageflags = true };

	if (!nr)
		return;
	run.kpageflags = sample_kpageflags(w->l, state, w->online, free);
	if (!w->raw)
		run.state = (struct page_state){ 0 };
	page_map_append(w->map, &run);
	w->pfn += nr;
}

void page_writer_put(struct page_writer *w, uint64_t nr, const struct page_state *state)
{
	put(w, nr, state, false);
}

void page_writer_put_plain(struct page_writer *w, uint64_t nr, int refcount, const char *flags, const char *type)
{
	struct page_state state = page_writer_state(w, refcount, flags, type);

	put(w, nr, &state, false);
}

void page_writer_put_fill(struct page_writer *w, uint64_t nr, int byte)
{
	unsigned char raw[256];
	struct page_state state;

	memset(raw, byte, sizeof(raw));
	page_decode(w->l, raw, 0, w->pfn, &state);
	put(w, nr, &state, false);
}

void page_writer_put_chunk(struct page_writer *w, int order)
{
	struct page_state head = page_writer_state(w, 0, "", "buddy"), rest = page_writer_state(w, 0, "", NULL);

	head.order = (int16_t)order;
	put(w, 1, &head, true);
	put(w, (1ull << order) - 1, &rest, true);
}

void page_writer_put_chunks(struct page_writer *w, uint64_t nr)
{
	for (uint64_t end = w->pfn + nr; w->pfn < end; ) {
		int order = 10;

		while (w->pfn % (1ull << order) || w->pfn + (1ull << order) > end)
			order--;
		page_writer_put_chunk(w, order);
	}
}

void page_writer_put_used(struct page_writer *w, uint64_t nr)
{
	struct page_state used = page_writer_state(w, 1, "uptodate|lru", NULL);

	used.type_word = 0;
	used.mapcount = 1;
	put(w, nr, &used, false);
}

/* folio_set_order(): in the low byte of the first tail's flags, since v6.6 */
void page_writer_put_compound(struct page_writer *w, int order, bool tail_order)
{
	struct page_state head = page_writer_state(w, 1, "reserved|head", NULL);
	struct page_state first = page_writer_state(w, 0, "reserved", NULL), rest = first;

	first.head_pfn = rest.head_pfn = (int64_t)w->pfn;
	first.pgmap = rest.pgmap = PAGE_PGMAP_UNKNOWN;
	first.origin = rest.origin = PAGE_ORIGIN_UNKNOWN;
	first.flags |= tail_order ? (uint64_t)order : 0;
	first.tail_order = (uint8_t)(order + 1);
	put(w, 1, &head, false);
	put(w, 1, &first, false);
	put(w, (1ull << order) - 2, &rest, false);
}
