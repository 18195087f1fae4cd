// SPDX-License-Identifier: GPL-2.0-or-later
/* Pages of memory that is not online, of boot memory, sections, and what kpageflags shows. */
#include "base/clean.h"
#include "wrong_details.h"

#define D0  SAMPLE_D0_PFN
#define B33 (SAMPLE_D0_PFN + SAMPLE_BLOCK_PAGES)

static struct section_run *section(struct snapshot *w, uint64_t first)
{
	size_t i = 0;

	while (w->section[i].first != first)
		i++;
	return &w->section[i];
}

/* As the buddy handed it out: 512 pages for each section of a memory block. */
static struct page_run *holders(struct snapshot *w, uint32_t block, uint64_t pfn, uint64_t nr)
{
	const struct page_run run = {
		.pfn = pfn, .nr = nr,
		.state = { .type = PAGE_TYPE_NONE, .order = PAGE_NO_ORDER, .head_pfn = PAGE_NO_HEAD },
	};
	struct block_holders *h;

	w->holders = xrealloc(w->holders, w->nr_holders + 1, sizeof(*w->holders));
	h = &w->holders[w->nr_holders++];
	*h = (struct block_holders){ .block = block };
	page_map_append(&h->pages, &run);
	return h->pages.run;
}

static void holder_reserved(const struct sample *s, struct snapshot *w)
{
	holders(w, 32, SAMPLE_BOOT_PCP + 8, 1024)->state.flags = layout_flag_mask(&s->layout, "reserved");
}

static void one_holder_reserved(const struct sample *s, struct snapshot *w)
{
	holders(w, 32, SAMPLE_BOOT_PCP + 8, 1024);
	holders(w, 33, SAMPLE_BOOT_PCP + 8 + 2048, 1)->state.flags = layout_flag_mask(&s->layout, "reserved");
	/* in a device: judged by its own class */
	holders(w, 33, B33, 512)->state.flags = layout_flag_mask(&s->layout, "reserved");
}

static void holder_free(const struct sample *s, struct snapshot *w)
{
	holders(w, 32, SAMPLE_BOOT_PCP + 8, 1024)->state.type = (int16_t)layout_type_index(&s->layout, "buddy");
}

static void holder_on_other_node(const struct sample *s, struct snapshot *w)
{
	(void)s;
	holders(w, 32, SAMPLE_BOOT_PCP + 8, 512);
	holders(w, 33, SAMPLE_BOOT_PCP + 8 + 512, 512)->state.node = 1;
}

static void section_not_online(const struct sample *s, struct snapshot *w)
{
	(void)s;
	section(w, 33)->marks = 0x3;
}

static void section_still_online(const struct sample *s, struct snapshot *w)
{
	(void)s;
	section(w, 32)->marks = 0x7;
}

static void section_early(const struct sample *s, struct snapshot *w)
{
	(void)s;
	section(w, 33)->marks |= 0x8;
}

static void section_tainted(const struct sample *s, struct snapshot *w)
{
	(void)s;
	section(w, 32)->marks |= 0x10;
}

static void section_not_present(const struct sample *s, struct snapshot *w)
{
	(void)s;
	section(w, 34)->marks = 0;
}

static void section_left(const struct sample *s, struct snapshot *w)
{
	(void)s;
	w->section[w->nr_sections++] = (struct section_run){ 33, 1, 0x1, 0 };
}

static void section_address_left(const struct sample *s, struct snapshot *w)
{
	(void)s;
	w->section[w->nr_sections++] = (struct section_run){ 32, 1, 1ull << 62, 0 };
}

static void section_beyond(const struct sample *s, struct snapshot *w)
{
	(void)s;
	w->section[w->nr_sections++] = (struct section_run){ 40, 3, 0x3, 0 };
}

static void sections_without_end(const struct sample *s, struct snapshot *w)
{
	(void)s;
	w->section[w->nr_sections++] = (struct section_run){ 34, 1ull << 40, 0, 1 };
}

static void boot_section_gone(const struct sample *s, struct snapshot *w)
{
	(void)s;
	section(w, 0)->nr = 15;
	w->section[w->nr_sections++] = (struct section_run){ 15, 1, 0xb, UINT64_MAX };
}

