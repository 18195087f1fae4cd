// SPDX-License-Identifier: GPL-2.0-or-later
#include <stdlib.h>
#include <string.h>

#include "base/clean.h"
#include "base/mem.h"
#include "compare/differences.h"

void differences_deinit(struct differences *d)
{
	for (size_t i = 0; i < d->nr; i++) {
		free(d->v[i].what);
		free(d->v[i].base);
		free(d->v[i].patched);
	}
	free(d->v);
	free(d->latency);
	*d = (struct differences){ 0 };
}

static bool all_equal(const void *const *v, size_t nr, bool (*equal)(const void *a, const void *b))
{
	for (size_t i = 1; i < nr; i++)
		if (!equal(v[0], v[i]))
			return false;
	return true;
}

enum contest_verdict contest_judge(const struct contest *c, const void *const *value,
			   bool (*equal)(const void *a, const void *b))
{
	const void *const *patched = value + c->nr_base;
	size_t nr_patched = c->nr - c->nr_base;

	if (all_equal(value, c->nr, equal))
		return CONTEST_SAME;
	for (size_t i = 0; i < c->nr_base; i++)
		for (size_t k = 0; k < nr_patched; k++)
			if (equal(value[i], patched[k]))
				return CONTEST_UNSTEADY;
	return all_equal(value, c->nr_base, equal) || all_equal(patched, nr_patched, equal) ? CONTEST_DIFFERENT :
											     CONTEST_UNSTEADY;
}

struct difference *differences_add(struct differences *out, const struct difference *d)
{
	GROW(out->v, out->nr, out->cap);
	out->v[out->nr] = *d;
	return &out->v[out->nr++];
}

static bool text_equal(const void *a, const void *b)
{
	return a == b || (a && b && !strcmp(a, b));
}

/* Whether the machine's state after @step is known of all. */
static bool all_looked(const struct contest *c, size_t step)
{
	for (size_t i = 0; i < c->nr; i++)
		if (!c->account[i]->step[step].looked)
			return false;
	return true;
}

static bool all_have_kernel_zones(const struct contest *c)
{
	for (size_t i = 0; i < c->nr; i++)
		if (!c->account[i]->kernel_zones)
			return false;
	return true;
}

static bool all_manage_the_same(const struct contest *c)
{
	for (size_t i = 1; i < c->nr; i++)
		if (!text_equal(c->account[0]->boot_managed, c->account[i]->boot_managed))
			return false;
	return true;
}

static bool is_told(const struct contest *c, const struct detail *f)
{
	if (f->kind >= DETAIL_PAGE && f->kind <= DETAIL_ZONE && !all_looked(c, f->step))
		return false;
	if (f->kind == DETAIL_DERIVED)
		return all_manage_the_same(c);
	return f->kind != DETAIL_ZONE || all_have_kernel_zones(c);
}

/* The last of this kind about @what; NULL: about anything in @step. */
static const struct difference *find(const struct differences *d, enum detail_kind kind, const char *what,
				     size_t step)
{
	for (size_t i = d->nr; i--; )
		if (d->v[i].kind == kind && (!what || !strcmp(d->v[i].what, what)) &&
		    (what || d->v[i].step == step))
			return &d->v[i];
	return NULL;
}

/* What follows from a difference that was told is not told again. */
static bool follows(const struct contest *c, const struct detail *f, const char *base, const char *patched)
{
	const struct difference *d;

	/* other events come in another order */
	if (f->kind == DETAIL_ORDER)
		return find(c->out, DETAIL_EVENT, NULL, f->step);
	if (f->kind != DETAIL_COUNTER || (base && patched))
		return false;
	/* a kernel without this counter has it in no step */
	d = find(c->out, f->kind, f->what, 0);
	return d && !d->base == !base && !d->patched == !patched;
}

static char *dup_or_null(const char *text)
{
	return text ? xstrdup(text) : NULL;
}

