// SPDX-License-Identifier: GPL-2.0-or-later
/* Two witnesses of one machine: what they may differ in.  What they may not: wrong_witness.c. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "base/clean.h"
#include "sample_devices.h"
#include "wrong_details.h"

struct fixture {
	struct sample s;
	struct page_layout layout;	/* of the reader from outside */
	struct snapshot seen;
	struct findings out;
};

static struct fixture *make(enum sample_state state)
{
	struct fixture *f = calloc(1, sizeof(*f));

	sample_init(&f->s, SAMPLE_6_12, true);
	sample_enter(&f->s, state);
	sample_right(&f->s, &f->seen);
	sample_see_outside(&f->seen);
	f->layout = f->s.layout;
	sample_know_zones(&f->layout);
	return f;
}

static int tear_down(void **state)
{
	struct fixture *f = *state;

	findings_deinit(&f->out);
	snapshot_deinit(&f->seen);
	sample_deinit(&f->s);
	free(f);
	return 0;
}

static int online(void **state)
{
	*state = make(SAMPLE_ONLINE);
	return 0;
}

static int two(void **state)
{
	*state = make(SAMPLE_TWO);
	return 0;
}

static size_t disagreements(struct fixture *f)
{
	findings_deinit(&f->out);
	model_agree(&f->layout, &f->seen, SAMPLE_STEP, &f->out);
	return f->out.nr;
}

/* Each way in which a page in circulation changes between two looks, seen from either side. */
static void pages_in_circulation_change_hands(void **state)
{
	static const struct page_edit edits[] = {
		{ WORD_FLAG, SAMPLE_D0_PFN + SAMPLE_PCP, 1, "lru", 0 },		/* free, and in use now */
		{ WORD_REFCOUNT, SAMPLE_D0_PFN + SAMPLE_PCP + 1, 1, NULL, 3 },
		{ WORD_RAW_TYPE, SAMPLE_D0_PFN + SAMPLE_USED, 1, NULL, 4 },	/* mapped more often */
		{ WORD_TYPE, SAMPLE_D0_PFN + SAMPLE_USED, 1, "slab", 0 },
		{ WORD_TYPE, SAMPLE_D0_PFN + SAMPLE_BUDDY3, 1, "none", 0 },	/* no head of a free chunk now */
		{ WORD_ORDER, SAMPLE_D0_PFN + SAMPLE_BUDDY10, 1, NULL, 9 },
		{ WORD_HEAD, SAMPLE_D0_PFN + SAMPLE_HEAD + 1, 3, NULL, PAGE_NO_HEAD },
		{ WORD_FLAG, SAMPLE_BOOT_PCP, 8, "head", 0 },
		/* not seen from outside at all */
		{ WORD_KPAGEFLAGS, SAMPLE_D0_PFN + SAMPLE_USED, 1, NULL, 5 },
	};
	struct fixture *f = *state;

	assert_int_equal(disagreements(f), 0);
	for (size_t i = 0; i < ARRAY_SIZE(edits); i++) {
		const struct wrong_detail w = { .page = edits[i] };

		wrong_detail_apply(&w, &f->s, &f->seen);
		if (disagreements(f))
			fail_msg("edit %zu: %s: '%s': '%s'", i, f->out.f[0].invariant, f->out.f[0].expected,
				 f->out.f[0].seen);
		sample_swap_witnesses(&f->seen);
		assert_int_equal(disagreements(f), 0);
		sample_swap_witnesses(&f->seen);
	}
}

/* Runs that are cut elsewhere are the same pages. */
static void borders_of_runs_do_not_matter(void **state)
{
	struct fixture *f = *state;

	sample_page(&f->seen, SAMPLE_D0_PFN + 2000, 7);
	sample_page(&f->seen, SAMPLE_BOOT_RESERVED + 5, 1);
	sample_swap_witnesses(&f->seen);
	sample_page(&f->seen, SAMPLE_D0_PFN + 2003, 30);
	assert_int_equal(disagreements(f), 0);
}

/* All pages of a kind are one finding, with the first of them and their number. */
static void many_pages_are_one_finding(void **state)
{
	struct fixture *f = *state;

	sample_page_remove(&f->seen, SAMPLE_BOOT_RESERVED + 10, 100);
	sample_page_remove(&f->seen, SAMPLE_BOOT_RESERVED + 1000, 20);
	assert_int_equal(disagreements(f), 1);
	assert_int_equal(f->out.f[0].first_pfn, SAMPLE_BOOT_RESERVED + 10);
	assert_int_equal(f->out.f[0].nr_pfns, 120);
}

static void what_the_layout_does_not_know_is_not_compared(void **state)
{
	struct fixture *f = *state;

	sample_node_zone(&f->seen, 0, "Movable")->managed += 1;
	f->seen.section[0].subsections = 1;
	assert_true(disagreements(f) > 1);
	f->layout.zone_managed.has = f->layout.usage_subsection_map.has = false;
	assert_int_equal(disagreements(f), 0);
	sample_node_zone(&f->seen, 0, "Movable")->present += 1;
	assert_int_equal(disagreements(f), 1);
}

