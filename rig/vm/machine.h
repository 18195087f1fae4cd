/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * machine: the few named machine shapes that scenarios share.  Level 3, a table.
 */
#ifndef RIG_VM_MACHINE_H
#define RIG_VM_MACHINE_H

#include <stdint.h>

#define MACHINE_MAX_NODES 4

struct machine_shape {
	const char *name;
	const char *summary;
	unsigned int nr_cpus;
	uint64_t memory_bytes;		/* boot RAM, all nodes together */
	unsigned int nr_nodes;		/* at least 1 */
	uint64_t node_bytes[MACHINE_MAX_NODES];	/* boot RAM by node; 0: memory-less */
	unsigned int node_cpus[MACHINE_MAX_NODES];	/* vCPUs by node; all 0: every vCPU is on node 0 */
	unsigned int slots;		/* DIMM slots */
	uint64_t max_bytes;		/* maxmem */
	unsigned int root_ports;	/* spare pcie-root-ports: rp0 ... */
	const char *cpu_tcg, *cpu_kvm;	/* -cpu */
};

/** machine_find() - NULL when there is none of that name */
const struct machine_shape *machine_find(const char *name);
/** machine_at() - walk the table; NULL behind the end */
const struct machine_shape *machine_at(unsigned int i);

#endif
