// SPDX-License-Identifier: GPL-2.0-or-later
/* What the kernel says that a node falls back to. */
#include <stdio.h>
#include <string.h>

#include "model/compare.h"

static const char *nodes_text(uint64_t mask, char *buf, size_t size)
{
	size_t len = 0;

	buf[0] = '\0';
	for (unsigned int node = 0; node < FALLBACK_MAX_NODES && len + 4 < size; node++)
		if (mask >> node & 1)
			len += (size_t)snprintf(buf + len, size - len, "%s%u", len ? " " : "", node);
	return mask ? buf : "none";
}

/* Its own node may stand in a node's order whatever it has; orders of nodes that are gone are old. */
void compare_fallback(const struct check *c)
{
	const struct fallback *f = &c->s->fallback;
	uint64_t memory = model_nodes_with_memory(c->m), judged = f->known & model_nodes_online(c->m);

	for (unsigned int node = 0; node < FALLBACK_MAX_NODES; node++) {
		uint64_t own = 1ull << node;
		char expected[256], buf[192];

		if (!(judged & own) || !(f->order[node] & ~memory & ~own))
			continue;
		snprintf(expected, sizeof(expected), "node %u falls back to no other nodes than those with memory: %s", node,
			 nodes_text(memory & ~own, buf, sizeof(buf)));
		finding_addf(c->out, c->step, "node.fallback", expected, "logged: %s",
			     nodes_text(f->order[node], buf, sizeof(buf)));
	}
}
