// SPDX-License-Identifier: GPL-2.0-or-later
#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "base/clean.h"
#include "base/mem.h"
#include "compare/account.h"
#include "compare/page_value.h"
#include "model/snapshot.h"

#define SECTION_PAGES	32768u
#define SECTION_ONLINE	4u	/* SECTION_IS_ONLINE of mark bits */
#define SECTION_DEVICE	16u	/* SECTION_TAINT_ZONE_DEVICE */

/* What is read of a run; strings are the state's. */
struct page_words {
	uint64_t pfn, nr;
	const json_t *run;
	const char *flags, *type, *zone;	/* NULL: struct pages could not be read */
	json_t *unplugged;	/* of virtio-mem in online memory: how many pages say what, by its text */
	bool garbage;		/* a memmap holds what was in its memory before, until it is initialised */
};

static bool hex_of(const json_t *o, const char *key, uint64_t *ret)
{
	const char *text = json_string_value(json_object_get(o, key));
	char *end;

	if (!text || strncmp(text, "0x", 2))
		return false;
	errno = 0;
	*ret = strtoull(text, &end, 16);
	return !errno && !*end;
}

static int read_run(const json_t *run, uint64_t from, uint64_t *pfn, uint64_t *nr, struct rig_err *err)
{
	json_int_t n = json_integer_value(json_object_get(run, "nr"));

	if (!hex_of(run, "pfn", pfn) || n <= 0 || *pfn > SNAPSHOT_MAX_PFN || (uint64_t)n > SNAPSHOT_MAX_PFN ||
	    *pfn < from)
		return rig_err_set(err, RIG_HOST, EBADMSG, "a run of pages behind 0x%" PRIx64 " makes no sense", from);
	*nr = (uint64_t)n;
	return 0;
}

/* The mark bits of the section of @pfn; 0: there is none. */
static uint64_t marks_of(const json_t *state, uint64_t pfn)
{
	const json_t *s;
	size_t i;

	json_array_foreach(json_object_get(state, "sections"), i, s) {
		uint64_t first = (uint64_t)json_integer_value(json_object_get(s, "first")), marks = 0;
		uint64_t nr = (uint64_t)json_integer_value(json_object_get(s, "nr"));

		if (pfn / SECTION_PAGES - first < nr)
			return hex_of(s, "marks", &marks) ? marks : 0;
	}
	return 0;
}

static bool has_flag(const char *flags, const char *flag)
{
	size_t len = strlen(flag);

	for (const char *at = flags; (at = strstr(at, flag)); at++)
		if ((at == flags || at[-1] == '|') && (!at[len] || at[len] == '|'))
			return true;
	return false;
}

/* Which part of online memory virtio-mem takes out is up to who uses the others; how much of it, and its state, are not. */
static bool is_unplugged(const struct page_words *p, bool online)
{
	return online && p->flags && !strcmp(p->type, "offline");
}

/*
 * Whether the allocator has the page, or has handed it out: then only where it belongs is the same in
 * two boots.  A page that holds the memmap of its own block has one mark more than a page of nobody.
 */
static bool is_of_allocator(const struct page_words *p, bool online)
{
	return online && strcmp(p->zone, "Device") && !has_flag(p->flags, "reserved") &&
	       strcmp(p->flags, "owner_priv_1") && strcmp(p->flags, "hwpoison") &&
	       !json_object_get(p->run, "bytes");
}

static void copy(json_t *to, const struct page_words *p, const char *const *keys)
{
	for (; *keys; keys++) {
		json_t *v = json_object_get(p->run, *keys);

		if (v)
			json_object_set(to, *keys, v);
	}
}

static int by_name(const void *a, const void *b)
{
	return strcmp(*(char *const *)a, *(char *const *)b);
}

/* Flags by name: kernels number them as they like. */
static json_t *sorted_flags(const char *flags)
{
	AUTO_FREE char *copy = xstrdup(flags), *text = xstrdup("");
	AUTO_STRV struct strv names = { 0 };
	char *rest = copy;

	for (char *flag; (flag = strsep(&rest, "|")); )
		strv_add(&names, flag);
	qsort(names.v, names.n, sizeof(*names.v), by_name);
	for (size_t i = 0; i < names.n; i++) {
		char *both = xasprintf("%s%s%s", text, i ? "|" : "", names.v[i]);

		free(text);
		text = both;
	}
	return json_string(text);
}

static json_t *full_value(const struct page_words *p)
{
	static const char *const keys[] = { "flags", "type", "refcount", "mapcount", "zone", "node", "head",
					    "kpageflags", "counted", NULL };
	json_t *o = json_object();

	copy(o, p, keys);
	json_object_set_new(o, "flags", sorted_flags(p->flags));
	return o;
}

/* What of the page is the same in two boots of one kernel. */
static json_t *value_of(const struct page_words *p, uint64_t marks)
{
	bool online = marks & SECTION_ONLINE;

	static const char *const place[] = { "zone", "node", NULL };
	/* words that are no struct page: links and pointers are decoded out of whatever lies there */
	static const char *const words[] = { "type_word", "refcount", "kpageflags", "counted", NULL };
	static const char *const fill[] = { "bytes", "kpageflags", "counted", NULL };
	static const char *const exported[] = { "kpageflags", "counted", NULL }, *const nothing[] = { NULL };
	json_t *o = json_object();

	if (!p->flags)
		copy(o, p, online ? nothing : exported);
	else if (p->garbage && !(marks & (SECTION_ONLINE | SECTION_DEVICE)))
		copy(o, p, exported);
	else if (json_object_get(p->run, "bytes"))
		copy(o, p, fill);
	else if (!strcmp(p->type, "unknown"))
		copy(o, p, words);
	else if (is_of_allocator(p, online))
		copy(o, p, place);
	else
		json_object_update_new(o, full_value(p));
	return o;
}

