/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * accel_memory: remembers whether guests live under KVM.  Level 3, part of accel.
 *
 * One small file in the cache per QEMU program and CPU model.  It holds what it was learned from
 * (boot, QEMU, processor); whatever does not match, or cannot be read, was never known.
 */
#ifndef RIG_VM_ACCEL_MEMORY_H
#define RIG_VM_ACCEL_MEMORY_H

#include <stdbool.h>

/** accel_memory_key() - digest of QEMU program, CPU model, processor and this boot of the host; NULL when
 *  some of it cannot be told; caller frees */
char *accel_memory_key(const char *qemu, const char *cpu);

struct accel_verdict {
	bool usable;
	char *why;		/* not usable: what happened; else NULL */
};

/** accel_memory_load() - @qemu: program, searched in PATH; @cpu: -cpu; false when not known */
bool accel_memory_load(const char *qemu, const char *cpu, struct accel_verdict *ret);

/** accel_memory_store() - a cache that cannot be written only costs the next run a probe */
void accel_memory_store(const char *qemu, const char *cpu, const struct accel_verdict *verdict);

#endif
