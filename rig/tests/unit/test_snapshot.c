// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * What two real guests answered.  The fixtures are answers of the agent with a DIMM of 256 MiB
 * online in ZONE_MOVABLE; runs of pages are cut short.
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
#include "guest_answers.h"

static void parse_all(const char *kernel, struct page_layout *l, struct snapshot *s)
{
	static const char *const queries[] = { "query-counters", "query-memory-blocks",
					       "query-nodes-raw", "query-sections",
					       "query-pageblocks" };
	json_auto_t *layout = guest_answer_load(kernel, "query-layout"),
		    *pages = guest_answer_load(kernel, "query-pages");
	struct rig_err err = { 0 };
	uint64_t next = 0;
	char why[256];
	bool raw = false;

	for (size_t i = 0; i < ARRAY_SIZE(queries); i++) {
		json_auto_t *answer = guest_answer_load(kernel, queries[i]);

		if (guest_answer_parse(queries[i], answer, s, &err) < 0)
			fail_msg("%s %s: %s", kernel, queries[i], err.text);
	}
	assert_int_equal(layout_parse(layout, l, &raw, why, &err), 0);
	assert_true(raw);
	assert_string_equal(why, "");
	assert_int_equal(snapshot_parse_pages(l, pages, ANSWER_START, ANSWER_END, s, &next, &err),
			 0);
	assert_int_equal(next,
			 s->pages.run[s->pages.nr - 1].pfn + s->pages.run[s->pages.nr - 1].nr);
}

static void want_machine(const struct snapshot *s)
{
	const struct zone_count *z = snapshot_zone(s, 0, "Movable");
	const struct block_info *b = snapshot_block(s, 33);

	assert_int_equal(s->nr_zones, 5);
	assert_int_equal(z->start_pfn, ANSWER_START);
	assert_int_equal(z->spanned, 65536);
	assert_int_equal(z->present, 65536);
	assert_int_equal(z->managed, 65536);
	assert_in_range(z->free, 60000, 65536);
	assert_int_equal(snapshot_zone(s, 0, "DMA")->start_pfn, 1);
	assert_int_equal(snapshot_zone(s, 0, "Normal")->spanned, 0);
	assert_null(snapshot_zone(s, 1, "Normal"));
	assert_int_equal(s->kpageflags_pages, ANSWER_END);
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
	assert_true(s->node[0].zone[3].contiguous && s->node[0].zone[3].own);
	assert_int_equal(s->node[0].zone[1].present_early, s->node[0].zone[1].present);
	assert_int_equal(s->node[0].list[0].nr, 3);
	assert_int_equal(s->node[0].list[0].ref[0].zone, 3);
	assert_true(s->node[0].list[1].there && !s->node[0].list[1].endless);
	assert_int_equal(s->pageblocks.nr, 3);
	assert_int_equal(s->pageblocks.run[2].type, PAGEBLOCK_ISOLATE);
	assert_int_equal(s->nr_sections, 2);
	assert_int_equal(s->section[1].first, 32);
	assert_int_equal(s->section[1].nr, 2);
	assert_int_equal(s->section[1].marks, 7);
	assert_int_equal(s->section[1].subsections, UINT64_MAX);
	assert_int_equal(s->pages.nr, 24);
	assert_int_equal(s->faults.nr, 0);
}

static bool has_range(const struct range_entry *list, size_t n, uint64_t start, uint64_t end,
		      unsigned int depth, const char *name)
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
		assert_true(
			has_range(s.iomem, s.nr_iomem, 0x100000000, 0x10fffffff, 0, "System RAM"));
		assert_true(has_range(s.iomem, s.nr_iomem, 0xf0000, 0xfffff, 1, "System ROM"));
		assert_true(has_range(s.firmware, s.nr_firmware, 0x100000000, 0x10fffffff, 0,
				      "System RAM"));
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

/* A counter below zero is evidence, not a malformed answer. */
static void negative_counters_survive(void **state)
{
	json_auto_t *answer = guest_answer_load("6.1", "query-nodes-raw");
	struct snapshot s = { .raw = true };
	json_t *node, *zone;
	struct rig_err err;

	(void)state;
	node = json_array_get(json_object_get(answer, "nodes"), 0);
	zone = json_array_get(json_object_get(node, "zones"), 3);
	assert_int_equal(json_object_set_new(zone, "managed", json_integer(-1)), 0);
	assert_int_equal(snapshot_parse_nodes_raw(answer, &s, &err), 0);
	assert_int_equal(s.node[0].zone[3].managed, UINT64_MAX);
	snapshot_deinit(&s);
}

static void set_text(json_t *answer, const char *key, const char *text)
{
	assert_int_equal(json_object_set_new(answer, key, json_string(text)), 0);
}