/* Each section that differs is said once, however many borders meet there. */
/* a file of a kernel without the word: whom device pages belong to is the agent's word alone */
static void an_owner_that_one_does_not_know(void **state)
{
	struct fixture *f = make(SAMPLE_FSDAX);

	for (size_t i = 0; i < f->seen.outside.pages.nr; i++)
		f->seen.outside.pages.run[i].state.pgmap = PAGE_PGMAP_UNKNOWN;
	assert_int_equal(disagreements(f), 0);
	sample_page(&f->seen, SAMPLE_P0_PFN + 9, 1)->state.refcount = 7;
	assert_int_equal(disagreements(f), 1);
	*state = f;
}

static void a_section_is_said_once(void **state)
{
	struct fixture *f = *state;

	f->seen.section[1].marks = 0;
	assert_int_equal(disagreements(f), 1);
	f->seen.section[3].subsections = 0;
	assert_int_equal(disagreements(f), 2);
}

static void one_witness_alone_agrees(void **state)
{
	struct fixture *f = *state;

	f->seen.pages.nr = f->seen.nr_sections = 0;
	f->seen.outside.there = false;
	assert_int_equal(disagreements(f), 0);
	f->seen.outside.there = true;
	assert_true(disagreements(f) > 0);
}

/* --- findings --- */

static void a_disagreement_is_found_among_others(void **state)
{
	struct findings list = { 0 };

	(void)state;
	assert_null(findings_disagree(&list));
	finding_addf(&list, "s", "zone.free", "1", "2");
	finding_addf(&list, "s", "page.zone", "1", "2");
	assert_null(findings_disagree(&list));
	finding_addf(&list, "s", "witness.nodes", "first", "2");
	finding_addf(&list, "s", "witness.pages", "second", "2");
	assert_string_equal(findings_disagree(&list)->expected, "first");
	findings_deinit(&list);
}

/* --- the reader from outside alone --- */

static void what_was_seen_from_outside_becomes_the_snapshot(void **state)
{
	struct fixture *f = *state;
	const struct page_run fault = { .pfn = 5, .nr = 1 };
	uint64_t pages, nr_zones = f->seen.nr_zones;

	sample_page_remove(&f->seen, 0, SAMPLE_D0_PFN);
	f->seen.section[0].marks = 0;
	f->seen.node[0].present = 1;
	f->seen.raw = false;
	page_map_append(&f->seen.outside.faults, &fault);
	pages = page_map_pages(&f->seen.outside.pages, 0, UINT64_MAX);
	snapshot_adopt_outside(&f->seen);
	assert_false(f->seen.outside.there);
	assert_true(f->seen.raw && f->seen.from_outside);
	assert_int_equal(page_map_pages(&f->seen.pages, 0, UINT64_MAX), pages);
	assert_non_null(page_map_find(&f->seen.pages, 0));
	assert_int_equal(page_map_pages(&f->seen.faults, 0, UINT64_MAX), 1);
	assert_int_equal(f->seen.section[0].marks, 0xf);
	assert_int_equal(f->seen.nr_sections, 5);
	assert_int_not_equal(f->seen.node[0].present, 1);
	assert_int_equal(f->seen.nr_nodes, 2);
	assert_int_equal(f->seen.nr_zones, nr_zones);		/* zoneinfo is the agent's */
	assert_int_equal(disagreements(f), 0);			/* there is one witness now */
	/* and a right kernel is right through its eyes */
	model_compare(&f->s.model, &f->seen, SAMPLE_STEP, &f->out);
	assert_int_equal(f->out.nr, 0);
}

/* An autopsy has nothing of the agent's. */
static void it_becomes_an_empty_snapshot_too(void **state)
{
	struct fixture *f = *state;
	struct snapshot s = { .outside = f->seen.outside };

	f->seen.outside = (struct outside_view){ 0 };
	snapshot_adopt_outside(&s);
	assert_true(s.pages.nr > 0 && s.nr_sections == 5 && s.nr_nodes == 2);
	snapshot_deinit(&s);
	assert_null(s.pages.run);
}

/* --- counts of free pages --- */

/* Each zone that node @n has is counted: the figures tell node and zone. */
static void count_zones(struct node_count *n)
{
	for (size_t i = 0; i < n->nr; i++) {
		n->zone[i].counted = true;
		n->zone[i].free = 1000 * (n->node + 1) + i;
		n->zone[i].pcp = 10 * (n->node + 1) + i;
	}
}

static struct fixture *make_counted(void)
{
	struct fixture *f = make(SAMPLE_TWO);

