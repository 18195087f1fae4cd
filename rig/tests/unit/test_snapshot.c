// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * What two real guests answered, and what a guest that is wrong or lies might answer.  The fixtures are
 * answers of the agent with a DIMM of 256 MiB online in ZONE_MOVABLE; runs of pages are cut short.
 */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "base/clean.h"
#include "model/snapshot.h"

#define START 0x100000ull
#define END 0x110000ull

static json_t *fixture(const char *kernel, const char *query)
{
	char path[256];
	json_error_t error;
	json_t *o;

	snprintf(path, sizeof(path), TEST_FIXTURES "/guest/%s/%s.json", kernel, query);
	o = json_load_file(path, 0, &error);
	if (!o)
		fail_msg("%s:%d: %s", path, error.line, error.text);
	return o;
}

/* Any answer through its own parser; pages need a layout. */
static int parse(const char *query, const json_t *answer, struct snapshot *s, struct rig_err *err)
{
	struct page_layout l = { 0 };
	uint64_t next;
	char why[256];
	bool raw;

	if (!strcmp(query, "query-counters"))
		return snapshot_parse_counters(answer, s, err);
	if (!strcmp(query, "query-memory-blocks"))
		return snapshot_parse_blocks(answer, s, err);
	if (!strcmp(query, "query-nodes-raw"))
		return snapshot_parse_nodes_raw(answer, s, err);
	if (!strcmp(query, "query-sections"))
		return snapshot_parse_sections(answer, s, err);
	if (!strcmp(query, "query-pages"))
		return snapshot_parse_pages(&l, answer, START, END, s, &next, err);
	return layout_parse(answer, &l, &raw, why, err);
}

static void parse_all(const char *kernel, struct page_layout *l, struct snapshot *s)
{
	static const char *const queries[] = { "query-counters", "query-memory-blocks", "query-nodes-raw",
					       "query-sections" };
	json_auto_t *layout = fixture(kernel, "query-layout"), *pages = fixture(kernel, "query-pages");
	struct rig_err err = { 0 };
	uint64_t next = 0;
	char why[256];
	bool raw = false;

	for (size_t i = 0; i < ARRAY_SIZE(queries); i++) {
		json_auto_t *answer = fixture(kernel, queries[i]);

		if (parse(queries[i], answer, s, &err) < 0)
			fail_msg("%s %s: %s", kernel, queries[i], err.text);
	}
	assert_int_equal(layout_parse(layout, l, &raw, why, &err), 0);
	assert_true(raw);
	assert_string_equal(why, "");
	assert_int_equal(snapshot_parse_pages(l, pages, START, END, s, &next, &err), 0);
	assert_int_equal(next, s->pages.run[s->pages.nr - 1].pfn + s->pages.run[s->pages.nr - 1].nr);
}

static void want_machine(const struct snapshot *s)
{
	const struct zone_count *z = snapshot_zone(s, 0, "Movable");
	const struct block_info *b = snapshot_block(s, 33);

	assert_int_equal(s->nr_zones, 5);
	assert_int_equal(z->start_pfn, START);
	assert_int_equal(z->spanned, 65536);
	assert_int_equal(z->present, 65536);
	assert_int_equal(z->managed, 65536);
	assert_in_range(z->free, 60000, 65536);
	assert_int_equal(snapshot_zone(s, 0, "DMA")->start_pfn, 1);
	assert_int_equal(snapshot_zone(s, 0, "Normal")->spanned, 0);
	assert_null(snapshot_zone(s, 1, "Normal"));
	assert_int_equal(s->kpageflags_pages, END);
	assert_string_equal(s->node_online, "0");
	assert_string_equal(s->has_memory, "0");
	assert_string_equal(s->auto_online, "offline");
	assert_int_equal(s->nr_blocks, 18);
	assert_string_equal(b->state, "online");
	assert_string_equal(b->zones, "Movable");
	assert_string_equal(b->phys_index, "00000021");
	assert_int_equal(b->nr_nodes, 1);
	assert_null(snapshot_block(s, 16));
	assert_int_equal(s->nr_links, 1);
	assert_int_equal(s->links[0].nr, 18);
	for (size_t i = 1; i < s->links[0].nr; i++)
		assert_true(s->links[0].block[i - 1] < s->links[0].block[i]);
	for (size_t i = 1; i < s->nr_firmware; i++)
		assert_true(s->firmware[i - 1].start <= s->firmware[i].start);
	assert_int_equal(s->nr_nodes, 1);
	assert_int_equal(s->node[0].nr_zones, 4);
	assert_int_equal(s->node[0].nr, 5);
	assert_int_equal(s->node[0].zone[3].present, 65536);
	assert_int_equal(s->nr_sections, 2);
	assert_int_equal(s->section[1].first, 32);
	assert_int_equal(s->section[1].nr, 2);
	assert_int_equal(s->section[1].marks, 7);
	assert_int_equal(s->section[1].subsections, UINT64_MAX);
	assert_int_equal(s->pages.nr, 24);
	assert_int_equal(s->faults.nr, 0);
}

