// SPDX-License-Identifier: GPL-2.0-or-later
/* Struct pages, and the layout that says what their numbers mean. */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "base/clean.h"
#include "model/snapshot_parse.h"

/* [pfn, nr, flags, type word, refcount, zone, node, order, head, fill, kpageflags], and pgmap and origin where it is known */
#define RUN_NUMBERS 13

/*
 * A head is computed from a pointer: what the kernel wrote there by mistake may lie anywhere, below
 * zero too, but no further than all addresses divided by the smallest struct page.
 */
#define MIN_PAGE_BYTES	32
#define MAX_PAGE_BYTES	256
#define MAX_HEAD	(INT64_MAX / MIN_PAGE_BYTES + (int64_t)SNAPSHOT_MAX_PFN + 1)

static bool run_numbers(const json_t *o, int64_t v[RUN_NUMBERS])
{
	size_t nr = json_array_size(o);

	if (nr != RUN_NUMBERS && nr != RUN_NUMBERS - 2)
		return false;
	v[11] = PAGE_PGMAP_UNKNOWN;
	v[12] = PAGE_ORIGIN_UNKNOWN;
	for (size_t i = 0; i < nr; i++) {
		const json_t *n = json_array_get(o, i);

		if (!json_is_integer(n))
			return false;
		v[i] = json_integer_value(n);
	}
	return v[0] >= 0 && v[1] > 0 && v[2] >= 0 && v[3] >= 0 && v[3] <= UINT32_MAX &&
	       v[4] >= INT32_MIN && v[4] <= INT32_MAX && v[5] >= 0 && v[5] < 256 && v[6] >= 0 &&
	       v[6] < 65536 && v[7] >= -1 && v[7] < 128 && v[8] >= -MAX_HEAD && v[8] <= MAX_HEAD &&
	       v[9] >= 0 && v[9] < 8 && v[10] >= -1 && (v[9] < 4 || v[10] >= 0) &&
	       (nr == RUN_NUMBERS) == (v[11] != PAGE_PGMAP_UNKNOWN) && (v[11] == PAGE_PGMAP_NONE || !(v[11] & 1));
}

/* The agent decodes an order for buddies and first tails, and for nobody else; with kpageflags alone it has none. */
static bool take_order(const struct page_layout *l, uint64_t pfn, struct page_state *s)
{
	bool buddy = s->type >= 0 && !strcmp(page_type_name(l, s->type), "buddy");

	if (!buddy && s->order != PAGE_NO_ORDER && s->head_pfn == (int64_t)pfn - 1) {
		s->tail_order = (uint8_t)(s->order + 1);
		s->order = PAGE_NO_ORDER;
	}
	return !l->page_bytes || buddy == (s->order != PAGE_NO_ORDER);
}

static int parse_runs(const struct page_layout *l, const json_t *runs, uint64_t end,
		      uint64_t *behind, struct page_map *ret)
{
	const json_t *o;
	size_t i;

	json_array_foreach(runs, i, o) {
		struct page_run r = { 0 };
		int64_t v[RUN_NUMBERS];

		if (!run_numbers(o, v) || (uint64_t)v[0] < *behind || (uint64_t)v[0] > end ||
		    (uint64_t)v[1] > end - (uint64_t)v[0])
			return -EBADMSG;
		r.pfn = (uint64_t)v[0];
		r.nr = (uint64_t)v[1];
		*behind = r.pfn + r.nr;
		r.state = (struct page_state){
			.flags = (uint64_t)v[2], .type_word = (uint32_t)v[3], .refcount = (int32_t)v[4],
			.zone = (uint8_t)v[5], .node = (uint16_t)v[6], .order = (int16_t)v[7],
			.head_pfn = v[8], .pgmap = (uint64_t)v[11], .origin = v[12], .all_zero = v[9] & 1, .all_ones = v[9] >> 1 & 1,
		};
		page_decode_type(l, &r.state);
		if (!take_order(l, r.pfn, &r.state))
			return -EBADMSG;
		r.has_kpageflags = v[10] >= 0;
		r.kpageflags = r.has_kpageflags ? (uint64_t)v[10] : 0;
		r.counted = v[9] >> 2;
		page_map_append(ret, &r);
	}
	return 0;
}

static int parse_faults(const json_t *faults, uint64_t end, uint64_t *behind, struct page_map *ret)
{
	const json_t *o;
	size_t i;

	json_array_foreach(faults, i, o) {
		struct page_run r = { 0 };

		if (json_array_size(o) != 2 || !snapshot_take_integer(json_array_get(o, 0), end, &r.pfn) ||
		    !snapshot_take_integer(json_array_get(o, 1), end - r.pfn, &r.nr) || !r.nr ||
		    r.pfn < *behind)
			return -EBADMSG;
		*behind = r.pfn + r.nr;
		page_map_append(ret, &r);
	}
	return 0;
}

int snapshot_parse_pages(const struct page_layout *l, const json_t *answer, uint64_t start, uint64_t end,
			 struct snapshot *s, uint64_t *next, struct rig_err *err)
{
	const json_t *runs = json_object_get(answer, "runs"), *faults = json_object_get(answer, "faults");
	uint64_t pages_end = start, faults_end = start, go_on;

