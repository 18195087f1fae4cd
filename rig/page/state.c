// SPDX-License-Identifier: GPL-2.0-or-later
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "page/state.h"

static uint64_t field(const void *raw, const struct layout_field *f)
{
	uint64_t v = 0;

	/* little endian guest and host */
	memcpy(&v, (const char *)raw + f->offset, f->size > 8 ? 8 : f->size);
	return v;
}

static bool filled_with(const unsigned char *raw, size_t len, unsigned char byte)
{
	return raw[0] == byte && !memcmp(raw, raw + 1, len - 1);
}

void page_decode_type(const struct page_layout *l, struct page_state *s)
{
	uint32_t word = s->type_word;
	bool typed;

	if (l->type_encoding == TYPE_TOP_BYTE)
		/* 0xff in the top byte is a mapcount that underflowed, or -1: no type */
		typed = word >= 0x80000000u && word >> 24 != 0xff;
	else
		typed = (int32_t)word < -128;	/* PAGE_MAPCOUNT_RESERVE */
	s->type = PAGE_TYPE_NONE;
	s->mapcount = 0;
	if (!typed) {
		s->mapcount = (int32_t)(word + 1);
		return;
	}
	s->type = PAGE_TYPE_UNKNOWN;
	for (uint32_t i = 0; i < l->nr_types; i++) {
		uint32_t v = l->type[i].value;

		if (l->type_encoding == TYPE_TOP_BYTE ? word >> 24 == v :
		    (word & (l->type_base | v)) == l->type_base) {
			s->type = (int16_t)i;
			return;
		}
	}
}

static bool is_device(const struct page_layout *l, const struct page_state *s)
{
	return s->zone < l->nr_zones && !strcmp(l->zone_name[s->zone], "Device");
}

/* @word: no tail's.  What the page is a list head of itself by says that nobody has set it since. */
static uint64_t decode_pgmap(const struct page_layout *l, const struct page_state *s, uint64_t word, uint64_t page_addr)
{
	if (!l->pgmap.has || !is_device(l, s))
		return PAGE_PGMAP_UNKNOWN;
	return word && word != page_addr + l->pgmap.offset ? word : PAGE_PGMAP_NONE;
}

/* By the first page of what it is mapped from, so that pages that lie in order say the same. */
static int64_t decode_origin(const struct page_layout *l, const struct page_state *s, const void *raw, uint64_t pfn)
{
	int64_t origin;

	if (s->pgmap == PAGE_PGMAP_UNKNOWN || !l->device_data.has || !l->mapping.has || !l->index.has)
		return PAGE_ORIGIN_UNKNOWN;
	if (field(raw, &l->device_data))
		return PAGE_ORIGIN_DATA;
	if (!field(raw, &l->mapping))
		return PAGE_ORIGIN_NONE;
	origin = (int64_t)(pfn - field(raw, &l->index));
	/* as wrong as any page that no namespace begins with */
	return origin == PAGE_ORIGIN_UNKNOWN ? 1 : origin;
}

void page_decode(const struct page_layout *l, const void *raw, uint64_t page_addr, uint64_t pfn,
		 struct page_state *ret)
{
	uint64_t flags = field(raw, &l->flags), head = field(raw, &l->compound_head);
	struct page_state s = { .head_pfn = PAGE_NO_HEAD, .order = PAGE_NO_ORDER };

	s.flags = flags & ((1ull << l->nr_flags) - 1);
	s.node = (uint16_t)(flags >> l->node_shift & ((1u << l->node_bits) - 1));
	s.zone = (uint8_t)(flags >> l->zone_shift & ((1u << l->zone_bits) - 1));
	s.refcount = (int32_t)field(raw, &l->refcount);
	s.type_word = (uint32_t)field(raw, &l->mapcount);
	page_decode_type(l, &s);
	if (head & 1)
		s.head_pfn = (int64_t)pfn +
			     ((int64_t)(head - 1) - (int64_t)page_addr) / (int64_t)l->page_bytes;
	else
		s.pgmap = decode_pgmap(l, &s, head, page_addr);
	s.origin = decode_origin(l, &s, raw, pfn);
	if (s.type >= 0 && !strcmp(l->type[s.type].name, "buddy"))
		s.order = (int16_t)(field(raw, &l->private_) & 0x3f);
	else if (l->tail_order.has && head & 1 && s.head_pfn == (int64_t)pfn - 1 && is_device(l, &s))
		s.tail_order = (uint8_t)((field(raw, &l->tail_order) & 0x3f) + 1);
	s.all_zero = filled_with(raw, l->page_bytes, 0);
	s.all_ones = filled_with(raw, l->page_bytes, 0xff);
	*ret = s;
}

static uint64_t word_at(const char *p)
{
	uint64_t v;

	memcpy(&v, p, sizeof(v));
	return v;
}

static uint32_t half_at(const char *p)
{
	uint32_t v;

	memcpy(&v, p, sizeof(v));
	return v;
}