static bool has_range(const struct range_entry *list, size_t n, uint64_t start, uint64_t end, unsigned int depth,
		      const char *name)
{
	for (size_t i = 0; i < n; i++)
		if (list[i].start == start && list[i].end == end && list[i].depth == depth &&
		    !strcmp(list[i].name, name))
			return true;
	return false;
}

static void real_answers_are_understood(void **state)
{
	static const char *const kernels[] = { "6.1", "6.12" };

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(kernels); i++) {
		bool later = i == 1;
		struct snapshot s = { .raw = true };
		struct page_layout l;
		size_t buddies = 0;
		json_t *record;

		parse_all(kernels[i], &l, &s);
		want_machine(&s);
		assert_true(has_range(s.iomem, s.nr_iomem, 0x100000000, 0x10fffffff, 0, "System RAM"));
		assert_true(has_range(s.iomem, s.nr_iomem, 0xf0000, 0xfffff, 1, "System ROM"));
		assert_true(has_range(s.firmware, s.nr_firmware, 0x100000000, 0x10fffffff, 0, "System RAM"));
		assert_int_equal(s.has_memmap_pages, later);
		assert_int_equal(s.memmap_pages, later ? 1024 : 0);
		assert_int_equal(l.type_encoding, later ? TYPE_TOP_BYTE : TYPE_INVERTED_BITS);
		assert_int_equal(layout_flag_bit(&l, "reserved"), later ? 13 : 12);
		assert_int_equal(l.pages_per_section, 32768);
		assert_true(l.has_sign_free_pages_core && l.has_sign_offline);
		assert_int_equal(l.sign_free_pages_core, later);
		assert_int_equal(l.sign_offline_returns_managed, later);
		for (size_t k = 0; k < s.pages.nr; k++) {
			const struct page_state *p = &s.pages.run[k].state;

			assert_int_equal(p->zone, layout_zone_index(&l, "Movable"));
			assert_true(s.pages.run[k].has_kpageflags);
			buddies += p->order != PAGE_NO_ORDER;
			if (p->order != PAGE_NO_ORDER)
				assert_string_equal(page_type_name(&l, p->type), "buddy");
		}
		assert_true(buddies > 5);
		record = snapshot_json(&l, &s);
		assert_non_null(record);
		assert_int_equal(json_array_size(json_object_get(record, "pages")), s.pages.nr);
		json_decref(record);
		snapshot_deinit(&s);
	}
}

/* Replaces what stands at @path ("runs/0/3") by the JSON @text; NULL removes it. */
static void edit(json_t *root, const char *path, const char *text)
{
	char key[64];
	json_t *at = root, *value = text ? json_loads(text, JSON_DECODE_ANY, NULL) : NULL;

	assert_true(!text || value);
	for (;;) {
		size_t len = strcspn(path, "/");

		snprintf(key, sizeof(key), "%.*s", (int)len, path);
		if (!path[len])
			break;
		at = json_is_array(at) ? json_array_get(at, strtoul(key, NULL, 10)) : json_object_get(at, key);
		assert_non_null(at);
		path += len + 1;
	}
	if (json_is_array(at) && value)
		assert_int_equal(json_array_set_new(at, strtoul(key, NULL, 10), value), 0);
	else if (json_is_array(at))
		assert_int_equal(json_array_remove(at, strtoul(key, NULL, 10)), 0);
	else if (value)
		assert_int_equal(json_object_set_new(at, key, value), 0);
	else
		assert_int_equal(json_object_del(at, key), 0);
}

#define COUNTERS "query-counters"
#define BLOCKS "query-memory-blocks"
#define NODES "query-nodes-raw"
#define SECTIONS "query-sections"
#define PAGES "query-pages"
#define LAYOUT "query-layout"

