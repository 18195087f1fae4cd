// SPDX-License-Identifier: GPL-2.0-or-later
/* What a scenario says of persistent memory: legacy ranges, namespaces and their conversion. */
#include <errno.h>
#include <string.h>

#include "base/clean.h"
#include "base/mem.h"
#include "scenario/scenario_step.h"

#define PAGE_BYTES 4096u

/* Of raw namespaces only size and device can be chosen: they have no memmap. */
static int check_raw(const struct doc_node *node, const struct namespace_action *ns, struct rig_err *err)
{
	static const char *const of_memmap[] = { "map", "align" };

	for (size_t i = 0; i < ARRAY_SIZE(of_memmap); i++) {
		const struct doc_node *n = doc_get(node, of_memmap[i]);

		if (n && ns->mode == NAMESPACE_RAW)
			return doc_err(n, err, "'%s' does not apply to raw", of_memmap[i]);
	}
	if (!doc_get(node, "map") && ns->mode != NAMESPACE_RAW)
		return doc_err(node, err, "key 'map' is missing");
	return 0;
}

static int read_layout(const struct doc_node *node, struct namespace_action *ns, struct rig_err *err)
{
	static const char *const maps[] = { "mem", "dev", NULL };
	static const char *const aligns[] = { "4K", "2M", "1G", NULL };
	static const uint64_t align_bytes[] = { 4ull << 10, 2ull << 20, 1ull << 30 };
	const struct doc_node *n;
	unsigned int map = 0, align = 1;
	int r = 0;

	n = doc_get(node, "map");
	if (n)
		r = doc_read_choice(n, maps, &map, err);
	ns->map_dev = map;
	n = doc_get(node, "size");
	if (!r && n)
		r = doc_read_size(n, &ns->size_bytes, err);
	n = doc_get(node, "align");
	if (!r && n)
		r = doc_read_choice(n, aligns, &align, err);
	ns->align_bytes = align_bytes[align];
	return r;
}

int namespace_read(const struct doc_node *node, struct step *step, struct rig_err *err)
{
	static const char *const keys[] = { "id", "device", "mode", "map", "size", "align", NULL };
	static const char *const modes[] = {
		[NAMESPACE_RAW] = "raw", [NAMESPACE_FSDAX] = "fsdax", [NAMESPACE_DEVDAX] = "devdax", NULL
	};
	struct namespace_action *ns = &step->namespace;
	const struct doc_node *n;
	unsigned int mode = 0;
	int r;

	r = doc_check_keys(node, keys, err);
	if (!r)
		r = doc_need(node, "id", &n, err);
	if (!r)
		r = doc_read_word(n, &word_id, &ns->id, err);
	if (!r)
		r = doc_need(node, "device", &n, err);
	if (!r)
		r = doc_read_word(n, &word_id, &step->device, err);
	if (!r)
		r = doc_need(node, "mode", &n, err);
	if (!r)
		r = doc_read_choice(n, modes, &mode, err);
	ns->mode = mode;
	if (!r)
		r = read_layout(node, ns, err);
	return r < 0 ? r : check_raw(node, ns, err);
}

static int read_system_ram(const struct doc_node *node, struct convert *c, struct rig_err *err)
{
	static const char *const zones[] = {
		[CONVERT_OFFLINE] = "none", [CONVERT_KERNEL] = "kernel", [CONVERT_MOVABLE] = "movable", NULL
	};
	const struct doc_node *n;
	unsigned int zone = 0;
	int r;

	r = doc_need(node, "zone", &n, err);
	if (!r)
		r = doc_read_choice(n, zones, &zone, err);
	c->zone = zone;
	n = doc_get(node, "memmap_on_memory");
	c->has_memmap_on_memory = n;
	return r < 0 || !n ? r : doc_read_bool(n, &c->memmap_on_memory, err);
}

int convert_read(const struct doc_node *node, struct step *step, struct rig_err *err)
{
	static const char *const keys[] = { "namespace", "to", "zone", "memmap_on_memory", NULL };
	static const char *const of_ram[] = { "zone", "memmap_on_memory" };
	static const char *const kinds[] = { "devdax", "system-ram", NULL };
	const struct doc_node *n;
	unsigned int to = 0;
	int r;

	r = doc_check_keys(node, keys, err);
	if (!r)
		r = doc_need(node, "namespace", &n, err);
	if (!r)
		r = doc_read_word(n, &word_id, &step->device, err);
	if (!r)
		r = doc_need(node, "to", &n, err);
	if (!r)
		r = doc_read_choice(n, kinds, &to, err);
	if (r < 0)
		return r;
	step->convert.to_ram = to;
	if (to)
		return read_system_ram(node, &step->convert, err);
	for (size_t i = 0; i < ARRAY_SIZE(of_ram); i++)
		if (doc_get(node, of_ram[i]))
			return doc_err(doc_get(node, of_ram[i]), err, "'%s' does not apply to devdax", of_ram[i]);
	return 0;
}

static int read_range(const struct doc_node *node, struct pmem_range *p, struct rig_err *err)
{
	static const char *const keys[] = { "id", "addr", "size", NULL };
	const struct doc_node *addr, *n;
	int r;

	r = doc_check_keys(node, keys, err);
	if (!r)
		r = doc_need(node, "id", &n, err);
	if (!r)
		r = doc_read_word(n, &word_id, &p->id, err);
	if (!r)
		r = doc_need(node, "addr", &addr, err);
	if (!r)
		r = doc_read_hex(addr, UINT64_MAX / 2, &p->addr, err);
	if (!r && (!p->addr || p->addr % PAGE_BYTES))
		return doc_err(addr, err, "must be a multiple of 4K and not 0");
	if (!r)
		r = doc_need(node, "size", &n, err);
	if (!r)
		r = doc_read_size(n, &p->size_bytes, err);
	if (!r && p->size_bytes % PAGE_BYTES)
		return doc_err(n, err, "must be a multiple of 4K");
	return r;
}

int pmem_ranges_read(const struct doc_node *node, struct pmem_range **ret, size_t *ret_nr, struct rig_err *err)
{
	int r;

	r = doc_check_list(node, err);
	if (r < 0)
		return r;
	*ret = xcalloc(json_array_size(node->value), sizeof(**ret));
	for (const struct doc_node *n = node->child; n; n = n->next) {
		struct pmem_range *p = &(*ret)[(*ret_nr)++];

		r = read_range(n, p, err);
		if (r < 0)
			return r;
		for (const struct pmem_range *q = *ret; q < p; q++)
			if (!strcmp(q->id, p->id))
				return doc_err(n, err, "the id '%s' is taken", p->id);
	}
	return 0;
}