static int read_words(const json_t *run, uint64_t from, struct page_words *ret, struct rig_err *err)
{
	int r = read_run(run, from, &ret->pfn, &ret->nr, err);

	ret->run = run;
	ret->flags = json_string_value(json_object_get(run, "flags"));
	ret->type = json_string_value(json_object_get(run, "type"));
	ret->zone = json_string_value(json_object_get(run, "zone"));
	if (!r && ret->flags && (!ret->type || !ret->zone))
		return rig_err_set(err, RIG_HOST, EBADMSG, "page 0x%" PRIx64 " without type or zone", ret->pfn);
	return r;
}

static void count_unplugged(const struct page_words *p, uint64_t nr)
{
	json_auto_t *value = full_value(p);
	AUTO_FREE char *text = page_value_text(value, NULL);
	json_int_t had = json_integer_value(json_object_get(p->unplugged, text));

	json_object_set_new(p->unplugged, text, json_integer(had + (json_int_t)nr));
}

/* Section by section, as some of a run may be online. */
static void add_part(struct run_details *out, const json_t *state, const struct page_words *p, uint64_t start,
		     uint64_t end)
{
	while (start < end) {
		uint64_t next = (start / SECTION_PAGES + 1) * SECTION_PAGES, marks;

		if (next > end)
			next = end;
		marks = marks_of(state, start);
		run_detail_add(out, start, next - start, value_of(p, marks));
		if (is_unplugged(p, marks & SECTION_ONLINE))
			count_unplugged(p, next - start);
		start = next;
	}
}

static void add_run(struct run_details *out, const json_t *state, const struct page_words *p,
		    const struct run_details *within)
{
	uint64_t end = p->pfn + p->nr;

	if (!within)
		add_part(out, state, p, p->pfn, end);
	for (size_t i = 0; within && i < within->nr; i++) {
		const struct run_detail *w = &within->v[i];
		uint64_t first = w->pfn > p->pfn ? w->pfn : p->pfn;
		uint64_t last = w->pfn + w->nr < end ? w->pfn + w->nr : end;

		if (first < last)
			add_part(out, state, p, first, last);
	}
}

/* Which type a block of kernel memory has depends on who took pages of it; isolated ones are nobody's choice. */
static bool is_steady(const json_t *page, bool online, const char *type)
{
	const char *zone = json_string_value(json_object_get(page, "zone"));

	return !online || !strcmp(type, "isolate") || (zone && (!strcmp(zone, "Movable") || !strcmp(zone, "Device")));
}

/* Of the pages of @r that are told, as far as they lie in the run of blocks and in one section. */
static void add_blocks(struct account_step *s, const json_t *state, const struct run_detail *r, uint64_t start,
		       uint64_t end, json_t *type)
{
	start = start > r->pfn ? start : r->pfn;
	end = end < r->pfn + r->nr ? end : r->pfn + r->nr;
	while (start < end) {
		uint64_t next = (start / SECTION_PAGES + 1) * SECTION_PAGES;

		if (next > end)
			next = end;
		if (is_steady(r->value, marks_of(state, start) & SECTION_ONLINE, json_string_value(type)))
			run_detail_add(&s->pageblocks, start, next - start, json_pack("{sO}", "type", type));
		start = next;
	}
}

static int read_pageblocks(struct account_step *s, const json_t *state, struct rig_err *err)
{
	uint64_t from = 0, pfn, nr;
	const json_t *run;
	size_t i, page = 0;

	json_array_foreach(json_object_get(state, "pageblocks"), i, run) {
		json_t *type = json_object_get(run, "type");
		int r = read_run(run, from, &pfn, &nr, err);

		if (r < 0)
			return r;
		if (!json_is_string(type))
			return rig_err_set(err, RIG_HOST, EBADMSG, "pageblocks at 0x%" PRIx64 " without type", pfn);
		from = pfn + nr;
		while (page < s->pages.nr && s->pages.v[page].pfn + s->pages.v[page].nr <= pfn)
			page++;
		for (size_t k = page; k < s->pages.nr && s->pages.v[k].pfn < from; k++)
			add_blocks(s, state, &s->pages.v[k], pfn, from, type);
	}
	return 0;
}

int account_pages(struct account *a, size_t step, const json_t *state, const struct run_details *within,
		  struct rig_err *err)
{
	json_auto_t *unplugged = json_object();
	struct page_words p = { .garbage = a->garbage, .unplugged = unplugged };
	struct account_step *s = &a->step[step];
	const json_t *run, *nr;
	const char *text;
	size_t i;

	if (!json_is_array(json_object_get(state, "pages")))
		return rig_err_set(err, RIG_HOST, EBADMSG, "no pages");
	json_array_foreach(json_object_get(state, "pages"), i, run) {
		int r = read_words(run, p.pfn + p.nr, &p, err);

		if (r < 0)
			return r;
		add_run(&s->pages, state, &p, within);
	}
	json_object_foreach(unplugged, text, nr)
		detail_add(&a->details, step, DETAIL_COUNTER, xasprintf("unplugged pages with %s", text),
			   xasprintf("%" JSON_INTEGER_FORMAT, json_integer_value(nr)));
	return read_pageblocks(s, state, err);
}
