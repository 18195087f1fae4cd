// SPDX-License-Identifier: GPL-2.0-or-later
/* The file of a matrix, and the cells of it. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <stdlib.h>
#include <string.h>

#include "base/clean.h"
#include "base/mem.h"
#include "sample_matrix.h"

static void a_matrix_is_read_whole(void **state)
{
	struct matrix *m = NULL;
	struct rig_err err;

	(void)state;
	assert_int_equal(sample_matrix_parse(
		SAMPLE_HEAD "'repeat': 7, 'kernels': {'old': 'debian:6.1', 'own': {'source': 'debian-source:6.12', "
		"'config': ['no-bpf'], 'apply': 'x.mbox'}},\n"
		"'variants': {'default': {}, 'k': {'machine': 'numa', 'kernel_args': ['a', 'b=1'], 'accel': 'kvm', "
		"'config': ['debug-vm']}}, 'sets': {'s': ['core', 'dimm/*']},\n"
		"'cells': [{'kernels': ['own', 'old'], 'variants': ['default'], 'sets': ['s']},"
		"{'kernels': ['own'], 'variants': ['k'], 'sets': ['s']}],"
		"'excludes': [{'kernels': ['own'], 'variants': ['k'], 'scenarios': ['dimm/x'], 'reason': 'why'}]}",
		&m, &err), 0);
	assert_string_equal(m->summary, "sample");
	assert_int_equal(m->repeat, 7);
	assert_int_equal(m->nr_kernels, 2);
	assert_string_equal(m->kernel[0].spec, "debian:6.1");
	assert_null(m->kernel[1].spec);
	assert_string_equal(m->kernel[1].name, "own");
	assert_string_equal(m->kernel[1].source, "debian-source:6.12");
	assert_string_equal(m->kernel[1].config[0], "no-bpf");
	assert_string_equal(m->kernel[1].apply, "x.mbox");
	assert_int_equal(m->nr_variants, 2);
	assert_null(m->variant[0].machine);
	assert_int_equal(m->variant[0].accel, ACCEL_AUTO);
	assert_int_equal(m->variant[1].accel, ACCEL_KVM);
	assert_string_equal(m->variant[1].run.name, "k");
	assert_string_equal(m->variant[1].run.machine, "numa");
	assert_string_equal(m->variant[1].run.kernel_args[1], "b=1");
	assert_string_equal(m->variant[1].config[0], "debug-vm");
	assert_string_equal(m->set[0].scenarios[1], "dimm/*");
	assert_int_equal(m->nr_rows, 2);
	assert_int_equal(m->row[0].kernels.index[0], 1);
	assert_int_equal(m->row[0].kernels.index[1], 0);
	assert_int_equal(m->nr_excludes, 1);
	assert_string_equal(m->exclude[0].reason, "why");
	assert_int_equal(strlen(m->digest), 64);
	matrix_destroy(m);
}

#define KERNELS SAMPLE_HEAD "'kernels': "
#define VARIANTS SAMPLE_HEAD SAMPLE_KERNELS "'variants': "
#define SETS SAMPLE_HEAD SAMPLE_KERNELS SAMPLE_VARIANTS "'sets': "
#define CELLS SAMPLE_HEAD SAMPLE_KERNELS SAMPLE_VARIANTS SAMPLE_SETS "'cells': "
#define EXCLUDES SAMPLE ",\n'excludes': "

/* What the parser alone finds */
static void what_is_wrong_is_named(void **state)
{
	static const struct {
		const char *text, *says;
	} wrong[] = {
		{ "{'summary': }", "m.json:1:13: " },
		{ "[]", "m.json:1: must be an object" },
		{ "{}", "m.json:1: key 'summary' is missing" },
		{ SAMPLE ", 'extra': 1}", "m.json:5: /extra: unknown key; use one of summary, repeat" },
		{ SAMPLE ", 'summary': 'b'}", "m.json:5: /summary: duplicate key" },
		{ SAMPLE ", 'repeat': 21}", "m.json:5: /repeat: 21 is outside 0 to 20" },
		{ SAMPLE_HEAD "'variants': {}}", "key 'kernels' is missing" },
		{ KERNELS "[]}", "m.json:2: /kernels: must be an object" },
		{ KERNELS "{}}", "m.json:2: /kernels: must not be empty" },
		{ KERNELS "{'a': 'debian:x'}}", "m.json:2: /kernels/a: 'debian:x' names no Debian kernel" },
		{ KERNELS "{'a': 'debian-source:6.12'}}", "/kernels/a: source must be built: write {\"source\": " },
		{ KERNELS "{'a': 1}}", "/kernels/a: must be the SPEC of a kernel, or an object with 'source'" },
		{ KERNELS "{'a/b': 'debian:6.1'}}", "/kernels/a~1b: no name: use up to 40 letters" },
		{ KERNELS "{'a': 'debian:6.1',\n'a': 'debian:6.1'}}", "m.json:3: /kernels/a: duplicate key" },
		{ KERNELS "{'a': {}}}", "/kernels/a: key 'source' is missing" },
		{ KERNELS "{'a': {'source': 's', 'tree': 't'}}}", "/kernels/a/tree: unknown key" },
		{ KERNELS "{'a': {'source': 's', 'config': []}}}", "/kernels/a/config: must not be empty" },
		{ KERNELS "{'a': {'source': 's', 'config': ['c', 'c']}}}", "/kernels/a/config/1: stands here twice" },
		{ VARIANTS "{'a': {'machine': 'huge'}}}", "/variants/a/machine: 'huge' is not known here; use one of small" },
		{ VARIANTS "{'a': {'accel': 'auto'}}}", "/variants/a/accel: 'auto' is not known here; use one of kvm, tcg" },
		{ VARIANTS "{'a': {'kernel_args': []}}}", "/variants/a/kernel_args: must not be empty" },
		{ VARIANTS "{'a': {'cpus': 2}}}", "/variants/a/cpus: unknown key" },
		{ SETS "{'a': []}}", "/sets/a: must not be empty" },
		{ SETS "{'a': ['x y']}}", "/sets/a/0: 'x y' is no scenario" },
		{ CELLS "[]}", "/cells: must not be empty" },
		{ CELLS "[{'kernels': ['old']}]}", "/cells/0: key 'variants' is missing" },
		{ CELLS "[{'kernels': ['older'], 'variants': ['smp'], 'sets': ['a']}]}",
		  "m.json:5: /cells/0/kernels/0: 'older' is not in 'kernels' of this file" },
		{ CELLS "[{'kernels': ['old'], 'variants': ['up'], 'sets': ['a']}]}",
		  "/cells/0/variants/0: 'up' is not in 'variants' of this file" },
		{ CELLS "[{'kernels': ['old'], 'variants': ['smp'], 'sets': ['c']}]}",
		  "/cells/0/sets/0: 'c' is not in 'sets' of this file" },
		{ CELLS "[{'kernels': ['old', 'new'], 'variants': ['smp'], 'sets': ['a', 'all']}]}",
		  "m.json:3: /variants/default: no row of 'cells' names it" },
		{ SAMPLE_HEAD SAMPLE_KERNELS "'variants': {'d': {'config': ['debug-vm']}},\n" SAMPLE_SETS
		  "'cells': [{'kernels': ['old', 'new'], 'variants': ['d'], 'sets': ['a', 'all']}]}",
		  "m.json:5: /cells/0: variant 'd' has a config of its own, and kernel 'old' is not built from source" },
		{ EXCLUDES "{}}", "/excludes: must be an array" },
		{ EXCLUDES "[{'scenarios': ['a/one']}]}", "/excludes/0: key 'reason' is missing" },
		{ EXCLUDES "[{'scenario': 'a', 'reason': 'r'}]}", "/excludes/0/scenario: unknown key" },
		{ EXCLUDES "[{'kernels': ['x'], 'reason': 'r'}]}", "/excludes/0/kernels/0: 'x' is not in 'kernels'" },
		{ EXCLUDES "[{'kernels': ['old'], 'reason': ' '}]}", "/excludes/0/reason: must not be empty" },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(wrong); i++) {
		struct matrix *m = NULL;
		struct rig_err err;

		if (sample_matrix_parse(wrong[i].text, &m, &err) == 0)
			fail_msg("accepted: %s", wrong[i].text);
		assert_int_equal(err.cause, RIG_USAGE);
		if (!strstr(err.text, wrong[i].says))
			fail_msg("'%s' does not say '%s'", err.text, wrong[i].says);
	}
}