static const struct malformed {
	const char *query, *path, *json;
} malformed[] = {
	{ COUNTERS, "zoneinfo", NULL }, { COUNTERS, "zoneinfo", "7" }, { COUNTERS, "zoneinfo", "\"\"" },
	{ COUNTERS, "zoneinfo", "\"Node x, zone\\n  pages free 1\\n\"" },
	{ COUNTERS, "meminfo", NULL }, { COUNTERS, "meminfo", "[]" }, { COUNTERS, "meminfo", "\"MemTotal: x kB\"" },
	{ COUNTERS, "vmstat", NULL }, { COUNTERS, "iomem", NULL }, { COUNTERS, "iomem", "{}" },
	{ COUNTERS, "iomem", "\"00000000-00000fff Reserved\\n\"" }, { COUNTERS, "iomem", "\"zz-1 : RAM\\n\"" },
	{ COUNTERS, "kpageflags-length", NULL }, { COUNTERS, "kpageflags-length", "-1" },
	{ COUNTERS, "kpageflags-length", "1099511627777" }, { COUNTERS, "kpageflags-length", "\"1\"" },
	{ COUNTERS, "kpageflags-length", "1.5" }, { COUNTERS, "kpageflags-length", "true" },
	{ COUNTERS, "node-online", NULL }, { COUNTERS, "node-online", "0" }, { COUNTERS, "has-memory", NULL },
	{ COUNTERS, "has-memory", "\"0,1,2,3,4,5,6,7,8,9,10,11,12,13,14,15,16,17,18,19,20,21,22,23,24\"" },
	{ COUNTERS, "firmware-map/0", "[]" }, { COUNTERS, "firmware-map/0/start", NULL },
	{ COUNTERS, "firmware-map/0/end", "5" }, { COUNTERS, "firmware-map/0/type", NULL },
	{ COUNTERS, "firmware-map/0/start", "\"0x00000000000000000000000000000001\"" },
	{ COUNTERS, "nodes/0", "3" }, { COUNTERS, "nodes/0/node", NULL }, { COUNTERS, "nodes/0/node", "-1" },
	{ COUNTERS, "nodes/0/node", "65536" },
	{ BLOCKS, "blocks", NULL }, { BLOCKS, "blocks", "{}" }, { BLOCKS, "blocks/0", "null" },
	{ BLOCKS, "blocks/0/id", NULL }, { BLOCKS, "blocks/0/id", "-1" }, { BLOCKS, "blocks/0/id", "4294967296" },
	{ BLOCKS, "blocks/0/id", "\"32\"" }, { BLOCKS, "blocks/0/state", NULL }, { BLOCKS, "blocks/0/state", "1" },
	{ BLOCKS, "blocks/0/state", "\"a state that is far too long to be one\"" },
	{ BLOCKS, "blocks/0/phys-index", NULL }, { BLOCKS, "blocks/0/phys-index", "33" },
	{ NODES, "nodes/0", "[]" }, { NODES, "nodes/0/node", NULL }, { NODES, "nodes/0/node", "-1" },
	{ NODES, "nodes/0/node", "65536" }, { NODES, "nodes/0/start", "-5" }, { NODES, "nodes/0/spanned", "\"1\"" },
	{ NODES, "nodes/0/present", NULL }, { NODES, "nodes/0/nr-zones", "-1" }, { NODES, "nodes/0/zones/0", "5" },
	{ NODES, "nodes/0/zones/0/zone", NULL },
	{ NODES, "nodes/0/zones/0/zone", "\"a name that is far too long to be a zone's\"" },
	{ NODES, "nodes/0/zones", "[{\"zone\":\"a\"},{\"zone\":\"b\"},{\"zone\":\"c\"},{\"zone\":\"d\"},{\"zone\":\"e\"},"
	  "{\"zone\":\"f\"},{\"zone\":\"g\"},{\"zone\":\"h\"},{\"zone\":\"i\"}]" },
	{ SECTIONS, "sections", NULL }, { SECTIONS, "sections", "7" }, { SECTIONS, "sections/0", "{}" },
	{ SECTIONS, "sections/0/3", NULL }, { SECTIONS, "sections/0/3", "7" }, { SECTIONS, "sections/0/0", "-1" },
	{ SECTIONS, "sections/0/1", "0" }, { SECTIONS, "sections/0/1", "-1" }, { SECTIONS, "sections/0/1", "33" },
	{ SECTIONS, "sections/1/0", "0" }, { SECTIONS, "sections/1/0", "15" },
	{ SECTIONS, "sections/1/0", "1099511627777" }, { SECTIONS, "sections/1/1", "1099511627777" },
	{ PAGES, "runs", NULL }, { PAGES, "runs", "{}" }, { PAGES, "faults", NULL }, { PAGES, "faults", "1" },
	{ PAGES, "next", NULL }, { PAGES, "next", "-1" }, { PAGES, "next", "1048576" }, { PAGES, "next", "0" },
	{ PAGES, "next", "1114113" }, { PAGES, "next", "\"1114112\"" }, { PAGES, "runs/0", "7" },
	{ PAGES, "runs/0", "[]" }, { PAGES, "runs/0/10", NULL }, { PAGES, "runs/0/0", "1048575" },
	{ PAGES, "runs/0/0", "-1" }, { PAGES, "runs/0/0", "\"1048576\"" }, { PAGES, "runs/0/0", "1048576.0" },
	{ PAGES, "runs/0/1", "0" }, { PAGES, "runs/0/1", "-2" }, { PAGES, "runs/0/1", "9223372036854775807" },
	{ PAGES, "runs/0/1", "65537" }, { PAGES, "runs/1/0", "1048576" }, { PAGES, "runs/23/0", "1114112" },
	{ PAGES, "runs/23/0", "9223372036854775807" }, { PAGES, "runs/23/1", "65536" },
	{ PAGES, "runs/0/2", "-1" }, { PAGES, "runs/0/3", "-1" }, { PAGES, "runs/0/3", "4294967296" },
	{ PAGES, "runs/0/4", "2147483648" }, { PAGES, "runs/0/4", "-2147483649" }, { PAGES, "runs/0/5", "256" },
	{ PAGES, "runs/0/5", "-1" }, { PAGES, "runs/0/6", "65536" }, { PAGES, "runs/0/7", "-2" },
	{ PAGES, "runs/0/7", "128" }, { PAGES, "runs/0/9", "4" }, { PAGES, "runs/0/9", "null" },
	{ PAGES, "runs/0/10", "-2" }, { PAGES, "faults", "[7]" }, { PAGES, "faults", "[[1048575, 1]]" },
	{ PAGES, "faults", "[[1114112, 1]]" }, { PAGES, "faults", "[[1048576, 0]]" },
	{ PAGES, "faults", "[[1048576, -1]]" }, { PAGES, "faults", "[[1048576, 65537]]" },
	{ PAGES, "faults", "[[-1, 1]]" }, { PAGES, "faults", "[[\"1048576\", 1]]" },
	{ LAYOUT, "reader", NULL }, { LAYOUT, "reader", "\"crystal ball\"" }, { LAYOUT, "reader", "7" },
	{ LAYOUT, "page-bytes", NULL }, { LAYOUT, "page-bytes", "257" }, { LAYOUT, "page-bytes", "-64" },
	{ LAYOUT, "encoding", NULL }, { LAYOUT, "type-base", "4294967296" }, { LAYOUT, "pages-per-section", "0" },
	{ LAYOUT, "pages-per-section", "16777217" }, { LAYOUT, "pages-per-subsection", NULL },
	{ LAYOUT, "pages-per-subsection", "0" }, { LAYOUT, "types/0", "7" }, { LAYOUT, "types/0/value", "-1" },
	{ LAYOUT, "types/0/name", NULL }, { LAYOUT, "flags/0", "\"a flag with a name that is far too long\"" },
	{ LAYOUT, "zones/0", "\"a zone with a name that is far too long\"" }, { LAYOUT, "section-bits", NULL },
	{ LAYOUT, "section-bits/online", "32" }, { LAYOUT, "section-bits/early", "-1" },
	{ LAYOUT, "zones", "[\"a\",\"b\",\"c\",\"d\",\"e\",\"f\",\"g\",\"h\",\"i\"]" },
};

