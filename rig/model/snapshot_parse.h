/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * snapshot_parse: what the parsers of the agent's answers share.  Only for snapshot*.c.
 *
 * The rule: refused is what a correct agent cannot send whatever the kernel does; what a broken
 * kernel can make a correct agent send is evidence and gets through.
 */
#ifndef RIG_SNAPSHOT_PARSE_H
#define RIG_SNAPSHOT_PARSE_H

#include "model/snapshot.h"

#define SNAPSHOT_MAX_NODE 65535u

/** snapshot_refuse() - the error of a malformed answer; returns -EBADMSG */
int snapshot_refuse(struct rig_err *err, const char *what);

/** snapshot_take_integer() - false unless @v is an integer in 0..@max */
bool snapshot_take_integer(const json_t *v, uint64_t max, uint64_t *ret);
/** snapshot_take_number() - the same of a member of @o */
bool snapshot_take_number(const json_t *o, const char *key, uint64_t max, uint64_t *ret);
/** snapshot_take_text() - first line of a string that fits into @size bytes with its end */
bool snapshot_take_text(const json_t *o, const char *key, char *ret, size_t size);
/** snapshot_take_option() - the same of a file that a kernel may lack: @ret is "" then */
bool snapshot_take_option(const json_t *o, const char *key, char *ret, size_t size);
/** snapshot_take_hex() - @text is one hexadecimal number of 64 bits, 0x or not, and nothing else */
bool snapshot_take_hex(const char *text, uint64_t *ret);

#endif
