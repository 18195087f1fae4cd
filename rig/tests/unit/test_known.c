// SPDX-License-Identifier: GPL-2.0-or-later
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <stdlib.h>
#include <string.h>

#include "base/clean.h"
#include "base/mem.h"
#include "known/known.h"
#include "scenario/scenario.h"

#define FILE_OF_THE_RIG "kernels/known-bugs.json"

/* Quotes that need no escape are easier to read in C. */
static int parse(const char *text, struct known **ret, struct rig_err *err)
{
	AUTO_FREE char *strict = xstrdup(text);

	for (char *p = strict; (p = strchr(p, '\'')); )
		*p = '"';
	return known_parse("k.json", strict, strlen(strict), ret, err);
}

static struct known *parse_good(const char *text)
{
	struct known *known = NULL;
	struct rig_err err;

	if (parse(text, &known, &err) < 0)
		fail_msg("%s", err.text);
	return known;
}

#define HEAD "{'bugs': [\n{'fix': '0123456789ab', 'subject': 'mm: fix it', 'origin': 'R0', 'summary': 'it breaks',\n"
#define TAIL "}]}"
#define REST "'mainline': '7.2', 'first_good': {'6.1': '6.1.0-53', '6.12': '6.12.97', '6.5': null}, " \
	     "'scenarios': ['dimm/a', 'pmem/*'], 'symptom': 'page.refcount'"
#define GOOD HEAD REST ", 'also': ['page.zone', 'splat.warning: WARNING in foo'], 'introduced': '5.19'" TAIL

static void a_bug_is_read_whole(void **state)
{
	struct known *known = parse_good(GOOD);
	const struct known_bug *bug = known->bug;

	(void)state;
	assert_string_equal(known->path, "k.json");
	assert_int_equal(known->nr, 1);
	assert_int_equal(bug->line, 2);
	assert_string_equal(bug->fix, "0123456789ab");
	assert_string_equal(bug->subject, "mm: fix it");
	assert_string_equal(bug->origin, "R0");
	assert_string_equal(bug->summary, "it breaks");
	assert_string_equal(bug->introduced, "5.19");
	assert_string_equal(bug->mainline, "7.2");
	assert_int_equal(bug->nr_series, 3);
	assert_string_equal(bug->series[1].series, "6.12");
	assert_string_equal(bug->series[1].first_good, "6.12.97");
	assert_null(bug->series[2].first_good);
	assert_string_equal(bug->scenarios[1], "pmem/*");
	assert_null(bug->scenarios[2]);
	assert_string_equal(bug->symptom.invariant, "page.refcount");
	assert_null(bug->symptom.title);
	assert_int_equal(bug->nr_also, 2);
	assert_string_equal(bug->also[1].invariant, "splat.warning");
	assert_string_equal(bug->also[1].title, "WARNING in foo");
	known_destroy(known);
}