static void subsection_missing(const struct sample *s, struct snapshot *w)
{
	(void)s;
	section(w, 33)->subsections = UINT64_MAX >> 1;
}

static void subsections_left(const struct sample *s, struct snapshot *w)
{
	(void)s;
	w->section[w->nr_sections++] = (struct section_run){ 35, 1, 0, 1 };
}

static void boot_subsection_missing(const struct sample *s, struct snapshot *w)
{
	(void)s;
	section(w, 0)->first = 1;
	section(w, 1)->nr = 15;
	w->section[w->nr_sections++] = (struct section_run){ 0, 1, 0xf, ~1ull };
}

static void page_of_later_era(const struct sample *s, struct snapshot *w)
{
	struct page_state *p = &sample_page(w, B33 - 1, 1)->state;

	p->flags = 0;
	p->type_word = 0xfffffeff;
	page_decode_type(&s->layout, p);
}

static void page_of_earlier_era(const struct sample *s, struct snapshot *w)
{
	struct page_state *p = &sample_page(w, B33 - 1, 1)->state;

	p->flags = layout_flag_mask(&s->layout, "reserved");
	p->type_word = UINT32_MAX;
	page_decode_type(&s->layout, p);
}

#define MARKS3 "section marks 0x3 (present, has memmap)"
#define MARKS7 "section marks 0x7 (present, has memmap, online)"

#define ROW(...) { __VA_ARGS__ }