static void malformed_answers_are_refused(void **state)
{
	int errors = 0;

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(malformed); i++) {
		const struct malformed *m = &malformed[i];
		json_auto_t *answer = fixture("6.1", m->query);
		struct snapshot s = { .raw = true };
		struct rig_err err = { 0 };
		int r;

		edit(answer, m->path, m->json);
		r = parse(m->query, answer, &s, &err);
		if (r != -EBADMSG || err.cause != RIG_AGENT || !err.text[0]) {
			print_error("%s %s = %s: %d '%s'\n", m->query, m->path, m->json ? m->json : "(missing)", r,
				    err.text);
			errors++;
		}
		snapshot_deinit(&s);
	}
	assert_int_equal(errors, 0);
}

/* A million of anything is no answer of a guest of ours. */
static void endless_lists_are_refused(void **state)
{
	static const struct { const char *query, *list; } lists[] = {
		{ BLOCKS, "blocks" }, { SECTIONS, "sections" }, { PAGES, "runs" }, { LAYOUT, "flags" },
		{ LAYOUT, "types" }, { LAYOUT, "zones" },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(lists); i++) {
		json_auto_t *answer = fixture("6.12", lists[i].query);
		json_t *list = json_object_get(answer, lists[i].list), *one = json_array_get(list, 0);
		struct snapshot s = { .raw = true };
		struct rig_err err = { 0 };

		while (json_array_size(list) < 1000000)
			json_array_append(list, one);
		assert_int_equal(parse(lists[i].query, answer, &s, &err), -EBADMSG);
		assert_int_equal(err.cause, RIG_AGENT);
		snapshot_deinit(&s);
	}
}

