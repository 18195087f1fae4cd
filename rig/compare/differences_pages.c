// SPDX-License-Identifier: GPL-2.0-or-later
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "base/clean.h"
#include "base/mem.h"
#include "compare/differences.h"
#include "compare/page_value.h"

/* Runs of one kind in one step, of all accounts side by side. */
struct sweep {
	const struct contest *c;
	size_t step;
	enum detail_kind kind;
	const struct run_details **list;
	size_t *at;			/* in each list: the first run that ends behind the place */
	const void **value;		/* of each there */
	json_t *known;			/* what was added, by its text: its place among the differences */
};

static bool value_equal(const void *a, const void *b)
{
	return page_value_equal(a, b);
}

/* As it is told; pageblocks have nothing but their type. */
static char *text_of(enum detail_kind kind, const json_t *value, const json_t *other)
{
	if (kind == DETAIL_PAGE)
		return page_value_text(value, other);
	return value ? xstrdup(json_string_value(json_object_get(value, "type"))) : NULL;
}

static bool by_era(const struct sweep *s)
{
	enum memmap_era base = s->c->account[0]->era, patched = s->c->account[s->c->nr_base]->era;
	const json_t *b = s->value[0], *p = s->value[s->c->nr_base];

	if (s->kind != DETAIL_PAGE)
		return false;
	if (base == ERA_PG_RESERVED && patched == ERA_PAGE_OFFLINE)
		return page_value_by_era(b, p);
	return base == ERA_PAGE_OFFLINE && patched == ERA_PG_RESERVED && page_value_by_era(p, b);
}

/* Pages that differ in the same way are one difference. */
static void add(const struct sweep *s, uint64_t pfn, uint64_t nr)
{
	const json_t *b = s->value[0], *p = s->value[s->c->nr_base];
	AUTO_FREE char *base = text_of(s->kind, b, p), *patched = text_of(s->kind, p, b);
	struct differences *out = s->c->out;
	bool era = by_era(s);
	AUTO_FREE char *key = xasprintf("%d %s / %s", era, base ? base : "", patched ? patched : "");
	const json_t *place = json_object_get(s->known, key);

	if (place) {
		out->v[json_integer_value(place)].nr += nr;
		return;
	}
	json_object_set_new(s->known, key, json_integer((json_int_t)out->nr));
	differences_add(s->c->out, &(struct difference){
		.step = s->step, .kind = s->kind, .what = xasprintf("0x%" PRIx64, pfn), .pfn = pfn, .nr = nr,
		.base = TAKE_PTR(base), .patched = TAKE_PTR(patched), .by_era = era,
	});
}

/* Fills in the values at @pfn; returns where the next of the lists changes, UINT64_MAX when none does. */
static uint64_t look(const struct sweep *s, uint64_t pfn)
{
	uint64_t next = UINT64_MAX;

	for (size_t i = 0; i < s->c->nr; i++) {
		const struct run_details *l = s->list[i];
		const struct run_detail *r;
		uint64_t change;

		while (s->at[i] < l->nr && l->v[s->at[i]].pfn + l->v[s->at[i]].nr <= pfn)
			s->at[i]++;
		r = s->at[i] < l->nr ? &l->v[s->at[i]] : NULL;
		s->value[i] = r && r->pfn <= pfn ? r->value : NULL;
		change = !r ? UINT64_MAX : r->pfn <= pfn ? r->pfn + r->nr : r->pfn;
		if (change < next)
			next = change;
	}
	return next;
}

/* Where a pageblock's type says nothing in one run, there is nothing to compare; a page without memmap says much. */
static bool is_told(const struct sweep *s)
{
	for (size_t i = 0; i < s->c->nr; i++)
		if (s->kind == DETAIL_PAGEBLOCK && !s->value[i])
			return false;
	return true;
}

static void sweep(const struct contest *c, size_t step, enum detail_kind kind)
{
	AUTO_FREE const struct run_details **list = xcalloc(c->nr, sizeof(*list));
	AUTO_FREE size_t *at = xcalloc(c->nr, sizeof(*at));
	AUTO_FREE const void **value = xcalloc(c->nr, sizeof(*value));
	json_auto_t *known = json_object();
	const struct sweep s = { c, step, kind, list, at, value, known };

	for (size_t i = 0; i < c->nr; i++)
		list[i] = kind == DETAIL_PAGE ? &c->account[i]->step[step].pages :
						&c->account[i]->step[step].pageblocks;
	for (uint64_t pfn = 0, next; (next = look(&s, pfn)) != UINT64_MAX; pfn = next) {
		enum contest_verdict verdict = is_told(&s) ? contest_judge(c, value, value_equal) : CONTEST_SAME;

		c->out->unsteady += verdict == CONTEST_UNSTEADY;
		if (verdict == CONTEST_DIFFERENT)
			add(&s, pfn, next - pfn);
	}
}

void contest_pages(const struct contest *c, size_t step)
{
	sweep(c, step, DETAIL_PAGE);
	sweep(c, step, DETAIL_PAGEBLOCK);
}
