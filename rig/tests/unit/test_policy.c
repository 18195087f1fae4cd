// SPDX-License-Identifier: GPL-2.0-or-later
/* To which zone memory goes that is onlined without saying which. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "base/clean.h"
#include "model/policy.h"

#define MIB (1ull << 8)		/* in pages */
#define BLOCK (128 * MIB)

static const struct policy contig = { .ratio = 301, .numa_aware = true };
static const struct policy automatic = { .auto_movable = true, .ratio = 301, .numa_aware = true };

static void options_are_read(void **state)
{
	struct policy p;

	(void)state;
	policy_parse("", &p);
	assert_false(p.auto_movable || p.movable_node);
	assert_int_equal(p.ratio, 301);
	assert_true(p.numa_aware);
	policy_parse("quiet movable_node memory_hotplug.online_policy=auto-movable "
		    "memory_hotplug.auto_movable_ratio=100 memory_hotplug.auto_movable_numa_aware=0\n", &p);
	assert_true(p.auto_movable && p.movable_node);
	assert_int_equal(p.ratio, 100);
	assert_false(p.numa_aware);
	policy_parse("movable_nodes xmovable_node memory_hotplug.online_policy=auto-movable-too "
		    "memory_hotplug.auto_movable_numa_aware=", &p);
	assert_false(p.auto_movable || p.movable_node || p.numa_aware);
	/* the last one counts */
	policy_parse("memory_hotplug.online_policy=auto-movable memory_hotplug.online_policy=contig-zones "
		    "memory_hotplug.auto_movable_numa_aware=n memory_hotplug.auto_movable_numa_aware=on", &p);
	assert_false(p.auto_movable);
	assert_true(p.numa_aware);
}

static void a_unit_is_as_large_as_it_must_be_or_as_asked(void **state)
{
	const struct policy forced = { .big_blocks = true, .big_block_bytes = 256u << 20 };
	const struct policy asked = { .big_block_bytes = 256u << 20 }, odd = { .big_blocks = true, .big_block_bytes = 384u << 20 };
	struct policy p;

	(void)state;
	policy_parse("virtio_mem.force_bbm=1 virtio_mem.bbm_block_size=268435456", &p);
	assert_true(p.big_blocks);
	assert_int_equal(p.big_block_bytes, 256u << 20);
	assert_int_equal(policy_unit_pages(&contig, 512, 0x8000), 0x8000);
	assert_int_equal(policy_unit_pages(&contig, 0x10000, 0x8000), 0x10000);
	assert_int_equal(policy_unit_pages(&forced, 512, 0x8000), 0x10000);
	assert_int_equal(policy_unit_pages(&forced, 0x20000, 0x8000), 0x20000);
	/* sub-blocks have no use for it */
	assert_int_equal(policy_unit_pages(&asked, 512, 0x8000), 0x8000);
	assert_int_equal(policy_unit_pages(&asked, 0x10000, 0x8000), 0x10000);
	assert_int_equal(policy_unit_pages(&odd, 512, 0x8000), 0x8000);
}

static void contiguous_zones_are_continued(void **state)
{
	const struct policy_memory nothing = { 0 };
	struct policy node = contig;

	(void)state;
	node.movable_node = true;
	for (int kernel = 0; kernel < 2; kernel++)
		for (int movable = 0; movable < 2; movable++) {
			struct policy_range r = { .nr_pages = BLOCK, .in_kernel_zone = kernel, .in_movable_zone = movable };

			assert_int_equal(policy_is_movable(&contig, &nothing, &r), movable && !kernel);
			assert_int_equal(policy_is_movable(&node, &nothing, &r), movable || !kernel);
		}
}

