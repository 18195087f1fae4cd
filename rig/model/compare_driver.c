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

/* virtio_mem_sbm_plug_request(): first it fills the blocks that it has, online or not. */
void model_compare_growth(const struct model *m, const struct model_device *d, size_t was_blocks, const char *step,
			  struct findings *out)
{
	uint64_t block_bytes = m->block_pages << LAYOUT_PAGE_SHIFT;
	uint64_t full = (d->plugged_bytes + block_bytes - 1) / block_bytes, most = full > was_blocks ? full : was_blocks;
	AUTO_FREE char *expected = xasprintf("'%s' has no more than %" PRIu64 " memory blocks", d->id, most);

	if (d->nr_blocks > most)
		finding_addf(out, step, "driver.blocks", expected, "%zu, with 0x%" PRIx64 " bytes plugged; before it grew %zu",
			     d->nr_blocks, d->plugged_bytes, was_blocks);
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
