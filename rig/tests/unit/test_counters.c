// SPDX-License-Identifier: GPL-2.0-or-later
/* Texts of the kernel, number by number, and the lists that name them. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "base/clean.h"
#include "model/coverage.h"
#include "model/invariant.h"
#include "model/snapshot.h"

static const char zoneinfo[] =
	"Node 0, zone      DMA\n  per-node stats\n      nr_inactive_anon 7\n      nr_mapped    8\n"
	"  pages free     3776\n        boost    0\n        min      89\n"
	"        protection: (0, 1894, 1894, 2150, 2150)\n      nr_free_pages 3776\n  pagesets\n"
	"    cpu: 0\n              count: 12\n              high:  13\n              batch: 1\n"
	"  vm stats threshold: 2\n    cpu: 1\n              count: 22\n  vm stats threshold: 3\n"
	"  node_unreclaimable:  0\n  start_pfn:           1\n"
	"Node 1, zone  Movable\n  pages free     5\n        min      6\n";

static const char pagetypeinfo[] =
	"Page block order: 9\nPages per block:  512\n\n"
	"Free pages count per migrate type at order       0      1\n"
	"Node    0, zone      DMA, type    Unmovable      3      4\n\n"
	"Number of blocks type     Unmovable      Movable      Isolate\n"
	"Node 0, zone      DMA            1            7            0\n"
	"Number of mixed blocks type     Unmovable      Movable      Isolate\n"
	"Node 0, zone      DMA            5            6            0\n";

static const struct { const char *file, *name, *value; } wanted[] = {
	{ "/proc/zoneinfo", "0/node/nr_inactive_anon", "7" },
	{ "/proc/zoneinfo", "0/node/nr_mapped", "8" },
	{ "/proc/zoneinfo", "0/DMA/free", "3776" },
	{ "/proc/zoneinfo", "0/DMA/min", "89" },
	{ "/proc/zoneinfo", "0/DMA/protection", "(0, 1894, 1894, 2150, 2150)" },
	{ "/proc/zoneinfo", "0/DMA/nr_free_pages", "3776" },
	{ "/proc/zoneinfo", "0/DMA/cpu0/count", "12" },
	{ "/proc/zoneinfo", "0/DMA/cpu0/high", "13" },
	{ "/proc/zoneinfo", "0/DMA/cpu0/vm stats threshold", "2" },
	{ "/proc/zoneinfo", "0/DMA/cpu1/count", "22" },
	{ "/proc/zoneinfo", "0/DMA/cpu1/vm stats threshold", "3" },
	{ "/proc/zoneinfo", "0/DMA/node_unreclaimable", "0" },
	{ "/proc/zoneinfo", "0/DMA/start_pfn", "1" },
	{ "/proc/zoneinfo", "1/Movable/min", "6" },
	{ "/proc/pagetypeinfo", "Pages per block", "512" },
	{ "/proc/pagetypeinfo", "0/DMA/free/Unmovable", "3      4" },
	{ "/proc/pagetypeinfo", "0/DMA/Movable", "7" },
	{ "/proc/pagetypeinfo", "0/DMA/mixed/Movable", "6" },
	{ "/proc/buddyinfo", "0/DMA32", "1      0     17" },
	{ "/proc/meminfo", "Active(anon)", "12 kB" },
	{ "/sys/devices/system/node/node1/meminfo", "MemTotal", "262144 kB" },
	{ "/sys/devices/system/node/node1/vmstat", "nr_free_pages", "9" },
	{ "/sys/devices/system/node/online", "", "0-1" },
};

static void add(struct counters *c, const char *file, const char *text)
{
	struct rig_err err;

	assert_int_equal(counters_add(c, file, text, &err), 0);
}

static void texts_come_apart(void **state)
{
	struct counters c = { 0 };
	uint64_t v;

	(void)state;
	add(&c, "/proc/zoneinfo", zoneinfo);
	add(&c, "/proc/pagetypeinfo", pagetypeinfo);
	add(&c, "/proc/buddyinfo", "Node 0, zone    DMA32      1      0     17 \n");
	add(&c, "/proc/meminfo", "Active(anon):     12 kB\n");
	add(&c, "/sys/devices/system/node/node1/meminfo", "Node 1 MemTotal:         262144 kB\n");
	add(&c, "/sys/devices/system/node/node1/vmstat", "nr_free_pages 9\n");
	add(&c, "/sys/devices/system/node/online", "0-1\n");
	counters_sort(&c);
	for (size_t i = 0; i < ARRAY_SIZE(wanted); i++) {
		const char *value = counters_find(&c, wanted[i].file, wanted[i].name);

		if (!value || strcmp(value, wanted[i].value))
			fail_msg("%s %s: '%s'", wanted[i].file, wanted[i].name, value ? value : "missing");
		assert_non_null(coverage_find(wanted[i].file, wanted[i].name));
	}
	assert_int_equal(counters_sum(&c, "/proc/pagetypeinfo", "0/DMA/"), 8);
	assert_true(counters_number(&c, "/proc/meminfo", "Active(anon)", &v) && v == 12);
	assert_false(counters_number(&c, "/proc/zoneinfo", "0/DMA/protection", &v));
	assert_null(counters_find(&c, "/proc/meminfo", "Active"));
	counters_deinit(&c);
}

/* Odd lines are kept, so that they show as news; what no kernel prints is refused. */
static void news_is_no_error(void **state)
{
	static const char *const odd[] = { "(", "Node 0, zone", "cpu: x", "a b c", "\t", "  pagesets", ":", "Node 5" };
	static const char *const files[] = { "/proc/zoneinfo", "/proc/pagetypeinfo", "/proc/buddyinfo",
					     "/proc/vmstat" };
	char line[1024];
	struct counters c = { 0 };
	struct rig_err err;

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(odd); i++)
		for (size_t k = 0; k < ARRAY_SIZE(files); k++)
			add(&c, files[k], odd[i]);
	assert_null(coverage_find("/proc/vmstat", "nr_news"));
	assert_null(coverage_find("/proc/zoneinfo", "0/DMA/nr_news"));
	assert_null(coverage_find("/sys/devices/system/node/node0/news", ""));
	assert_null(coverage_find("/proc/meminfo", ""));
	memset(line, 'x', sizeof(line));
	line[sizeof(line) - 1] = '\0';
	assert_int_equal(counters_add(&c, "/proc/vmstat", line, &err), -E2BIG);
	assert_int_equal(err.cause, RIG_AGENT);
	counters_deinit(&c);
}

