/* SPDX-License-Identifier: GPL-2.0-or-later */
/* btf_sample: as much of a kernel's BTF as a layout needs, with one thing left out or changed. */
#ifndef TEST_BTF_SAMPLE_H
#define TEST_BTF_SAMPLE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct btf_sample {
	bool later;          /* 6.12: enum pagetype, marks and signatures of it */
	const char *omit;    /* name of a struct, enum or member that is not there; NULL */
	uint32_t nr_zones;   /* 0: five */
	uint32_t max_nodes;  /* 0: 1024 */
	uint32_t page_bytes; /* 0: 64 */
	bool type_bits;      /* 6.10, 6.11: enum pagetype with inverted bits */
	bool narrow_flags;   /* page->flags is an int */
	uint32_t nr_counters; /* of a zone, and as many differences; 0: four */
	bool wide_count;     /* per_cpu_pages.count is a long */
	bool pgmap_of_folio; /* struct page has none */
	bool narrow_pgmap;   /* page->pgmap is an int */
	bool no_huge_pages;  /* struct hstate is empty */
	bool isolate_bit;    /* isolation is a bit of its own */
	bool no_taint;       /* the marks have no SECTION_TAINT_ZONE_DEVICE_BIT */
};

/** btf_sample_make() - raw BTF; free() it */
void *btf_sample_make(const struct btf_sample *s, size_t *len);

#endif
