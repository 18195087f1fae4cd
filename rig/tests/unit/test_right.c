// SPDX-License-Identifier: GPL-2.0-or-later
/* What a right kernel shows in each state is right to every judge. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

#include "sample_scene.h"

static void judge(struct sample *s, const struct snapshot *seen, struct findings *out)
{
	struct page_layout outside = s->layout;

	sample_know_zones(&outside);
	model_learn(&s->model, seen);
	model_agree(&outside, seen, SAMPLE_STEP, out);
	model_agree_faults(&s->model, seen, SAMPLE_STEP, out);
	model_compare(&s->model, seen, SAMPLE_STEP, out);
	model_balance(&s->model, seen, SAMPLE_STEP, out);
	model_compare_boot(&s->model, &s->base, seen, SAMPLE_STEP, out);
}

static int one_state(enum sample_kernel kernel, bool raw, enum sample_state state)
{
	struct findings out = { 0 };
	struct snapshot right;
	struct sample s;
	int errors;

	sample_init(&s, kernel, raw);
	sample_enter(&s, state);
	sample_right(&s, &right);
	if (raw)
		sample_see_outside(&right);
	judge(&s, &right, &out);
	for (size_t k = 0; k < out.nr; k++)
		print_error("kernel %d raw %d state %d: %s 0x%llx+%llu: %s: %s\n", (int)kernel, raw, (int)state,
			    out.f[k].invariant, (unsigned long long)out.f[k].first_pfn,
			    (unsigned long long)out.f[k].nr_pfns, out.f[k].expected, out.f[k].seen);
	errors = out.nr > 0;
	findings_deinit(&out);
	snapshot_deinit(&right);
	sample_deinit(&s);
	return errors;
}

static void right_snapshots_have_no_findings(void **state)
{
	int errors = 0;

	(void)state;
	for (int kernel = 0; kernel < SAMPLE_NR_KERNELS; kernel++)
		for (int raw = 0; raw < 2; raw++)
			for (int i = 0; i < SAMPLE_NR_STATES; i++)
				if (sample_can((enum sample_kernel)kernel, (enum sample_state)i))
					errors += one_state((enum sample_kernel)kernel, raw, (enum sample_state)i);
	assert_int_equal(errors, 0);
}

static int nr_of(const struct findings *list, const char *invariant)
{
	int nr = 0;

	for (size_t i = 0; i < list->nr; i++)
		nr += !strcmp(list->f[i].invariant, invariant);
	return nr;
}

/* The kernel may have what it got from the allocator mapped as it needs it. */
static void what_the_kernel_uses_may_be_mapped_in_other_ways(void **state)
{
	struct findings out = { 0 };
	struct snapshot right;
	struct sample s;

	(void)state;
	sample_init(&s, SAMPLE_6_12, true);
	sample_enter(&s, SAMPLE_HALF);
	sample_right(&s, &right);
	sample_map(&right.direct_map, &(struct mapping){ SAMPLE_D0_PFN + 8, 4, SAMPLE_UNMAPPED, 0 });
	sample_map(&right.direct_map, &(struct mapping){ SAMPLE_D0_PFN + 16, 4, SAMPLE_D0_PFN + 16, MAPPING_UNCACHED });
	sample_map(&right.direct_map, &(struct mapping){ SAMPLE_D0_PFN + 20, 4, SAMPLE_D0_PFN + 20, MAPPING_EXECUTABLE });
	/* what boot has is the kernel's own affair */
	sample_map(&right.direct_map, &(struct mapping){ 0x1000, 0x200, 0x1000, MAPPING_EXECUTABLE });
	model_compare(&s.model, &right, SAMPLE_STEP, &out);
	assert_int_equal(out.nr, 0);
	/* but not for programs, and not what others use */
	sample_map(&right.direct_map, &(struct mapping){ SAMPLE_D0_PFN + 24, 1, SAMPLE_D0_PFN + 24, MAPPING_USER });
	s.model.device[0].block[0].had_kernel = false;
	model_compare(&s.model, &right, SAMPLE_STEP, &out);
	assert_int_equal(nr_of(&out, "directmap.mapped"), 1);
	assert_int_equal(nr_of(&out, "directmap.attributes"), 3);
	findings_deinit(&out);
	snapshot_deinit(&right);
	sample_deinit(&s);
}

/* Nor is it residue when boot RAM that was not mapped at the start is mapped again. */
static void boot_ram_may_come_back_into_the_direct_map(void **state)
{
	struct findings out = { 0 };
	struct snapshot right;
	struct sample s;

	(void)state;
	sample_init(&s, SAMPLE_6_12, true);
	sample_map(&s.base.direct_map, &(struct mapping){ 0x2000, 1, SAMPLE_UNMAPPED, 0 });
	sample_map(&s.base.direct_map, &(struct mapping){ 0x7f000, 0x200, SAMPLE_UNMAPPED, 0 });
	sample_enter(&s, SAMPLE_ONLINE);
	sample_right(&s, &right);
	model_compare(&s.model, &right, SAMPLE_STEP, &out);
	assert_int_equal(out.nr, 0);
	snapshot_deinit(&right);
	sample_deinit(&s);
}

/* With debug_pagealloc a free page is not mapped, and stays so when its block goes offline. */
static void free_pages_may_be_unmapped_where_nothing_large_is_mapped(void **state)
{
	const struct mapping hole = { SAMPLE_D0_PFN + 8, 4, SAMPLE_UNMAPPED, 0 };
	struct findings out = { 0 };
	struct snapshot right;
	struct sample s;

	(void)state;
	sample_init(&s, SAMPLE_6_12, true);
	for (size_t i = 0; i < s.base.counters.nr; i++)
		if (!strcmp(s.base.counters.v[i].name, "DirectMap2M"))
			strcpy(s.base.counters.v[i].value, "0 kB");
	sample_enter(&s, SAMPLE_OFFLINED);
	sample_right(&s, &right);
	sample_map(&right.direct_map, &hole);
	model_compare(&s.model, &right, SAMPLE_STEP, &out);
	assert_int_equal(nr_of(&out, "directmap.mapped"), 0);
	findings_deinit(&out);
	snapshot_deinit(&right);
	sample_deinit(&s);
}

/* What the memmap of memory that never was online holds may look like a free chunk of any zone. */
static void garbage_is_no_free_chunk(void **state)
{
	struct findings out = { 0 };
	struct snapshot right;
	struct sample s;
	struct page_run *run;

	(void)state;
	sample_init(&s, SAMPLE_6_1, true);
	sample_enter(&s, SAMPLE_ADDED);
	sample_right(&s, &right);
	run = sample_page(&right, SAMPLE_D0_PFN + 5, 1);
	run->state.type = layout_type_index(&s.layout, "buddy");
	run->state.order = 2;
	run->state.zone = 1;
	run->state.node = 0;
	sample_see_outside(&right);
	model_balance(&s.model, &right, SAMPLE_STEP, &out);
	assert_int_equal(out.nr, 0);
	findings_deinit(&out);
	snapshot_deinit(&right);
	sample_deinit(&s);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(right_snapshots_have_no_findings),
		cmocka_unit_test(what_the_kernel_uses_may_be_mapped_in_other_ways),
		cmocka_unit_test(boot_ram_may_come_back_into_the_direct_map),
		cmocka_unit_test(free_pages_may_be_unmapped_where_nothing_large_is_mapped),
		cmocka_unit_test(garbage_is_no_free_chunk),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