/* No answer at all, or one of another kind, is malformed for every parser. */
static void answers_of_another_kind_are_refused(void **state)
{
	static const char *const queries[] = { COUNTERS, BLOCKS, SECTIONS, PAGES, LAYOUT };
	static const char *const answers[] = { "{}", "[]", "7", "null", "\"\"" };

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(queries); i++)
		for (size_t k = 0; k < ARRAY_SIZE(answers); k++) {
			json_auto_t *answer = json_loads(answers[k], JSON_DECODE_ANY, NULL);
			struct snapshot s = { .raw = true };
			struct rig_err err = { 0 };

			assert_int_equal(parse(queries[i], answer, &s, &err), -EBADMSG);
			assert_int_equal(err.cause, RIG_AGENT);
			snapshot_deinit(&s);
		}
}

/* A counter below zero is evidence, not a malformed answer. */
static void negative_counters_survive(void **state)
{
	json_auto_t *answer = fixture("6.1", NODES);
	struct snapshot s = { .raw = true };
	struct rig_err err;

	(void)state;
	edit(answer, "nodes/0/zones/3/managed", "-1");
	assert_int_equal(snapshot_parse_nodes_raw(answer, &s, &err), 0);
	assert_int_equal(s.node[0].zone[3].managed, UINT64_MAX);
	snapshot_deinit(&s);
}

static void the_reader_may_be_kpageflags(void **state)
{
	json_auto_t *answer = json_pack("{ssss}", "reader", "kpageflags", "why", "no BTF");
	struct page_layout l;
	struct rig_err err;
	char why[256];
	bool raw = true;

	(void)state;
	assert_int_equal(layout_parse(answer, &l, &raw, why, &err), 0);
	assert_false(raw);
	assert_string_equal(why, "no BTF");
}

static void devices_are_qemus_words(void **state)
{
	static const char *const bad[] = {
		"[{}]", "[7]", "[{\"data\":7}]", "[{\"data\":{\"id\":\"d0\",\"size\":1}}]",
		"[{\"data\":{\"id\":\"d0\",\"addr\":-1,\"size\":1}}]", "[{\"data\":{\"id\":7,\"addr\":1,\"size\":1}}]",
	};
	json_auto_t *good = json_loads("[{\"type\":\"dimm\",\"data\":{\"id\":\"d0\",\"addr\":4294967296,"
				       "\"size\":268435456,\"slot\":3,\"node\":1}}]", 0, NULL);
	struct snapshot s = { 0 };
	struct rig_err err = { 0 };

	(void)state;
	assert_int_equal(snapshot_parse_devices(good, &s, &err), 0);
	assert_int_equal(s.nr_devices, 1);
	assert_int_equal(s.device[0].addr, 0x100000000);
	assert_int_equal(s.device[0].slot, 3);
	assert_int_equal(s.device[0].node, 1);
	snapshot_deinit(&s);
	for (size_t i = 0; i < ARRAY_SIZE(bad); i++) {
		json_auto_t *answer = json_loads(bad[i], 0, NULL);

		assert_int_equal(snapshot_parse_devices(answer, &s, &err), -EBADMSG);
		assert_int_equal(err.cause, RIG_QEMU);
		snapshot_deinit(&s);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(real_answers_are_understood),
		cmocka_unit_test(malformed_answers_are_refused),
		cmocka_unit_test(endless_lists_are_refused),
		cmocka_unit_test(answers_of_another_kind_are_refused),
		cmocka_unit_test(negative_counters_survive),
		cmocka_unit_test(the_reader_may_be_kpageflags),
		cmocka_unit_test(devices_are_qemus_words),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
