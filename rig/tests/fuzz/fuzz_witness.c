// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Any bytes as the memory of a guest: the search for the note, the walk of the page tables, the sections
 * and the decoder must end, within bounds, whatever stands there.
 *
 * First byte: bit 0 five levels, bit 1 a layout from the note.  The rest is RAM, over and over, so that
 * every address leads somewhere and the tables soon lead to each other.
 */
#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "base/clean.h"
#include "base/clock.h"
#include "base/mem.h"
#include "page/free_area.h"
#include "page/kallsyms.h"
#include "page/memmap.h"
#include "page/node.h"
#include "page/vmcoreinfo.h"
#include "witness/kernel_note.h"
#include "witness/kernel_space.h"
#include "witness/ram_ranges.h"

#define RAM_END	  (1ull << 40)
#define SCAN_END  (4u << 20)
#define MAX_PAGES 20000u

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

struct ram {
	const uint8_t *data;
	size_t size;
	unsigned int reads;
};

static void copy(const struct ram *ram, uint64_t gpa, unsigned char *to, size_t len)
{
	for (size_t i = 0; i < len; i++)
		to[i] = ram->data[(gpa + i) % ram->size];
}

static int ram_read(void *arg, const struct memory_piece *pieces, size_t nr, void *buf)
{
	struct ram *ram = arg;
	unsigned char *to = buf;

	ram->reads++;
	for (size_t i = 0; i < nr; i++) {
		if (!pieces[i].len || pieces[i].len > KERNEL_SPACE_VIEW_BYTES)
			abort();
		if (pieces[i].gpa >= RAM_END || pieces[i].len > RAM_END - pieces[i].gpa)
			return -EFAULT;
		copy(ram, pieces[i].gpa, to, pieces[i].len);
		to += pieces[i].len;
	}
	return 0;
}

static int ram_heads(void *arg, uint64_t *gpa, struct page_head *ret, size_t max)
{
	struct ram *ram = arg;
	int nr = 0;

	for (; *gpa < SCAN_END && (size_t)nr < max; *gpa += GUEST_PAGE_BYTES, nr++) {
		ret[nr].gpa = *gpa;
		copy(ram, *gpa, ret[nr].bytes, sizeof(ret[nr].bytes));
	}
	if (*gpa >= SCAN_END)
		*gpa = GUEST_MEMORY_END;
	return nr;
}

static int ram_explain(void *arg, int r, struct rig_err *err)
{
	(void)arg;
	return rig_err_set(err, RIG_HOST, -r, "the fuzzer's memory");
}

static uint64_t word(const struct ram *ram, unsigned int i)
{
	uint64_t v;

	copy(ram, i * sizeof(v), (unsigned char *)&v, sizeof(v));
	return v;
}

static void walk(struct ram *ram, struct page_tables *t)
{
	for (unsigned int i = 0; i < 64; i++) {
		unsigned int before = ram->reads;
		uint64_t gpa, len;
		int r = page_tables_translate(t, word(ram, i), &gpa, &len);

		if (ram->reads - before > t->levels || (r && r != -EFAULT && r != -EBADMSG) ||
		    (!r && (!len || len > 1ull << 30)))
			abort();
	}
}

