/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * order: in which the runs of a batch begin, so that all are done early.  Level 6.
 *
 * Kernel by kernel, and the longest scenarios first: what is begun last is short, and no core is idle for
 * long while another has work.  Otherwise as they are listed, the runs of one scenario beside each other,
 * which share templates.
 */
#ifndef RIG_BATCH_ORDER_H
#define RIG_BATCH_ORDER_H

#include "batch/batch.h"

/** order_longest_first() - the numbers of all runs; caller frees */
size_t *order_longest_first(const struct batch *b);

#endif
