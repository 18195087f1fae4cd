// SPDX-License-Identifier: GPL-2.0-or-later
/* What a guest that is wrong, or lies, might answer: each is refused, none is a crash. */
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
		at = json_is_array(at) ? json_array_get(at, strtoul(key, NULL, 10))
				       : json_object_get(at, key);
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
#define BLOCKS   "query-memory-blocks"
#define NODES    "query-nodes-raw"
#define SECTIONS "query-sections"
#define PAGEBLOCKS "query-pageblocks"
#define PAGES    "query-pages"
#define LAYOUT   "query-layout"

/*
 * Not here, as a kernel that is wrong can have a correct agent say it (test_snapshot.c): counters of
 * struct zone and of per-cpu lists below zero, resources that end before they start, a compound head
 * below pfn 0, a memory block that is linked to any number of nodes.
 */
static const struct malformed {
	const char *query, *path, *json;
} malformed[] = {
	{ COUNTERS, "zoneinfo", NULL },
	{ COUNTERS, "zoneinfo", "7" },
	{ COUNTERS, "zoneinfo", "\"\"" },
	{ COUNTERS, "zoneinfo", "\"Node x, zone\\n  pages free 1\\n\"" },
	{ COUNTERS, "meminfo", NULL },
	{ COUNTERS, "meminfo", "[]" },
	{ COUNTERS, "meminfo", "\"MemTotal: x kB\"" },
	{ COUNTERS, "vmstat", NULL },
	{ COUNTERS, "iomem", NULL },
	{ COUNTERS, "iomem", "{}" },
	{ COUNTERS, "iomem", "\"00000000-00000fff Reserved\\n\"" },
	{ COUNTERS, "iomem", "\"zz-1 : RAM\\n\"" },
	{ COUNTERS, "kpageflags-length", NULL },
	{ COUNTERS, "kpageflags-length", "-1" },
	{ COUNTERS, "kpageflags-length", "1099511627777" },
	{ COUNTERS, "kpageflags-length", "\"1\"" },
	{ COUNTERS, "kpageflags-length", "1.5" },
	{ COUNTERS, "kpageflags-length", "true" },
	{ COUNTERS, "node-online", NULL },
	{ COUNTERS, "node-online", "0" },
	{ COUNTERS, "has-memory", NULL },
	{ COUNTERS, "has-memory",
	  "\"0,1,2,3,4,5,6,7,8,9,10,11,12,13,14,15,16,17,18,19,20,21,22,23,24\"" },
	{ COUNTERS, "firmware-map/0", "[]" },
	{ COUNTERS, "firmware-map/0/start", NULL },
	{ COUNTERS, "firmware-map/0/end", "5" },
	{ COUNTERS, "firmware-map/0/type", NULL },
	{ COUNTERS, "firmware-map/0/start", "\"0x00000000000000000000000000000001\"" },
	{ COUNTERS, "nodes/0", "3" },
	{ COUNTERS, "nodes/0/node", NULL },
	{ COUNTERS, "nodes/0/node", "-1" },
	{ COUNTERS, "nodes/0/node", "65536" },
	{ COUNTERS, "nodes", NULL },
	{ COUNTERS, "nodes", "7" },
	{ COUNTERS, "nodes/0/blocks", NULL },
	{ COUNTERS, "nodes/0/blocks", "7" },
	{ COUNTERS, "nodes/0/blocks/0", "\"x\"" },
	{ COUNTERS, "nodes/0/blocks/0", "-1" },
	{ COUNTERS, "nodes/0/blocks/0", "4294967296" },
	{ COUNTERS, "firmware-map", "7" },
	{ COUNTERS, "firmware-map/0/start", "\"zz\"" },
	{ COUNTERS, "firmware-map/0/end", "\"0x1 and more\"" },
	{ COUNTERS, "auto-online", "7" },
	{ COUNTERS, "node-online", "\"x\"" },
	{ COUNTERS, "node-online", "\"3-1\"" },
	{ COUNTERS, "node-online", "\"0-4000000000\"" },
	{ COUNTERS, "iomem", "\"0-ffffffffffffffffffffff : x\\n\"" },
	{ COUNTERS, "zoneinfo", "\"Node 0, zone DMA\\n spanned -5\\n\"" },
	{ COUNTERS, "meminfo", "\"MemTotal: -5 kB\"" },
	{ COUNTERS, "firmware-map", NULL },
	{ COUNTERS, "node-online", "\"1,0\"" },
	{ COUNTERS, "has-memory", "\"0,\"" },
	{ COUNTERS, "vmstat", "\"nr_memmap_pages -1\\n\"" },
	{ COUNTERS, "meminfo", "\"MemTotal: 99999999999999999999 kB\"" },
	{ BLOCKS, "blocks", NULL },
	{ BLOCKS, "blocks", "{}" },
	{ BLOCKS, "blocks/0", "null" },
	{ BLOCKS, "blocks/0/id", NULL },
	{ BLOCKS, "blocks/0/id", "-1" },
	{ BLOCKS, "blocks/0/id", "4294967296" },
	{ BLOCKS, "blocks/0/id", "\"32\"" },
	{ BLOCKS, "blocks/0/state", NULL },
	{ BLOCKS, "blocks/0/state", "1" },
	{ BLOCKS, "blocks/0/state", "\"a state that is far too long to be one\"" },
	{ BLOCKS, "blocks/0/phys-index", NULL },
	{ BLOCKS, "blocks/0/phys-index", "33" },
	{ BLOCKS, "blocks/0/nodes", "7" },
	{ BLOCKS, "blocks/0/nodes", "[\"x\"]" },
	{ BLOCKS, "blocks/0/nodes", "[-1]" },
	{ BLOCKS, "blocks/0/valid-zones", "7" },
	{ BLOCKS, "blocks/0/id", "3" },
	{ BLOCKS, "blocks/0/phys-index", "\"zz\"" },
	{ NODES, "nodes/0", "[]" },
	{ NODES, "nodes/0/node", NULL },
	{ NODES, "nodes/0/node", "-1" },
	{ NODES, "nodes/0/node", "65536" },
	{ NODES, "nodes/0/start", "-5" },
	{ NODES, "nodes/0/spanned", "\"1\"" },
	{ NODES, "nodes/0/present", NULL },
	{ NODES, "nodes/0/nr-zones", "-1" },
	{ NODES, "nodes/0/zones/0", "5" },
	{ NODES, "nodes/0/zones/0/zone", NULL },
	{ NODES, "nodes/0/zones/0/zone", "\"a name that is far too long to be a zone's\"" },
	{ NODES, "nodes/0/zones",
	  "[{\"zone\":\"a\"},{\"zone\":\"b\"},{\"zone\":\"c\"},{\"zone\":\"d\"},{\"zone\":\"e\"},"
	  "{\"zone\":\"f\"},{\"zone\":\"g\"},{\"zone\":\"h\"},{\"zone\":\"i\"}]" },
	{ NODES, "nodes", NULL },
	{ NODES, "nodes", "7" },
	{ NODES, "nodes/0/zones", NULL },
	{ NODES, "nodes/0/zones/0/spanned", "\"x\"" },
	{ NODES, "nodes/0/zones/0/managed", NULL },
	{ NODES, "nodes/0/zones/0/present-early", "\"x\"" },
	{ NODES, "nodes/0/zones/0/cma", NULL },
	{ NODES, "nodes/0/zones/0/isolated", "true" },
	{ NODES, "nodes/0/zones/0/contiguous", "1" },
	{ NODES, "nodes/0/zones/0/initialized", NULL },
	{ NODES, "nodes/0/zones/0/own", "null" },
	{ NODES, "nodes/0/zonelists", NULL },
	{ NODES, "nodes/0/zonelists", "[[],[],[]]" },
	{ NODES, "nodes/0/zonelists/0", "{}" },
	{ NODES, "nodes/0/zonelists/0/0", "7" },
	{ NODES, "nodes/0/zonelists/0/0", "[0,1]" },
	{ NODES, "nodes/0/zonelists/0/0", "[64,1,1]" },
	{ NODES, "nodes/0/zonelists/0/0", "[0,8,8]" },
	{ NODES, "nodes/0/zonelists/0/0", "[-1,1,1]" },
	{ NODES, "nodes/0/zonelists/0/0", "[0,-1,1]" },
	{ NODES, "nodes/0/zonelists/0/0", "[0,1,2147483648]" },
	{ NODES, "nodes/0/zonelists/0/0", "true" },
	{ PAGEBLOCKS, "pageblocks", NULL },
	{ PAGEBLOCKS, "pageblocks", "7" },
	{ PAGEBLOCKS, "pageblocks/0", "[1048576,512]" },
	{ PAGEBLOCKS, "pageblocks/0", "[1048575,512,0]" },
	{ PAGEBLOCKS, "pageblocks/0", "[1048576,0,0]" },
	{ PAGEBLOCKS, "pageblocks/0", "[1048576,-512,0]" },
	{ PAGEBLOCKS, "pageblocks/0", "[1048576,512,7]" },
	{ PAGEBLOCKS, "pageblocks/0", "[1048576,131072,1]" },
	{ PAGEBLOCKS, "pageblocks/2", "[1115648,512,1]" },
	{ PAGEBLOCKS, "pageblocks/2", "[1115136,1099511627776,1]" },
	{ SECTIONS, "sections", NULL },
	{ SECTIONS, "sections", "7" },
	{ SECTIONS, "sections/0", "{}" },
	{ SECTIONS, "sections/0/3", NULL },
	{ SECTIONS, "sections/0/3", "7" },
	{ SECTIONS, "sections/0/0", "-1" },
	{ SECTIONS, "sections/0/1", "0" },
	{ SECTIONS, "sections/0/1", "-1" },
	{ SECTIONS, "sections/0/1", "33" },
	{ SECTIONS, "sections/1/0", "0" },
	{ SECTIONS, "sections/1/0", "15" },
	{ SECTIONS, "sections/1/0", "1099511627777" },
	{ SECTIONS, "sections/1/1", "1099511627777" },
	{ SECTIONS, "sections/0/0", "\"0\"" },
	{ SECTIONS, "sections/0/2", "\"x\"" },
	{ SECTIONS, "sections/0/3", "\"zz\"" },
	{ SECTIONS, "sections/0/2", "-1" },
	{ SECTIONS, "sections/1/1", "1099511627776" },
	{ SECTIONS, "sections/1/0", "1099511627776" },
	{ PAGES, "runs", NULL },
	{ PAGES, "runs", "{}" },
	{ PAGES, "faults", NULL },
	{ PAGES, "faults", "1" },
	{ PAGES, "next", NULL },
	{ PAGES, "next", "-1" },
	{ PAGES, "next", "1048576" },
	{ PAGES, "next", "0" },
	{ PAGES, "next", "1114113" },
	{ PAGES, "next", "\"1114112\"" },
	{ PAGES, "runs/0", "7" },
	{ PAGES, "runs/0", "[]" },
	{ PAGES, "runs/0/10", NULL },
	{ PAGES, "runs/0", "[1048576,2,0,0,1,3,0,-1,-1,0,0,0,0]" },
	{ PAGES, "runs/0", "[1048576,2,0,0,1,3,0,-1,-1,0,0,3,0]" },
	{ PAGES, "runs/0", "[1048576,2,0,0,1,3,0,-1,-1,0,0,\"0\",0]" },
	{ PAGES, "runs/0", "[1048576,2,0,0,1,3,0,-1,-1,0,0,1]" },
	{ PAGES, "runs/0/0", "1048575" },
	{ PAGES, "runs/0/0", "-1" },
	{ PAGES, "runs/0/0", "\"1048576\"" },
	{ PAGES, "runs/0/0", "1048576.0" },
	{ PAGES, "runs/0/1", "0" },
	{ PAGES, "runs/0/1", "-2" },
	{ PAGES, "runs/0/1", "9223372036854775807" },
	{ PAGES, "runs/0/1", "65537" },
	{ PAGES, "runs/1/0", "1048576" },
	{ PAGES, "runs/23/0", "1114112" },
	{ PAGES, "runs/23/0", "9223372036854775807" },
	{ PAGES, "runs/23/1", "65536" },
	{ PAGES, "runs/0/2", "-1" },
	{ PAGES, "runs/0/3", "-1" },
	{ PAGES, "runs/0/3", "4294967296" },
	{ PAGES, "runs/0/4", "2147483648" },
	{ PAGES, "runs/0/4", "-2147483649" },
	{ PAGES, "runs/0/5", "256" },
	{ PAGES, "runs/0/5", "-1" },
	{ PAGES, "runs/0/6", "65536" },
	{ PAGES, "runs/0/7", "-2" },
	{ PAGES, "runs/0/7", "128" },
	{ PAGES, "runs/0/9", "8" },
	{ PAGES, "runs/0", "[1048576,2,0,0,1,3,0,-1,-1,4,-1]" },
	{ PAGES, "runs/0/9", "null" },
	{ PAGES, "runs/0/10", "-2" },
	{ PAGES, "faults", "[7]" },
	{ PAGES, "faults", "[[1048575, 1]]" },
	{ PAGES, "faults", "[[1114112, 1]]" },
	{ PAGES, "faults", "[[1048576, 0]]" },
	{ PAGES, "faults", "[[1048576, -1]]" },
	{ PAGES, "faults", "[[1048576, 65537]]" },
	{ PAGES, "faults", "[[-1, 1]]" },
	{ PAGES, "faults", "[[\"1048576\", 1]]" },
	{ PAGES, "runs/0/8", "9223372036854775807" },
	{ PAGES, "next", "1048577" },
	{ PAGES, "faults", "[[1048576,2],[1048576,2]]" },
	{ PAGES, "faults", "[[1048580,2],[1048576,2]]" },
	{ LAYOUT, "reader", NULL },
	{ LAYOUT, "reader", "\"crystal ball\"" },
	{ LAYOUT, "reader", "7" },
	{ LAYOUT, "page-bytes", NULL },
	{ LAYOUT, "page-bytes", "257" },
	{ LAYOUT, "page-bytes", "-64" },
	{ LAYOUT, "encoding", NULL },
	{ LAYOUT, "type-base", "4294967296" },
	{ LAYOUT, "pages-per-section", "0" },
	{ LAYOUT, "pages-per-section", "16777217" },
	{ LAYOUT, "pages-per-subsection", NULL },
	{ LAYOUT, "pages-per-subsection", "0" },
	{ LAYOUT, "types/0", "7" },
	{ LAYOUT, "types/0/value", "-1" },
	{ LAYOUT, "types/0/name", NULL },
	{ LAYOUT, "flags/0", "\"a flag with a name that is far too long\"" },
	{ LAYOUT, "zones/0", "\"a zone with a name that is far too long\"" },
	{ LAYOUT, "section-bits", NULL },
	{ LAYOUT, "section-bits/online", "32" },
	{ LAYOUT, "section-bits/early", "-1" },
	{ LAYOUT, "zones", "[\"a\",\"b\",\"c\",\"d\",\"e\",\"f\",\"g\",\"h\",\"i\"]" },
	{ LAYOUT, "page-bytes", "0" },
	{ LAYOUT, "encoding", "\"x\"" },
	{ LAYOUT, "flags/0", "7" },
	{ LAYOUT, "zones/0", "7" },
	{ LAYOUT, "flags", "7" },
	{ LAYOUT, "flags", "[]" },
	{ LAYOUT, "types", "7" },
	{ LAYOUT, "zones", "[]" },
	{ LAYOUT, "signs", NULL },
	{ LAYOUT, "section-bits/online", "0" },
};