static char *names_of(const struct cells *c, bool excluded)
{
	char *text = xstrdup("");

	for (size_t i = 0; i < (excluded ? c->nr_excluded : c->nr); i++) {
		AUTO_FREE char *before = text;

		text = xasprintf("%s%s%s", before, i ? " " : "", excluded ? c->excluded[i].name : c->cell[i].name);
	}
	return text;
}

static void expect_cells(const char *matrix, const char *cells, const char *excluded)
{
	struct sample_matrix s = { 0 };
	AUTO_FREE char *there = NULL, *out = NULL;

	sample_matrix_init(&s, matrix, NULL);
	there = names_of(&s.cells, false);
	out = names_of(&s.cells, true);
	assert_string_equal(there, cells);
	assert_string_equal(out, excluded);
	sample_matrix_deinit(&s);
}

static void cells_are_all_that_rows_mean_once(void **state)
{
	(void)state;
	expect_cells(SAMPLE "}",
		     "old/default/a/one old/default/a/two old/default/b/nodes old/default/b/one "
		     "old/smp/a/one old/smp/a/two old/smp/b/one "
		     "new/default/a/one new/default/a/two new/default/b/nodes new/default/b/one "
		     "new/smp/a/one new/smp/a/two new/smp/b/one",
		     "old/smp/b/nodes new/smp/b/nodes");
}