static void what_is_wrong_is_named(void **state)
{
	static const struct {
		const char *text, *says;
	} wrong[] = {
		{ "{'bugs': [}", "k.json:1:11: " },
		{ "[]", "k.json:1: must be an object" },
		{ "{}", "k.json:1: key 'bugs' is missing" },
		{ "{'bugs': {}}", "k.json:1: /bugs: must be an array" },
		{ "{'bugs': [], 'bug': 1}", "k.json:1: /bug: unknown key" },
		{ "{'bugs': [7]}", "k.json:1: /bugs/0: must be an object" },
		{ HEAD REST ", 'fixed': 1" TAIL, "k.json:3: /bugs/0/fixed: unknown key" },
		{ HEAD REST ", 'fix': '0123456789ab'" TAIL, "/bugs/0/fix: duplicate key" },
		{ "{'bugs': [{" REST TAIL, "/bugs/0: key 'fix' is missing" },
		{ "{'bugs': [{'fix': '0123456' " TAIL, "/bugs/0/fix: '0123456' is too short" },
		{ "{'bugs': [{'fix': 'HEAD' " TAIL, "/bugs/0/fix: 'HEAD' is no commit" },
		{ HEAD "'mainline': 'v7.2'" TAIL, "/bugs/0/mainline: 'v7.2' is no mainline release" },
		{ HEAD "'mainline': '7.2'" TAIL, "/bugs/0: key 'first_good' is missing" },
		{ HEAD "'mainline': '7.2', 'first_good': {}" TAIL, "/bugs/0/first_good: must name a series" },
		{ HEAD "'mainline': '7.2', 'first_good': {'6': null}" TAIL, "/bugs/0/first_good/6: no series" },
		{ HEAD "'mainline': '7.2', 'first_good': {'6.1': 53}" TAIL, "/first_good/6.1: must be a string" },
		{ HEAD "'mainline': '7.2', 'first_good': {'6.1': '6.12.97'}" TAIL, "'6.12.97' is no release of 6.1" },
		{ HEAD "'mainline': '7.2', 'first_good': {'6.1': '6.1'}" TAIL, "'6.1' is no release of 6.1" },
		{ HEAD "'mainline': '7.2', 'first_good': {'6.1': '6.1.0-53-cloud-amd64'}" TAIL,
		  "'6.1.0-53-cloud-amd64' is no release of 6.1 without its flavour" },
		{ HEAD "'mainline': '7.2', 'first_good': {'6.1': null}, 'scenarios': []" TAIL,
		  "/bugs/0/scenarios: must not be empty" },
		{ HEAD "'mainline': '7.2', 'first_good': {'6.1': null}, 'scenarios': ['a b']" TAIL,
		  "/bugs/0/scenarios/0: 'a b' is no scenario" },
		{ HEAD "'mainline': '7.2', 'first_good': {'6.1': null}, 'scenarios': ['a']" TAIL,
		  "/bugs/0: key 'symptom' is missing" },
		{ HEAD "'mainline': '7.2', 'first_good': {'6.1': null}, 'scenarios': ['a'], 'symptom': 'page.ref'" TAIL,
		  "/bugs/0/symptom: 'page.ref' is no invariant" },
		{ HEAD "'mainline': '7.2', 'first_good': {'6.1': null}, 'scenarios': ['a'], 'symptom': 'splat.bug'" TAIL,
		  "/bugs/0/symptom: 'splat.bug' needs the title of the splat" },
		{ HEAD "'mainline': '7.2', 'first_good': {'6.1': null}, 'scenarios': ['a'], "
		  "'symptom': 'page.zone: Movable'" TAIL, "/bugs/0/symptom: 'page.zone' is no splat" },
		{ HEAD REST ", 'cpus': 0" TAIL, "/bugs/0/cpus: 0 is outside 1 to " },
		{ HEAD REST ", 'also': ['page.zone', 'nothing']" TAIL, "/bugs/0/also/1: 'nothing' is no invariant" },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(wrong); i++) {
		struct known *known = NULL;
		struct rig_err err = { 0 };

		assert_true(parse(wrong[i].text, &known, &err) < 0);
		assert_null(known);
		assert_int_equal(err.cause, RIG_USAGE);
		if (!strstr(err.text, wrong[i].says))
			fail_msg("'%s' does not say '%s'", err.text, wrong[i].says);
	}
}

static void a_release_has_what_came_later_fixed(void **state)
{
	static const struct {
		const char *release;
		bool has;
	} releases[] = {
		{ "6.1.0-9-amd64", true }, { "6.1.0-52-cloud-amd64", true }, { "6.1.0-53-cloud-amd64", false },
		{ "6.1.0-100-amd64", false }, { "6.1.0-52", true }, { "6.1.0-53", false },
		{ "6.12.96+deb13-cloud-amd64", true }, { "6.12.97+deb12-amd64", false }, { "6.12.100+deb12-amd64", false },
		{ "6.5.0-1-amd64", true }, { "6.5.99", true },		/* none is good */
		{ "6.6.1", false }, { "6.11.2", false }, { "6.15.0-1-amd64", false },	/* nothing is said of them */
	};
	struct known *known = parse_good(GOOD);

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(releases); i++)
		if (known_bug_in_release(known->bug, releases[i].release) != releases[i].has)
			fail_msg("%s", releases[i].release);
	known_destroy(known);
}

static void releases_named_in_another_way_are_refused(void **state)
{
	struct known *known = parse_good(GOOD);
	struct rig_err err = { 0 };

	(void)state;
	assert_int_equal(known_check_release(known, "6.1.0-50", &err), 0);
	assert_int_equal(known_check_release(known, "6.1.0-50-cloud-amd64", &err), 0);
	assert_int_equal(known_check_release(known, "6.12.90", &err), 0);
	assert_int_equal(known_check_release(known, "6.12.90+deb13-amd64", &err), 0);
	assert_int_equal(known_check_release(known, "6.5.0-1", &err), 0);	/* nothing is compared */
	assert_true(known_check_release(known, "6.1.176", &err) < 0);
	assert_int_equal(err.cause, RIG_USAGE);
	assert_non_null(strstr(err.text, "'6.1.176' cannot be compared with '6.1.0-53'"));
	assert_true(known_check_release(known, "6.12.0-1-amd64", &err) < 0);
	assert_true(known_check_release(known, "bookworm", &err) < 0);
	assert_non_null(strstr(err.text, "'bookworm' is no release"));
	known_destroy(known);
}

static void add(struct findings *list, const char *invariant, const char *seen)
{
	finding_add_kind(list, FAIL_INVARIANT, "s", invariant, "x", "%s", seen);
}

