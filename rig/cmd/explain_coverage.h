/* SPDX-License-Identifier: GPL-2.0-or-later */
/* explain_coverage: the three lists of model/coverage.h, printed.  Level 8. */
#ifndef RIG_EXPLAIN_COVERAGE_H
#define RIG_EXPLAIN_COVERAGE_H

#include <stdbool.h>

void explain_coverage(bool json);

#endif