static void predictions_name_invariants(void **state)
{
	const struct coverage *c;

	(void)state;
	for (size_t i = 0; (c = coverage_at(i)); i++) {
		AUTO_FREE char *copy = strdup(c->why);
		char *save, *name;

		assert_true(strlen(c->file) && strlen(c->why) > 3);
		if (c->kind != COVER_PREDICTED)
			continue;
		for (name = strtok_r(copy, " ", &save); name; name = strtok_r(NULL, " ", &save))
			if (!invariant_find(name))
				fail_msg("%s %s is predicted by no invariant '%s'", c->file, c->names, name);
	}
}

static void malformed_answers_are_the_agents(void **state)
{
	static const char *const trees[] = {
		"{}", "{\"files\": []}", "{\"files\": {\"etc\": \"x\"}}", "{\"files\": {\"/a\": []}}",
	}, *const kcore[] = {
		"{}", "{\"segments\": []}", "{\"bytes\": 1, \"segments\": [[1, 2, 3]]}",
		"{\"bytes\": 1, \"segments\": [[1, 2, 3, \"4\"]]}", "{\"bytes\": 1, \"segments\": {}}",
		"{\"bytes\": 1, \"segments\": []}", "{\"bytes\": 1, \"segments\": [], \"content\": [[1]]}",
		"{\"bytes\": 1, \"segments\": [], \"content\": [[1099511627776, 0]]}",
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(trees); i++) {
		json_auto_t *t = json_loads(trees[i], 0, NULL);
		struct snapshot s = { 0 };
		struct rig_err err;

		assert_int_equal(snapshot_parse_trees(t, &s, &err), -EBADMSG);
		assert_int_equal(err.cause, RIG_AGENT);
		snapshot_deinit(&s);
	}
	for (size_t i = 0; i < ARRAY_SIZE(kcore); i++) {
		json_auto_t *k = json_loads(kcore[i], 0, NULL);
		struct snapshot s = { 0 };
		struct rig_err err;

		assert_int_equal(snapshot_parse_kcore(k, &s, &err), -EBADMSG);
		assert_int_equal(err.cause, RIG_AGENT);
		snapshot_deinit(&s);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(texts_come_apart),
		cmocka_unit_test(news_is_no_error),
		cmocka_unit_test(predictions_name_invariants),
		cmocka_unit_test(malformed_answers_are_the_agents),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
