/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * wrong_details: for each invariant, right snapshots with one thing wrong, and what must be found.
 */
#ifndef TEST_WRONG_DETAILS_H
#define TEST_WRONG_DETAILS_H

#include "sample_machine.h"

enum wrong_judge { BY_COMPARE, BY_BALANCE, BY_BOOT, BY_AGREE, BY_LEFTOVERS, BY_PASSING };

enum { ON_6_1 = 1, ON_6_12 = 2, WITHOUT_RAW = 4 };

enum page_word {
	WORD_NONE,
	WORD_FLAG,     /* flag @name the other way round */
	WORD_TYPE,     /* page type @name; "none" */
	WORD_RAW_TYPE, /* @value as it stands in _mapcount */
	WORD_REFCOUNT,
	WORD_ZONE,
	WORD_NODE,
	WORD_ORDER,
	WORD_TAIL_ORDER, /* plus 1 */
	WORD_HEAD,
	WORD_PGMAP,
	WORD_ORIGIN,
	WORD_FILL,       /* all bytes @value */
	WORD_COUNTED,    /* kpagecount shows something of what is NOPAGE */
	WORD_KPAGEFLAGS, /* bit @value the other way round, in /proc/kpageflags only */
	WORD_GONE,       /* no memmap */
};

struct page_edit {
	enum page_word word;
	uint64_t pfn, nr;
	const char *name;
	int64_t value;
};

struct wrong_detail {
	const char *what;
	enum sample_state state;
	enum wrong_judge judge;
	unsigned int only;     /* ON_*: one kernel only; WITHOUT_RAW: kpageflags only */
	struct page_edit page; /* what is wrong; or: */
	void (*spoil)(const struct sample *s, struct snapshot *wrong);
	/* the finding it must be */
	const char *invariant; /* behind it those that break with it: "page.zone node.present" */
	uint64_t first_pfn, nr_pfns; /* unless they are those of the edit; both 0: about no page */
	const char *expected;        /* whole text; NULL: any */
	const char *seen;            /* contained */
};

/** wrong_detail_apply() - spoil a right snapshot */
void wrong_detail_apply(const struct wrong_detail *w, const struct sample *s,
			struct snapshot *snapshot);

/** wrong_detail_at() - walk all of them; NULL behind the end */
const struct wrong_detail *wrong_detail_at(size_t i);

extern const struct wrong_detail wrong_memory[], wrong_online[], wrong_zones[], wrong_sysfs[], wrong_witness[],
	wrong_counters[], wrong_virtio_mem[], wrong_hosted[], wrong_poisoned[], wrong_namespace[],
	wrong_marks[], wrong_mappings[], wrong_blocks[], wrong_resources[];
extern const size_t nr_wrong_memory, nr_wrong_online, nr_wrong_zones, nr_wrong_sysfs, nr_wrong_witness,
	nr_wrong_counters, nr_wrong_virtio_mem, nr_wrong_hosted, nr_wrong_poisoned,
	nr_wrong_namespace, nr_wrong_marks, nr_wrong_mappings, nr_wrong_blocks, nr_wrong_resources;

#endif
