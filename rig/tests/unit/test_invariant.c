// SPDX-License-Identifier: GPL-2.0-or-later
/* The table of invariants, and findings as they are collected and written. */
#include <ctype.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <cmocka.h>

#include "model/finding.h"
#include "model/invariant.h"

static void the_table_is_sorted_and_whole(void **state)
{
	const struct invariant *v, *before = NULL;

	(void)state;
	for (size_t i = 0; (v = invariant_at(i)); before = v, i++) {
		if (before && strcmp(before->name, v->name) >= 0)
			fail_msg("%s stands in front of %s", before->name, v->name);
		assert_ptr_equal(invariant_find(v->name), v);
		/* fits into a finding; "group.what", lower case */
		assert_true(strlen(v->name) < sizeof(((struct finding *)0)->invariant));
		assert_non_null(strchr(v->name, '.'));
		for (const char *p = v->name; *p; p++)
			assert_true(islower(*p) || strchr(".-_", *p));
		assert_true(strlen(v->rule) > 10 && strlen(v->reason) > 10);
		assert_int_not_equal(v->rule[strlen(v->rule) - 1], '.');
		assert_int_not_equal(v->reason[strlen(v->reason) - 1], '.');
	}
	assert_non_null(before);
	assert_null(invariant_find("page"));
	assert_null(invariant_find(""));
	assert_null(invariant_at((size_t)-1));
}

static struct finding page_finding(uint64_t pfn, uint64_t nr, const char *step)
{
	struct finding f = { .invariant = "page.flags",
			     .kind = FAIL_INVARIANT,
			     .has_pfn = true,
			     .first_pfn = pfn,
			     .nr_pfns = nr,
			     .expected = "none",
			     .seen = "lru" };

	snprintf(f.step, sizeof(f.step), "%s", step);
	return f;
}

static void like_pages_are_one_finding(void **state)
{
	struct finding f = page_finding(100, 2, "1 plug"), g = page_finding(200, 3, "1 plug");
	struct finding other = page_finding(300, 1, "2 online");
	struct findings list = { 0 };

	(void)state;
	finding_add(&list, &f);
	finding_add(&list, &g);
	assert_int_equal(list.nr, 1);
	assert_int_equal(list.f[0].first_pfn, 100);
	assert_int_equal(list.f[0].nr_pfns, 5);
	finding_add(&list, &other);
	strcpy(g.seen, "dirty");
	finding_add(&list, &g);
	assert_int_equal(list.nr, 3);
	findings_deinit(&list);
}

static void too_many_are_counted(void **state)
{
	struct findings list = { 0 };

	(void)state;
	for (int i = 0; i < FINDINGS_MAX + 7; i++)
		finding_addf(&list, "1 plug", "block.set", "nothing", "memory%d", i);
	assert_int_equal(list.nr, FINDINGS_MAX);
	assert_int_equal(list.dropped, 7);
	findings_deinit(&list);
	assert_int_equal(list.dropped, 0);
}

static void findings_are_written_with_their_reason(void **state)
{
	struct finding f = page_finding(0x100000, 512, "1 plug");
	struct findings list = { 0 };
	json_t *array, *first, *second;

	(void)state;
	finding_add(&list, &f);
	finding_addf(&list, "2 online", "meminfo.total", "4", "%d", 5);
	array = findings_json(&list);
	assert_int_equal(json_array_size(array), 2);
	first = json_array_get(array, 0);
	assert_string_equal(json_string_value(json_object_get(first, "invariant")), "page.flags");
	assert_string_equal(json_string_value(json_object_get(first, "kind")), "invariant");
	assert_string_equal(json_string_value(json_object_get(first, "step")), "1 plug");
	assert_string_equal(json_string_value(json_object_get(first, "expected")), "none");
	assert_string_equal(json_string_value(json_object_get(first, "seen")), "lru");
	assert_string_equal(json_string_value(json_object_get(first, "why")),
			    invariant_find("page.flags")->rule);
	assert_int_equal(json_integer_value(json_object_get(first, "first_pfn")), 0x100000);
	assert_int_equal(json_integer_value(json_object_get(first, "nr_pfns")), 512);
	second = json_array_get(array, 1);
	assert_string_equal(json_string_value(json_object_get(second, "seen")), "5");
	assert_null(json_object_get(second, "first_pfn"));
	json_decref(array);
	findings_deinit(&list);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_table_is_sorted_and_whole),
		cmocka_unit_test(like_pages_are_one_finding),
		cmocka_unit_test(too_many_are_counted),
		cmocka_unit_test(findings_are_written_with_their_reason),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
