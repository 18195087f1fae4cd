/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * guest_ram: the RAM of a QEMU process.  Level 4, part of witness.
 *
 * QEMU's monitor tells where RAM is in the guest (info mtree) and in the process (gpa2hva);
 * process_vm_readv() reads it, whatever the memory backend, running or not.  That needs what ptrace
 * needs: the same user and no ptrace scope in the way, or CAP_SYS_PTRACE.
 */
#ifndef RIG_WITNESS_GUEST_RAM_H
#define RIG_WITNESS_GUEST_RAM_H

#include <stdint.h>
#include <sys/types.h>

#include "base/err.h"
#include "qmp_client.h"
#include "witness/guest_memory.h"

struct guest_ram;

/**
 * guest_ram_create() - ask QEMU where RAM is, and read one word to see whether that may be done
 * @qmp: outlives the object
 * Errors: RIG_HOST -EPERM, -ESRCH; RIG_QEMU -EBADMSG: the monitor's text is of unknown shape.
 */
int guest_ram_create(pid_t pid, struct qmp_client *qmp, uint64_t until_ns, struct guest_ram **ret,
		     struct rig_err *err) RIG_CHECKED;
void guest_ram_destroy(struct guest_ram *ram);	/* NULL allowed */

/** guest_ram_refresh() - ask again; on failure what was known stays */
int guest_ram_refresh(struct guest_ram *ram, uint64_t until_ns, struct rig_err *err) RIG_CHECKED;

/** guest_ram_memory() - what the walkers read with; valid as long as @ram */
struct guest_memory guest_ram_memory(struct guest_ram *ram);

/** guest_ram_bytes() - all of it */
uint64_t guest_ram_bytes(const struct guest_ram *ram);

#endif