	for (size_t i = 0; i < f->seen.outside.nr_nodes; i++)
		count_zones(&f->seen.outside.node[i]);
	for (size_t i = 0; i < f->seen.nr_zones; i++) {
		f->seen.zone[i].free = f->seen.zone[i].pcp = 7;
		f->seen.zone[i].quiet = false;
	}
	return f;
}

static int counted(void **state)
{
	*state = make_counted();
	return 0;
}

static void nothing_is_taken(struct fixture *f)
{
	assert_false(snapshot_count_outside(&f->seen));
	for (size_t i = 0; i < f->seen.nr_zones; i++)
		if (f->seen.zone[i].free != 7 || f->seen.zone[i].pcp != 7 || f->seen.zone[i].quiet)
			fail_msg("zone %zu was taken", i);
}

static void counts_from_outside_are_taken_by_zone(void **state)
{
	struct fixture *f = *state;
	uint64_t managed = sample_zone(&f->seen, 0, "Movable")->managed;

	assert_int_equal(f->seen.nr_zones, 10);
	assert_true(snapshot_count_outside(&f->seen));
	for (size_t i = 0; i < f->seen.nr_zones; i++)
		assert_true(f->seen.zone[i].quiet);
	assert_int_equal(sample_zone(&f->seen, 0, "DMA")->free, 1000);
	assert_int_equal(sample_zone(&f->seen, 0, "Movable")->free, 1003);
	assert_int_equal(sample_zone(&f->seen, 0, "Movable")->pcp, 13);
	assert_int_equal(sample_zone(&f->seen, 1, "Normal")->free, 2002);
	assert_int_equal(sample_zone(&f->seen, 1, "Normal")->pcp, 22);
	assert_int_equal(sample_zone(&f->seen, 0, "Movable")->managed, managed);
}

/* Some zones of one moment and some of another would not add up. */
static void all_zones_are_counted_or_none(void **state)
{
	struct fixture *f = *state;
	struct node_count *n = f->seen.outside.node;

	n[1].zone[4].counted = false;
	nothing_is_taken(f);
	n[1].zone[4].counted = true;
	strcpy(n[0].zone[0].name, "Other");
	nothing_is_taken(f);
	strcpy(n[0].zone[0].name, "DMA");
	n[1].node = 2;
	nothing_is_taken(f);
	n[1].node = 1;
	n[1].nr--;
	nothing_is_taken(f);
	n[1].nr++;
	f->seen.outside.there = false;
	nothing_is_taken(f);
	f->seen.outside.there = true;
	assert_true(snapshot_count_outside(&f->seen));
}

static void one_moment_is_seen_from_outside(void **state)
{
	struct fixture *f = *state;

	assert_ptr_equal(snapshot_moment(&f->seen), &f->seen.outside.pages);
	f->seen.outside.there = false;
	assert_ptr_equal(snapshot_moment(&f->seen), &f->seen.pages);
}

/* Counts of a moment go with the pages of that moment, whatever the agent saw later. */
static void the_balance_is_of_one_moment(void **state)
{
	struct fixture *f = *state;
	struct page_run *chunk = sample_page(&f->seen, SAMPLE_D0_PFN + SAMPLE_BUDDY10, 1);

	for (size_t i = 0; i < f->seen.nr_zones; i++)
		f->seen.zone[i].quiet = true;
	chunk->state.order = PAGE_NO_ORDER;
	chunk->state.refcount = 1;
	model_balance(&f->s.model, &f->seen, SAMPLE_STEP, &f->out);
	assert_int_equal(f->out.nr, 0);
	sample_swap_witnesses(&f->seen);
	model_balance(&f->s.model, &f->seen, SAMPLE_STEP, &f->out);
	assert_true(f->out.nr > 0);
	assert_string_equal(f->out.f[0].invariant, "zone.free");
}

#define AGREE_TEST(name, set_up) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		AGREE_TEST(pages_in_circulation_change_hands, online),
		AGREE_TEST(borders_of_runs_do_not_matter, two),
		AGREE_TEST(many_pages_are_one_finding, online),
		AGREE_TEST(what_the_layout_does_not_know_is_not_compared, two),
		cmocka_unit_test_teardown(an_owner_that_one_does_not_know, tear_down),
		AGREE_TEST(a_section_is_said_once, two),
		AGREE_TEST(one_witness_alone_agrees, two),
		cmocka_unit_test(a_disagreement_is_found_among_others),
		AGREE_TEST(what_was_seen_from_outside_becomes_the_snapshot, two),
		AGREE_TEST(it_becomes_an_empty_snapshot_too, two),
		AGREE_TEST(counts_from_outside_are_taken_by_zone, counted),
		AGREE_TEST(all_zones_are_counted_or_none, counted),
		AGREE_TEST(one_moment_is_seen_from_outside, two),
		AGREE_TEST(the_balance_is_of_one_moment, two),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
