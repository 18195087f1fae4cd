// SPDX-License-Identifier: GPL-2.0-or-later
/* What a virtio-mem driver keeps to by itself. */
#include <inttypes.h>

#include "base/clean.h"
#include "model/compare.h"

#define OFFLINE_THRESHOLD_BYTES (1ull << 30)	/* VIRTIO_MEM_DEFAULT_OFFLINE_THRESHOLD */

/* virtio_mem_init_hotplug(): or two of what it adds as one, where that is more */
static uint64_t offline_threshold_pages(const struct model *m, const struct model_device *d)
{
	uint64_t two = 2 * model_group(m, d).whole_pages, pages = OFFLINE_THRESHOLD_BYTES >> LAYOUT_PAGE_SHIFT;

	return two > pages ? two : pages;
}

/* Blocks that were online once may be taken offline by anybody; those that never were came one after the other. */
static uint64_t never_online_pages(const struct model *m, const struct model_device *d)
{
	uint64_t pages = 0;

	for (size_t i = 0; i < d->nr_blocks; i++)
		pages += d->block[i].class == PAGE_ADDED ? m->block_pages : 0;
	return pages;
}

void compare_drivers(const struct check *c)
{
	for (size_t i = 0; i < c->m->nr_devices; i++) {
		const struct model_device *d = &c->m->device[i];
		uint64_t most = offline_threshold_pages(c->m, d), pages = never_online_pages(c->m, d);
		AUTO_FREE char *expected = NULL;

		if (d->kind != MODEL_VIRTIO_MEM || pages <= most)
			continue;
		expected = xasprintf("'%s': %" PRIu64 " pages that wait to be onlined, or less", d->id, most);
		finding_addf(c->out, c->step, "driver.offline", expected, "%" PRIu64, pages);
	}
}