/* By words: this is the loop of a scan, and memcmp() costs an emulated guest more. */
bool page_bytes_equal(const char *a, const char *b, size_t len)
{
	size_t i;

	for (i = 0; i + sizeof(uint64_t) <= len; i += sizeof(uint64_t))
		if (word_at(a + i) != word_at(b + i))
			return false;
	return i == len || !memcmp(a + i, b + i, len - i);
}

/*
 * How many of the pages at @at are like @first by the words that tell pages apart, without
 * decoding; a tail never is.  The two counts are neighbours in every kernel, and one load is less
 * than two.  @device: the word of the head holds the pgmap.
 */
static size_t count_same_words(const struct page_layout *l, const char *first, const char *at,
			       size_t nr, bool device)
{
	size_t flags = l->flags.offset, head = l->compound_head.offset, n;
	size_t map = l->mapcount.offset, ref = l->refcount.offset, low = map < ref ? map : ref;
	bool paired = (map < ref ? ref - map : map - ref) == sizeof(uint32_t);
	uint64_t first_flags = word_at(first + flags), counts = paired ? word_at(first + low) : 0;
	uint64_t telling = device ? UINT64_MAX : 1, first_head = word_at(first + head) & telling;

	for (n = 0; n < nr; n++, at += l->page_bytes) {
		if (word_at(at + flags) != first_flags || (word_at(at + head) & telling) != first_head)
			break;
		if (device && (word_at(at + l->mapping.offset) != word_at(first + l->mapping.offset) ||
			       word_at(at + l->device_data.offset) != word_at(first + l->device_data.offset)))
			break;
		if (paired ? word_at(at + low) != counts :
		    half_at(at + map) != half_at(first + map) ||
		    half_at(at + ref) != half_at(first + ref))
			break;
	}
	return n;
}

/* The same bytes say the same: even a tail's head stands there by its address. */
static size_t count_same_bytes(const struct page_layout *l, const char *first, const char *at,
			       size_t nr)
{
	size_t n;

	for (n = 0; n < nr && page_bytes_equal(first, at, l->page_bytes); n++)
		at += l->page_bytes;
	return n;
}

/* All-zero and poisoned pages need their other words looked at, tails their head, buddies their order. */
static bool told_by_words(const struct page_layout *l, const char *raw, const struct page_state *s)
{
	uint64_t flags = word_at(raw + l->flags.offset);

	return flags != 0 && ~flags != 0 && s->order == PAGE_NO_ORDER && s->head_pfn == PAGE_NO_HEAD;
}

/* A pointer to a list head in these pages says something else where it stands in that page than elsewhere; so does an offset. */
static bool tells_by_place(const struct page_layout *l, size_t nr, uint64_t page_addr, const struct page_state *s)
{
	return s->pgmap == PAGE_PGMAP_NONE || (s->origin != PAGE_ORIGIN_UNKNOWN && s->origin > PAGE_ORIGIN_DATA) ||
	       (s->pgmap != PAGE_PGMAP_UNKNOWN && s->pgmap - page_addr < nr * l->page_bytes);
}

size_t page_decode_run(const struct page_layout *l, const void *raw, size_t nr, uint64_t page_addr,
		       uint64_t pfn, struct page_state *ret)
{
	const char *first = raw;
	bool by_words, by_place;
	size_t n;

	page_decode(l, first, page_addr, pfn, ret);
	by_words = told_by_words(l, first, ret);
	by_place = tells_by_place(l, nr, page_addr, ret);
	for (n = 1; n < nr; n++) {
		const char *at = first + n * l->page_bytes;
		struct page_state s;

		if (!by_place)
			n += by_words ? count_same_words(l, first, at, nr - n, ret->pgmap != PAGE_PGMAP_UNKNOWN) :
					count_same_bytes(l, first, at, nr - n);
		if (n == nr)
			break;
		at = first + n * l->page_bytes;
		page_decode(l, at, page_addr + n * l->page_bytes, pfn + n, &s);
		if (!page_state_equal(ret, &s))
			break;
	}
	return n;
}

bool page_state_equal(const struct page_state *a, const struct page_state *b)
{
	return a->flags == b->flags && a->head_pfn == b->head_pfn && a->pgmap == b->pgmap && a->origin == b->origin &&
	       a->refcount == b->refcount &&
	       a->type_word == b->type_word && a->order == b->order && a->tail_order == b->tail_order && a->node == b->node &&
	       a->zone == b->zone && a->all_zero == b->all_zero && a->all_ones == b->all_ones;
}

void page_map_append(struct page_map *m, const struct page_run *run)
{
	struct page_run *last = m->nr ? &m->run[m->nr - 1] : NULL;

	if (last && last->pfn + last->nr == run->pfn && page_state_equal(&last->state, &run->state) &&
	    last->has_kpageflags == run->has_kpageflags && last->kpageflags == run->kpageflags &&
	    last->counted == run->counted) {
		last->nr += run->nr;
		return;
	}
	GROW(m->run, m->nr, m->cap);
	m->run[m->nr++] = *run;
}

