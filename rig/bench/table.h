/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * table: what was measured, with its target, as text or JSON.
 */
#ifndef RIG_BENCH_TABLE_H
#define RIG_BENCH_TABLE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

enum target { TARGET_NONE, TARGET_AT_MOST, TARGET_AT_LEAST, TARGET_BELOW };

struct row {
	char name[32], what[96];
	const char *unit;
	double value, min, max;		/* median of @nr, and its bounds */
	size_t nr;
	enum target target;
	double limit;
};

struct table {
	struct row *row;
	size_t nr, cap;
};

/** table_add() - the median of @samples (sorted in place), @nr at least 1
 *  The row is valid until the next one is added. */
struct row *table_add(struct table *t, const char *name, const char *what, const char *unit,
		      double *samples, size_t nr);
/** table_add_one() - a single value with a target */
void table_add_one(struct table *t, const char *name, const char *what, const char *unit,
		   double value, enum target target, double limit);
/** table_value() - the median of the row @name, which must be there */
double table_value(const struct table *t, const char *name);

bool table_met(const struct table *t);
void table_print(const struct table *t, FILE *out);
/** table_print_json() - one line; @kernel, @accel: what it was measured on */
void table_print_json(const struct table *t, const char *kernel, const char *accel, FILE *out);
void table_deinit(struct table *t);

#endif
