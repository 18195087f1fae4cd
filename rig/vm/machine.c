// SPDX-License-Identifier: GPL-2.0-or-later
#include <stddef.h>
#include <string.h>

#include "base/clean.h"
#include "vm/machine.h"

#define GIB (1ull << 30)

/*
 * max is as fast as any older model under TCG and has what memory management looks at (1 GiB pages,
 * SMEP, SMAP, PKU, RDRAND).  Without la57=off it would give five-level page tables.
 *
 * No cmpxchg16b: QEMU before 8.0 computes its flags from an operand of some earlier instruction, and an
 * interrupt that strikes right behind it saves them and brings them back: that can be a single-step trap
 * in the kernel, interrupts or the direction flag turned on.  On these machines only SLUB uses it, and
 * does without.
 *
 * No ERMS, no FSRM: TCG goes through a repeated string instruction one iteration at a time, and with these
 * the kernel has it clear and copy memory byte by byte.  Without them it does so by words: a tenth of the
 * time of a run.
 */
#define MAX_CPU "max,cx16=off,erms=off,fsrm=off"
#define CPU_TCG MAX_CPU ",la57=off"
#define CPU_KVM "host"

#define SMALL_MEMORY						\
	.memory_bytes = 2 * GIB, .nr_nodes = 1, .node_bytes = { 2 * GIB }

static const struct machine_shape shapes[] = {
	{
		.name = "small",
		.summary = "2 GiB, 1 vCPU, 1 node, 8 slots, up to 64 GiB",
		.nr_cpus = 1, SMALL_MEMORY, .slots = 8, .max_bytes = 64 * GIB,
		.root_ports = 2, .cpu_tcg = CPU_TCG, .cpu_kvm = CPU_KVM,
	}, {
		.name = "two-nodes",
		.summary = "as small, with a second node that has no boot memory",
		.nr_cpus = 1, .memory_bytes = 2 * GIB, .nr_nodes = 2, .node_bytes = { 2 * GIB, 0 },
		.slots = 8, .max_bytes = 64 * GIB,
		.root_ports = 2, .cpu_tcg = CPU_TCG, .cpu_kvm = CPU_KVM,
	}, {
		.name = "one-slot",
		.summary = "as small, with a single DIMM slot",
		.nr_cpus = 1, SMALL_MEMORY, .slots = 1, .max_bytes = 64 * GIB,
		.root_ports = 2, .cpu_tcg = CPU_TCG, .cpu_kvm = CPU_KVM,
	}, {
		.name = "wide",
		.summary = "as small, up to 128 GiB",
		.nr_cpus = 1, SMALL_MEMORY, .slots = 8, .max_bytes = 128 * GIB,
		.root_ports = 2, .cpu_tcg = CPU_TCG, .cpu_kvm = CPU_KVM,
	}, {
		.name = "two-cpus",
		.summary = "as small, with 2 vCPUs",
		.nr_cpus = 2, SMALL_MEMORY, .slots = 8, .max_bytes = 64 * GIB,
		.root_ports = 2, .cpu_tcg = CPU_TCG, .cpu_kvm = CPU_KVM,
	}, {
		.name = "three-cpus",
		.summary = "as small, with 3 vCPUs",
		.nr_cpus = 3, SMALL_MEMORY, .slots = 8, .max_bytes = 64 * GIB,
		.root_ports = 2, .cpu_tcg = CPU_TCG, .cpu_kvm = CPU_KVM,
	}, {
		.name = "four-cpus",
		.summary = "as small, with 4 vCPUs",
		.nr_cpus = 4, SMALL_MEMORY, .slots = 8, .max_bytes = 64 * GIB,
		.root_ports = 2, .cpu_tcg = CPU_TCG, .cpu_kvm = CPU_KVM,
	}, {
		.name = "numa",
		.summary = "2 vCPUs and 2 nodes, each with 1 GiB of boot memory and a vCPU",
		.nr_cpus = 2, .memory_bytes = 2 * GIB, .nr_nodes = 2, .node_bytes = { GIB, GIB },
		.node_cpus = { 1, 1 }, .slots = 8, .max_bytes = 64 * GIB,
		.root_ports = 2, .cpu_tcg = CPU_TCG, .cpu_kvm = CPU_KVM,
	}, {
		.name = "four-nodes",
		.summary = "4 vCPUs and 4 nodes: two of 1 GiB with a vCPU, one with 2 vCPUs alone, one with nothing",
		.nr_cpus = 4, .memory_bytes = 2 * GIB, .nr_nodes = 4, .node_bytes = { GIB, GIB, 0, 0 },
		.node_cpus = { 1, 1, 2, 0 }, .slots = 8, .max_bytes = 64 * GIB,
		.root_ports = 2, .cpu_tcg = CPU_TCG, .cpu_kvm = CPU_KVM,
	}, {
		.name = "five-level",
		.summary = "as small, with five-level page tables",
		.nr_cpus = 1, SMALL_MEMORY, .slots = 8, .max_bytes = 64 * GIB,
		/* enforce: a host without la57 must refuse, not quietly give four levels */
		.root_ports = 2, .cpu_tcg = MAX_CPU ",la57=on", .cpu_kvm = "host,+la57,enforce",
	},
};

const struct machine_shape *machine_at(unsigned int i)
{
	return i < ARRAY_SIZE(shapes) ? &shapes[i] : NULL;
}

const struct machine_shape *machine_find(const char *name)
{
	for (size_t i = 0; i < ARRAY_SIZE(shapes); i++)
		if (!strcmp(shapes[i].name, name))
			return &shapes[i];
	return NULL;
}
