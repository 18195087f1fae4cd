/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * state_file: the maps that a finished record holds, see hotrig-results(5).  Level 4.
 */
#ifndef RIG_STATE_FILE_H
#define RIG_STATE_FILE_H

#include <jansson.h>

#include "base/err.h"

/**
 * state_file_find() - one of the states in @record
 * @name: "003-after", with or without what stands around it in the file's name; NULL: the last, but that
 *	of a machine that failed, seen from outside, before all others
 * @ret: its name, without "state-" and ".json.gz"; caller frees
 * Errors: RIG_USAGE -ENOENT when there is no such one, with the names of all; RIG_HOST -ENOENT when
 * there is none at all.
 */
int state_file_find(const char *record, const char *name, char **ret, struct rig_err *err) RIG_CHECKED;

/**
 * state_file_read() - the state @name of @record, new reference
 * Errors: RIG_HOST, with the file's name.
 */
int state_file_read(const char *record, const char *name, json_t **ret, struct rig_err *err) RIG_CHECKED;

#endif
