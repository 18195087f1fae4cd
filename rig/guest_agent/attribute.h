/* SPDX-License-Identifier: GPL-2.0-or-later */
/* attribute: small files of sysfs. */
#ifndef RIG_AGENT_ATTRIBUTE_H
#define RIG_AGENT_ATTRIBUTE_H

#include <jansson.h>

/** attribute_json() - @entry/@name below the folder @dir, without its line end; new reference, NULL when it
 *  is not there or cannot be read as things stand */
json_t *attribute_json(int dir, const char *entry, const char *name);

#endif
