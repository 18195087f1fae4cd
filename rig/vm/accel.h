/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * accel: KVM or TCG?  Level 3, above vm.
 *
 * That /dev/kvm opens says little: nested or restricted KVM may accept a machine and let every
 * guest die.  So a real guest is booted once, and the verdict is remembered until the host boots
 * anew or QEMU or the processor changes.
 */
#ifndef RIG_VM_ACCEL_H
#define RIG_VM_ACCEL_H

#include <stdint.h>

#include "vm/vm.h"

struct accel_request {
	enum accel wanted;
	/* the guest to try: an initrd with the agent in it; its accel and callbacks do not matter */
	const struct vm_config *guest;
	uint64_t until_ns;		/* for the probe; half a minute is plenty */
	const char *kvm_device;		/* NULL: /dev/kvm */
};

/**
 * accel_decide() - make ACCEL_AUTO a decision, and prove KVM where it is wanted
 * @ret: ACCEL_KVM or ACCEL_TCG
 * @why: why KVM cannot be used, so that it fell back to TCG; NULL when it did not; caller frees
 * Errors: RIG_HOST when KVM was wanted and cannot be used; those of vm_create() that are not
 * KVM's fault; RIG_INTERRUPTED.
 */
int accel_decide(const struct accel_request *request, enum accel *ret, char **why,
		 struct rig_err *err) RIG_CHECKED;

#endif
