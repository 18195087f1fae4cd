// SPDX-License-Identifier: GPL-2.0-or-later
/* The value of "plug". */
#include "base/clean.h"
#include "scenario/scenario_step.h"

#define MAX_NODE 127		/* QEMU's MAX_NODES is 128 */
#define MAX_SLOT 255		/* QEMU's ACPI_MAX_RAM_SLOTS is 256 */

int node_id_read(const struct doc_node *node, bool *has, unsigned int *ret, struct rig_err *err)
{
	const struct doc_node *n = doc_get(node, "node");

	*has = n;
	return n ? doc_read_uint(n, 0, MAX_NODE, ret, err) : 0;
}

static int read_addr(const struct doc_node *node, struct plug *plug, struct rig_err *err)
{
	const struct doc_node *n = doc_get(node, "addr");
	int r;

	plug->has_addr = n;
	r = n ? doc_read_hex(n, UINT64_MAX, &plug->addr, err) : 0;
	if (!r && n && !plug->addr)
		return doc_err(n, err, "must not be 0; leave it out to let QEMU choose");
	return r;
}

static int read_plug_sizes(const struct doc_node *node, struct plug *plug, struct rig_err *err)
{
	const struct doc_node *n;
	int r;

	r = doc_need(node, "size", &n, err);
	if (!r)
		r = doc_read_size(n, &plug->size_bytes, err);
	n = doc_get(node, "requested");
	if (!r && n)
		r = doc_read_size_or_zero(n, &plug->requested_bytes, err);
	n = doc_get(node, "unit");
	if (!r && n)
		r = doc_read_size(n, &plug->unit_bytes, err);
	return r;
}

static int read_plug_options(const struct doc_node *node, struct plug *plug, struct rig_err *err)
{
	const struct doc_node *n;
	uint64_t byte = 0;
	int r;

	r = node_id_read(node, &plug->has_node, &plug->node, err);
	n = doc_get(node, "slot");
	plug->has_slot = n;
	if (!r && n)
		r = doc_read_uint(n, 0, MAX_SLOT, &plug->slot, err);
	if (!r)
		r = read_addr(node, plug, err);
	n = doc_get(node, "pattern");
	plug->has_pattern = n;
	if (!r && n)
		r = doc_read_hex(n, 0xff, &byte, err);
	plug->pattern = (unsigned char)byte;
	return r;
}

static const char *const device_names[] = {
	[DEVICE_DIMM] = "dimm", [DEVICE_NVDIMM] = "nvdimm", [DEVICE_VIRTIO_PMEM] = "virtio-pmem",
	[DEVICE_VIRTIO_MEM] = "virtio-mem", NULL
};

/* virtio-pmem has neither slot nor proximity domain: the guest puts it on the node nearest by address. */
static int check_plug_options(const struct doc_node *node, enum device_kind device, struct rig_err *err)
{
	static const struct { const char *key; unsigned int devices; } some[] = {
		{ "slot", 1 << DEVICE_DIMM | 1 << DEVICE_NVDIMM },
		{ "node", 1 << DEVICE_DIMM | 1 << DEVICE_NVDIMM | 1 << DEVICE_VIRTIO_MEM },
		{ "requested", 1 << DEVICE_VIRTIO_MEM },
		{ "unit", 1 << DEVICE_VIRTIO_MEM },
	};

	for (size_t i = 0; i < ARRAY_SIZE(some); i++)
		if (doc_get(node, some[i].key) && !(some[i].devices & 1u << device))
			return doc_err(doc_get(node, some[i].key), err, "'%s' does not apply to %s",
				       some[i].key, device_names[device]);
	return 0;
}

int plug_read(const struct doc_node *node, struct step *step, struct rig_err *err)
{
	static const char *const keys[] = {
		"id", "device", "size", "requested", "unit", "node", "slot", "addr", "pattern", NULL
	};
	const struct doc_node *n;
	unsigned int device = 0;
	int r;

	r = doc_check_keys(node, keys, err);
	if (!r)
		r = doc_need(node, "id", &n, err);
	if (!r)
		r = doc_read_word(n, &word_id, &step->plug.id, err);
	if (!r)
		r = doc_need(node, "device", &n, err);
	if (!r)
		r = doc_read_choice(n, device_names, &device, err);
	step->plug.device = device;
	if (!r)
		r = check_plug_options(node, device, err);
	if (!r)
		r = read_plug_sizes(node, &step->plug, err);
	return r ? r : read_plug_options(node, &step->plug, err);
}
