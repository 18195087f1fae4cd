// SPDX-License-Identifier: GPL-2.0-or-later
/* Chunks of per-cpu memory: on their lists, and what is allocated of them. */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "base/clean.h"
#include "base/mem.h"
#include "page/percpu_area.h"
#include "sample_memory.h"

#define MEMORY	0xffff888000000000ull
#define LISTS	(MEMORY + 0x100)
#define NR_LISTS 3u
#define PLACE	24u
#define FREE	4u
#define PAGES	40u

struct fixture {
	struct sample_memory m;
	struct page_layout l;
};

static uint64_t chunk_at(unsigned int i)
{
	return MEMORY + 0x1000 + i * 64ull;
}

static void put(struct fixture *f, uint64_t addr, uint64_t value, size_t bytes)
{
	sample_memory_put(&f->m, addr, &value, bytes);
}

/* A list of chunks, one after the other; the last leads back, as a ring does. */
static void put_list(struct fixture *f, unsigned int list, unsigned int first, unsigned int nr)
{
	uint64_t head = LISTS + list * 16ull, before = head;

	for (unsigned int i = first; i < first + nr; i++) {
		put(f, before, chunk_at(i) + PLACE, 8);
		before = chunk_at(i) + PLACE;
	}
	put(f, before, head, 8);
}

static void put_chunk(struct fixture *f, unsigned int i, uint32_t pages, uint32_t free)
{
	put(f, chunk_at(i) + PAGES, pages, 4);
	put(f, chunk_at(i) + FREE, free, 4);
}

static int set_up(void **state)
{
	struct fixture *f = xcalloc(1, sizeof(*f));

	sample_memory_init(&f->m, MEMORY, 0x2000, 4096);
	f->l.percpu = (struct layout_percpu){ { PLACE, 16, true }, { FREE, 4, true }, { PAGES, 4, true } };
	put_list(f, 0, 0, 2);
	put_list(f, 1, 0, 0);
	put_list(f, 2, 2, 1);
	put_chunk(f, 0, 2, 8192);
	put_chunk(f, 1, 2, 100);
	put_chunk(f, 2, 1, 0);
	*state = f;
	return 0;
}

static void what_is_not_free_is_used(void **state)
{
	struct fixture *f = *state;
	uint64_t used;

	assert_int_equal(percpu_area_used(&f->m.memory, &f->l, LISTS, NR_LISTS, &used), 0);
	assert_int_equal(used, 8192 - 100 + 4096);
	assert_int_equal(percpu_area_used(&f->m.memory, &f->l, LISTS, 0, &used), 0);
	assert_int_equal(used, 0);
}

static void what_cannot_be_has_no_sum(void **state)
{
	struct fixture *f = *state;
	uint64_t used;

	assert_int_equal(percpu_area_used(&f->m.memory, &f->l, LISTS, 65, &used), -EFAULT);
	put_chunk(f, 2, 1, 4097);
	assert_int_equal(percpu_area_used(&f->m.memory, &f->l, LISTS, NR_LISTS, &used), -EFAULT);
	put_chunk(f, 2, UINT32_MAX, 0);
	assert_int_equal(percpu_area_used(&f->m.memory, &f->l, LISTS, NR_LISTS, &used), -EFAULT);
	put_chunk(f, 2, 1, 0);
	/* a ring that leaves the head out */
	put(f, chunk_at(2) + PLACE, chunk_at(2) + PLACE, 8);
	assert_int_equal(percpu_area_used(&f->m.memory, &f->l, LISTS, NR_LISTS, &used), -EFAULT);
	put(f, chunk_at(2) + PLACE, MEMORY + 0x100000, 8);
	assert_int_equal(percpu_area_used(&f->m.memory, &f->l, LISTS, NR_LISTS, &used), -EFAULT);
}

static void an_unknown_chunk_is_not_read(void **state)
{
	struct fixture *f = *state;
	struct layout_percpu *p = &f->l.percpu, right = *p;
	struct layout_field *const fields[] = { &p->place, &p->free, &p->pages };
	uint64_t used;

	for (size_t i = 0; i < ARRAY_SIZE(fields); i++) {
		fields[i]->size++;
		assert_int_equal(percpu_area_used(&f->m.memory, &f->l, LISTS, NR_LISTS, &used), -ENOENT);
		*p = right;
		fields[i]->has = false;
		assert_int_equal(percpu_area_used(&f->m.memory, &f->l, LISTS, NR_LISTS, &used), -ENOENT);
		*p = right;
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(what_is_not_free_is_used, set_up, sample_memory_tear_down),
		cmocka_unit_test_setup_teardown(what_cannot_be_has_no_sum, set_up, sample_memory_tear_down),
		cmocka_unit_test_setup_teardown(an_unknown_chunk_is_not_read, set_up, sample_memory_tear_down),
	};

	return cmocka_run_group_tests_name("percpu_area", tests, NULL, NULL);
}