/* 2 GiB at boot allow for 6164 MiB of movable memory: 301%. */
static void the_ratio_ends_movable_memory(void **state)
{
	struct policy_node node[] = { { 2048 * MIB, 0 }, { 0, 0 } };
	const struct policy_group dimm = { .whole_pages = 1024 * MIB };
	const struct policy_memory m = { node, ARRAY_SIZE(node), &dimm, 1 };
	struct policy_range r = { .nr_pages = BLOCK, .group = &dimm };
	struct policy p = automatic;

	(void)state;
	node[0].movable_pages = 5140 * MIB;
	assert_true(policy_is_movable(&p, &m, &r));
	node[0].movable_pages = 5141 * MIB;		/* all of the group must fit, not this block alone */
	assert_false(policy_is_movable(&p, &m, &r));
	r.group = NULL;
	assert_true(policy_is_movable(&p, &m, &r));
	r.group = &dimm;
	node[0].movable_pages = 0;
	r.node = 1;					/* which has no memory of boot */
	assert_false(policy_is_movable(&p, &m, &r));
	p.numa_aware = false;
	assert_true(policy_is_movable(&p, &m, &r));
	p.ratio = 0;
	assert_false(policy_is_movable(&p, &m, &r));
}

/* A DIMM is in one kind of zone: what is online of it decides for the rest. */
static void a_static_group_stays_together(void **state)
{
	struct policy_node node = { 2048 * MIB, 6000 * MIB };
	struct policy_group dimm = { .whole_pages = 512 * MIB, .movable_pages = 384 * MIB };
	const struct policy_memory m = { &node, 1, &dimm, 1 };
	const struct policy_range r = { .nr_pages = BLOCK, .group = &dimm };

	(void)state;
	assert_true(policy_is_movable(&automatic, &m, &r));	/* 128 MiB are left of it */
	dimm.movable_pages = 256 * MIB;
	assert_false(policy_is_movable(&automatic, &m, &r));	/* 256 MiB do not fit */
	node.movable_pages = 0;
	dimm.kernel_pages = BLOCK;
	assert_false(policy_is_movable(&automatic, &m, &r));
}

/* virtio-mem in big blocks: a unit stays together, and the next one may differ. */
static void a_unit_stays_together(void **state)
{
	const struct policy_node node = { 256 * MIB, 512 * MIB };
	const struct policy_group vm = { .dynamic = true, .whole_pages = 256 * MIB, .movable_pages = 512 * MIB };
	const struct policy_memory m = { &node, 1, &vm, 1 };
	struct policy_range r = { .nr_pages = BLOCK, .group = &vm };

	(void)state;
	assert_true(policy_is_movable(&automatic, &m, &r));	/* 768 of 770 MiB */
	r.unit_kernel_pages = BLOCK;
	assert_false(policy_is_movable(&automatic, &m, &r));
	r.nr_pages = 256 * MIB;					/* a unit of its own has no rest */
	assert_true(policy_is_movable(&automatic, &m, &r));
}

/* Kernel memory of a dynamic group allows for movable memory of the same group, and of no other. */
static void a_dynamic_group_counts_for_itself(void **state)
{
	struct policy_node node = { 256 * MIB, 768 * MIB };
	struct policy_group vm[] = {
		{ .dynamic = true, .whole_pages = BLOCK, .kernel_pages = 256 * MIB, .movable_pages = 768 * MIB },
		{ .dynamic = true, .whole_pages = BLOCK },
	};
	const struct policy_memory m = { &node, 1, vm, ARRAY_SIZE(vm) };
	struct policy_range r = { .nr_pages = BLOCK, .group = &vm[0] };

	(void)state;
	assert_true(policy_is_movable(&automatic, &m, &r));	/* 896 of 301% of 512 MiB */
	r.group = &vm[1];
	/* the first needs no early memory for itself: 768 * 100 / 301 is less than its 256 MiB */
	assert_true(policy_is_movable(&automatic, &m, &r));
	vm[0].kernel_pages = 0;
	node.movable_pages += 3 * MIB;
	vm[0].movable_pages += 3 * MIB;
	/* now it needs 256 MiB of early memory: all there is */
	assert_false(policy_is_movable(&automatic, &m, &r));
	vm[0].dynamic = false;
	assert_false(policy_is_movable(&automatic, &m, &r));
	node.movable_pages = vm[0].movable_pages = 0;
	assert_true(policy_is_movable(&automatic, &m, &r));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(options_are_read),
		cmocka_unit_test(a_unit_is_as_large_as_it_must_be_or_as_asked),
		cmocka_unit_test(contiguous_zones_are_continued),
		cmocka_unit_test(the_ratio_ends_movable_memory),
		cmocka_unit_test(a_static_group_stays_together),
		cmocka_unit_test(a_unit_stays_together),
		cmocka_unit_test(a_dynamic_group_counts_for_itself),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
