// SPDX-License-Identifier: GPL-2.0-or-later
/* Free pages of a zone: what the zone counts, what its CPUs owe it, what they keep. */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <cmocka.h>

#include "base/clean.h"
#include "base/mem.h"
#include "page/zone_free.h"
#include "sample_memory.h"

#define MEMORY		0xffff888000000000ull
#define OFFSETS		(MEMORY + 0x100)
#define ZONE		(MEMORY + 0x400)
#define AREA		(MEMORY + 0x1000)	/* of CPU 0 */
#define AREA_BYTES	0x800u
#define NR_CPUS		3u
#define END		(AREA + NR_CPUS * AREA_BYTES)

/* Per-cpu addresses are small: they are added to the offset of a CPU. */
#define PAGESET		0x100u
#define STATS		0x7f0u
#define FREE		1000u

struct fixture {
	struct sample_memory m;
	struct page_layout l;
	struct per_cpu cpus;
};

static void put(struct fixture *f, uint64_t addr, int64_t value, size_t len)
{
	sample_memory_put(&f->m, addr, &value, len);
}

static void put_cpu(struct fixture *f, unsigned int cpu, int32_t count, int8_t diff)
{
	put(f, AREA + cpu * AREA_BYTES + PAGESET + 8, count, 4);
	put(f, AREA + cpu * AREA_BYTES + STATS + 15, diff, 1);
}

static int set_up(void **state)
{
	struct fixture *f = xcalloc(1, sizeof(*f));

	/* what lies beside the counters is not zero, and none of it counts */
	sample_memory_init(&f->m, MEMORY, END - MEMORY, 4096);
	for (size_t i = 0; i < f->m.len; i++)
		f->m.bytes[i] = 0x5a;
	f->l.zone_free = (struct layout_field){ 0x80, 8, true };
	f->l.zone_pageset = (struct layout_field){ 0x10, 8, true };
	f->l.zone_stats = (struct layout_field){ 0x18, 8, true };
	f->l.pcp_count = (struct layout_field){ 8, 4, true };
	f->l.stats_free_diff = (struct layout_field){ 15, 1, true };
	f->cpus = (struct per_cpu){ OFFSETS, NR_CPUS };
	put(f, ZONE + 0x80, FREE, 8);
	put(f, ZONE + 0x10, PAGESET, 8);
	put(f, ZONE + 0x18, STATS, 8);
	for (unsigned int cpu = 0; cpu < NR_CPUS; cpu++) {
		put(f, OFFSETS + cpu * 8, (int64_t)(AREA + cpu * AREA_BYTES), 8);
		put_cpu(f, cpu, 0, 0);
	}
	*state = f;
	return 0;
}

static void counts(struct fixture *f, uint64_t free_pages, uint64_t pcp)
{
	uint64_t is_free = 0, is_pcp = 0;

	assert_true(zone_free_known(&f->l, &f->cpus));
	assert_int_equal(zone_free_read(&f->m.memory, &f->l, &f->cpus, ZONE, &is_free, &is_pcp), 0);
	assert_int_equal(is_free, free_pages);
	assert_int_equal(is_pcp, pcp);
}

static void fails(struct fixture *f, int r)
{
	uint64_t is_free = 77, is_pcp = 78;

	assert_int_equal(zone_free_read(&f->m.memory, &f->l, &f->cpus, ZONE, &is_free, &is_pcp), r);
	assert_int_equal(is_free, 77);
	assert_int_equal(is_pcp, 78);
}

static void each_cpu_counts(void **state)
{
	struct fixture *f = *state;

	counts(f, FREE, 0);
	put_cpu(f, 0, 5, 7);
	counts(f, FREE + 7, 5);
	put_cpu(f, 1, 0x12345, 100);
	counts(f, FREE + 107, 5 + 0x12345);
	put_cpu(f, 2, 1, 1);
	counts(f, FREE + 108, 6 + 0x12345);
	/* as many as are possible, and no more */
	f->cpus.nr_cpus = 2;
	counts(f, FREE + 107, 5 + 0x12345);
}

