/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * result_file: the result.json of a finished record, see hotrig-results(5).  Level 4.
 */
#ifndef RIG_RECORD_RESULT_FILE_H
#define RIG_RECORD_RESULT_FILE_H

#include <jansson.h>

#include "base/err.h"

/**
 * result_file_read() - what the record in @folder says came of it, new reference
 * That it is JSON is all that is checked.
 * Errors: RIG_HOST: it cannot be read, or -EBADMSG: it is damaged, with path and line.
 */
int result_file_read(const char *folder, json_t **ret, struct rig_err *err) RIG_CHECKED;

#endif