static void excludes_leave_cells_out(void **state)
{
	(void)state;
	expect_cells(EXCLUDES "[{'variants': ['default'], 'reason': 'one'},"
			      "{'kernels': ['old'], 'scenarios': ['a/*', 'b/nodes'], 'reason': 'two'}]}",
		     "old/smp/b/one new/smp/a/one new/smp/a/two new/smp/b/one",
		     "old/default/a/one old/default/a/two old/default/b/nodes old/default/b/one old/smp/a/one old/smp/a/two "
		     "old/smp/b/nodes new/default/a/one new/default/a/two new/default/b/nodes new/default/b/one "
		     "new/smp/b/nodes");
}

static void a_cell_left_out_has_its_reason(void **state)
{
	struct sample_matrix s = { 0 };
	AUTO_FREE char *by_file = NULL, *by_machine = NULL;

	(void)state;
	sample_matrix_init(&s, EXCLUDES "[{'kernels': ['old'], 'scenarios': ['a/one'], 'variants': ['smp'], "
			   "'reason': 'it is so'}]}", NULL);
	by_file = cell_excluded_reason(&s.cells.excluded[0]);
	by_machine = cell_excluded_reason(&s.cells.excluded[1]);
	assert_string_equal(by_file, "it is so");
	assert_string_equal(by_machine, "the scenario asks for machine 'two-nodes' itself");
	sample_matrix_deinit(&s);
}

static void cells_that_share_a_template_are_one_group(void **state)
{
	struct sample_matrix s = { 0 };
	const struct cell *c;

	(void)state;
	sample_matrix_init(&s, SAMPLE "}", NULL);
	c = s.cells.cell;
	assert_string_equal(c[0].group, c[1].group);		/* a/one, a/two */
	assert_string_not_equal(c[0].group, c[2].group);	/* another machine */
	assert_string_equal(c[0].group, c[3].group);
	assert_string_not_equal(c[0].group, c[4].group);	/* another variant */
	assert_string_not_equal(c[0].group, c[7].group);	/* another kernel */
	sample_matrix_deinit(&s);
}

/* What only the scenarios tell */
static void what_means_no_cell_is_named(void **state)
{
	static const struct {
		const char *text, *says;
	} wrong[] = {
		{ SETS "{'all': ['*', 'dimm/*'], 'a': ['a/*']}, " SAMPLE_CELLS "}",
		  "m.json:4: /sets/all/1: no scenario matches 'dimm/*'" },
		{ SETS "{'all': ['core'], 'a': ['a/*']}, " SAMPLE_CELLS "}", "/sets/all/0: no scenario matches 'core'" },
		{ EXCLUDES "[{'kernels': ['old'], 'reason': 'r'},{'kernels': ['new'], 'reason': 'r'}]}",
		  "m.json:5: /cells/0: no cell is left of this row" },
		{ EXCLUDES "[{'scenarios': ['a/one', 'c/*'], 'reason': 'r'}]}",
		  "m.json:6: /excludes/0/scenarios/1: 'c/*' excludes nothing" },
		{ CELLS "[{'kernels': ['old'], 'variants': ['smp'], 'sets': ['a']},"
		  "{'kernels': ['new'], 'variants': ['default'], 'sets': ['all']}], "
		  "'excludes': [{'kernels': ['new'], 'variants': ['smp'], 'reason': 'r'}]}",
		  "/excludes/0: excludes nothing" },
		{ SETS "{'n': ['b/nodes']}, 'cells': [{'kernels': ['old', 'new'], 'variants': ['default'], 'sets': ['n']},"
		  "{'kernels': ['old'], 'variants': ['smp'], 'sets': ['n']}]}", "/cells/1: no cell is left of this row" },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(wrong); i++) {
		struct repertoire all;
		struct matrix *m = NULL;
		struct cells cells;
		struct rig_err err;

		sample_repertoire(&all, NULL);
		if (sample_matrix_parse(wrong[i].text, &m, &err) < 0)
			fail_msg("%s", err.text);
		if (cells_find(m, &all, &cells, &err) == 0)
			fail_msg("accepted: %s", wrong[i].text);
		assert_int_equal(err.cause, RIG_USAGE);
		if (!strstr(err.text, wrong[i].says))
			fail_msg("'%s' does not say '%s'", err.text, wrong[i].says);
		matrix_destroy(m);
		repertoire_deinit(&all);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_matrix_is_read_whole),
		cmocka_unit_test(what_is_wrong_is_named),
		cmocka_unit_test(cells_are_all_that_rows_mean_once),
		cmocka_unit_test(excludes_leave_cells_out),
		cmocka_unit_test(a_cell_left_out_has_its_reason),
		cmocka_unit_test(cells_that_share_a_template_are_one_group),
		cmocka_unit_test(what_means_no_cell_is_named),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
