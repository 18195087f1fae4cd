/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * proc_stat: what /proc tells of another process of ours.  Level 3, reads only.
 *
 * The process may end at any moment: then there is nothing to tell, which is no error.
 */
#ifndef RIG_VM_PROC_STAT_H
#define RIG_VM_PROC_STAT_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

struct proc_times {
	uint64_t cpu_ns;	/* on a processor */
	uint64_t wait_ns;	/* runnable, waiting for one; 0 where the host does not count it */
};

/** proc_stat_thread() - times of thread @tid of process @pid; false when unknown */
bool proc_stat_thread(pid_t pid, pid_t tid, struct proc_times *ret);

/** proc_stat_memfd_bytes() - address space that @pid maps from memfds; 0 when there is none */
uint64_t proc_stat_memfd_bytes(pid_t pid);

#endif