/* What only a broken kernel says, but says to a correct agent. */
static void evidence_survives(void **state)
{
	json_auto_t *counters = guest_answer_load("6.1", "query-counters"),
		    *blocks = guest_answer_load("6.1", "query-memory-blocks"),
		    *pages = guest_answer_load("6.1", "query-pages");
	json_t *block = json_array_get(json_object_get(blocks, "blocks"), 0),
	       *run = json_array_get(json_object_get(pages, "runs"), 0);
	struct snapshot s = { .raw = true };
	struct rig_err err;

	(void)state;
	set_text(counters, "iomem", "5-1 : x\n6-7 : \\xf8y\nz-1 : w\n");
	set_text(counters, "zoneinfo", "Node 0, zone DMA\n  spanned 7\n    count: 3\n    count: -5\n");
	set_text(counters, "has-memory", "\n");
	assert_int_equal(guest_answer_parse("query-counters", counters, &s, &err), 0);
	assert_int_equal(s.iomem[0].start, 5);
	assert_int_equal(s.iomem[0].end, 1);
	assert_int_equal(s.nr_iomem, 2);
	assert_string_equal(s.iomem[1].name, "\\xf8y z-1 : w");
	assert_int_equal(s.zone[0].spanned, 7);
	assert_int_equal((int64_t)s.zone[0].pcp, -2);
	json_object_set_new(block, "nodes", json_loads("[0,1,2,3,4,5,6,7,8,9]", 0, NULL));
	assert_int_equal(guest_answer_parse("query-memory-blocks", blocks, &s, &err), 0);
	assert_int_equal(snapshot_block(&s, 32)->nr_nodes, ARRAY_SIZE(s.block[0].node));
	json_array_set_new(run, 8, json_integer(-2));
	assert_int_equal(guest_answer_parse("query-pages", pages, &s, &err), 0);
	assert_int_equal(s.pages.run[0].state.head_pfn, -2);
	snapshot_deinit(&s);
}

/* The agent decodes an order where the type is buddy, and only there. */
static void orders_are_those_of_buddies(void **state)
{
	static const struct {
		size_t run;
		int order;
	} wrong[] = { { 0, 3 }, { 7, -1 } };
	json_auto_t *layout = guest_answer_load("6.1", "query-layout");
	struct page_layout l;
	struct rig_err err = { 0 };
	char why[256];
	bool raw;

	(void)state;
	assert_int_equal(layout_parse(layout, &l, &raw, why, &err), 0);
	for (size_t i = 0; i < ARRAY_SIZE(wrong); i++) {
		json_auto_t *pages = guest_answer_load("6.1", "query-pages");
		json_t *run = json_array_get(json_object_get(pages, "runs"), wrong[i].run);
		struct snapshot s = { .raw = true };
		uint64_t next = 0;

		json_array_set_new(run, 7, json_integer(wrong[i].order));
		assert_int_equal(snapshot_parse_pages(&l, pages, ANSWER_START, ANSWER_END, &s,
						      &next, &err),
				 -EBADMSG);
		assert_int_equal(err.cause, RIG_AGENT);
		assert_int_equal(next, 0);
		snapshot_deinit(&s);
	}
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
		"[{}]",
		"[7]",
		"[{\"data\":7}]",
		"[{\"data\":{\"id\":\"d0\",\"size\":1}}]",
		"[{\"data\":{\"id\":\"d0\",\"addr\":-1,\"size\":1}}]",
		"[{\"data\":{\"id\":7,\"addr\":1,\"size\":1}}]",
		"[{\"type\":\"virtio-mem\",\"data\":{\"id\":\"v0\",\"addr\":1,\"size\":1}}]",
		"[{\"type\":\"virtio-mem\",\"data\":{\"id\":\"v0\",\"memaddr\":1,\"size\":1}}]",
	};
	json_auto_t *good =
		json_loads("[{\"type\":\"dimm\",\"data\":{\"id\":\"d0\",\"addr\":4294967296,"
			   "\"size\":268435456,\"slot\":3,\"node\":1}},"
			   "{\"type\":\"virtio-mem\",\"data\":{\"memdev\":\"/objects/mem-v0\","
			   "\"memaddr\":5368709120,\"block-size\":2097152,\"size\":134217728,\"node\":0,"
			   "\"max-size\":1073741824,\"requested-size\":268435456,\"id\":\"v0\"}}]",
			   0, NULL);
	struct snapshot s = { 0 };
	struct rig_err err = { 0 };

	(void)state;
	assert_int_equal(snapshot_parse_devices(good, &s, &err), 0);
	assert_int_equal(s.nr_devices, 2);
	assert_int_equal(s.device[0].addr, 0x100000000);
	assert_int_equal(s.device[0].slot, 3);
	assert_int_equal(s.device[0].node, 1);
	assert_int_equal(s.device[0].max_bytes, 0);
	assert_int_equal(s.device[1].addr, 0x140000000);
	assert_int_equal(s.device[1].size_bytes, 128 << 20);
	assert_int_equal(s.device[1].requested_bytes, 256 << 20);
	assert_int_equal(s.device[1].max_bytes, 1 << 30);
	assert_int_equal(s.device[1].unit_bytes, 2 << 20);
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
		cmocka_unit_test(negative_counters_survive),
		cmocka_unit_test(evidence_survives),
		cmocka_unit_test(orders_are_those_of_buddies),
		cmocka_unit_test(the_reader_may_be_kpageflags),
		cmocka_unit_test(devices_are_qemus_words),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
