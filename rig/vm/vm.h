/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * vm: one QEMU process and its links.  Level 3, above qmp_client, kernel and machine.
 *
 * Links are socket pairs passed by descriptor: QMP, console, agent.  QEMU is killed when the rig
 * dies, and reaped by vm_destroy() however it ended.  A panic, a reset or a triple fault pauses
 * the machine instead of ending it, so that memory can still be read; vm then cancels the loop,
 * so that no wait for the guest lasts longer than the guest.
 */
#ifndef RIG_VM_VM_H
#define RIG_VM_VM_H

#include <jansson.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <sys/types.h>

#include "base/err.h"
#include "base/loop.h"
#include "base/mem.h"
#include "kernel/kernel.h"
#include "qmp_client.h"
#include "vm/machine.h"

enum accel { ACCEL_AUTO, ACCEL_KVM, ACCEL_TCG };

enum agent_link { LINK_VIRTIO_SERIAL, LINK_SERIAL };

struct vm_config {
	const struct machine_shape *shape;
	const struct kernel *kernel;
	const char *initrd;
	const char *cmdline;		/* whole kernel command line */
	enum accel accel;		/* ACCEL_KVM or ACCEL_TCG: auto was decided before */
	enum agent_link link;
	const char *qemu;		/* program; NULL: qemu-system-x86_64 in PATH */
	/*
	 * Boot memory in files: <ram>0, <ram>1 ... by node.  NULL: anonymous.  Private mappings leave
	 * the files as they are, but QEMU 7.2 punches holes in the file itself when memory is discarded:
	 * nothing that discards boot memory (balloon, free page reporting) may be in such a machine.
	 */
	const char *ram;
	bool ram_private;
	bool incoming;			/* the machine waits for vm_restore() */
	int monitor_fd;			/* a listening socket for a second monitor; 0: none */
	/* evidence, called as it comes; each may be NULL */
	void (*console)(void *arg, const char *data, size_t len);
	void (*qmp_trace)(void *arg, char dir, uint64_t ns, const char *line, size_t len);
	void (*agent_trace)(void *arg, char dir, uint64_t ns, const char *line, size_t len);
	void *arg;
};

/** vm_agent_link() - virtio-serial where the kernel's config has it, else the second serial port */
enum agent_link vm_agent_link(const struct kernel *k);

struct vm_fds { int qmp, console, agent; };	/* QEMU's ends, numbers that stand in the argv */

/** vm_argv() - QEMU's argument vector; pure; for vm_create() and --dry-run */
void vm_argv(const struct vm_config *config, const struct vm_fds *fds, struct strv *argv);

struct vm;

/** vm_argv_print() - for people: quoted for a shell, one option per line */
void vm_argv_print(FILE *out, const struct strv *argv);

/**
 * vm_create() - start QEMU and negotiate QMP; the guest runs from the first moment
 * What happened before the negotiation is found by asking for the state once.
 * Errors: RIG_HOST when QEMU is missing; RIG_QEMU when it ends or its monitor does not answer
 * (text has the last line of its stderr); nothing is left behind then.
 */
int vm_create(struct loop *loop, const struct vm_config *config, uint64_t until_ns,
	      struct vm **ret, struct rig_err *err) RIG_CHECKED;

/** vm_save() - stop the machine and write the state of its devices into @fd.  config.ram holds the memory */
int vm_save(struct vm *vm, int fd, uint64_t until_ns, struct rig_err *err) RIG_CHECKED;
/** vm_restore() - take in what vm_save() wrote for the same machine; it stands still as it did then */
int vm_restore(struct vm *vm, int fd, uint64_t until_ns, struct rig_err *err) RIG_CHECKED;
/** vm_pause(), vm_continue() - a moment in which nothing of the guest moves */
int vm_pause(struct vm *vm, uint64_t until_ns, struct rig_err *err) RIG_CHECKED;
int vm_continue(struct vm *vm, uint64_t until_ns, struct rig_err *err) RIG_CHECKED;

/** vm_destroy() - quit, TERM, KILL, reap; never blocks longer than a few seconds; NULL allowed
 *  The console's last bytes are handed out, and a cancelled loop that this vm cancelled resumes. */
void vm_destroy(struct vm *vm);

struct qmp_client *vm_qmp(struct vm *vm);
struct qmp_client *vm_agent(struct vm *vm);	/* greeting not yet awaited */
pid_t vm_pid(const struct vm *vm);
const char *vm_stderr(const struct vm *vm);	/* what QEMU said so far; "" when nothing */

/** vm_console_send() - type a line on the guest's console; best effort, never blocks */
void vm_console_send(struct vm *vm, const char *line);

enum vm_end {
	VM_RUNNING,
	VM_PANICKED,		/* pvpanic said so */
	VM_SHUTDOWN,		/* guest asked for power off, reset or triple fault; paused */
	VM_INTERNAL_ERROR,	/* the accelerator gave up */
	VM_EXITED,		/* the QEMU process is gone */
};

/** vm_end() - how far the machine has come
 *  @detail: "guest-reset", "signal SIGKILL" ...; may be NULL
 *  The first end stays what it is, but for VM_EXITED, which always shows. */
enum vm_end vm_end(const struct vm *vm, const char **detail);
/** vm_why() - the reason of the first end, as the loop was cancelled with; NULL: still running */
const struct rig_err *vm_why(const struct vm *vm);

/**
 * vm_explain() - replace an error that only follows from the end of QEMU or of the guest
 * A closed link (-EPIPE), or a process that is not there (RIG_HOST -ESRCH), is seen before the reason
 * for it is known: this waits a moment for the reason and puts it, with its cause, in place of @err.
 * Other errors stay.  Returns -err->eno.
 */
int vm_explain(struct vm *vm, struct rig_err *err);

/** vm_vcpu_cpu_ns() - processor time that the vCPU threads got so far, summed; 0 when unknown.
 *  Under single-threaded TCG this is the one TCG thread. */
uint64_t vm_vcpu_cpu_ns(const struct vm *vm);
/** vm_vcpu_wait_ns() - time the same threads were runnable and got no processor; 0 when unknown */
uint64_t vm_vcpu_wait_ns(const struct vm *vm);

/** vm_memfd_bytes() - address space that QEMU maps from memfd: all hot-added backends together,
 *  as boot memory is anonymous; 0 when there is none */
uint64_t vm_memfd_bytes(const struct vm *vm);
/** vm_await_unmapped() - wait until no more than @bytes are mapped; whether they came to that
 *  QEMU unmaps a removed backend when its RCU thread gets to it, a tenth of a second after object-del
 *  was answered. */
bool vm_await_unmapped(struct vm *vm, uint64_t bytes, uint64_t until_ns);

#endif
