// SPDX-License-Identifier: GPL-2.0-or-later
#include <inttypes.h>
#include <string.h>

#include "base/clean.h"
#include "vm/vm.h"

static void add_option(struct strv *argv, const char *name, const char *value)
{
	strv_add(argv, name);
	if (value)
		strv_add(argv, value);
}

static void add_machine(const struct vm_config *config, struct strv *argv)
{
	const struct machine_shape *shape = config->shape;
	bool kvm = config->accel == ACCEL_KVM;

	strv_add(argv, "-machine");
	/*
	 * Whoever never plugs an NVDIMM pays with one more SSDT and a page of memory that the firmware reserves.
	 * With nodes, each has its own memory.
	 */
	strv_addf(argv, "q35,nvdimm=on%s", config->ram && shape->nr_nodes == 1 ? ",memory-backend=ram0" : "");
	/* one vCPU gains nothing from a thread of its own, and a single thread is deterministic */
	add_option(argv, "-accel", kvm ? "kvm" :
		   shape->nr_cpus > 1 ? "tcg,thread=multi" : "tcg,thread=single");
	add_option(argv, "-cpu", kvm ? shape->cpu_kvm : shape->cpu_tcg);
	/* nodes share no socket: Linux calls a last-level cache across nodes insane, and warns */
	strv_add(argv, "-smp");
	strv_addf(argv, shape->nr_nodes > 1 ? "%u,sockets=%u" : "%u", shape->nr_cpus, shape->nr_cpus);
	strv_add(argv, "-m");
	strv_addf(argv, "size=%" PRIu64 "M,slots=%u,maxmem=%" PRIu64 "M",
		  shape->memory_bytes >> 20, shape->slots, shape->max_bytes >> 20);
}

static void add_memory(const struct vm_config *config, unsigned int node, struct strv *argv)
{
	uint64_t mib = config->shape->node_bytes[node] >> 20;

	strv_add(argv, "-object");
	if (config->ram)
		strv_addf(argv, "memory-backend-file,id=ram%u,size=%" PRIu64 "M,mem-path=%s%u,share=%s", node, mib,
			  config->ram, node, config->ram_private ? "off" : "on");
	else
		strv_addf(argv, "memory-backend-ram,id=ram%u,size=%" PRIu64 "M", node, mib);
}

/* vCPUs are dealt out in order: @first is the first of this node. */
static void add_node(const struct machine_shape *shape, unsigned int node, unsigned int first, struct strv *argv)
{
	AUTO_FREE char *cpus = NULL, *memory = NULL;

	if (shape->node_cpus[node])
		cpus = xasprintf(",cpus=%u-%u", first, first + shape->node_cpus[node] - 1);
	if (shape->node_bytes[node])
		memory = xasprintf(",memdev=ram%u", node);
	strv_add(argv, "-numa");
	strv_addf(argv, "node,nodeid=%u%s%s", node, cpus ? cpus : "", memory ? memory : "");
}

/* A single node comes by itself as soon as there are slots. */
static void add_nodes(const struct vm_config *config, struct strv *argv)
{
	const struct machine_shape *shape = config->shape;
	unsigned int cpu = 0;

	if (shape->nr_nodes == 1 && config->ram)
		add_memory(config, 0, argv);
	for (unsigned int i = 0; shape->nr_nodes > 1 && i < shape->nr_nodes; i++) {
		if (shape->node_bytes[i])
			add_memory(config, i, argv);
		add_node(shape, i, cpu, argv);
		cpu += shape->node_cpus[i];
	}
}

static void add_socket(struct strv *argv, const char *id, int fd)
{
	strv_add(argv, "-chardev");
	strv_addf(argv, "socket,id=%s,fd=%d", id, fd);
}

