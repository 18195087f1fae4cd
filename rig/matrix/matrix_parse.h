/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * matrix_parse: what the parts of the parser of a matrix file share.  Level 7, part of matrix.
 */
#ifndef RIG_MATRIX_PARSE_H
#define RIG_MATRIX_PARSE_H

#include "matrix/matrix.h"

size_t matrix_nr_children(const struct doc_node *node);
/** matrix_need_members() - the member @key: an object or array, not empty */
int matrix_need_members(const struct doc_node *root, const char *key, json_type type,
			const struct doc_node **ret, struct rig_err *err) RIG_CHECKED;
/** matrix_read_unique() - a list in which nothing stands twice; @ret is the caller's to free, also on failure */
int matrix_read_unique(const struct doc_node *node, doc_read_fn *read, char ***ret, struct rig_err *err) RIG_CHECKED;
/** matrix_read_scenarios() - the same of names and patterns */
int matrix_read_scenarios(const struct doc_node *node, char ***ret, struct rig_err *err) RIG_CHECKED;

/* matrix_rows.c; kernels, variants and sets have been read */
int matrix_read_rows(struct matrix *m, struct rig_err *err) RIG_CHECKED;
int matrix_read_excludes(struct matrix *m, struct rig_err *err) RIG_CHECKED;
int matrix_check_used(const struct matrix *m, struct rig_err *err) RIG_CHECKED;

void strings_clean(char ***v);
#define AUTO_STRINGS __attribute__((cleanup(strings_clean)))

#endif