/* Two bugs in the same scenario; the second is in 6.1 alone.  And one that does not always show. */
#define TWO HEAD REST ", 'also': ['page.zone', 'splat.warning: WARNING in foo']},\n" \
	    "{'fix': 'cccccccccccc', 'subject': 'mm: lock', 'origin': 'R8', 'summary': 's', 'mainline': '7.0', " \
	    "'first_good': {'6.1': null}, 'scenarios': ['dimm/race'], 'race': true, 'cpus': 2, 'symptom': 'zone.free'},\n" \
	    "{'fix': 'ba9876543210ba', 'subject': 'mm: mend', 'origin': 'R9', 'summary': 's', 'mainline': '7.0', " \
	    "'first_good': {'6.1': null}, 'scenarios': ['dimm/a'], 'symptom': 'splat.bug: kernel BUG in bar'" TAIL
#define FIRST "0123456789ab (\"mm: fix it\")"
#define SECOND "ba9876543210 (\"mm: mend\")"
#define RACE "cccccccccccc (\"mm: lock\")"

static void only_what_the_file_says_is_expected(void **state)
{
	static const struct {
		const char *what, *scenario, *release;
		enum outcome outcome;
		const char *finding[3][2];
		enum outcome settled;
		const char *bug[2];
	} cases[] = {
		{ "as it says", "dimm/a", "6.12.96", OUTCOME_FAIL, { { "page.refcount", "1" } }, OUTCOME_XFAIL, { FIRST } },
		{ "with what may be", "dimm/a", "6.12.96", OUTCOME_FAIL,
		  { { "page.zone", "1" }, { "splat.warning", "WARNING in foo (console line 3): x" }, { "page.refcount", "1" } },
		  OUTCOME_XFAIL, { FIRST } },
		{ "a pattern", "pmem/x/y", "6.12.96", OUTCOME_FAIL, { { "page.refcount", "1" } }, OUTCOME_XFAIL, { FIRST } },
		{ "fixed", "dimm/a", "6.12.97", OUTCOME_FAIL, { { "page.refcount", "1" } }, OUTCOME_FAIL, { NULL } },
		{ "another scenario", "dimm/ab", "6.12.96", OUTCOME_FAIL, { { "page.refcount", "1" } }, OUTCOME_FAIL, { NULL } },
		{ "without the symptom", "dimm/a", "6.12.96", OUTCOME_FAIL, { { "page.zone", "1" } }, OUTCOME_FAIL, { NULL } },
		{ "another reason", "dimm/a", "6.12.96", OUTCOME_FAIL, { { "page.node", "1" } }, OUTCOME_FAIL, { NULL } },
		{ "another beside it", "dimm/a", "6.12.96", OUTCOME_FAIL, { { "page.refcount", "1" }, { "page.node", "1" } },
		  OUTCOME_FAIL, { FIRST } },
		{ "another splat", "dimm/a", "6.12.96", OUTCOME_FAIL,
		  { { "page.refcount", "1" }, { "splat.warning", "WARNING in foobar (console line 3): x" } },
		  OUTCOME_FAIL, { FIRST } },
		{ "gone", "dimm/a", "6.12.96", OUTCOME_PASS, { { NULL } }, OUTCOME_XPASS, { FIRST } },
		{ "both gone", "dimm/a", "6.1.0-52-amd64", OUTCOME_PASS, { { NULL } }, OUTCOME_XPASS, { FIRST, SECOND } },
		{ "both", "dimm/a", "6.1.0-52-amd64", OUTCOME_FAIL,
		  { { "page.refcount", "1" }, { "splat.bug", "kernel BUG in bar (console line 3): x" } },
		  OUTCOME_XFAIL, { FIRST, SECOND } },
		{ "one of both", "dimm/a", "6.1.0-52-amd64", OUTCOME_FAIL, { { "splat.bug", "kernel BUG in bar" } },
		  OUTCOME_XFAIL, { SECOND } },
		{ "what goes with the other", "dimm/a", "6.1.0-52-amd64", OUTCOME_FAIL,
		  { { "splat.bug", "kernel BUG in bar" }, { "page.zone", "1" } }, OUTCOME_FAIL, { SECOND } },
		{ "a race lost", "dimm/race", "6.1.0-52", OUTCOME_FAIL, { { "zone.free", "1" } }, OUTCOME_XFAIL, { RACE } },
		{ "a race won", "dimm/race", "6.1.0-52", OUTCOME_PASS, { { NULL } }, OUTCOME_PASS, { NULL } },
		{ "passed, fixed", "dimm/a", "6.12.97", OUTCOME_PASS, { { NULL } }, OUTCOME_PASS, { NULL } },
		{ "skipped", "dimm/a", "6.12.96", OUTCOME_SKIP, { { NULL } }, OUTCOME_SKIP, { NULL } },
		{ "no verdict", "dimm/a", "6.12.96", OUTCOME_ERROR, { { "page.refcount", "1" } }, OUTCOME_ERROR, { NULL } },
	};
	struct known *known = parse_good(TWO);

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		const struct known_run run = { cases[i].scenario, cases[i].release, 2 };
		struct findings findings = { 0 };
		json_t *bugs = NULL;
		enum outcome settled;

		for (size_t k = 0; k < 3 && cases[i].finding[k][0]; k++)
			add(&findings, cases[i].finding[k][0], cases[i].finding[k][1]);
		settled = known_settle(known, &run, cases[i].outcome, &findings, &bugs);
		if (settled != cases[i].settled)
			fail_msg("%s: %s", cases[i].what, outcome_name(settled));
		for (size_t k = 0; k < 2; k++) {
			const char *bug = json_string_value(json_array_get(bugs, k));

			if (strcmp(bug ? bug : "", cases[i].bug[k] ? cases[i].bug[k] : ""))
				fail_msg("%s: bug %zu is %s", cases[i].what, k, bug);
		}
		json_decref(bugs);
		findings_deinit(&findings);
	}
	known_destroy(known);
}

