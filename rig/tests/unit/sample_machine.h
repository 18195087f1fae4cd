/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * sample_machine: a small machine and what its guest must show, worked out without the model.
 *
 * 2 GiB of boot RAM on node 0, node 1 without memory, memory blocks of 128 MiB.  A DIMM "d0" of
 * 256 MiB goes to 4 GiB on node 0 (blocks 32 and 33), a second one "d1" behind it to node 1
 * (blocks 34 and 35).
 */
#ifndef TEST_SAMPLE_MACHINE_H
#define TEST_SAMPLE_MACHINE_H

#include "model/model.h"
#include "page_writer.h"

#define SAMPLE_BLOCK_PAGES 0x8000ull
#define SAMPLE_D0_PFN      0x100000ull
#define SAMPLE_D1_PFN      0x110000ull
#define SAMPLE_STEP        "3 online d0"

/* What every online block of a sample holds, by page from its start. */
enum {
	SAMPLE_HEAD = 0,       /* compound page in use, tails 1 to 3 */
	SAMPLE_USED = 4,       /* and 5: in use, mapped once */
	SAMPLE_PCP = 6,        /* and 7: on a per-cpu list */
	SAMPLE_BUDDY3 = 8,     /* free chunk of order 3, then 4 .. 9 up to 1023 */
	SAMPLE_BUDDY10 = 1024, /* free chunks of order 10 to the end */
};

/* The same on boot memory. */
enum {
	SAMPLE_BOOT_DMA = 0x100,       /* free chunk of order 8 in zone DMA */
	SAMPLE_BOOT_RESERVED = 0x1000, /* 33 * 1024 reserved pages of zone DMA32 */
	SAMPLE_BOOT_FREE = 0x9400,     /* free chunks of order 10 */
	SAMPLE_BOOT_PCP = 0x7fc00,     /* 8 pages, then pages in use */
	SAMPLE_BOOT_HOLE = 0x7ffe0,    /* 32 reserved pages that are no memory */
};

enum sample_kernel { SAMPLE_6_1, SAMPLE_6_12, SAMPLE_NR_KERNELS };

enum sample_state {
	SAMPLE_BOOT,      /* nothing plugged */
	SAMPLE_ADDED,     /* d0 plugged */
	SAMPLE_ONLINE,    /* d0 online_movable */
	SAMPLE_HALF,      /* d0: 32 online_kernel, 33 added */
	SAMPLE_VETOED,    /* d0: onlining of 32 as movable vetoed, 33 added */
	SAMPLE_OFFLINED,  /* d0 online_movable and offline again */
	SAMPLE_GAP,       /* d0 and d1 on node 0: 32 and 34 online_movable, what is between and behind added */
	SAMPLE_TWO,       /* d0 online_movable, d1 on node 1 online_kernel */
	SAMPLE_UNPLUGGED, /* d0 and d1 were there */
	SAMPLE_REFUSED,   /* the guest refused d0 */

	/* told by tables, see sample_scene.h; all on node 0 */
	SAMPLE_VMEM,
	SAMPLE_VMEM_EMPTY = SAMPLE_VMEM, /* v0 plugged, nothing of it used */
	SAMPLE_VMEM_FULL,     /* 256 MiB of v0 online_movable */
	SAMPLE_VMEM_HALF,     /* 192 MiB: half of the second block was never plugged */
	SAMPLE_VMEM_SHRUNK,   /* 192 MiB of 256: half of the second block was plugged */
	SAMPLE_VMEM_OFFLINED, /* 192 MiB, second block offlined */

	SAMPLE_HOSTED,
	SAMPLE_HOSTED_ADDED = SAMPLE_HOSTED, /* d0 of one block that will hold its memmap; its memory was 0xa5 */
	SAMPLE_HOSTED_ONLINE,   /* online_movable */
	SAMPLE_HOSTED_OFFLINED,
	SAMPLE_HOSTED_EACH, /* d0 of two blocks, each holds its memmap */
	SAMPLE_HOSTED_NONE, /* none does: one block is all that the kernel does it for */

	SAMPLE_POISONED, /* d0: a broken page in 32, which is online_movable, and in 33, which was */