static void malformed_answers_are_refused(void **state)
{
	int errors = 0;

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(malformed); i++) {
		const struct malformed *m = &malformed[i];
		json_auto_t *answer = guest_answer_load("6.1", m->query);
		struct snapshot s = { .raw = true };
		struct rig_err err = { 0 };
		int r;

		edit(answer, m->path, m->json);
		r = guest_answer_parse(m->query, answer, &s, &err);
		if (r != -EBADMSG || err.cause != RIG_AGENT || !err.text[0]) {
			print_error("%s %s = %s: %d '%s'\n", m->query, m->path,
				    m->json ? m->json : "(missing)", r, err.text);
			errors++;
		}
		snapshot_deinit(&s);
	}
	assert_int_equal(errors, 0);
}

/* A million of anything is no answer of a guest of ours. */
static void endless_lists_are_refused(void **state)
{
	static const struct {
		const char *query, *list;
	} lists[] = {
		{ BLOCKS, "blocks" }, { SECTIONS, "sections" }, { PAGES, "runs" },
		{ LAYOUT, "flags" },  { LAYOUT, "types" },      { LAYOUT, "zones" },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(lists); i++) {
		json_auto_t *answer = guest_answer_load("6.12", lists[i].query);
		json_t *list = json_object_get(answer, lists[i].list),
		       *one = json_array_get(list, 0);
		struct snapshot s = { .raw = true };
		struct rig_err err = { 0 };

		while (json_array_size(list) < 1000000)
			json_array_append(list, one);
		assert_int_equal(guest_answer_parse(lists[i].query, answer, &s, &err), -EBADMSG);
		assert_int_equal(err.cause, RIG_AGENT);
		snapshot_deinit(&s);
	}
}

/* No answer at all, or one of another kind, is malformed for every parser. */
static void answers_of_another_kind_are_refused(void **state)
{
	static const char *const queries[] = { COUNTERS, BLOCKS, NODES, SECTIONS, PAGES, LAYOUT };
	static const char *const answers[] = { "{}", "[]", "7", "null", "\"\"" };

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(queries); i++)
		for (size_t k = 0; k < ARRAY_SIZE(answers); k++) {
			json_auto_t *answer = json_loads(answers[k], JSON_DECODE_ANY, NULL);
			struct snapshot s = { .raw = true };
			struct rig_err err = { 0 };

			assert_int_equal(guest_answer_parse(queries[i], answer, &s, &err),
					 -EBADMSG);
			assert_int_equal(err.cause, RIG_AGENT);
			snapshot_deinit(&s);
		}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(malformed_answers_are_refused),
		cmocka_unit_test(endless_lists_are_refused),
		cmocka_unit_test(answers_of_another_kind_are_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