static void one_processor_races_with_nobody(void **state)
{
	const struct known_run run = { "dimm/race", "6.1.0-52", 1 };
	struct known *known = parse_good(TWO);
	struct findings findings = { 0 };
	json_t *bugs;

	(void)state;
	add(&findings, "zone.free", "1");
	assert_int_equal(known_settle(known, &run, OUTCOME_FAIL, &findings, &bugs), OUTCOME_FAIL);
	assert_null(bugs);
	findings_deinit(&findings);
	known_destroy(known);
}

static void nobody_expects_what_was_dropped(void **state)
{
	struct known *known = parse_good(GOOD);
	const struct known_run run = { "dimm/a", "6.12.1", 1 };
	struct findings findings = { .dropped = 1 };
	json_t *bugs;

	(void)state;
	add(&findings, "page.refcount", "1");
	assert_int_equal(known_settle(known, &run, OUTCOME_FAIL, &findings, &bugs), OUTCOME_FAIL);
	json_decref(bugs);
	findings_deinit(&findings);
	known_destroy(known);
}

/* Their entries came before them; a name stays here until its scenario is in the catalogue. */
static const char *const awaited[] = {
	"regress/cve-2026-72172", "regress/virtio-mem-config-changed",
	"regress/virtio-mem-remove-retry",
};

static bool is_awaited(const char *name)
{
	for (size_t i = 0; i < ARRAY_SIZE(awaited); i++)
		if (!strcmp(name, awaited[i]))
			return true;
	return false;
}

static bool is_shown(const struct known_bug *bug, const struct strv *names)
{
	for (size_t i = 0; i < names->n; i++)
		if (known_bug_in_scenario(bug, names->v[i]))
			return true;
	return is_awaited(bug->scenarios[0]);
}

static void the_rigs_own_file_is_good(void **state)
{
	AUTO_STRV struct strv names = { 0 };
	struct known *known = NULL;
	struct rig_err err;

	(void)state;
	if (known_load(FILE_OF_THE_RIG, &known, &err) < 0 || scenario_list_names("scenarios", &names, &err) < 0)
		fail_msg("%s", err.text);
	assert_true(known->nr > 0);
	for (size_t i = 0; i < known->nr; i++)
		if (!is_shown(&known->bug[i], &names))
			fail_msg("%s:%u: no scenario '%s'", known->path, known->bug[i].line, known->bug[i].scenarios[0]);
	known_destroy(known);
}

static void a_file_that_is_not_there_is_bad_usage(void **state)
{
	struct known *known = NULL;
	struct rig_err err = { 0 };

	(void)state;
	assert_true(known_load("no/such/file.json", &known, &err) < 0);
	assert_int_equal(err.cause, RIG_USAGE);
	assert_non_null(strstr(err.text, "no/such/file.json"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_bug_is_read_whole),
		cmocka_unit_test(what_is_wrong_is_named),
		cmocka_unit_test(a_release_has_what_came_later_fixed),
		cmocka_unit_test(releases_named_in_another_way_are_refused),
		cmocka_unit_test(only_what_the_file_says_is_expected),
		cmocka_unit_test(one_processor_races_with_nobody),
		cmocka_unit_test(nobody_expects_what_was_dropped),
		cmocka_unit_test(the_rigs_own_file_is_good),
		cmocka_unit_test(a_file_that_is_not_there_is_bad_usage),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
