// SPDX-License-Identifier: GPL-2.0-or-later
/* Pages in circulation may differ between two witnesses; their faults may not. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "base/clean.h"
#include "sample_machine.h"

#define FREE_PFN (SAMPLE_D0_PFN + SAMPLE_PCP)

struct fixture {
	struct sample s;
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
	return f;
}

static int online(void **state)
{
	*state = make(SAMPLE_ONLINE);
	return 0;
}

static int offlined(void **state)
{
	*state = make(SAMPLE_OFFLINED);
	return 0;
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

/* All that look_judge() asks of both witnesses; returns how many findings say that they disagree. */
static size_t disagreements(struct fixture *f)
{
	size_t nr = 0;

	findings_deinit(&f->out);
	model_compare(&f->s.model, &f->seen, SAMPLE_STEP, &f->out);
	model_agree(&f->s.layout, &f->seen, SAMPLE_STEP, &f->out);
	model_agree_faults(&f->s.model, &f->seen, SAMPLE_STEP, &f->out);
	for (size_t i = 0; i < f->out.nr; i++)
		nr += !strcmp(f->out.f[i].invariant, "witness.pages");
	return nr;
}

static const struct finding *disagreement(const struct fixture *f)
{
	return findings_disagree(&f->out);
}

static void set_refcount(struct fixture *f, uint64_t pfn, uint64_t nr, int32_t refcount)
{
	sample_page(&f->seen, pfn, nr)->state.refcount = refcount;
}

static void set_refcount_outside(struct fixture *f, uint64_t pfn, uint64_t nr, int32_t refcount)
{
	sample_swap_witnesses(&f->seen);
	set_refcount(f, pfn, nr, refcount);
	sample_swap_witnesses(&f->seen);
}

static void right_pages_have_no_faults(void **state)
{
	struct fixture *f = *state;

	assert_int_equal(disagreements(f), 0);
	assert_int_equal(f->out.nr, 0);
}

/* It changed hands between the two looks: free to one, in use to the other, and right both times. */
static void a_page_that_changed_hands_is_no_fault(void **state)
{
	struct fixture *f = *state;
	const struct page_state used = sample_page(&f->seen, SAMPLE_D0_PFN + SAMPLE_USED, 1)->state;
	struct page_run *page = sample_page(&f->seen, FREE_PFN, 1);

	page->state = used;
	page->has_kpageflags = false;
	assert_int_equal(disagreements(f), 0);
}

static void a_fault_that_both_see_is_the_kernels(void **state)
{
	struct fixture *f = *state;

	set_refcount(f, SAMPLE_D0_PFN + SAMPLE_BUDDY10, 1, 7);
	set_refcount_outside(f, SAMPLE_D0_PFN + SAMPLE_BUDDY10, 1, 7);
	assert_int_equal(disagreements(f), 0);
	assert_true(f->out.nr > 0);
	/* it goes on changing, and is a fault all the same */
	set_refcount_outside(f, SAMPLE_D0_PFN + SAMPLE_BUDDY10, 1, 9);
	assert_int_equal(disagreements(f), 0);
}

/* Neither can make up what the other does not see, nor hide what it does. */
static void a_fault_that_one_sees_is_a_disagreement(void **state)
{
	struct fixture *f = *state;

	set_refcount(f, SAMPLE_D0_PFN + SAMPLE_BUDDY10, 1, 7);
	assert_int_equal(disagreements(f), 1);
	assert_int_equal(disagreement(f)->first_pfn, SAMPLE_D0_PFN + SAMPLE_BUDDY10);
	assert_int_equal(disagreement(f)->nr_pfns, 1);
	assert_non_null(strstr(disagreement(f)->expected, "refcount=7"));
	assert_non_null(strstr(disagreement(f)->seen, "refcount=0"));
	sample_swap_witnesses(&f->seen);
	assert_int_equal(disagreements(f), 1);
	assert_non_null(strstr(disagreement(f)->expected, "refcount=0"));
	assert_non_null(strstr(disagreement(f)->seen, "refcount=7"));
}

/* Offlined pages look like free ones, but nobody hands them out. */
static void offlined_pages_are_watched_by_both(void **state)
{
	struct fixture *f = *state;

	set_refcount_outside(f, SAMPLE_D0_PFN + 100, 3, 7);
	assert_int_equal(disagreements(f), 1);
	assert_int_equal(disagreement(f)->first_pfn, SAMPLE_D0_PFN + 100);
	assert_int_equal(disagreement(f)->nr_pfns, 3);
}

/* Another zone is a fault, and a difference that is found as such already. */
static void what_differs_anyway_is_said_once(void **state)
{
	struct fixture *f = *state;

	sample_page(&f->seen, FREE_PFN, 1)->state.zone = 0;
	assert_int_equal(disagreements(f), 1);
	assert_int_equal(disagreement(f)->nr_pfns, 1);
}

/* What is exported is the agent's word alone: the reader from outside cannot gainsay it. */
static void exported_flags_are_not_compared(void **state)
{
	struct fixture *f = *state;

	sample_page(&f->seen, SAMPLE_D0_PFN + SAMPLE_USED, 1)->kpageflags ^= 1ull << 32;
	assert_int_equal(disagreements(f), 0);
	assert_true(f->out.nr > 0);
}

static void one_witness_alone_cannot_disagree(void **state)
{
	struct fixture *f = *state;

	set_refcount(f, SAMPLE_D0_PFN + SAMPLE_BUDDY10, 1, 7);
	f->seen.outside.there = false;
	assert_int_equal(disagreements(f), 0);
	assert_true(f->out.nr > 0);
}

#define FAULT_TEST(name, set_up) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		FAULT_TEST(right_pages_have_no_faults, online),
		FAULT_TEST(right_pages_have_no_faults, offlined),
		FAULT_TEST(a_page_that_changed_hands_is_no_fault, online),
		FAULT_TEST(a_fault_that_both_see_is_the_kernels, online),
		FAULT_TEST(a_fault_that_one_sees_is_a_disagreement, online),
		FAULT_TEST(offlined_pages_are_watched_by_both, offlined),
		FAULT_TEST(what_differs_anyway_is_said_once, online),
		FAULT_TEST(exported_flags_are_not_compared, online),
		FAULT_TEST(one_witness_alone_cannot_disagree, online),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