static void judge_detail(const struct contest *c, const struct detail *f, const void *const *value)
{
	const char *base = value[0], *patched = value[c->nr_base];
	enum contest_verdict verdict = contest_judge(c, value, text_equal);

	c->out->unsteady += verdict == CONTEST_UNSTEADY;
	if (verdict != CONTEST_DIFFERENT || follows(c, f, base, patched))
		return;
	differences_add(c->out, &(struct difference){
		.step = f->step, .kind = f->kind, .what = xstrdup(f->what), .base = dup_or_null(base),
		.patched = dup_or_null(patched),
	});
}

/* The details of a step, of all accounts side by side: @at is the place of the next in each. */
static void judge_step(const struct contest *c, size_t step, size_t *at)
{
	const void **value = xcalloc(c->nr, sizeof(*value));

	for (;;) {
		const struct detail *first = NULL;

		for (size_t i = 0; i < c->nr; i++) {
			const struct details *f = &c->account[i]->details;

			if (at[i] < f->nr && f->v[at[i]].step == step &&
			    (!first || detail_order(&f->v[at[i]], first) < 0))
				first = &f->v[at[i]];
		}
		if (!first)
			break;
		for (size_t i = 0; i < c->nr; i++) {
			const struct details *f = &c->account[i]->details;
			bool has = at[i] < f->nr && !detail_order(&f->v[at[i]], first);

			value[i] = has ? f->v[at[i]++].value : NULL;
		}
		if (is_told(c, first))
			judge_detail(c, first, value);
	}
	free(value);
}

/* It did the step, and all before it: what is skipped leaves another machine behind. */
static bool came_to(const struct account *a, size_t step)
{
	for (size_t k = 0; k <= step; k++)
		if (k >= a->nr_steps || !a->step[k].reached)
			return false;
	return true;
}

size_t side_came_to(const struct side *side, size_t step, const struct account **ret)
{
	size_t nr = 0;

	for (size_t i = 0; i < side->nr; i++)
		if (came_to(side->account[i], step))
			ret[nr++] = side->account[i];
	return nr;
}

static int by_place(const void *x, const void *y)
{
	const struct difference *a = x, *b = y;

	if (a->step != b->step)
		return a->step < b->step ? -1 : 1;
	if (a->kind != b->kind)
		return a->kind < b->kind ? -1 : 1;
	if (a->pfn != b->pfn)
		return a->pfn < b->pfn ? -1 : 1;
	return strverscmp(a->what, b->what);
}

static size_t first_detail(const struct account *a, size_t step)
{
	size_t low = 0, high = a->details.nr;

	while (low < high) {
		size_t mid = low + (high - low) / 2;

		if (a->details.v[mid].step < step)
			low = mid + 1;
		else
			high = mid;
	}
	return low;
}

static size_t side_steps(const struct side *side)
{
	AUTO_FREE const struct account **some = xcalloc(side->nr, sizeof(*some));
	size_t step = 0;

	while (side_came_to(side, step, some))
		step++;
	return step;
}

size_t differences_steps(const struct side *base, const struct side *patched)
{
	size_t b = side_steps(base), p = side_steps(patched);

	return b < p ? b : p;
}

void differences_find(const struct side *base, const struct side *patched, struct differences *ret)
{
	AUTO_FREE const struct account **some = xcalloc(base->nr + patched->nr, sizeof(*some));
	AUTO_FREE size_t *at = xcalloc(base->nr + patched->nr, sizeof(*at));
	size_t nr_steps = differences_steps(base, patched);

	*ret = (struct differences){ 0 };
	for (size_t step = 0; step < nr_steps; step++) {
		size_t nr_base = side_came_to(base, step, some);
		size_t nr = nr_base + side_came_to(patched, step, some + nr_base);
		const struct contest c = { some, nr, nr_base, ret };

		for (size_t i = 0; i < nr; i++)
			at[i] = first_detail(some[i], step);
		judge_step(&c, step, at);
		if (all_looked(&c, step))
			contest_pages(&c, step);
	}
	latencies_find(base, patched, nr_steps, ret);
	if (ret->nr)
		qsort(ret->v, ret->nr, sizeof(*ret->v), by_place);
}
