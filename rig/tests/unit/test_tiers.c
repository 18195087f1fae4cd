// SPDX-License-Identifier: GPL-2.0-or-later
/* Which tier a node is in follows from whose memory it had first. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <cmocka.h>

#include "base/clean.h"
#include "base/mem.h"
#include "sample_counters.h"
#include "sample_machine.h"

#define TIER(n) "/sys/devices/virtual/memory_tiering/memory_tier" #n "/nodelist"
#define K0_PFN 0x120000ull
#define K0_BLOCK 36

/* In the order of a line: k and K take and drop kmem's device, d and D are the DIMM online and offline; o and O kmem's
 * memory. */
static void follow(struct model *m, const char *what)
{
	for (; *what; what++)
		switch (*what) {
		case 'k':
			model_plug(m, &(struct model_plug){ .id = "k0", .kind = MODEL_KMEM, .addr = K0_PFN << 12,
				   .size_bytes = SAMPLE_BLOCK_PAGES << 12, .node = 1, .slot = -1, .fill = -1 });
			break;
		case 'K':
			model_unplug(m, "k0");
			break;
		case 'o':
			model_online(m, K0_BLOCK, ZONE_MOVABLE);
			break;
		case 'O':
			model_offline(m, K0_BLOCK);
			break;
		case 'd':
			sample_plug_dimm(m, "d1", SAMPLE_D1_PFN << 12, SAMPLE_BLOCK_PAGES << 12, 1, 1, false);
			model_online(m, 34, ZONE_MOVABLE);
			break;
		case 'D':
			model_offline(m, 34);
			model_unplug(m, "d1");
			break;
		}
}

static void a_node_goes_by_who_was_first(void **state)
{
	static const struct {
		const char *what;
		enum tier_kind tier;
	} cases[] = {
		{ "", TIER_NONE }, { "d", TIER_DRAM }, { "dD", TIER_NONE }, { "k", TIER_NONE }, { "ko", TIER_KMEM },
		{ "koO", TIER_NONE }, { "kod", TIER_KMEM }, { "kodO", TIER_KMEM }, { "kd", TIER_KMEM },
		{ "koOKd", TIER_DRAM }, { "koOKko", TIER_KMEM }, { "dko", TIER_DRAM }, { "dDko", TIER_DRAM },
		{ "koK", TIER_NONE }, { "koKd", TIER_DRAM },
		/* whoever came first is still there, or counted off: kernels differ */
		{ "dkKD", TIER_NONE }, { "dDkKko", TIER_UNTOLD }, { "dDdDkKko", TIER_DRAM },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		struct sample s;

		sample_init(&s, SAMPLE_6_12, true);
		assert_int_equal(s.model.tiers.node[0].tier, TIER_DRAM);
		follow(&s.model, cases[i].what);
		if (s.model.tiers.node[1].tier != cases[i].tier)
			fail_msg("%s: %d", cases[i].what, s.model.tiers.node[1].tier);
		sample_deinit(&s);
	}
}

static size_t about_tiers(struct sample *s, const char *file, const char *nodes, const char **expected)
{
	struct findings f = { 0 };
	struct snapshot seen;
	size_t nr = 0;
	struct rig_err err;
	static char text[128];

	sample_boot(s, true, &seen);
	sample_counter(&seen, TIER(4), "", !strcmp(file, TIER(4)) ? nodes : "0");
	if (strcmp(file, TIER(4)))
		assert_int_equal(counters_add(&seen.counters, file, nodes, &err), 0);
	counters_sort(&seen.counters);
	model_compare(&s->model, &seen, SAMPLE_STEP, &f);
	for (size_t i = 0; i < f.nr; i++)
		if (!strcmp(f.f[i].invariant, "node.tier")) {
			snprintf(text, sizeof(text), "%s: %s", f.f[i].expected, f.f[i].seen);
			nr++;
		}
	*expected = text;
	findings_deinit(&f);
	snapshot_deinit(&seen);
	return nr;
}

