// SPDX-License-Identifier: GPL-2.0-or-later
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <stdio.h>
#include <string.h>

#include "model/finding.h"

static struct finding page_finding(uint64_t pfn, uint64_t nr)
{
	struct finding f = { .invariant = "page.refcount", .kind = FAIL_INVARIANT, .step = "s",
			     .has_pfn = true, .first_pfn = pfn, .nr_pfns = nr, .expected = "refcount=0",
			     .seen = "refcount=1" };

	return f;
}

static void add_page(struct findings *list, uint64_t pfn, uint64_t nr)
{
	struct finding f = page_finding(pfn, nr);

	finding_add(list, &f);
}

static void pages_alike_are_one_finding(void **state)
{
	struct findings list = { 0 };

	(void)state;
	add_page(&list, 100, 1);
	add_page(&list, 900, 2);
	assert_int_equal(list.nr, 1);
	assert_int_equal(list.f[0].first_pfn, 100);
	assert_int_equal(list.f[0].nr_pfns, 3);
	findings_deinit(&list);
}

static void a_page_far_behind_the_first_lasts_too(void **state)
{
	struct findings first = { 0 }, again = { 0 };

	(void)state;
	add_page(&first, 100, 1);
	add_page(&first, 900, 1);
	add_page(&again, 900, 1);	/* the first one was passing, this one stays */
	assert_true(finding_lasts(&first.f[0], &again));
	findings_deinit(&again);
	add_page(&again, 101, 799);	/* between the two, none of them */
	assert_false(finding_lasts(&first.f[0], &again));
	findings_deinit(&first);
	findings_deinit(&again);
}

static void counts_that_move_last_unless_others_allocate(void **state)
{
	struct findings first = { 0 }, again = { 0 };

	(void)state;
	finding_addf(&first, "s", "zone.managed", "node 0 zone Movable: 0", "2 (+2)");
	finding_addf(&again, "s", "zone.managed", "node 0 zone Movable: 0", "3 (+3)");
	assert_true(finding_lasts(&first.f[0], &again));
	findings_deinit(&first);
	findings_deinit(&again);
	finding_addf(&first, "s", "zone.free", "node 0 zone DMA32", "2 pages too few");
	finding_addf(&again, "s", "zone.free", "node 0 zone DMA32", "3 pages too few");
	assert_false(finding_lasts(&first.f[0], &again));
	finding_addf(&again, "s", "zone.free", "node 0 zone DMA32", "2 pages too few");
	assert_true(finding_lasts(&first.f[0], &again));
	finding_drop(&again, 0);
	assert_int_equal(again.nr, 1);
	assert_string_equal(again.f[0].seen, "2 pages too few");
	findings_deinit(&first);
	finding_addf(&first, "s", "vmstat.sums", "NR_FREE_PAGES of all zones: their sum", "%+d", 3);
	finding_addf(&again, "s", "vmstat.sums", "NR_FREE_PAGES of all zones: their sum", "%+d", 4);
	assert_false(finding_lasts(&first.f[0], &again));
	finding_addf(&again, "s", "vmstat.sums", "NR_FREE_PAGES of all zones: their sum", "%+d", 3);
	assert_true(finding_lasts(&first.f[0], &again));
	findings_deinit(&first);
	findings_deinit(&again);
}

static void a_flood_is_counted_and_not_kept(void **state)
{
	struct findings list = { 0 };

	(void)state;
	for (int i = 0; i < FINDINGS_MAX + 7; i++)
		finding_addf(&list, "s", "iomem.residue", "nothing there", "entry %d", i);
	assert_int_equal(list.nr, FINDINGS_MAX);
	assert_int_equal(list.dropped, 7);
	findings_deinit(&list);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(pages_alike_are_one_finding),
		cmocka_unit_test(a_page_far_behind_the_first_lasts_too),
		cmocka_unit_test(counts_that_move_last_unless_others_allocate),
		cmocka_unit_test(a_flood_is_counted_and_not_kept),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