static void differences_have_a_sign(void **state)
{
	struct fixture *f = *state;

	put_cpu(f, 0, 0, -125);
	put_cpu(f, 1, 0, INT8_MIN);
	put_cpu(f, 2, 0, INT8_MAX);
	counts(f, FREE - 125 - 128 + 127, 0);
	/* the zone itself may be below zero as long as its CPUs have the rest */
	put(f, ZONE + 0x80, -100, 8);
	put_cpu(f, 0, 0, 1);
	put_cpu(f, 1, 0, 100);
	counts(f, 1 + 127, 0);
	/* more than 32 bits hold */
	put(f, ZONE + 0x80, 1ll << 40, 8);
	counts(f, (1ull << 40) + 228, 0);
}

static void all_fields_must_be_known(void **state)
{
	struct fixture *f = *state;
	struct layout_field *fields[] = { &f->l.zone_free, &f->l.zone_pageset, &f->l.zone_stats, &f->l.pcp_count,
					  &f->l.stats_free_diff };
	static const struct per_cpu unknown[] = {
		{ 0, NR_CPUS }, { OFFSETS, 0 }, { OFFSETS, PER_CPU_MAX + 1 }, { OFFSETS, UINT32_MAX },
	};
	const struct per_cpu most = { OFFSETS, PER_CPU_MAX };

	assert_true(zone_free_known(&f->l, &f->cpus));
	assert_true(zone_free_known(&f->l, &most));
	for (size_t i = 0; i < ARRAY_SIZE(unknown); i++)
		assert_false(zone_free_known(&f->l, &unknown[i]));
	for (size_t i = 0; i < ARRAY_SIZE(fields); i++) {
		const struct layout_field was = *fields[i];

		fields[i]->has = false;
		assert_false(zone_free_known(&f->l, &f->cpus));
		*fields[i] = was;
		/* another size is another kernel's */
		fields[i]->size = 2;
		assert_false(zone_free_known(&f->l, &f->cpus));
		*fields[i] = was;
		assert_true(zone_free_known(&f->l, &f->cpus));
	}
}

static void what_is_not_there_is_a_fault(void **state)
{
	static const struct { uint64_t addr; size_t len; uint64_t sound, wrong; } words[] = {
		{ ZONE + 0x10, 8, PAGESET, NR_CPUS * AREA_BYTES },	/* beyond all that CPU 0 has */
		{ ZONE + 0x18, 8, STATS, NR_CPUS * AREA_BYTES },
		{ ZONE + 0x10, 8, PAGESET, UINT64_MAX - 0x10000 },	/* around the end of addresses */
		{ ZONE + 0x18, 8, STATS, 0 - AREA },			/* NULL for CPU 0 */
		{ OFFSETS + 16, 8, AREA + 2 * AREA_BYTES, END },
		{ OFFSETS, 8, AREA, 0 },
	};
	struct fixture *f = *state;

	for (size_t i = 0; i < ARRAY_SIZE(words); i++) {
		put(f, words[i].addr, (int64_t)words[i].wrong, words[i].len);
		fails(f, -EFAULT);
		put(f, words[i].addr, (int64_t)words[i].sound, words[i].len);
		counts(f, FREE, 0);
	}
	f->cpus.offsets = END - 16;	/* one is missing */
	fails(f, -EFAULT);
	f->cpus.offsets = UINT64_MAX;
	fails(f, -EFAULT);
}

static void the_readers_error_is_handed_on(void **state)
{
	struct fixture *f = *state;

	f->m.broken = -ESRCH;
	for (f->m.broken_from = 0; f->m.broken_from < 3 + NR_CPUS * 3; f->m.broken_from++) {
		f->m.views = 0;
		fails(f, -ESRCH);
	}
	f->m.views = 0;
	counts(f, FREE, 0);
}

#define ZONE_TEST(name) cmocka_unit_test_setup_teardown(name, set_up, sample_memory_tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		ZONE_TEST(each_cpu_counts),
		ZONE_TEST(differences_have_a_sign),
		ZONE_TEST(all_fields_must_be_known),
		ZONE_TEST(what_is_not_there_is_a_fault),
		ZONE_TEST(the_readers_error_is_handed_on),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