static void kmem_is_below_and_a_dimm_is_not(void **state)
{
	static const struct {
		const char *what, *file, *nodes, *finding;
	} cases[] = {
		{ "ko", TIER(22), "1", NULL },
		{ "ko", TIER(4), "0-1", "node 1, which was dax/kmem's first: in a tier below memory_tier4: in memory_tier4" },
		{ "ko", TIER(3), "1", "node 1, which was dax/kmem's first: in a tier below memory_tier4: in memory_tier3" },
		{ "koOKd", TIER(4), "0-1", NULL },
		{ "koOKd", TIER(22), "1", "node 1: with boot memory in memory_tier4: in memory_tier22" },
		{ "d", TIER(22), "0-1", "node 0 has memory: in one memory tier: in memory_tier4 memory_tier22" },
		{ "dDkKko", TIER(22), "1", NULL },
		{ "dDkKko", TIER(4), "0-1", NULL },
		{ "dDkKko", TIER(4), "0", "node 1 has memory: in one memory tier: in none" },
		{ "koO", TIER(22), "1", "node 1 has no memory: in no memory tier: in memory_tier22" },
	};
	const char *text;

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		struct sample s;
		size_t nr;

		sample_init(&s, SAMPLE_6_12, true);
		follow(&s.model, cases[i].what);
		nr = about_tiers(&s, cases[i].file, cases[i].nodes, &text);
		if (!nr != !cases[i].finding)
			fail_msg("%s %s: %zu findings", cases[i].what, cases[i].nodes, nr);
		if (cases[i].finding && !strstr(cases[i].finding, "memory_tier4 memory_tier22"))
			assert_string_equal(text, cases[i].finding);
		sample_deinit(&s);
	}
}

/* Nodes 0 and 1 are in one tier, 2 and 3 in the next, 4 in the last. */
static void a_node_demotes_to_the_next_tier(void **state)
{
	static const struct {
		const char *text, *finding;
	} cases[] = {
		{ "0:12 1:4 2:16 3:16", NULL },
		{ "0:12 2:16 3:16", "node 1 demotes to some of the nodes 0xc: to the nodes 0x0" },
		{ "0:12 1:20 2:16 3:16", "node 1 demotes to some of the nodes 0xc: to the nodes 0x14" },
		{ "0:12 1:8 2:24 3:16", "node 2 demotes to some of the nodes 0x10: to the nodes 0x18" },
		{ "0:12 1:8 2:16 3:16 4:1", "node 4 has no tier below and demotes to none: to the nodes 0x1" },
		{ "0:12 1:8 2:16 3:16 9:1", NULL },	/* it has lost its memory, and nobody asks it */
		{ "0:12 1:8 2:16 3:16 64:1", NULL }, { "nonsense", NULL }, { "0:0 x", NULL },
		{ "", "node 0 demotes to some of the nodes 0xc: to the nodes 0x0" },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		AUTO_FREE char *text = NULL;
		struct findings f = { 0 };
		struct snapshot seen;
		struct rig_err err;
		struct sample s;

		sample_init(&s, SAMPLE_6_12, true);
		sample_boot(&s, true, &seen);
		s.model.tiers.with_memory = 0x1f;
		sample_counter(&seen, TIER(4), "", "0-1");
		sample_counter(&seen, "kernel/node_demotion", "", cases[i].text);
		assert_int_equal(counters_add(&seen.counters, TIER(22), "2-3", &err), 0);
		assert_int_equal(counters_add(&seen.counters, TIER(40), "4", &err), 0);
		counters_sort(&seen.counters);
		model_compare(&s.model, &seen, SAMPLE_STEP, &f);
		for (size_t j = 0; j < f.nr && !text; j++)
			if (!strcmp(f.f[j].invariant, "node.demotion"))
				text = xasprintf("%s: %s", f.f[j].expected, f.f[j].seen);
		if (!text != !cases[i].finding)
			fail_msg("'%s': %s", cases[i].text, text ? text : "no finding");
		if (text)
			assert_string_equal(text, cases[i].finding);
		findings_deinit(&f);
		snapshot_deinit(&seen);
		sample_deinit(&s);
	}
}

static void slabs_of_movable_memory_are_learnt(void **state)
{
	struct snapshot seen;
	struct sample s;

	(void)state;
	for (int movable = 0; movable < 2; movable++) {
		sample_init(&s, SAMPLE_6_12, true);
		follow(&s.model, "d");
		sample_boot(&s, true, &seen);
		sample_counter(&seen, "kernel/slab_nodes", "", movable ? "3" : "1");
		model_learn(&s.model, &seen);
		assert_int_equal(s.model.slab_of_movable, movable ? SIGHT_YES : SIGHT_NO);
		snapshot_deinit(&seen);
		sample_deinit(&s);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_node_goes_by_who_was_first),
		cmocka_unit_test(kmem_is_below_and_a_dimm_is_not),
		cmocka_unit_test(a_node_demotes_to_the_next_tier),
		cmocka_unit_test(slabs_of_movable_memory_are_learnt),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