/* A layout as of a kernel, but for what the bytes say is where in struct page. */
static void any_layout(const struct ram *ram, struct page_layout *l)
{
	*l = (struct page_layout){
		.page_bytes = 64, .nr_flags = 24, .section_bytes = 16,
		.flags = { word(ram, 0) % 57, 8, true }, .compound_head = { word(ram, 1) % 57, 8, true },
		.private_ = { word(ram, 2) % 57, 8, true }, .mapcount = { word(ram, 3) % 61, 4, true },
		.refcount = { word(ram, 4) % 61, 4, true },
		.type_encoding = word(ram, 5) & 1 ? TYPE_TOP_BYTE : TYPE_INVERTED_BITS, .type_base = 0xf0000000,
		.nr_types = 1, .type = { { "buddy", word(ram, 5) & 1 ? 0xf0 : 0x80 } },
		.nr_zones = 5, .node_shift = 54, .node_bits = 10, .zone_shift = 51, .zone_bits = 3,
		.section_mem_map = { 0, 8, true }, .section_usage = { 8, 8, word(ram, 6) & 1 },
		.usage_subsection_map = { 0, 8, true },
		.section_bits = { .present = 0, .has_mem_map = 1, .online = 2, .early = 3, .last = 5 },
		.pages_per_section = 32768, .pages_per_subsection = 512, .zone_struct_bytes = 1024,
		.free_area = { .zone = { 0, 11 * 40, true }, .nr = { 32, 8, true }, .lists = { 0, 32, true },
			       .lru = { 8, 16, true }, .bytes = 40, .isolate = 1 },
		.zone_present = { (uint32_t)word(ram, 7), 8, true }, .pgdat_nr_zones = { (uint32_t)word(ram, 8), 4, true },
	};
}

struct pages {
	const struct page_layout *layout;
	struct page_map map;
};

static void show(void *arg, const struct memmap_chunk *c, const void *raw)
{
	struct pages *p = arg;

	page_map_decode(&p->map, p->layout, raw, c->nr, c->addr, c->pfn);
}

static void read_pages(struct memmap *m, const struct page_layout *l, uint64_t start)
{
	struct memmap_chunk c = { .pfn = start };
	struct pages p = { .layout = l };
	struct page_map faults = { 0 };
	uint64_t behind = start, nr = 0;
	char text[256];

	while (nr < MAX_PAGES && memmap_next(m, c.pfn + c.nr, start + 8 * l->pages_per_section, &c) == 1) {
		if (c.pfn < behind || !c.nr || c.nr * l->page_bytes > m->memory->max_bytes)
			abort();
		if (c.nr > 2000)
			c.nr = 2000;
		behind = c.pfn + c.nr;
		nr += c.nr;
		if (memmap_read(m, &c, show, &p, &faults) < 0)
			abort();
	}
	if (page_map_pages(&p.map, 0, UINT64_MAX) + page_map_pages(&faults, 0, UINT64_MAX) != nr)
		abort();
	for (size_t i = 0; i < p.map.nr && i < 16; i++)
		page_state_text(l, &p.map.run[i].state, text, sizeof(text));
	page_map_deinit(&p.map);
	page_map_deinit(&faults);
}

/* Lists may lead anywhere and have no end, but not for ever. */
static void read_free_lists(const struct kernel_memory *kernel, const struct page_layout *l, uint64_t addr)
{
	const struct free_area_zone zone = { addr, 0, 1 };
	struct free_areas areas;
	uint64_t left = 100, listed = 0;

	if (free_areas_read(kernel, l, &zone, &left, &areas) < 0)
		return;
	for (unsigned int i = 0; i < FREE_AREA_ORDERS; i++)
		listed += areas.order[i].listed;
	if (listed + left > 100)
		abort();
}

static void look(struct ram *ram, const struct kernel_memory *kernel, const struct page_layout *l)
{
	const struct memmap_table table = { word(ram, 9), 1 + word(ram, 10) % 2048, word(ram, 11) & 1 };
	const struct node_table nodes = { word(ram, 12), word(ram, 13) };
	struct section_run *run = NULL;
	struct node_numbers n;
	struct memmap m;
	uint64_t end;
	ssize_t nr;

	if (!memmap_layout_known(l))
		return;
	memmap_init(&m, kernel, l, &table);
	if (memmap_end_section(&m, &end) < 0 || end > table.nr * 256)
		abort();
	nr = memmap_sections(&m, end > 2000 ? end - 2000 : 0, end, 100, &run);
	if (nr > 100 || (nr < 0 && nr != -E2BIG))
		abort();
	free(run);
	read_pages(&m, l, (end ? end - 1 : 0) * l->pages_per_section);
	if (node_read(kernel, l, &nodes, 0, &n) < 0)
		return;
	read_free_lists(kernel, l, n.zones_addr);
}

