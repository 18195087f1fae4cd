// SPDX-License-Identifier: GPL-2.0-or-later
/* Counts of zones and nodes: their own number and what each CPU has of it. */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "page/vm_stat.h"
#include "sample_memory.h"

#define MEMORY		0xffff888000000000ull
#define OFFSETS		(MEMORY + 0x100)
#define NODE		(MEMORY + 0x400)
#define AREA		(MEMORY + 0x1000)	/* of CPU 0 */
#define AREA_BYTES	0x200u
#define NR_CPUS		3u
#define STATS		0x80u

struct fixture {
	struct sample_memory m;
	struct layout_stats l;
	struct per_cpu cpus;
};

static void put(struct fixture *f, uint64_t addr, uint64_t value, size_t len)
{
	sample_memory_put(&f->m, addr, &value, len);
}

static void put_cpu(struct fixture *f, unsigned int cpu, int first, int second)
{
	put(f, AREA + cpu * AREA_BYTES + STATS + 3, (uint64_t)first, 1);
	put(f, AREA + cpu * AREA_BYTES + STATS + 4, (uint64_t)second, 1);
}

/* What lies beside the counts is not zero. */
static void begin(struct fixture *f)
{
	*f = (struct fixture){ .cpus = { OFFSETS, NR_CPUS } };
	sample_memory_init(&f->m, MEMORY, AREA - MEMORY + NR_CPUS * AREA_BYTES, 4096);
	for (size_t i = 0; i < f->m.len; i++)
		f->m.bytes[i] = 0x5a;
	f->l.total = (struct layout_field){ 0x20, 16, true };
	f->l.cpu = (struct layout_field){ 0x10, 8, true };
	f->l.difference = (struct layout_field){ 3, 2, true };
	f->l.nr = 2;
	put(f, NODE + 0x10, STATS, 8);
	put(f, NODE + 0x20, 6, 8);
	put(f, NODE + 0x28, (uint64_t)-4, 8);
	for (unsigned int cpu = 0; cpu < NR_CPUS; cpu++) {
		put(f, OFFSETS + cpu * 8, AREA + cpu * AREA_BYTES, 8);
		put_cpu(f, cpu, 0, 0);
	}
}

static void all_parts_are_added(void **state)
{
	struct vm_stats v;
	struct fixture f;

	(void)state;
	begin(&f);
	put_cpu(&f, 0, -6, 100);
	put_cpu(&f, 2, 0, -128);
	assert_int_equal(vm_stats_read(&f.m.memory, &f.l, &f.cpus, NODE, &v), 0);
	assert_true(v.known);
	assert_int_equal(v.own, STATS);
	assert_int_equal(v.nr[0], 0);
	assert_int_equal(v.nr[1], -4 + 100 - 128);
	assert_int_equal(v.folded[0], 6);
	assert_int_equal(v.folded[1], -4);
	/* only as many CPUs as are possible */
	f.cpus.nr_cpus = 2;
	assert_int_equal(vm_stats_read(&f.m.memory, &f.l, &f.cpus, NODE, &v), 0);
	assert_int_equal(v.nr[1], 96);
	sample_memory_deinit(&f.m);
}

static void what_must_be_known(void **state)
{
	struct vm_stats v = { .known = true };
	struct fixture f;

	(void)state;
	for (int i = 0; i < 7; i++) {
		begin(&f);
		f.l.cpu.has = i != 0;
		f.l.difference.has = i != 1;
		f.l.total.size = i != 2 ? 16 : 24;
		f.cpus.offsets = i != 3 ? OFFSETS : 0;
		f.l.difference.size = i != 4 ? 2 : 4;
		f.l.nr = i != 5 ? 2 : 0;
		f.l.total.has = i != 6;
		assert_int_equal(vm_stats_read(&f.m.memory, &f.l, &f.cpus, NODE, &v), 0);
		assert_false(v.known);
		sample_memory_deinit(&f.m);
	}
}

static void what_is_not_there_is_a_fault(void **state)
{
	struct vm_stats v;
	struct fixture f;

	(void)state;
	begin(&f);
	put(&f, OFFSETS + 16, AREA + NR_CPUS * AREA_BYTES, 8);
	assert_int_equal(vm_stats_read(&f.m.memory, &f.l, &f.cpus, NODE, &v), -EFAULT);
	assert_false(v.known);
	f.m.broken = -ESRCH;
	f.m.views = 0;
	assert_int_equal(vm_stats_read(&f.m.memory, &f.l, &f.cpus, NODE, &v), -ESRCH);
	sample_memory_deinit(&f.m);
}

static void totals_are_read(void **state)
{
	struct page_layout l = { 0 };
	struct vm_totals t;
	struct fixture f;

	(void)state;
	begin(&f);
	l.zone_counts = l.node_counts = f.l;
	put(&f, NODE + 0x100, 11, 8);
	put(&f, NODE + 0x108, (uint64_t)-2, 8);
	assert_int_equal(vm_totals_read(&f.m.memory, &l, NODE + 0x100, NODE + 0x20, &t), 0);
	assert_true(t.known);
	assert_int_equal(t.zones[0], 11);
	assert_int_equal(t.zones[1], -2);
	assert_int_equal(t.zones[2], 0);
	assert_int_equal(t.nodes[0], 6);
	assert_int_equal(t.nodes[1], -4);
	assert_int_equal(vm_totals_read(&f.m.memory, &l, NODE, MEMORY - 8, &t), -EFAULT);
	assert_false(t.known);
	l.node_counts.total.size = 24;
	assert_int_equal(vm_totals_read(&f.m.memory, &l, NODE, NODE, &t), 0);
	assert_false(t.known);
	sample_memory_deinit(&f.m);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(all_parts_are_added),
		cmocka_unit_test(what_must_be_known),
		cmocka_unit_test(totals_are_read),
		cmocka_unit_test(what_is_not_there_is_a_fault),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
