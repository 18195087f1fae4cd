// SPDX-License-Identifier: GPL-2.0-or-later
/* Which nodes there are, and which have memory. */
#include <stdlib.h>

#include "model/compare.h"
#include "model/counters.h"

uint64_t node_mask(const char *list)
{
	uint64_t mask = 0;

	while (*list) {
		char *end;
		unsigned long a = strtoul(list, &end, 10), b = a;

		if (end == list)
			break;
		if (*end == '-')
			b = strtoul(end + 1, &end, 10);
		for (; a <= b && a < 64; a++)
			mask |= 1ull << a;
		list = *end == ',' ? end + 1 : end;
	}
	return mask;
}

uint64_t model_nodes_online(const struct model *m)
{
	uint64_t mask = node_mask(m->base->node_online);

	for (size_t i = 0; i < m->nr_devices; i++)
		if (m->device[i].node < 64 && model_node_in_use(m, m->device[i].node))
			mask |= 1ull << m->device[i].node;
	return mask;
}

static bool has_online_block(const struct model_device *d)
{
	for (size_t k = 0; k < d->nr_blocks; k++)
		if (d->block[k].class == PAGE_ONLINE)
			return true;
	return false;
}

uint64_t model_nodes_with_memory(const struct model *m)
{
	uint64_t mask = node_mask(m->base->has_memory);

	for (size_t i = 0; i < m->nr_devices; i++)
		if (m->device[i].node < 64 && has_online_block(&m->device[i]))
			mask |= 1ull << m->device[i].node;
	return mask;
}

bool model_normal_nodes(const struct model *m, uint64_t *ret)
{
	const char *was = counters_find(&m->base->counters, "/sys/devices/system/node/has_normal_memory", "");

	if (!was)
		return false;
	*ret = node_mask(was);
	for (unsigned int node = 0; node < 64; node++)
		for (enum model_zone z = MODEL_DMA; z <= MODEL_NORMAL; z++)
			if (model_online_pages(m, node, z))
				*ret |= 1ull << node;
	return true;
}