const struct wrong_detail wrong_memory[] = {
	/* added, never onlined */
	ROW("first page written", SAMPLE_ADDED, 0, 0, { WORD_REFCOUNT, D0, 1, NULL, 1 }, NULL,
	    "page.added", 0, 0, NULL, NULL),
	/* vetoed: the era page by page */
	ROW("first page not reserved", SAMPLE_VETOED, 0, ON_6_1,
	    { WORD_FLAG, D0, 1, "reserved", 0 }, NULL, "page.flags", 0, 0,
	    "vetoed page: flags=reserved", "flags=none"),
	ROW("a second flag", SAMPLE_VETOED, 0, ON_6_1, { WORD_FLAG, D0 + 77, 3, "dirty", 0 }, NULL,
	    "page.flags", 0, 0, "vetoed page: flags=reserved", "flags=dirty|reserved"),
	ROW("a flag", SAMPLE_VETOED, 0, ON_6_12, { WORD_FLAG, B33 - 1, 1, "dirty", 0 }, NULL,
	    "page.flags", 0, 0, "vetoed page: flags=none", "flags=dirty"),
	ROW("not offline", SAMPLE_VETOED, 0, ON_6_12, { WORD_TYPE, D0 + 1, 1, "none", 0 }, NULL,
	    "page.offline", 0, 0, "vetoed page: type=offline", "type=none"),
	ROW("offline and more", SAMPLE_VETOED, 0, ON_6_12,
	    { WORD_RAW_TYPE, D0 + 1, 1, NULL, 0xf1000001 }, NULL, "page.type", 0, 0,
	    "vetoed page: type=offline and nothing else in its word", "type=offline"),
	ROW("mapped", SAMPLE_VETOED, 0, ON_6_1, { WORD_RAW_TYPE, D0 + 1, 1, NULL, 0 }, NULL,
	    "page.type", 0, 0, "vetoed page: type=none", "mapcount=1"),
	ROW("a type", SAMPLE_VETOED, 0, ON_6_1, { WORD_TYPE, D0 + 1, 1, "table", 0 }, NULL,
	    "page.type", 0, 0, "vetoed page: type=none", "type=table"),
	ROW("last page without reference", SAMPLE_VETOED, 0, 0,
	    { WORD_REFCOUNT, B33 - 1, 1, NULL, 0 }, NULL, "page.refcount", 0, 0,
	    "vetoed page: refcount=1", "refcount=0"),
	ROW("all pages with two references", SAMPLE_VETOED, 0, 0,
	    { WORD_REFCOUNT, D0, 0x8000, NULL, 2 }, NULL, "page.refcount", 0, 0,
	    "vetoed page: refcount=1", "refcount=2"),
	ROW("tail of nothing", SAMPLE_VETOED, 0, 0, { WORD_HEAD, D0 + 9, 1, NULL, D0 + 8 }, NULL,
	    "page.compound", 0, 0, "vetoed page: no compound page", "tail-of=0x100008"),
	ROW("links not made", SAMPLE_VETOED, 0, 0, { WORD_ZONE, D0 + 512, 512, "DMA", 0 }, NULL,
	    "page.zone", 0, 0, "vetoed page: zone=Movable", "zone=DMA "),
	ROW("wrong node", SAMPLE_VETOED, 0, 0, { WORD_NODE, D0, 1, NULL, 1 }, NULL, "page.node", 0,
	    0, "vetoed page: node=0", "node=1"),
	ROW("one page of the other era", SAMPLE_VETOED, 0, ON_6_1,
	    { WORD_TYPE, D0, 1, "offline", 0 }, NULL, "era.mixed", 0, 0,
	    "vetoed page: PG_reserved or PageOffline, not both", "type=offline"),
	ROW("both eras in one page", SAMPLE_VETOED, 0, ON_6_12, { WORD_FLAG, D0, 1, "reserved", 0 },
	    NULL, "era.mixed", 0, 0, "vetoed page: PG_reserved or PageOffline, not both",
	    "flags=reserved"),
	ROW("a page of the later era", SAMPLE_VETOED, 0, ON_6_1, { 0 }, page_of_later_era,
	    "era.mixed", B33 - 1, 1, "vetoed page: PG_reserved like the others, not PageOffline",
	    "flags=none refcount=1 type=offline"),
	ROW("a page of the earlier era", SAMPLE_VETOED, 0, ON_6_12, { 0 }, page_of_earlier_era,
	    "era.mixed", B33 - 1, 1, "vetoed page: PageOffline like the others, not PG_reserved",
	    "flags=reserved refcount=1 type=none"),
	/* the block beside a vetoed one is untouched */
	ROW("neighbour written", SAMPLE_VETOED, 0, 0, { WORD_REFCOUNT, B33, 1, NULL, 1 }, NULL,
	    "page.added", 0, 0, NULL, NULL),
	/* offlined */
	ROW("flag kept", SAMPLE_OFFLINED, 0, 0, { WORD_FLAG, D0, 1, "uptodate", 0 }, NULL,
	    "page.flags", 0, 0, "offlined page: flags=none", "flags=uptodate"),
	ROW("reserved while offline", SAMPLE_OFFLINED, 0, 0,
	    { WORD_FLAG, B33 + 5, 2, "reserved", 0 }, NULL, "page.flags", 0, 0,
	    "offlined page: flags=none", "flags=reserved"),
	ROW("still in the buddy", SAMPLE_OFFLINED, 0, 0, { WORD_TYPE, B33 - 1024, 1, "buddy", 0 },
	    NULL, "page.type", 0, 0, "offlined page: type=none mapcount=0", "type=buddy"),
	ROW("still mapped", SAMPLE_OFFLINED, 0, 0, { WORD_RAW_TYPE, D0 + 4, 1, NULL, 2 }, NULL,
	    "page.type", 0, 0, "offlined page: type=none mapcount=0", "mapcount=3"),
	ROW("reference left", SAMPLE_OFFLINED, 0, 0, { WORD_REFCOUNT, B33 + 0x7fff, 1, NULL, 1 },
	    NULL, "page.refcount", 0, 0, "offlined page: refcount=0", "refcount=1"),
	ROW("tail left", SAMPLE_OFFLINED, 0, 0, { WORD_HEAD, D0 + 1, 3, NULL, D0 }, NULL,
	    "page.compound", 0, 0, "offlined page: no compound page", "tail-of=0x100000"),
	ROW("zone lost", SAMPLE_OFFLINED, 0, 0, { WORD_ZONE, D0 + 100, 1, "Normal", 0 }, NULL,
	    "page.zone", 0, 0, "offlined page: zone=Movable", "zone=Normal"),
	ROW("node lost", SAMPLE_OFFLINED, 0, 0, { WORD_NODE, B33, 0x8000, NULL, 1 }, NULL,
	    "page.node", 0, 0, "offlined page: node=0", "node=1"),
	/* memmap */
	ROW("first page gone", SAMPLE_ADDED, 0, 0, { WORD_GONE, D0, 1, NULL, 0 }, NULL,
	    "memmap.readable", 0, 0, "added page: a struct page that can be read", "no memmap"),
	ROW("sub-section gone", SAMPLE_ONLINE, 0, 0, { WORD_GONE, B33 + 1536, 512, NULL, 0 }, NULL,
	    "memmap.readable", 0, 0, "online page: a struct page that can be read", "no memmap"),
	ROW("last page gone", SAMPLE_OFFLINED, 0, WITHOUT_RAW,
	    { WORD_GONE, B33 + 0x7fff, 1, NULL, 0 }, NULL, "memmap.readable", 0, 0,
	    "offlined page: a struct page that can be read", "no memmap"),
	ROW("boot memmap gone", SAMPLE_UNPLUGGED, BY_BOOT, 0,
	    { WORD_GONE, 0x8000, 0x1000, NULL, 0 }, NULL, "memmap.readable", 0, 0,
	    "boot page: a struct page that can be read", "no memmap"),
	/* what holds a memmap */
	ROW("reserved holder", SAMPLE_ADDED, 0, 0, { 0 }, holder_reserved, "memmap.held",
	    SAMPLE_BOOT_PCP + 8, 1024, "page that holds a memmap: not PG_reserved", "reserved"),
	ROW("one reserved holder", SAMPLE_TWO, 0, 0, { 0 }, one_holder_reserved, "memmap.held",
	    SAMPLE_BOOT_PCP + 8 + 2048, 1, "page that holds a memmap: not PG_reserved", "reserved"),
	ROW("free holder", SAMPLE_OFFLINED, 0, 0, { 0 }, holder_free, "memmap.held",
	    SAMPLE_BOOT_PCP + 8, 1024, "page that holds a memmap: not free", "type=buddy"),
	ROW("holder on another node", SAMPLE_ADDED, 0, 0, { 0 }, holder_on_other_node, "memmap.node",
	    SAMPLE_BOOT_PCP + 8 + 512, 512, "memmap of memory33: on node 0, which has room for it", "on node 1"),
	/* boot memory */
	ROW("newly reserved", SAMPLE_UNPLUGGED, BY_BOOT, 0,
	    { WORD_FLAG, SAMPLE_BOOT_PCP + 9, 1, "reserved", 0 }, NULL, "boot.reserved", 0, 0,
	    "boot page: not reserved as at the start", "reserved"),
	ROW("no longer reserved", SAMPLE_UNPLUGGED, BY_BOOT, 0, { WORD_FLAG, 0, 1, "reserved", 0 },
	    NULL, "boot.reserved", 0, 0, "boot page: reserved as at the start", "flags=none"),
	ROW("boot page in another zone", SAMPLE_UNPLUGGED, BY_BOOT, 0,
	    { WORD_ZONE, SAMPLE_BOOT_HOLE, 32, "Normal", 0 }, NULL, "page.zone", 0, 0,
	    "boot page: zone as at the start", "zone=Normal"),
	ROW("boot page on another node", SAMPLE_UNPLUGGED, BY_BOOT, 0,
	    { WORD_NODE, SAMPLE_BOOT_FREE, 1, NULL, 1 }, NULL, "page.node", 0, 0,
	    "boot page: node as at the start", "node=1"),
	/* sections */
	ROW("online, without mark", SAMPLE_ONLINE, 0, 0, { 0 }, section_not_online, "section.state",
	    B33, 0x8000, MARKS7, "0x3"),
	ROW("vetoed, marked online", SAMPLE_VETOED, 0, 0, { 0 }, section_still_online,
	    "section.state", D0, 0x8000, MARKS3, "0x7"),
	ROW("offlined, marked online", SAMPLE_OFFLINED, 0, 0, { 0 }, section_still_online,
	    "section.state", D0, 0x8000, MARKS3, "0x7"),
	ROW("added, marked early", SAMPLE_ADDED, 0, 0, { 0 }, section_early, "section.state", B33,
	    0x8000, MARKS3, "0xb"),
	ROW("online, tainted", SAMPLE_ONLINE, 0, 0, { 0 }, section_tainted, "section.state", D0,
	    0x8000, MARKS7, "0x17"),
	ROW("not present", SAMPLE_TWO, 0, 0, { 0 }, section_not_present, "section.state memmap.residue",
	    SAMPLE_D1_PFN, 0x8000, MARKS7, "0x0"),
	ROW("left present", SAMPLE_UNPLUGGED, 0, 0, { 0 }, section_left, "section.state", B33,
	    0x8000, "section marks 0x0 (none: nothing is there)", "0x1"),
	ROW("address left", SAMPLE_UNPLUGGED, 0, 0, { 0 }, section_address_left, "section.state",
	    D0, 0x8000, "section marks 0x0 (none: nothing is there)", "0x4000000000000000"),
	ROW("never plugged", SAMPLE_ONLINE, 0, 0, { 0 }, section_beyond, "section.state",
	    40 * 0x8000, 3 * 0x8000, "section marks 0x0 (none: never plugged)", "0x3"),
	ROW("sections without end", SAMPLE_ONLINE, 0, 0, { 0 }, sections_without_end,
	    "section.subsections", SAMPLE_D1_PFN, (1ull << 40) * 0x8000,
	    "no sub-section: never plugged", "0x1"),
	ROW("boot section offline", SAMPLE_ONLINE, 0, 0, { 0 }, boot_section_gone, "section.state",
	    15 * 0x8000, 0x8000, "section marks 0xf (present, has memmap, online, early)", "0xb"),
	ROW("one sub-section missing", SAMPLE_ONLINE, 0, 0, { 0 }, subsection_missing,
	    "section.subsections", B33, 0x8000, "sub-sections 0xffffffffffffffff", "0x7fffffffffffffff"),
	ROW("one sub-section left", SAMPLE_UNPLUGGED, 0, 0, { 0 }, subsections_left,
	    "section.subsections", 35 * 0x8000, 0x8000, "sub-sections 0x0", "0x1"),
	ROW("boot sub-section gone", SAMPLE_UNPLUGGED, 0, 0, { 0 }, boot_subsection_missing,
	    "section.subsections", 0, 0x8000, "sub-sections 0xffffffffffffffff",
	    "0xfffffffffffffffe"),
	/* kpageflags */
	ROW("offlined page shown", SAMPLE_OFFLINED, 0, 0, { WORD_KPAGEFLAGS, B33, 1, NULL, 20 },
	    NULL, "kpageflags.nopage", 0, 0, "offlined page: kpageflags NOPAGE", "kpageflags=0x0"),
	ROW("added pages shown", SAMPLE_ADDED, 0, WITHOUT_RAW,
	    { WORD_KPAGEFLAGS, D0, 0x8000, NULL, 20 }, NULL, "kpageflags.nopage", 0, 0,
	    "added page: kpageflags NOPAGE", "kpageflags=0x0"),
	ROW("vetoed page shown", SAMPLE_VETOED, 0, 0, { WORD_KPAGEFLAGS, D0 + 1, 1, NULL, 20 },
	    NULL, "kpageflags.nopage", 0, 0, "vetoed page: kpageflags NOPAGE", "refcount=1"),
	ROW("mapcount of an offlined page shown", SAMPLE_OFFLINED, 0, 0, { WORD_COUNTED, B33, 1, NULL, 0 }, NULL,
	    "kpagecount.nopage", 0, 0, "offlined page: 0 in kpagecount and kpagecgroup", "and not 0 in kpagecount"),
	ROW("online page hidden", SAMPLE_TWO, 0, 0,
	    { WORD_KPAGEFLAGS, SAMPLE_D1_PFN + 4, 1, NULL, 20 }, NULL, "kpageflags.nopage", 0, 0,
	    "online page: kpageflags without NOPAGE", "lru"),
};

const size_t nr_wrong_memory = ARRAY_SIZE(wrong_memory);
