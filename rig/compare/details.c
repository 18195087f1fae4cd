// SPDX-License-Identifier: GPL-2.0-or-later
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "compare/details.h"

const char *detail_kind_name(enum detail_kind kind)
{
	static const char *const names[] = {
		"outcome", "finding", "page", "pageblock", "section", "block", "range", "counter",
		"derived", "zone", "answer", "event", "order", "log", "latency",
	};

	return names[kind];
}

void detail_add(struct details *f, size_t step, enum detail_kind kind, char *what, char *value)
{
	GROW(f->v, f->nr, f->cap);
	f->v[f->nr++] = (struct detail){ step, kind, what, value };
}

static void detail_deinit(struct detail *f)
{
	free(f->what);
	free(f->value);
}

void details_deinit(struct details *f)
{
	for (size_t i = 0; i < f->nr; i++)
		detail_deinit(&f->v[i]);
	free(f->v);
	*f = (struct details){ 0 };
}

int detail_order(const struct detail *a, const struct detail *b)
{
	if (a->step != b->step)
		return a->step < b->step ? -1 : 1;
	if (a->kind != b->kind)
		return a->kind < b->kind ? -1 : 1;
	return strverscmp(a->what, b->what);
}

/* Merges: details about the same thing stay in the order of their coming. */
static void sort(struct detail *v, struct detail *room, size_t nr)
{
	size_t half = nr / 2, i = 0, k = half;

	if (nr < 2)
		return;
	sort(v, room, half);
	sort(v + half, room, nr - half);
	for (size_t n = 0; n < nr; n++)
		room[n] = k == nr || (i < half && detail_order(&v[i], &v[k]) <= 0) ? v[i++] : v[k++];
	memcpy(v, room, nr * sizeof(*v));
}

/* Whether one of the values in @list, which commas divide, is @value. */
static bool has_value(const char *list, const char *value)
{
	size_t len = strlen(value);

	for (const char *at = list; (at = strstr(at, value)); at++)
		if ((at == list || at[-1] == ' ') && (!at[len] || at[len] == ','))
			return true;
	return false;
}

/* @nr details at @f become the first of them. */
static void make_one(struct detail *f, size_t nr)
{
	bool counted = !strcmp(f->value, "once");

	if (counted) {
		free(f->value);
		f->value = nr == 1 ? xstrdup("once") : xasprintf("%zu times", nr);
	}
	for (size_t i = 1; i < nr; i++) {
		if (!counted && !has_value(f->value, f[i].value)) {
			char *both = xasprintf("%s, %s", f->value, f[i].value);

			free(f->value);
			f->value = both;
		}
		detail_deinit(&f[i]);
	}
}

void details_settle(struct details *f)
{
	struct detail *room = xcalloc(f->nr + 1, sizeof(*room));
	size_t n = 0;

	sort(f->v, room, f->nr);
	free(room);
	for (size_t i = 0, same; i < f->nr; i += same) {
		for (same = 1; i + same < f->nr && !detail_order(&f->v[i], &f->v[i + same]); )
			same++;
		make_one(&f->v[i], same);
		f->v[n++] = f->v[i];
	}
	f->nr = n;
}

void run_detail_add(struct run_details *f, uint64_t pfn, uint64_t nr, json_t *value)
{
	struct run_detail *last = f->nr ? &f->v[f->nr - 1] : NULL;

	if (last && last->pfn + last->nr == pfn && json_equal(last->value, value)) {
		last->nr += nr;
		json_decref(value);
		return;
	}
	GROW(f->v, f->nr, f->cap);
	f->v[f->nr++] = (struct run_detail){ pfn, nr, value };
}

const json_t *run_detail_find(const struct run_details *f, uint64_t pfn)
{
	size_t low = 0, high = f->nr;

	while (low < high) {
		size_t mid = low + (high - low) / 2;
		const struct run_detail *r = &f->v[mid];

		if (pfn < r->pfn)
			high = mid;
		else if (pfn - r->pfn >= r->nr)
			low = mid + 1;
		else
			return r->value;
	}
	return NULL;
}

void run_details_deinit(struct run_details *f)
{
	for (size_t i = 0; i < f->nr; i++)
		json_decref(f->v[i].value);
	free(f->v);
	*f = (struct run_details){ 0 };
}
