/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * order: in which runs are best done.  Level 6.
 *
 * Kernel by kernel, and the longest scenarios first: what begins last is short, so that no core is idle
 * for long while another has work.  Else as they are listed, and the runs of one scenario beside each
 * other, as they share templates.
 */
#ifndef RIG_BATCH_ORDER_H
#define RIG_BATCH_ORDER_H

#include "batch/batch.h"

/** order_longest_first() - put the @nr of them into that order */
void order_longest_first(struct batch_run *run, size_t nr);

#endif
