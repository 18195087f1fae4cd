/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * links: the socket pairs between the rig and QEMU.  Level 3, part of vm.
 *
 * They have no names, so nothing can be left behind and nobody else can connect.
 */
#ifndef RIG_VM_LINKS_H
#define RIG_VM_LINKS_H

#include "vm/vm.h"

/* Both ends; -1: handed over or not made. */
struct links {
	struct vm_fds ours, theirs;
};

#define LINKS_NONE { { -1, -1, -1 }, { -1, -1, -1 } }

/** links_init() - make them; all close on exec, ours do not block.  @l is LINKS_NONE before */
int links_init(struct links *l, struct rig_err *err) RIG_CHECKED;
void links_deinit(struct links *l);	/* closes what is still there */
#define AUTO_LINKS __attribute__((cleanup(links_deinit)))

void links_close(struct vm_fds *fds);

#endif
