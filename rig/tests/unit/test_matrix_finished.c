// SPDX-License-Identifier: GPL-2.0-or-later
/* Which runs of a matrix need not be done again. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/clean.h"
#include "base/io.h"
#include "base/mem.h"
#include "matrix/finished.h"
#include "sample_matrix.h"

static const char *text_of(const json_t *o, const char *key)
{
	return json_string_value(json_object_get(o, key));
}

static char *make_results(void)
{
	char *path = xstrdup("/tmp/hotrig-test-XXXXXX");

	assert_non_null(mkdtemp(path));
	return path;
}

static const struct finished_of ours = { "d1", "h1", "r1" }, of_other_matrix = { "d2", "h1", "r1" },
				other_how = { "d1", "h2", "r1" }, other_rig = { "d1", "h1", "r2" };

static void leave(const char *results, const char *folder, const struct cell *cell, unsigned int run,
		  const char *outcome)
{
	AUTO_FREE char *dir = xasprintf("%s/%s", results, folder), *path = xasprintf("%s/result.json", dir);
	json_auto_t *record = sample_record(outcome, 1);

	json_object_set_new(record, "part_of", finished_part_of(&ours, cell, run, "1/1"));
	assert_int_equal(mkdir(dir, 0755), 0);
	assert_int_equal(json_dump_file(record, path, 0), 0);
}

static const char *found(const struct finished *f, const struct cell *cell, unsigned int run, const char *image)
{
	const json_t *r = finished_run(f, cell, run, image);

	return r ? text_of(r, "outcome") : "";
}

static void a_run_that_left_a_record_is_found(void **state)
{
	AUTO_FREE char *results = make_results();
	struct finished *f = NULL;
	struct sample_matrix s = { 0 };
	struct cell other;
	struct rig_err err;

	(void)state;
	sample_matrix_init(&s, SAMPLE "}", NULL);
	leave(results, "20261121T000001Z-x-1", &s.cells.cell[0], 0, "FAIL");
	leave(results, "20261121T000002Z-x-1", &s.cells.cell[0], 1, "PASS");
	leave(results, "20261121T000003Z-y-1", &s.cells.cell[1], 0, "FAIL");
	leave(results, "20261121T000004Z-y-1", &s.cells.cell[1], 0, "PASS");
	leave(results, ".run-1-1", &s.cells.cell[2], 0, "PASS");
	assert_int_equal(finished_find(results, &ours, &f, &err), 0);
	assert_string_equal(found(f, &s.cells.cell[0], 0, "00"), "FAIL");
	assert_string_equal(found(f, &s.cells.cell[0], 1, "00"), "PASS");
	assert_string_equal(found(f, &s.cells.cell[0], 2, "00"), "");
	assert_string_equal(found(f, &s.cells.cell[1], 0, "00"), "PASS");	/* the newest */
	assert_string_equal(found(f, &s.cells.cell[2], 0, "00"), "");		/* not complete */
	/* of another kernel, or of any when that cannot be told */
	assert_string_equal(found(f, &s.cells.cell[0], 0, "11"), "");
	assert_string_equal(found(f, &s.cells.cell[0], 0, NULL), "FAIL");
	/* of a scenario that has changed */
	other = s.cells.cell[0];
	other.digest = "22";
	assert_string_equal(found(f, &other, 0, "00"), "");
	finished_destroy(f);
	/* of another matrix */
	assert_int_equal(finished_find(results, &of_other_matrix, &f, &err), 0);
	assert_string_equal(found(f, &s.cells.cell[0], 0, "00"), "");
	finished_destroy(f);
	/* with other options, or other bugs expected */
	assert_int_equal(finished_find(results, &other_how, &f, &err), 0);
	assert_string_equal(found(f, &s.cells.cell[0], 0, "00"), "");
	finished_destroy(f);
	/* by a rig that was changed since */
	assert_int_equal(finished_find(results, &other_rig, &f, &err), 0);
	assert_string_equal(found(f, &s.cells.cell[0], 0, "00"), "");
	finished_destroy(f);
	assert_int_equal(io_remove_tree(results, &err), 0);
	assert_int_equal(finished_find(results, &ours, &f, &err), 0);
	finished_destroy(f);
	sample_matrix_deinit(&s);
}

static void what_was_cut_short_or_is_damaged_does_not_count(void **state)
{
	AUTO_FREE char *results = make_results(), *path = NULL;
	struct finished *f = NULL;
	struct sample_matrix s = { 0 };
	json_auto_t *record = NULL;
	struct rig_err err;

	(void)state;
	sample_matrix_init(&s, SAMPLE "}", NULL);
	leave(results, "20261121T000001Z-x-1", &s.cells.cell[0], 0, "ERROR");
	leave(results, "20261121T000002Z-x-1", &s.cells.cell[1], 0, "ERROR");
	leave(results, "20261121T000003Z-x-1", &s.cells.cell[2], 0, "PASS");
	path = xasprintf("%s/20261121T000002Z-x-1/result.json", results);
	record = json_load_file(path, 0, NULL);
	json_object_set_new(json_object_get(record, "error"), "cause", json_string("interrupted"));
	assert_int_equal(json_dump_file(record, path, 0), 0);
	free(path);
	path = xasprintf("%s/20261121T000003Z-x-1/result.json", results);
	assert_int_equal(io_write_file(path, "{\"matrix\": \"d1\", ", 17, &err), 0);
	assert_int_equal(finished_find(results, &ours, &f, &err), 0);
	assert_string_equal(found(f, &s.cells.cell[0], 0, "00"), "ERROR");
	assert_string_equal(found(f, &s.cells.cell[1], 0, "00"), "");
	assert_string_equal(found(f, &s.cells.cell[2], 0, "00"), "");
	finished_destroy(f);
	assert_int_equal(io_remove_tree(results, &err), 0);
	sample_matrix_deinit(&s);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_run_that_left_a_record_is_found),
		cmocka_unit_test(what_was_cut_short_or_is_damaged_does_not_count),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
