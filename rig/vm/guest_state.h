/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * guest_state: how far the machine has come, from QMP events, its state and its process.
 * Level 3, part of vm.
 *
 * The first end that is seen cancels the loop with its reason, so that nobody waits for a guest
 * that cannot answer any more.
 */
#ifndef RIG_VM_GUEST_STATE_H
#define RIG_VM_GUEST_STATE_H

#include "base/loop.h"
#include "vm/child.h"
#include "vm/vm.h"

struct guest_state {
	struct loop *loop;
	struct child *child;		/* its output tells why QEMU gave up; set by the owner */
	struct qmp_client *qmp;		/* NULL until guest_state_watch() */
	void (*before_cancel)(void *arg);	/* take in what the guest said last */
	void *arg;

	enum vm_end end;
	char detail[64];
	struct rig_err why;		/* of the first end */
	bool ignore;			/* the rig itself ends it */
	bool cancelled;			/* the loop, by us */
	char stop_reason[32];		/* QEMU's own for leaving: "host-signal"; "" none */
	int timer_fd;			/* asks for the state outside the event's call; -1: none */
	bool asked;
	uint64_t ask_id;
};

/** guest_state_init() - @state has loop, before_cancel and arg, the rest zero */
int guest_state_init(struct guest_state *state, struct rig_err *err) RIG_CHECKED;
void guest_state_deinit(struct guest_state *state);	/* the loop resumes if we cancelled it */

/** guest_state_watch() - follow the events of @qmp, which stays the caller's and outlives @state */
void guest_state_watch(struct guest_state *state, struct qmp_client *qmp);

/** guest_state_set_status() - @status as query-status has it */
void guest_state_set_status(struct guest_state *state, const char *status);

/** guest_state_set_exited() - the child has ended */
void guest_state_set_exited(struct guest_state *state);

#endif