	SAMPLE_NAMESPACE,
	SAMPLE_FSDAX = SAMPLE_NAMESPACE, /* all of p0, its memmap in RAM */
	SAMPLE_FSDAX_DEV,      /* its memmap in itself */
	SAMPLE_DEVDAX,
	SAMPLE_DEVDAX_DEV,
	SAMPLE_FSDAX_PART,     /* begins and ends in the middle of sections */
	SAMPLE_FSDAX_DISABLED,
	SAMPLE_KMEM,           /* a devdax that became system RAM, online_movable */
	SAMPLE_KMEM_BACK,      /* and is a devdax again */
	SAMPLE_E820_RAW,       /* boot RAM that is persistent memory, as boot made it */
	SAMPLE_E820_DEVDAX,
	SAMPLE_E820_GONE,      /* the devdax was destroyed */
	SAMPLE_NR_STATES,
};

struct sample {
	enum sample_kernel kernel;
	const struct sample_scene *scene;	/* NULL: the state is told by the model's devices */
	struct page_layout layout;
	struct snapshot base;
	struct model model;
};

void sample_layout(enum sample_kernel kernel, struct page_layout *l);

/** sample_init() - the machine at boot; @raw false: struct pages cannot be read */
void sample_init(struct sample *s, enum sample_kernel kernel, bool raw);
void sample_deinit(struct sample *s);
/** sample_can() - whether that kernel can be in that state */
bool sample_can(enum sample_kernel kernel, enum sample_state state);
/** sample_enter() - tell the model what leads to @state, from boot */
void sample_enter(struct sample *s, enum sample_state state);
/** sample_boot() - what is seen with nothing plugged */
void sample_boot(const struct sample *s, bool raw, struct snapshot *ret);
/** sample_begin_at() - anew, with @state as what was there at boot */
void sample_begin_at(struct sample *s, enum sample_state state);
/** sample_look() - on its way the model sees what is right in @state */
void sample_look(struct sample *s, enum sample_state state);

void sample_plug_dimm(struct model *m, const char *id, uint64_t addr, uint64_t bytes, unsigned int node, int64_t slot,
		      bool refused);

/** sample_right() - what a right kernel shows in the state that the model is in */
void sample_right(const struct sample *s, struct snapshot *ret);
/** sample_add_block() - a memory block and its link; there is room for four beside those of boot */
void sample_add_block(struct snapshot *r, uint32_t id, const char *state, const char *zones, unsigned int node);
/** sample_put_online() - the pages of an online block */
void sample_put_online(struct page_writer *w);

/** sample_add_zones() - part of sample_right(): zonelists, pageblocks and what zones keep beside their pages */
void sample_add_zones(const struct sample *s, struct snapshot *r);
/** sample_add_memory_blocks() - part of sample_right(): what the kernel keeps of each block */
void sample_add_memory_blocks(const struct sample *s, struct snapshot *r);
/** sample_add_resources() - part of sample_right(): what iomem has of System RAM, and how it is marked */
void sample_add_resources(const struct sample *s, struct snapshot *r);
/** sample_add_mappings() - part of sample_right(): page tables, as the sections are */
void sample_add_mappings(const struct sample *s, struct snapshot *r);
#define SAMPLE_UNMAPPED UINT64_MAX
/** sample_map() - put @m in the place of what is there; pfn SAMPLE_UNMAPPED: nothing */
void sample_map(struct mapping_list *l, const struct mapping *m);
/** sample_pageblock() - give those of exactly [pfn, pfn + nr) a type */
void sample_pageblock(struct snapshot *s, uint64_t pfn, uint64_t nr, enum pageblock_type type);

/** sample_know_zones() - make a layout that also tells where zones and sub-sections are: an outside reader's */
void sample_know_zones(struct page_layout *l);
/** sample_see_outside() - the reader from outside sees the same struct pages, sections and nodes */
void sample_see_outside(struct snapshot *s);
/** sample_swap_witnesses() - what the agent said and what was seen from outside change places */
void sample_swap_witnesses(struct snapshot *s);

/** sample_page() - the run of exactly [pfn, pfn + nr), cut out of the map */
struct page_run *sample_page(struct snapshot *s, uint64_t pfn, uint64_t nr);
/** sample_page_replace() - put @run in the place of what is there */
void sample_page_replace(struct snapshot *s, const struct page_run *run);
/** sample_page_remove() - no memmap there */
void sample_page_remove(struct snapshot *s, uint64_t pfn, uint64_t nr);
struct zone_count *sample_zone(struct snapshot *s, unsigned int node, const char *name);
struct zone_count *sample_node_zone(struct snapshot *s, unsigned int node, const char *name);
struct block_info *sample_block(struct snapshot *s, uint32_t id);

#endif