static void add_links(const struct vm_config *config, const struct vm_fds *fds, struct strv *argv)
{
	add_socket(argv, "qmp", fds->qmp);
	add_option(argv, "-mon", "chardev=qmp,mode=control");
	if (config->monitor_fd) {
		strv_add(argv, "-chardev");
		strv_addf(argv, "socket,id=qmp2,fd=%d,server=on,wait=off", config->monitor_fd);
		add_option(argv, "-mon", "chardev=qmp2,mode=control");
	}
	add_socket(argv, "console", fds->console);
	add_option(argv, "-serial", "chardev:console");
	add_socket(argv, "agent", fds->agent);
	if (config->link == LINK_SERIAL) {
		add_option(argv, "-serial", "chardev:agent");
		return;
	}
	/* port 0 is kept for a console; the default of 31 ports costs the guest 60 idle queues */
	add_option(argv, "-device", "virtio-serial-pci,id=vser,max_ports=2");
	add_option(argv, "-device", "virtserialport,bus=vser.0,nr=1,chardev=agent,"
		   "name=org.hotrig.agent");
}

static void add_evidence(struct strv *argv)
{
	add_option(argv, "-device", "pvpanic");
	add_option(argv, "-device", "vmcoreinfo");
	/* panic, reset and triple fault leave the memory readable */
	add_option(argv, "-action", "reboot=shutdown,shutdown=pause,panic=pause");
	/* the guest's calendar stops with the guest, so a pause is no jump in time */
	add_option(argv, "-rtc", "base=utc,clock=vm");
}

static void add_root_ports(unsigned int n, struct strv *argv)
{
	for (unsigned int i = 0; i < n; i++) {
		strv_add(argv, "-device");
		strv_addf(argv, "pcie-root-port,id=rp%u,bus=pcie.0,chassis=%u,slot=%u", i, i + 1,
			  i + 1);
	}
}

void vm_argv(const struct vm_config *config, const struct vm_fds *fds, struct strv *argv)
{
	strv_add(argv, config->qemu ? config->qemu : "qemu-system-x86_64");
	/* threads carry names, which people see in top and perf */
	add_option(argv, "-name", "hotrig,debug-threads=on");
	add_option(argv, "-nodefaults", NULL);
	add_option(argv, "-no-user-config", NULL);
	add_option(argv, "-display", "none");
	add_machine(config, argv);
	add_nodes(config, argv);
	add_links(config, fds, argv);
	add_evidence(argv);
	add_root_ports(config->shape->root_ports, argv);
	add_option(argv, "-kernel", config->kernel->image);
	if (config->initrd)
		add_option(argv, "-initrd", config->initrd);
	add_option(argv, "-append", config->cmdline);
	if (config->incoming)
		add_option(argv, "-incoming", "defer");
}

/* Built in, or a module that we can take along. */
static bool reachable(const struct kernel *k, const char *option)
{
	enum kernel_feature f = kernel_option(k, option);

	return f == KERNEL_BUILTIN || (f == KERNEL_MODULE && k->modules);
}

enum agent_link vm_agent_link(const struct kernel *k)
{
	return reachable(k, "VIRTIO_CONSOLE") && reachable(k, "VIRTIO_PCI") ? LINK_VIRTIO_SERIAL :
									       LINK_SERIAL;
}

static void print_quoted(FILE *out, const char *text)
{
	static const char plain[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"
				    "_-+=./,:@%^";

	if (*text && !text[strspn(text, plain)]) {
		fputs(text, out);
		return;
	}
	fputc('\'', out);
	for (; *text; text++) {
		if (*text == '\'')
			fputs("'\\''", out);
		else
			fputc(*text, out);
	}
	fputc('\'', out);
}

void vm_argv_print(FILE *out, const struct strv *argv)
{
	for (size_t i = 0; i < argv->n; i++) {
		const char *arg = argv->v[i];

		if (i)
			fputs(arg[0] == '-' ? " \\\n\t" : " ", out);
		print_quoted(out, arg);
	}
	fputc('\n', out);
}
