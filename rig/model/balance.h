/* SPDX-License-Identifier: GPL-2.0-or-later */
/* balance: the parts of model_balance().  Level 3, for rig/model only. */
#ifndef RIG_BALANCE_H
#define RIG_BALANCE_H

#include "model/model.h"

/** balance_areas() - chunks of free pages by order: in struct pages, on lists, as counted */
void balance_areas(const struct model *m, const struct snapshot *s, const char *step, struct findings *out);

#endif
