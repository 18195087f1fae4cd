/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * sample_devices: what the sample machine may have beside DIMMs, and how the model is told of it.
 *
 * virtio-mem "v0": up to 1 GiB at 5 GiB, blocks 40 to 47.  "p0": persistent memory at 6 GiB, or 192 MiB of
 * boot RAM that memmap=192M!0x44000000 took: from 64 MiB into section 8 to the end of section 9.
 */
#ifndef TEST_SAMPLE_DEVICES_H
#define TEST_SAMPLE_DEVICES_H

#include "sample_machine.h"

#define SAMPLE_V0_PFN	0x140000ull
#define SAMPLE_V0_BLOCK	40u
#define SAMPLE_P0_PFN	0x180000ull
#define SAMPLE_E820_PFN	0x44000ull
#define SAMPLE_E820_PAGES 0xc000ull

#define MIB(n)		((uint64_t)(n) << 20)

void sample_plug_virtio_mem(struct sample *s, uint64_t unit_bytes, unsigned int node);
/** sample_resize() - v0 has come to @mib and has the first @nr_blocks of its blocks */
void sample_resize(struct sample *s, uint64_t mib, size_t nr_blocks);

/** sample_devdax() - "n" on p0, aligned to 2 MiB, enabled; @nr_pages whole, its info block and memmap come first */
struct model_namespace sample_devdax(uint64_t start_pfn, uint64_t nr_pages, bool map_dev);
struct model_namespace sample_fsdax(uint64_t start_pfn, uint64_t nr_pages, bool map_dev);

#endif