	if (!json_is_array(runs) || !json_is_array(faults) ||
	    !snapshot_take_number(answer, "next", SNAPSHOT_MAX_PFN, &go_on) || go_on <= start ||
	    go_on > end)
		return snapshot_refuse(err, "page states");
	/* nothing lies behind @next: it would come once more with the answer that goes on there */
	if (parse_runs(l, runs, go_on, &pages_end, &s->pages) < 0)
		return snapshot_refuse(err, "a run of pages");
	if (parse_faults(faults, go_on, &faults_end, &s->faults) < 0)
		return snapshot_refuse(err, "a run of faults");
	*next = go_on;
	return 0;
}

/* Names by number, at least one; "" is a number without a name. */
static bool name_list(const json_t *list, char (*ret)[LAYOUT_NAME_LEN], size_t max, uint32_t *nr)
{
	const json_t *o;
	size_t i;

	if (!json_is_array(list) || !json_array_size(list) || json_array_size(list) > max)
		return false;
	json_array_foreach(list, i, o) {
		if (!json_is_string(o) || json_string_length(o) >= LAYOUT_NAME_LEN)
			return false;
		strcpy(ret[i], json_string_value(o));
	}
	*nr = (uint32_t)i;
	return true;
}

/* The list may be empty: a kernel need not say what its types are. */
static bool type_list(const json_t *list, struct page_layout *l)
{
	const json_t *o;
	uint64_t value;
	size_t i;

	if (!json_is_array(list) || json_array_size(list) > LAYOUT_MAX_TYPES)
		return false;
	json_array_foreach(list, i, o) {
		if (!snapshot_take_text(o, "name", l->type[i].name, LAYOUT_NAME_LEN) ||
		    !snapshot_take_number(o, "value", UINT32_MAX, &value))
			return false;
		l->type[i].value = (uint32_t)value;
	}
	l->nr_types = (uint32_t)i;
	return true;
}

/* Each mark is a bit of its own; only taint-zone-device need not be there, and is a guess then. */
static bool section_bits(const json_t *o, struct layout_section_bits *ret)
{
	static const char *const keys[] = { "present", "has-mem-map", "online", "early",
					    "taint-zone-device" };
	uint64_t v[ARRAY_SIZE(keys)], taken = 0;

	ret->has_taint = json_is_true(json_object_get(o, "has-taint"));
	for (size_t i = 0; i < ARRAY_SIZE(keys); i++) {
		if (!snapshot_take_number(o, keys[i], 31, &v[i]))
			return false;
		if (taken >> v[i] & 1 && (i < ARRAY_SIZE(keys) - 1 || ret->has_taint))
			return false;
		taken |= 1ull << v[i];
	}
	ret->present = (uint8_t)v[0];
	ret->has_mem_map = (uint8_t)v[1];
	ret->online = (uint8_t)v[2];
	ret->early = (uint8_t)v[3];
	ret->taint_zone_device = (uint8_t)v[4];
	return true;
}

static bool layout_numbers(const json_t *o, struct page_layout *l)
{
	uint64_t bytes, base, section, subsection;
	char encoding[16];

	if (!snapshot_take_text(o, "encoding", encoding, sizeof(encoding)) ||
	    (strcmp(encoding, "top-byte") && strcmp(encoding, "inverted-bits")) ||
	    !snapshot_take_number(o, "page-bytes", MAX_PAGE_BYTES, &bytes) || bytes < MIN_PAGE_BYTES ||
	    !snapshot_take_number(o, "type-base", UINT32_MAX, &base) ||
	    !snapshot_take_number(o, "pages-per-section", 1u << 24, &section) || !section ||
	    !snapshot_take_number(o, "pages-per-subsection", 1u << 24, &subsection) || !subsection)
		return false;
	l->type_encoding = strcmp(encoding, "top-byte") ? TYPE_INVERTED_BITS : TYPE_TOP_BYTE;
	l->page_bytes = (uint32_t)bytes;
	l->type_base = (uint32_t)base;
	l->pages_per_section = (uint32_t)section;
	l->pages_per_subsection = (uint32_t)subsection;
	return true;
}

int layout_parse(const json_t *answer, struct page_layout *ret, bool *raw, char why[256],
		 struct rig_err *err)
{
	const char *reader = json_string_value(json_object_get(answer, "reader"));
	const json_t *signs = json_object_get(answer, "signs");
	struct page_layout l = { 0 };

	why[0] = '\0';
	if (reader && !strcmp(reader, "kpageflags")) {
		snapshot_take_text(answer, "why", why, 256);
		*ret = l;
		*raw = false;
		return 0;
	}
	if (!reader || strcmp(reader, "bpf") || !json_is_object(signs) || !layout_numbers(answer, &l))
		return snapshot_refuse(err, "layout");
	if (!name_list(json_object_get(answer, "flags"), l.flag_name, LAYOUT_MAX_FLAGS, &l.nr_flags))
		return snapshot_refuse(err, "flag names");
	if (!type_list(json_object_get(answer, "types"), &l))
		return snapshot_refuse(err, "page types");
	if (!name_list(json_object_get(answer, "zones"), l.zone_name, LAYOUT_MAX_ZONES, &l.nr_zones))
		return snapshot_refuse(err, "zone names");
	if (!section_bits(json_object_get(answer, "section-bits"), &l.section_bits))
		return snapshot_refuse(err, "section marks");
	l.has_sign_free_pages_core = json_object_get(signs, "free-pages-core");
	l.sign_free_pages_core = json_is_true(json_object_get(signs, "free-pages-core"));
	l.has_sign_offline = json_object_get(signs, "offline-counts-managed");
	l.sign_offline_returns_managed = json_is_true(json_object_get(signs, "offline-counts-managed"));
	*ret = l;
	*raw = true;
	return 0;
}
