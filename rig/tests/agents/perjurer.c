// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The real agent, until it is told to "run" the program tell-a-lie: from then on one thing that it
 * says of struct pages, sections or zones is well-formed and not true.  The argument chooses which.
 * Linked with --wrap of the four functions below.
 */
#include <stdio.h>
#include <string.h>

#include "guest_agent/page_scan.h"
#include "page/node.h"
#include "tests/agents/greet.h"

command_fn __wrap_cmd_run, __real_cmd_run;
void __wrap_page_scan_next(struct page_scan *s, uint64_t *pfn, uint64_t end);
void __real_page_scan_next(struct page_scan *s, uint64_t *pfn, uint64_t end);
ssize_t __wrap_memmap_sections(struct memmap *m, uint64_t start, uint64_t end, size_t max, struct section_run **ret);
ssize_t __real_memmap_sections(struct memmap *m, uint64_t start, uint64_t end, size_t max, struct section_run **ret);
int __wrap_node_read(const struct kernel_memory *memory, const struct page_layout *l, const struct node_table *table,
		     unsigned int nid, struct node_numbers *ret);
int __real_node_read(const struct kernel_memory *memory, const struct page_layout *l, const struct node_table *table,
		     unsigned int nid, struct node_numbers *ret);

/* Sets the lie where one is given; "" until then. */
static const char *lie(const char *new)
{
	static char told[32];

	if (new)
		snprintf(told, sizeof(told), "%s", new);
	return told;
}

static bool lies_about(const char *what)
{
	return !strcmp(lie(NULL), what);
}

int __wrap_cmd_run(const struct request *req, json_t **ret, struct rig_err *err)
{
	const json_t *argv = json_object_get(req->args, "argv");
	const char *program = json_string_value(json_array_get(argv, 0));
	const char *which = json_string_value(json_array_get(argv, 1));

	if (!program || strcmp(program, "tell-a-lie") || !which)
		return __real_cmd_run(req, ret, err);
	lie(which);
	*ret = json_pack("{ss sb si sI sb}", "output", "", "truncated", 0, "exit", 0, "ns", (json_int_t)0, "gave-up", 0);
	return 0;
}

/* What is said of the last page of all that were asked for; false: it is not mentioned. */
static bool bend(const struct page_layout *l, struct page_run *page)
{
	struct page_state *s = &page->state;
	bool not_online = page->kpageflags >> KPF_NOPAGE & 1;

	if (lies_about("hidden"))
		return false;
	if (lies_about("refcount") || (lies_about("offlined") && not_online))
		s->refcount = 7;
	if (lies_about("zone"))
		s->zone = s->zone ? 0 : 1;
	/* and its exported flags say the same */
	if (lies_about("reserved")) {
		s->flags |= layout_flag_mask(l, "reserved");
		page->kpageflags |= 1ull << KPF_RESERVED;
	}
	return true;
}

void __wrap_page_scan_next(struct page_scan *s, uint64_t *pfn, uint64_t end)
{
	struct page_run *last, page;

	__real_page_scan_next(s, pfn, end);
	if (*pfn != end || !s->pages.nr || !s->map)
		return;
	last = &s->pages.run[s->pages.nr - 1];
	page = *last;
	page.pfn += page.nr - 1;
	page.nr = 1;
	if (!--last->nr)
		s->pages.nr--;
	if (bend(&s->map->layout, &page))
		page_map_append(&s->pages, &page);
}

ssize_t __wrap_memmap_sections(struct memmap *m, uint64_t start, uint64_t end, size_t max, struct section_run **ret)
{
	ssize_t nr = __real_memmap_sections(m, start, end, max, ret);

	if (nr > 0 && lies_about("section"))
		(*ret)[nr - 1].marks ^= 1ull << m->layout->section_bits.online;
	return nr;
}

int __wrap_node_read(const struct kernel_memory *memory, const struct page_layout *l, const struct node_table *table,
		     unsigned int nid, struct node_numbers *ret)
{
	int r = __real_node_read(memory, l, table, nid, ret);

	if (r == 0 && lies_about("managed"))
		ret->zone[0].managed++;
	return r;
}
