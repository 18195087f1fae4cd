/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * sample_matrix: a small matrix, and scenarios for it, without files.
 */
#ifndef TEST_SAMPLE_MATRIX_H
#define TEST_SAMPLE_MATRIX_H

#include "matrix/cell.h"
#include "matrix/plan.h"

/* 2 kernels x 2 variants x the scenarios a/one, a/two, b/one, and b/nodes of machine two-nodes */
#define SAMPLE_KERNELS "'kernels': {'old': 'debian:6.1', 'new': 'debian:6.12'},\n"
#define SAMPLE_VARIANTS "'variants': {'default': {}, 'smp': {'machine': 'two-cpus', 'kernel_args': ['x=1']}},\n"
#define SAMPLE_SETS "'sets': {'all': ['*'], 'a': ['a/*']},\n"
#define SAMPLE_CELLS "'cells': [{'kernels': ['old', 'new'], 'variants': ['default', 'smp'], 'sets': ['all', 'a']}]"
#define SAMPLE_HEAD "{'summary': 'sample',\n"
#define SAMPLE SAMPLE_HEAD SAMPLE_KERNELS SAMPLE_VARIANTS SAMPLE_SETS SAMPLE_CELLS

/** sample_matrix_parse() - of text with ' for ", called "m.json" */
int sample_matrix_parse(const char *text, struct matrix **ret, struct rig_err *err);

/* of options that outcomes depend on */
#define SAMPLE_HOW "8e35c2cd3bf6641bdb0e2050b76932cbb2e6034a0ddacc1d9bea82a6ba57f7cf"

struct sample_matrix {
	struct matrix *matrix;
	struct repertoire all;
	struct cells cells;
};

/** sample_matrix_init() - of such text; @names: of more scenarios, NULL-terminated; NULL: none */
void sample_matrix_init(struct sample_matrix *s, const char *text, const char *const *names);
void sample_matrix_deinit(struct sample_matrix *s);

/** sample_repertoire() - the four, and those of @names */
void sample_repertoire(struct repertoire *ret, const char *const *names);

/** sample_record() - result.json as far as a matrix reads it; @outcome "FAIL" has a finding.  New reference */
json_t *sample_record(const char *outcome, double seconds);

/** sample_merged() - shard @shard of the plan, every cell run once with @outcome.  New reference */
json_t *sample_merged(const struct sample_matrix *s, const struct plan *plan, unsigned int shard, const char *outcome);

#endif
