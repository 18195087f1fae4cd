// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The claims file: goldens as in test_scenario.c, and the rig's own file held against the catalogue.
 * Runs from the top of the tree.
 */
#include <ctype.h>
#include <errno.h>
#include <glob.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/clean.h"
#include "base/io.h"
#include "base/mem.h"
#include "scenario/claims.h"
#include "scenario/scenario.h"

#define FIXTURES "rig/tests/fixtures/claims"

static int parse_file(const char *path, struct claims **ret, struct rig_err *err)
{
	AUTO_FREE char *text = NULL;
	size_t len;

	if (io_read_file(path, 1 << 20, &text, &len, err) < 0)
		fail_msg("%s", err->text);
	return claims_parse(strrchr(path, '/') + 1, text, len, ret, err);
}

static void test_valid(void **state)
{
	AUTO_CLAIMS struct claims *c = NULL;
	struct rig_err err;

	(void)state;
	if (parse_file(FIXTURES "/valid/two-threads.json", &c, &err) < 0)
		fail_msg("%s", err.text);
	assert_int_equal(c->nr_threads, 2);
	assert_int_equal(c->nr_claims, 3);
	assert_string_equal(c->thread[1].id, "001");
	assert_string_equal(c->thread[1].subject, "second");
	assert_string_equal(c->claim[0].id, "A1");
	assert_null(c->claim[0].sides);
	assert_null(c->claim[0].why_none);
	assert_string_equal(c->claim[1].text, "two");
	assert_string_equal(c->claim[1].sides, "before and after");
	assert_string_equal(c->claim[1].why_none, "never merged");
	assert_int_equal(c->claim[1].thread, 0);
	assert_ptr_equal(claims_find(c, "B1"), &c->claim[2]);
	assert_int_equal(c->claim[2].thread, 1);
	assert_null(claims_find(c, "B2"));
}

static void check_invalid(const char *path)
{
	AUTO_FREE char *golden = NULL, *text = NULL;
	struct claims *c = NULL;
	struct rig_err err;

	golden = xasprintf("%.*s.error", (int)(strlen(path) - strlen(".json")), path);
	if (io_read_file(golden, 4096, &text, NULL, &err) < 0)
		fail_msg("%s", err.text);
	text[strcspn(text, "\n")] = '\0';
	if (parse_file(path, &c, &err) >= 0)
		fail_msg("'%s' was accepted", path);
	assert_string_equal(err.text, text);
	assert_int_equal(err.cause, RIG_USAGE);
	assert_null(c);
}

static void test_invalid(void **state)
{
	glob_t files;

	(void)state;
	assert_int_equal(glob(FIXTURES "/invalid/*.json", 0, NULL, &files), 0);
	assert_true(files.gl_pathc >= 14);
	for (size_t i = 0; i < files.gl_pathc; i++)
		check_invalid(files.gl_pathv[i]);
	globfree(&files);
}

static void test_check(void **state)
{
	char *known[] = { (char *)"A1", (char *)"B1", NULL }, *unknown[] = { (char *)"A1", (char *)"Z9", NULL };
	struct scenario s = { .path = (char *)"x.json", .claims = known, .claims_line = 4 };
	AUTO_CLAIMS struct claims *c = NULL;
	struct rig_err err;

	(void)state;
	assert_int_equal(parse_file(FIXTURES "/valid/two-threads.json", &c, &err), 0);
	assert_int_equal(claims_check(c, &s, &err), 0);
	s.claims = unknown;
	assert_int_equal(claims_check(c, &s, &err), -EINVAL);
	assert_string_equal(err.text, "x.json:4: /claims: there is no claim 'Z9'; 'hotrig list --claims' shows them");
}

static void test_no_file(void **state)
{
	struct claims *c = NULL;
	struct rig_err err;

	(void)state;
	assert_int_equal(claims_load("no such folder", &c, &err), -ENOENT);
	assert_int_equal(err.cause, RIG_USAGE);
}

/* "claim C1" in an origin must not be taken for C10. */
static bool has_word(const char *text, const char *word)
{
	size_t len = strlen(word);

	for (const char *p = text; (p = strstr(p, word)); p += len)
		if ((p == text || !isalnum((unsigned char)p[-1])) && !isalnum((unsigned char)p[len]))
			return true;
	return false;
}

static void mark_shown(const struct claims *c, const struct scenario *s, bool *shown)
{
	struct rig_err err;

	if (claims_check(c, s, &err) < 0)
		fail_msg("%s", err.text);
	for (char *const *id = s->claims; *id; id++) {
		shown[claims_find(c, *id) - c->claim] = true;
		if (!has_word(s->origin, *id))
			fail_msg("%s: shows claim %s, but 'origin' does not name it", s->path, *id);
	}
}

/* Each claim has a scenario, or says why it has none; never both. */
static void test_catalogue(void **state)
{
	AUTO_STRV struct strv paths = { 0 };
	AUTO_CLAIMS struct claims *c = NULL;
	AUTO_FREE bool *shown = NULL;
	struct rig_err err;

	(void)state;
	if (claims_load("scenarios", &c, &err) < 0 || scenario_list_files("scenarios", &paths, &err) < 0)
		fail_msg("%s", err.text);
	assert_int_equal(c->nr_claims, 12 + 6 + 14 + 8 + 7);
	shown = xcalloc(c->nr_claims, sizeof(*shown));
	for (size_t i = 0; i < paths.n; i++) {
		struct scenario *s = NULL;

		if (scenario_load("scenarios", paths.v[i], &s, &err) < 0)
			fail_msg("%s", err.text);
		mark_shown(c, s, shown);
		scenario_destroy(s);
	}
	for (size_t i = 0; i < c->nr_claims; i++) {
		if (!shown[i] && !c->claim[i].why_none)
			fail_msg("scenarios/" CLAIMS_FILE ": %s has no scenario and no 'why_none'", c->claim[i].id);
		if (shown[i] && c->claim[i].why_none)
			fail_msg("scenarios/" CLAIMS_FILE ": %s has a scenario now: drop its 'why_none'",
				 c->claim[i].id);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_valid),	cmocka_unit_test(test_invalid),
		cmocka_unit_test(test_check),	cmocka_unit_test(test_no_file),
		cmocka_unit_test(test_catalogue),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
