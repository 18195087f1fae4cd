// SPDX-License-Identifier: GPL-2.0-or-later
#include "base/clean.h"
#include "sample_devices.h"

void sample_plug_virtio_mem(struct sample *s, uint64_t unit_bytes, unsigned int node)
{
	model_plug(&s->model, &(struct model_plug){
		.id = "v0", .kind = MODEL_VIRTIO_MEM, .addr = SAMPLE_V0_PFN * 4096, .size_bytes = MIB(1024),
		.node = node, .slot = -1, .unit_bytes = unit_bytes,
	});
}

void sample_resize(struct sample *s, uint64_t mib, size_t nr_blocks)
{
	uint32_t block[8];

	for (uint32_t i = 0; i < ARRAY_SIZE(block); i++)
		block[i] = SAMPLE_V0_BLOCK + i;
	model_resize(&s->model, "v0", MIB(mib), MIB(mib), block, nr_blocks);
}

/* In front of the data: a head of 2 MiB, and 64 bytes for each page of a memmap, up to the next 2 MiB. */
static struct model_namespace aligned(enum model_mode mode, uint64_t start_pfn, uint64_t nr_pages, bool map_dev)
{
	uint64_t head = 512 + (map_dev ? (nr_pages * 64 / 4096 + 511) / 512 * 512 : 0);

	return (struct model_namespace){
		.id = "n", .device = "p0", .mode = mode, .enabled = true, .map_dev = map_dev, .start_pfn = start_pfn,
		.nr_pages = nr_pages, .data_pfn = start_pfn + head, .end_pfn = start_pfn + nr_pages,
		.align_pages = 512,
	};
}

struct model_namespace sample_devdax(uint64_t start_pfn, uint64_t nr_pages, bool map_dev)
{
	return aligned(MODEL_DEVDAX, start_pfn, nr_pages, map_dev);
}

struct model_namespace sample_fsdax(uint64_t start_pfn, uint64_t nr_pages, bool map_dev)
{
	return aligned(MODEL_FSDAX, start_pfn, nr_pages, map_dev);
}