#define SYMBOLS_END 0x40000u
#define TOKEN_INDEX 0x50000u

struct symbols {
	const struct ram *ram;
	unsigned char buf[65536];
};

/* Any bytes are never an index of tokens, so there is one beside them. */
static int symbols_view(void *arg, uint64_t addr, size_t len, const void **ret)
{
	struct symbols *s = arg;

	if (!len || len > sizeof(s->buf))
		abort();
	if (addr == TOKEN_INDEX) {
		for (uint16_t i = 0; i < 256; i++)
			memcpy(s->buf + i * sizeof(i), &(uint16_t){ (uint16_t)(i * 8) }, sizeof(i));
	} else {
		if (addr >= SYMBOLS_END || len > SYMBOLS_END - addr)
			return -EFAULT;
		copy(s->ram, addr, s->buf, len);
	}
	*ret = s->buf;
	return 0;
}

/* Tables of symbols, anywhere in memory without page tables: those lead almost nowhere. */
static void find_symbol(const struct ram *ram)
{
	struct symbols *s = xcalloc(1, sizeof(*s));
	const struct kernel_memory memory = { symbols_view, s, sizeof(s->buf) };
	uint64_t addr[5], ret = 0, how = word(ram, 21);
	AUTO_FREE char *note = NULL;
	int r;

	s->ram = ram;
	for (unsigned int i = 0; i < ARRAY_SIZE(addr); i++)
		addr[i] = word(ram, 16 + i) % (SYMBOLS_END + 16);
	note = xasprintf("SYMBOL(kallsyms_names)=%" PRIx64 "\nSYMBOL(kallsyms_num_syms)=%" PRIx64 "\n"
			 "SYMBOL(kallsyms_token_table)=%" PRIx64 "\nSYMBOL(kallsyms_token_index)=%" PRIx64 "\n"
			 "SYMBOL(kallsyms_offsets)=%" PRIx64 "\nSYMBOL(kallsyms_relative_base)=%" PRIx64 "\n",
			 addr[0], addr[1], addr[2], how & 7 ? TOKEN_INDEX : addr[3], addr[4], addr[3]);
	r = kallsyms_find(&memory, note, how & 8 ? "s" : "", &ret);
	if (r > 0 || (r < 0 && r != -ENOENT && r != -EBADMSG && r != -EFAULT) || (r == 0) != (ret != 0))
		abort();
	free(s);
}

/* The monitor's text is QEMU's, but bounded all the same. */
static void parse_mtree(const struct ram *ram)
{
	AUTO_FREE char *text = xasprintf("address-space: memory\n%.*s", (int)ram->size,
					 (const char *)ram->data);
	struct ram_range *range = NULL;
	ssize_t nr = ram_ranges_parse(text, &range);

	for (ssize_t i = 1; i < nr; i++)
		if (range[i].gpa < range[i - 1].gpa + range[i - 1].bytes)
			abort();
	free(range);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct ram ram = { data + 1, size - 1, 0 };
	const struct guest_memory memory = { ram_read, ram_heads, ram_explain, &ram };
	struct kernel_space *space;
	struct kernel_memory kernel;
	struct kernel_note note = { 0 };
	struct page_layout l;
	struct rig_err err;

	if (size < 2)
		return 0;
	space = xcalloc(1, sizeof(*space));
	kernel = kernel_space_memory(space);
	if (kernel_note_find(&memory, word(&ram, 14), clock_in_ms(10000), space, &note, &err) < 0)
		page_tables_init(&space->tables, &memory, word(&ram, 15) & 0xffffff000ull, data[0] & 1 ? 5 : 4);
	walk(&ram, &space->tables);
	if (!(data[0] & 2) || !note.text || layout_from_notes(note.text, NULL, &l, &err) < 0 ||
	    !l.refcount.has || !l.mapcount.has || !l.private_.has || !l.compound_head.has)
		any_layout(&ram, &l);
	look(&ram, &kernel, &l);
	find_symbol(&ram);
	kernel_note_deinit(&note);
	free(space);
	parse_mtree(&ram);
	return 0;
}
