// SPDX-License-Identifier: GPL-2.0-or-later
#include <string.h>

#include "run/device_kind.h"

/* What namespaces of any mode and their conversion to system RAM need, whatever they are on. */
#define PMEM_NEEDS							\
	{ "LIBNVDIMM", "libnvdimm" }, { "BLK_DEV_PMEM", "nd_pmem" },	\
	{ "NVDIMM_PFN", NULL }, { "NVDIMM_DAX", NULL },			\
	{ "DEV_DAX", "device_dax" }, { "DEV_DAX_PMEM", "dax_pmem" },	\
	{ "DEV_DAX_KMEM", "kmem" }

static const struct device_kind_info kinds[] = {
	[DEVICE_DIMM] = {
		.driver = "pc-dimm", .addr_property = "addr", .model = MODEL_DIMM,
		.needs = { { "ACPI_HOTPLUG_MEMORY", NULL } },
	},
	[DEVICE_NVDIMM] = {
		.driver = "nvdimm", .addr_property = "addr", .model = MODEL_NVDIMM,
		.labels = true, .pmem = true,
		.needs = { { "ACPI_NFIT", "nfit" }, PMEM_NEEDS },
	},
	[DEVICE_VIRTIO_PMEM] = {
		.driver = "virtio-pmem-pci", .addr_property = "memaddr", .model = MODEL_VIRTIO_PMEM,
		.on_port = true, .pmem = true,
		.needs = { { "VIRTIO_PMEM", "virtio_pmem" }, PMEM_NEEDS },
	},
	[DEVICE_VIRTIO_MEM] = {
		.driver = "virtio-mem-pci", .addr_property = "memaddr", .model = MODEL_VIRTIO_MEM,
		.on_port = true,
		.needs = { { "VIRTIO_MEM", "virtio_mem" }, { "HOTPLUG_PCI", NULL } },
	},
};

const struct device_kind_info *device_kind(enum device_kind kind)
{
	return &kinds[kind];
}

const struct kernel_need legacy_pmem_needs[] = {
	{ "X86_PMEM_LEGACY", "nd_e820" }, PMEM_NEEDS, { NULL, NULL },
};

const char *kernel_needs_lack(const struct kernel_need *needs, const struct kernel *k)
{
	for (; needs->config; needs++)
		if (kernel_option(k, needs->config) == KERNEL_NO)
			return needs->config;
	return NULL;
}

const char *device_kind_lacks(enum device_kind kind, const struct kernel *k)
{
	return kernel_needs_lack(kinds[kind].needs, k);
}

static bool is_listed(const struct strv *list, const char *text)
{
	for (size_t i = 0; i < list->n; i++)
		if (!strcmp(list->v[i], text))
			return true;
	return false;
}

void kernel_needs_load(const struct kernel_need *needs, const struct kernel *k, struct strv *load)
{
	for (; needs->config; needs++)
		if (needs->module && kernel_option(k, needs->config) == KERNEL_MODULE &&
		    !is_listed(load, needs->module))
			strv_add(load, needs->module);
}
