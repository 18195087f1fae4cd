/* SPDX-License-Identifier: GPL-2.0-or-later */
/* modules: load what the image brought, in the order the host worked out.  Agent and init. */
#ifndef RIG_AGENT_MODULES_H
#define RIG_AGENT_MODULES_H

/** modules_load_boot() - everything in /etc/hotrig/modules; complains on stderr, goes on */
void modules_load_boot(void);

/** modules_load_carried() - one of /etc/hotrig/carry with its closure; 0 or -errno; -ENOENT when
 *  the image does not carry it.  Loaded already is fine. */
int modules_load_carried(const char *name);

#endif
