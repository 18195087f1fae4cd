/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * news: what a kernel tells of memory that no list of `hotrig explain --coverage` names.  Level 5.
 *
 * It cannot be judged, so it is no finding; it is noted, so that it does not go unnoticed.
 */
#ifndef RIG_RUN_NEWS_H
#define RIG_RUN_NEWS_H

#include "run/run.h"

/** news_note() - one note for each file of @s with something new; what @known has too is not told again */
void news_note(struct run *run, const struct snapshot *s, const struct snapshot *known);

#endif