void page_map_decode(struct page_map *m, const struct page_layout *l, const void *raw, size_t nr,
		     uint64_t page_addr, uint64_t pfn)
{
	for (size_t i = 0; i < nr; ) {
		struct page_run run = { .pfn = pfn + i };

		run.nr = page_decode_run(l, (const char *)raw + i * l->page_bytes, nr - i,
					 page_addr + i * l->page_bytes, pfn + i, &run.state);
		page_map_append(m, &run);
		i += run.nr;
	}
}

void page_map_deinit(struct page_map *m)
{
	free(m->run);
	*m = (struct page_map){ 0 };
}

/* index of the first run that ends behind @pfn */
static size_t first_behind(const struct page_map *m, uint64_t pfn)
{
	size_t lo = 0, hi = m->nr;

	while (lo < hi) {
		size_t mid = lo + (hi - lo) / 2;

		if (m->run[mid].pfn + m->run[mid].nr > pfn)
			hi = mid;
		else
			lo = mid + 1;
	}
	return lo;
}

const struct page_run *page_map_find(const struct page_map *m, uint64_t pfn)
{
	size_t i = first_behind(m, pfn);

	return i < m->nr && m->run[i].pfn <= pfn ? &m->run[i] : NULL;
}

uint64_t page_map_pages(const struct page_map *m, uint64_t start, uint64_t end)
{
	uint64_t pages = 0;

	for (size_t i = first_behind(m, start); i < m->nr && m->run[i].pfn < end; i++) {
		uint64_t from = m->run[i].pfn > start ? m->run[i].pfn : start;
		uint64_t to = m->run[i].pfn + m->run[i].nr;

		pages += (to < end ? to : end) - from;
	}
	return pages;
}

const char *page_type_name(const struct page_layout *l, int type)
{
	if (type == PAGE_TYPE_NONE)
		return "none";
	return type >= 0 && (uint32_t)type < l->nr_types ? l->type[type].name : "unknown";
}

const char *page_flags_text(const struct page_layout *l, uint64_t flags, char *buf, size_t len)
{
	size_t at = 0;

	snprintf(buf, len, "none");
	for (uint32_t bit = 0; bit < l->nr_flags && at < len; bit++) {
		if (!(flags >> bit & 1))
			continue;
		if (*l->flag_name[bit])
			at += (size_t)snprintf(buf + at, len - at, "%s%s", at ? "|" : "",
					       l->flag_name[bit]);
		else
			at += (size_t)snprintf(buf + at, len - at, "%sbit%u", at ? "|" : "", bit);
	}
	return buf;
}

const char *page_state_text(const struct page_layout *l, const struct page_state *s, char *buf,
			    size_t len)
{
	char flags[160];
	size_t at;

	if (s->all_zero || s->all_ones) {
		snprintf(buf, len, "all bytes 0x%02x (never initialised)", s->all_zero ? 0 : 0xff);
		return buf;
	}
	at = (size_t)snprintf(buf, len, "flags=%s refcount=%d type=%s",
			      page_flags_text(l, s->flags, flags, sizeof(flags)), s->refcount,
			      page_type_name(l, s->type));
	if (s->type == PAGE_TYPE_UNKNOWN && at < len)
		at += (size_t)snprintf(buf + at, len - at, "(0x%08x)", s->type_word);
	if (s->mapcount && at < len)
		at += (size_t)snprintf(buf + at, len - at, " mapcount=%d", s->mapcount);
	if (s->order != PAGE_NO_ORDER && at < len)
		at += (size_t)snprintf(buf + at, len - at, " order=%d", s->order);
	if (s->tail_order && at < len)
		at += (size_t)snprintf(buf + at, len - at, " order=%d", s->tail_order - 1);
	if (s->head_pfn != PAGE_NO_HEAD && at < len)
		at += (size_t)snprintf(buf + at, len - at, " tail-of=0x%llx",
				       (unsigned long long)s->head_pfn);
	if (at < len)
		at += (size_t)snprintf(buf + at, len - at, " zone=%s node=%u",
				       s->zone < l->nr_zones ? l->zone_name[s->zone] : "?", s->node);
	if (s->pgmap == PAGE_PGMAP_NONE && at < len)
		at += (size_t)snprintf(buf + at, len - at, " pgmap=none");
	else if (s->pgmap != PAGE_PGMAP_UNKNOWN && at < len)
		at += (size_t)snprintf(buf + at, len - at, " pgmap=0x%llx", (unsigned long long)s->pgmap);
	if (s->origin == PAGE_ORIGIN_DATA && at < len)
		snprintf(buf + at, len - at, " zone_device_data");
	else if (s->origin != PAGE_ORIGIN_UNKNOWN && s->origin != PAGE_ORIGIN_NONE && at < len)
		snprintf(buf + at, len - at, " mapped-from=%#llx", (unsigned long long)s->origin);
	return buf;
}
