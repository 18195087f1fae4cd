// SPDX-License-Identifier: GPL-2.0-or-later
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "base/clean.h"
#include "record/report_ktap.h"

/* Each golden is one record and the text that it gives as result 1. */
static const struct golden {
	const char *record, *ktap;
} goldens[] = {
	{ "{'scenario': 'dimm/online-movable', 'kernel': {'release': '6.12.117-cloud-amd64'},"
	  " 'outcome': 'PASS', 'findings': [], 'steps': ["
	  "  {'name': '1 plug d0', 'outcome': 'PASS'},"
	  "  {'name': '2 online d0', 'outcome': 'PASS'}]}",
	  "  KTAP version 1\n"
	  "  1..2\n"
	  "  ok 1 1 plug d0\n"
	  "  ok 2 2 online d0\n"
	  "ok 1 dimm/online-movable on 6.12.117-cloud-amd64\n" },

	{ "{'scenario': 'dimm/online', 'kernel': {'release': '6.1.0'}, 'outcome': 'FAIL',"
	  " 'fail_kind': 'invariant', 'steps': [{'name': 'online', 'outcome': 'FAIL'},"
	  "  {'name': 'offline', 'outcome': 'SKIP'}], 'findings': ["
	  " {'invariant': 'page.reserved', 'kind': 'invariant', 'step': 'online',"
	  "  'first_pfn': 1310720, 'nr_pfns': 32768, 'expected': 'PG_reserved',"
	  "  'seen': {'flags': ['lru'], 'refcount': 1}, 'why': 'added\\n and # not onlined'},"
	  " {'invariant': 'mem.total', 'step': '', 'expected': 524288, 'seen': 524284},"
	  " {'invariant': 'page.one', 'step': 'gone', 'first_pfn': 16, 'nr_pfns': 1,"
	  "  'seen': null}]}",
	  "  KTAP version 1\n"
	  "  1..2\n"
	  "  # page.reserved in step 'online', pfn 0x140000 and 32767 more\n"
	  "  #   expected: PG_reserved\n"
	  "  #   seen: {\"flags\":[\"lru\"],\"refcount\":1}\n"
	  "  #   why: added  and # not onlined\n"
	  "  not ok 1 online\n"
	  "  ok 2 offline # SKIP\n"
	  "# mem.total\n"
	  "#   expected: 524288\n"
	  "#   seen: 524284\n"
	  "# page.one in step 'gone', pfn 0x10\n"
	  "not ok 1 dimm/online on 6.1.0\n" },

	{ "{'scenario': 's', 'kernel': {'release': 'r'}, 'outcome': 'FAIL', 'fail_kind': 'splat',"
	  " 'findings': [{'invariant': 'page.x', 'seen': 'no'},"
	  "  {'invariant': 'splat.warning', 'seen': 'WARNING in foo'}]}",
	  "# page.x\n#   seen: no\n# splat.warning\n#   seen: WARNING in foo\n"
	  "not ok 1 s on r # WARNING in foo\n" },
	{ "{'scenario': 's', 'outcome': 'FAIL', 'fail_kind': 'crash', 'error': 'panic: Oh'}",
	  "not ok 1 s # panic: Oh\n" },
	{ "{'scenario': 's', 'outcome': 'FAIL', 'fail_kind': 'crash'}", "not ok 1 s # crash\n" },
	{ "{'scenario': 's', 'outcome': 'FAIL', 'fail_kind': 'hang',"
	  " 'error': {'text': 'no answer'}}",
	  "not ok 1 s # TIMEOUT no answer\n" },
	{ "{'scenario': 's', 'outcome': 'FAIL', 'fail_kind': 'boot'}", "not ok 1 s # boot\n" },
	{ "{'scenario': 's', 'outcome': 'SKIP', 'skip_reason': 'CONFIG_MEMORY_HOTREMOVE'}",
	  "ok 1 s # SKIP CONFIG_MEMORY_HOTREMOVE\n" },
	{ "{'scenario': 's', 'outcome': 'ERROR', 'error': 'cannot start qemu'}",
	  "not ok 1 s # ERROR cannot start qemu\n" },
	{ "{'scenario': 's', 'outcome': 'XPASS', 'known_bugs': ['bug-7', 'bug-8']}",
	  "not ok 1 s # XPASS bug-7, bug-8\n" },

	{ "{'scenario': 's', 'outcome': 'FAIL', 'known_bugs': ['bug-7'], 'findings': [{'invariant': 'a.b'}]}",
	  "# a.b\n# among others the known bug bug-7\nnot ok 1 s\n" },
	{ "{'scenario': 's', 'outcome': 'XFAIL', 'known_bugs': [7]}", "ok 1 s # XFAIL ?\n" },

	/* a parent that is "ok" has no child that is not */
	{ "{'scenario': 's', 'outcome': 'XFAIL', 'known_bugs': ['bug-7'], 'steps': ["
	  " {'name': 'a', 'outcome': 'FAIL'}, {'name': 'b', 'outcome': 'PASS'}]}",
	  "  KTAP version 1\n  1..2\n  ok 1 a # XFAIL\n  ok 2 b\nok 1 s # XFAIL bug-7\n" },

	/* what no rig wrote */
	{ "{}", "not ok 1 unnamed # ERROR the record has no outcome\n" },
	{ "[1]", "not ok 1 unnamed # ERROR the record has no outcome\n" },
	{ "{'scenario': 7, 'kernel': [], 'outcome': 'GREAT', 'findings': 3, 'steps': {'a': 1}}",
	  "not ok 1 unnamed # ERROR the record has no outcome\n" },
	{ "{'scenario': 'a # SKIP\\nok 2', 'outcome': 'PASS', 'steps': [7],"
	  " 'findings': [7, {'first_pfn': -1, 'nr_pfns': -5}]}",
	  "  KTAP version 1\n  1..1\n  not ok 1  # ERROR the record has no outcome\n"
	  "# finding without invariant\n# finding without invariant\n"
	  "ok 1 a _ SKIP ok 2\n" },
};

