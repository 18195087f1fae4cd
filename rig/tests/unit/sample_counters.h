/* SPDX-License-Identifier: GPL-2.0-or-later */
/* sample_counters: what the kernel of a sample machine prints of its zones, worked out from them. */
#ifndef TEST_SAMPLE_COUNTERS_H
#define TEST_SAMPLE_COUNTERS_H

#include "sample_machine.h"

/** sample_counters() - texts and kcore of @r, whose zones, nodes and resources are there already */
void sample_counters(const struct sample *s, struct snapshot *r);

/** sample_counter() - give a counter that is there another value */
void sample_counter(struct snapshot *r, const char *file, const char *name, const char *value);

#endif
