// SPDX-License-Identifier: GPL-2.0-or-later
/* Limits of per-cpu lists: the zone's, and the first CPU that has others. */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "base/clean.h"
#include "page/pageset.h"
#include "sample_memory.h"

#define MEMORY		0xffff888000000000ull
#define OFFSETS		(MEMORY + 0x100)
#define ZONE		(MEMORY + 0x400)
#define AREA		(MEMORY + 0x1000)	/* of CPU 0 */
#define AREA_BYTES	0x200u
#define NR_CPUS		3u
#define PAGESET		0x80u
#define HIGH_MIN	1
#define BATCH		3

struct fixture {
	struct sample_memory m;
	struct page_layout l;
	struct per_cpu cpus;
};

static void put(struct fixture *f, uint64_t addr, uint64_t value, size_t len)
{
	sample_memory_put(&f->m, addr, &value, len);
}

static void put_cpu(struct fixture *f, unsigned int cpu, uint32_t high_min, uint16_t batch)
{
	put(f, AREA + cpu * AREA_BYTES + PAGESET + 16, high_min, 4);
	put(f, AREA + cpu * AREA_BYTES + PAGESET + 20, batch, 2);
}

/* As a kernel of 6.12, but for high_max; what lies beside the limits is not zero. */
static void begin(struct fixture *f)
{
	*f = (struct fixture){ .cpus = { OFFSETS, NR_CPUS } };
	sample_memory_init(&f->m, MEMORY, AREA - MEMORY + NR_CPUS * AREA_BYTES, 4096);
	for (size_t i = 0; i < f->m.len; i++)
		f->m.bytes[i] = 0x5a;
	f->l.zone_pageset = (struct layout_field){ 0x10, 8, true };
	f->l.pageset[HIGH_MIN] = (struct layout_limit){ { 0x20, 4, true }, { 16, 4, true } };
	f->l.pageset[BATCH] = (struct layout_limit){ { 0x24, 4, true }, { 20, 2, true } };
	put(f, ZONE + 0x10, PAGESET, 8);
	put(f, ZONE + 0x20, 250, 4);
	put(f, ZONE + 0x24, 63, 4);
	for (unsigned int cpu = 0; cpu < NR_CPUS; cpu++) {
		put(f, OFFSETS + cpu * 8, AREA + cpu * AREA_BYTES, 8);
		put_cpu(f, cpu, 250, 63);
	}
}

static void want(struct fixture *f, unsigned int i, uint64_t zone, uint64_t cpu_has, unsigned int cpu)
{
	struct pageset p;

	assert_int_equal(pageset_read(&f->m.memory, &f->l, &f->cpus, ZONE, &p), 0);
	assert_true(p.limit[i].known);
	assert_int_equal(p.limit[i].zone, zone);
	assert_int_equal(p.limit[i].cpu_has, cpu_has);
	assert_int_equal(p.limit[i].cpu, cpu);
	assert_false(p.limit[0].known || p.limit[2].known);
}

static void each_cpu_is_looked_at(void **state)
{
	struct fixture f;

	(void)state;
	begin(&f);
	assert_true(pageset_known(&f.l, &f.cpus));
	want(&f, HIGH_MIN, 250, 250, 0);
	want(&f, BATCH, 63, 63, 0);
	put_cpu(&f, 2, 0, 63);
	want(&f, HIGH_MIN, 250, 0, 2);
	want(&f, BATCH, 63, 63, 0);
	/* the first one that has another */
	put_cpu(&f, 1, 251, 1);
	want(&f, HIGH_MIN, 250, 251, 1);
	want(&f, BATCH, 63, 1, 1);
	/* only as many as are possible */
	f.cpus.nr_cpus = 1;
	want(&f, HIGH_MIN, 250, 250, 0);
	sample_memory_deinit(&f.m);
}

static void what_must_be_known(void **state)
{
	struct fixture f;

	(void)state;
	begin(&f);
	f.l.pageset[BATCH].cpu.has = false;
	assert_true(pageset_known(&f.l, &f.cpus));
	f.l.pageset[HIGH_MIN].zone.size = 16;
	assert_false(pageset_known(&f.l, &f.cpus));
	f.l.pageset[HIGH_MIN].zone.size = 4;
	f.l.zone_pageset.has = false;
	assert_false(pageset_known(&f.l, &f.cpus));
	f.l.zone_pageset.has = true;
	f.cpus.offsets = 0;
	assert_false(pageset_known(&f.l, &f.cpus));
	sample_memory_deinit(&f.m);
}

static void what_is_not_there_is_a_fault(void **state)
{
	struct pageset p = { .limit[0].cpu = 77 };
	struct fixture f;

	(void)state;
	begin(&f);
	put(&f, OFFSETS + 16, AREA + NR_CPUS * AREA_BYTES, 8);
	assert_int_equal(pageset_read(&f.m.memory, &f.l, &f.cpus, ZONE, &p), -EFAULT);
	f.m.broken = -ESRCH;
	f.m.views = 0;
	assert_int_equal(pageset_read(&f.m.memory, &f.l, &f.cpus, ZONE, &p), -ESRCH);
	assert_int_equal(p.limit[0].cpu, 77);
	sample_memory_deinit(&f.m);
}

static void the_place_is_that_in_the_zone(void **state)
{
	struct fixture f;
	uint64_t place = 1;

	(void)state;
	begin(&f);
	assert_int_equal(pageset_place(&f.m.memory, &f.l, ZONE, &place), 0);
	assert_int_equal(place, PAGESET);
	assert_int_equal(pageset_place(&f.m.memory, &f.l, AREA + NR_CPUS * AREA_BYTES, &place), -EFAULT);
	f.l.zone_pageset.has = false;
	assert_int_equal(pageset_place(&f.m.memory, &f.l, ZONE, &place), 0);
	assert_int_equal(place, 0);
	sample_memory_deinit(&f.m);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_cpu_is_looked_at),
		cmocka_unit_test(the_place_is_that_in_the_zone),
		cmocka_unit_test(what_must_be_known),
		cmocka_unit_test(what_is_not_there_is_a_fault),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