static json_t *parse(const char *text)
{
	json_error_t error;
	json_t *value;
	char *strict = strdup(text);

	/* quotes that need no escape are easier to read in C */
	assert_non_null(strict);
	for (char *p = strict; (p = strchr(p, '\'')); )
		*p = '"';
	value = json_loads(strict, 0, &error);
	free(strict);
	return value;
}

static char *report(const json_t *result)
{
	char *text = NULL;
	size_t len;
	FILE *out = open_memstream(&text, &len);

	assert_non_null(out);
	ktap_result(out, 1, result);
	fclose(out);
	return text;
}

static void records_give_their_text(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(goldens); i++) {
		json_auto_t *result = parse(goldens[i].record);
		AUTO_FREE char *text = NULL;

		if (!result)
			fail_msg("golden %zu is no JSON", i);
		text = report(result);
		if (strcmp(text, goldens[i].ktap))
			fail_msg("golden %zu:\nexpected:\n%sseen:\n%s", i, goldens[i].ktap, text);
	}
}

static void plan_comes_first(void **state)
{
	char *text = NULL;
	size_t len;
	FILE *out = open_memstream(&text, &len);

	(void)state;
	ktap_begin(out, 38);
	fclose(out);
	assert_string_equal(text, "KTAP version 1\n1..38\n");
	free(text);
}

static void long_text_is_cut_between_characters(void **state)
{
	json_auto_t *result = NULL;
	AUTO_FREE char *text = NULL;
	char name[1002];

	(void)state;
	/* two bytes a character, and an odd one first so that the limit falls into one */
	name[0] = 'x';
	for (size_t i = 1; i + 1 < sizeof(name); i += 2)
		memcpy(name + i, "\xc3\xa9", 2);
	name[sizeof(name) - 2] = 'x';
	name[sizeof(name) - 1] = '\0';
	result = json_pack("{ss ss}", "scenario", "s", "outcome", "ERROR");
	json_object_set_new(result, "error", json_string_nocheck(name));
	text = report(result);
	assert_true(strlen(text) < 340);
	assert_non_null(strstr(text, "\xc3\xa9...\n"));
}

static void the_null_value_is_a_record_without_outcome(void **state)
{
	AUTO_FREE char *text = report(NULL);

	(void)state;
	assert_string_equal(text, "not ok 1 unnamed # ERROR the record has no outcome\n");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(records_give_their_text),
		cmocka_unit_test(plan_comes_first),
		cmocka_unit_test(long_text_is_cut_between_characters),
		cmocka_unit_test(the_null_value_is_a_record_without_outcome),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
