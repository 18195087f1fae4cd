/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * past: what the cells of a merged record are beside what was before, by an index of records.  Level 7.
 */
#ifndef RIG_MATRIX_PAST_H
#define RIG_MATRIX_PAST_H

#include <jansson.h>

#include "base/err.h"
#include "base/mem.h"

/**
 * past_judge() - put "class" and "class_why" into each cell, see history_class.h
 * @results: folder whose index is asked; records that are new there are added to it first
 * @words: gets one line for each thing that a person should know of the index
 * Errors: as history_classify(); cells then lack the class.
 */
int past_judge(const char *results, json_t *merged, struct strv *words, struct rig_err *err) RIG_CHECKED;

/** past_keep() - add the runs of a merged record, saved as @path, so that they are the past of the next */
int past_keep(const char *results, const char *path, struct strv *words, struct rig_err *err) RIG_CHECKED;

#endif
