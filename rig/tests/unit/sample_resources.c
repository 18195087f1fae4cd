// SPDX-License-Identifier: GPL-2.0-or-later
/* How a right kernel marks its resources.  The figures are those of 6.1 and 6.12. */
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "sample_scene.h"

#define PERSISTENT 4u	/* IORES_DESC_PERSISTENT_MEMORY */

/* By name, as /proc/iomem has it. */
static uint64_t flags_of(const char *name)
{
	if (!strcmp(name, "System RAM (virtio_mem)"))
		return 0x87000200;
	if (!strcmp(name, "System RAM (kmem)"))
		return 0x83000200;
	if (!strncmp(name, "virtio", 6))
		return 0x9000200;
	if (!strncmp(name, "dax", 3))
		return 0x1000200;
	return strncmp(name, "System RAM", 10) && strncmp(name, "Kernel", 6) ? 0x200 : 0x81000200;
}

static bool is_persistent(const char *name)
{
	return !strncmp(name, "Persistent", 10) || !strncmp(name, "namespace", 9) || !strncmp(name, "dax", 3) ||
	       !strcmp(name, "System RAM (kmem)");
}

void sample_add_resources(const struct sample *s, struct snapshot *r)
{
	if (!s->model.raw)
		return;
	/* a scene is put over what boot shows */
	free(r->resource);
	r->resource = xcalloc(r->nr_iomem + 1, sizeof(*r->resource));
	r->nr_resources = r->nr_iomem;
	for (size_t i = 0; i < r->nr_iomem; i++) {
		const struct range_entry *e = &r->iomem[i];

		r->resource[i] = (struct resource){
			.start = e->start, .end = e->end, .depth = e->depth, .flags = flags_of(e->name),
			.desc = is_persistent(e->name) ? PERSISTENT : 0,
		};
	}
}
