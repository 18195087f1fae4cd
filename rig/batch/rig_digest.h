/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * rig_digest: tells one build of the rig from another, for what goes on from records of before: a rig that was changed
 * may judge in another way.  Level 6.
 */
#ifndef RIG_BATCH_RIG_DIGEST_H
#define RIG_BATCH_RIG_DIGEST_H

#include "base/err.h"

/** rig_digest() - SHA-256, hex, of the program that runs and of the agent in file @agent
 *  Errors: RIG_HOST: one of them cannot be read. */
int rig_digest(const char *agent, char hex[65], struct rig_err *err) RIG_CHECKED;

#endif
