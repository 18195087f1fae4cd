// SPDX-License-Identifier: GPL-2.0-or-later
#include <errno.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "base/clean.h"
#include "base/mem.h"
#include "cmd/page_rows.h"
#include "model/snapshot.h"

#define MAX_ORDER	30	/* of a free block that is believed */

/* A run of the state. */
struct run {
	struct page_row row;
	uint64_t head;		/* of tails; UINT64_MAX: these are none */
};

/* Ranges of devices and faults, ascending. */
struct span {
	uint64_t start, end;
	const char *id;
};

struct spans {
	struct span *span;
	size_t nr, cap;
};

struct maker {
	struct pfn_range range;
	struct spans devices, faults;
	struct run *run;
	size_t nr, cap;
	bool whole;		/* gaps are such */
	struct page_rows rows;
};

static bool take_hex(const json_t *v, uint64_t max, uint64_t *ret)
{
	const char *text = json_string_value(v);
	char *end;

	if (!text || strncmp(text, "0x", 2) || !text[2] || strspn(text + 2, "0123456789abcdef") != strlen(text + 2))
		return false;
	errno = 0;
	*ret = strtoull(text, &end, 16);
	return !errno && *ret < max;
}

/* Pages [*start, *end) behind @from, which goes on to their end. */
static bool take_pages(const json_t *o, uint64_t *from, uint64_t *start, uint64_t *end)
{
	const json_t *nr = json_object_get(o, "nr");

	if (!take_hex(json_object_get(o, "pfn"), SNAPSHOT_MAX_PFN, start) || *start < *from ||
	    json_integer_value(nr) <= 0 || json_integer_value(nr) > (json_int_t)SNAPSHOT_MAX_PFN)
		return false;
	*from = *end = *start + (uint64_t)json_integer_value(nr);
	return true;
}

static bool take_text(const json_t *o, const char *key, const char **ret)
{
	const json_t *v = json_object_get(o, key);

	*ret = json_string_value(v);
	return !v || *ret;
}

static bool take_integer(const json_t *o, const char *key, int64_t *ret)
{
	const json_t *v = json_object_get(o, key);

	*ret = v ? json_integer_value(v) : ROW_UNKNOWN;
	return !v || json_is_integer(v);
}

static bool take_run(const json_t *o, uint64_t *from, struct run *ret)
{
	struct run r = { .head = UINT64_MAX };
	struct page_row *p = &r.row;
	const json_t *head = json_object_get(o, "head");
	uint64_t end;

	if (!take_pages(o, from, &p->pfn, &end) || !take_text(o, "flags", &p->flags) ||
	    !take_text(o, "type", &p->type) || !take_text(o, "zone", &p->zone) ||
	    !take_text(o, "bytes", &p->bytes) || !take_text(o, "kpageflags", &p->kpageflags) ||
	    !take_integer(o, "refcount", &p->refcount) || !take_integer(o, "node", &p->node) ||
	    !take_integer(o, "order", &p->order) || (head && !take_hex(head, UINT64_MAX, &r.head)))
		return false;
	p->nr = end - p->pfn;
	if (p->flags)
		p->kpageflags = NULL;
	*ret = r;
	return true;
}

static bool take_runs(struct maker *m, const json_t *list)
{
	const json_t *o;
	uint64_t from = 0;
	size_t i;

	json_array_foreach((json_t *)list, i, o) {
		GROW(m->run, m->nr, m->cap);
		if (!take_run(o, &from, &m->run[m->nr++]))
			return false;
	}
	return json_is_array(list);
}

static bool take_faults(struct maker *m, const json_t *list)
{
	struct spans *f = &m->faults;
	const json_t *o;
	uint64_t from = 0;
	size_t i;

	json_array_foreach((json_t *)list, i, o) {
		GROW(f->span, f->nr, f->cap);
		f->span[f->nr].id = NULL;
		if (!take_pages(o, &from, &f->span[f->nr].start, &f->span[f->nr].end))
			return false;
		f->nr++;
	}
	return json_is_array(list);
}

static int compare_spans(const void *a, const void *b)
{
	uint64_t x = ((const struct span *)a)->start, y = ((const struct span *)b)->start;

	return x < y ? -1 : x > y;
}

/* One that is not plugged into the address space has size 0, or address 0. */
static bool take_devices(struct maker *m, const json_t *list)
{
	struct spans *d = &m->devices;
	const json_t *o;
	size_t i;

	json_array_foreach((json_t *)list, i, o) {
		json_int_t bytes = json_integer_value(json_object_get(o, "bytes"));
		uint64_t addr;

		GROW(d->span, d->nr, d->cap);
		if (!take_text(o, "id", &d->span[d->nr].id) || !d->span[d->nr].id || bytes < 0 ||
		    !take_hex(json_object_get(o, "addr"), INT64_MAX, &addr))
			return false;
		d->span[d->nr].start = addr >> LAYOUT_PAGE_SHIFT;
		d->span[d->nr].end = (addr + (uint64_t)bytes) >> LAYOUT_PAGE_SHIFT;
		d->nr++;
	}
	if (d->nr)
		qsort(d->span, d->nr, sizeof(*d->span), compare_spans);
	return !list || json_is_array(list);
}

/* What of [@start, @end) one device has, or none has: returns its end. */
static uint64_t device_at(const struct spans *d, uint64_t start, uint64_t end, const char **id)
{
	*id = NULL;
	for (size_t i = 0; i < d->nr; i++) {
		const struct span *s = &d->span[i];

		if (start >= s->start && start < s->end) {
			*id = s->id;
			return end < s->end ? end : s->end;
		}
		if (start < s->start && s->start < end)
			return s->start;
	}
	return end;
}

static bool same_text(const char *a, const char *b)
{
	return a == b || (a && b && !strcmp(a, b));
}

static bool same_row(const struct page_row *a, const struct page_row *b)
{
	return a->kind == b->kind && a->pfn + a->nr == b->pfn && same_text(a->flags, b->flags) &&
	       same_text(a->type, b->type) && same_text(a->zone, b->zone) && same_text(a->bytes, b->bytes) &&
	       same_text(a->kpageflags, b->kpageflags) && same_text(a->device, b->device) &&
	       a->refcount == b->refcount && a->node == b->node && a->order == b->order;
}

static void add_row(struct page_rows *rows, const struct page_row *row)
{
	if (rows->nr && same_row(&rows->row[rows->nr - 1], row)) {
		rows->row[rows->nr - 1].nr += row->nr;
		return;
	}
	GROW(rows->row, rows->nr, rows->cap);
	rows->row[rows->nr++] = *row;
}

/* Cut to the range and at the borders of devices. */
static void add_pages(struct maker *m, const struct page_row *row)
{
	uint64_t start = row->pfn > m->range.start ? row->pfn : m->range.start;
	uint64_t end = row->pfn + row->nr < m->range.end ? row->pfn + row->nr : m->range.end;

	while (start < end) {
		struct page_row part = *row;

		part.pfn = start;
		part.nr = device_at(&m->devices, start, end, &part.device) - start;
		start += part.nr;
		add_row(&m->rows, &part);
	}
}

/* A page that says nothing of itself, as those within a free block. */
static bool is_within_free(const struct run *r, const struct page_row *head)
{
	const struct page_row *p = &r->row;

	return r->head == UINT64_MAX && p->order == ROW_UNKNOWN && p->refcount == 0 && p->node == head->node &&
	       same_text(p->flags, "none") && same_text(p->type, "none") && same_text(p->zone, head->zone);
}

/*
 * Make the row that begins with the first page left of run @i into the free block that it is the head of,
 * when all of it is as it must be.  What belongs to it is taken off the runs behind.
 */
static bool join_free(struct maker *m, size_t i, struct page_row *row)
{
	uint64_t left, at = row->pfn + 1;
	size_t k;

	if (!same_text(row->type, "buddy") || row->nr != 1 || row->order < 1 || row->order > MAX_ORDER)
		return false;
	left = (1ull << row->order) - 1;
	for (k = i + 1; left && k < m->nr; k++) {
		const struct page_row *p = &m->run[k].row;
		uint64_t nr = p->nr < left ? p->nr : left;

		if (p->pfn != at || !is_within_free(&m->run[k], row))
			return false;
		at += nr;
		left -= nr;
	}
	if (left)
		return false;
	row->nr = 1ull << row->order;
	for (k = i + 1; k < m->nr && m->run[k].row.pfn < at; k++) {
		struct page_row *p = &m->run[k].row;
		uint64_t taken = p->pfn + p->nr < at ? p->nr : at - p->pfn;

		p->pfn += taken;
		p->nr -= taken;
	}
	return true;
}

/* The same for the head of a compound page: its tails say whose they are. */
static void join_compound(struct maker *m, size_t i, struct page_row *row)
{
	if (row->nr != 1)
		return;
	for (size_t k = i + 1; k < m->nr; k++) {
		struct page_row *p = &m->run[k].row;

		if (p->pfn != row->pfn + row->nr || m->run[k].head != row->pfn)
			break;
		row->nr += p->nr;
		p->nr = 0;
	}
	if (row->nr > 1 && !(row->nr & (row->nr - 1)))
		row->order = __builtin_ctzll(row->nr);
}

static void add_gap(struct maker *m, uint64_t start, uint64_t end)
{
	const struct page_row gap = { .kind = ROW_GAP, .pfn = start, .nr = end - start,
				      .refcount = ROW_UNKNOWN, .node = ROW_UNKNOWN, .order = ROW_UNKNOWN };

	if (m->whole && start < end)
		add_pages(m, &gap);
}

/* Gaps and faults of [@start, @end), where there are no runs. */
static void add_between(struct maker *m, uint64_t start, uint64_t end)
{
	for (size_t i = 0; i < m->faults.nr; i++) {
		const struct span *f = &m->faults.span[i];
		struct page_row row = { .kind = ROW_FAULT, .pfn = f->start, .nr = f->end - f->start,
					.refcount = ROW_UNKNOWN, .node = ROW_UNKNOWN, .order = ROW_UNKNOWN };

		if (f->start < start || f->start >= end)
			continue;
		add_gap(m, start, f->start);
		add_pages(m, &row);
		start = f->end;
	}
	add_gap(m, start, end);
}

static void make_rows(struct maker *m)
{
	uint64_t at = m->range.start, last = m->range.end;

	for (size_t i = 0; i < m->nr; i++) {
		struct page_row row = m->run[i].row;

		if (!row.nr)
			continue;
		if (!join_free(m, i, &row))
			join_compound(m, i, &row);
		add_between(m, at, row.pfn);
		add_pages(m, &row);
		at = row.pfn + row.nr;
	}
	/* nobody wants to read of the address space that no machine has */
	if (last == PFN_RANGE_ALL) {
		last = m->faults.nr ? m->faults.span[m->faults.nr - 1].end : 0;
		last = last > at ? last : at;
	}
	add_between(m, at, last);
}

int page_rows_make(const json_t *state, const struct pfn_range *range, struct page_rows *ret,
		   struct rig_err *err)
{
	struct maker m = { .range = *range, .whole = json_is_true(json_object_get(state, "whole")) };
	bool ok = take_runs(&m, json_object_get(state, "pages")) && take_faults(&m, json_object_get(state, "faults")) &&
		  take_devices(&m, json_object_get(state, "devices"));

	if (ok) {
		make_rows(&m);
		*ret = m.rows;
	}
	free(m.run);
	free(m.faults.span);
	free(m.devices.span);
	return ok ? 0 : rig_err_set(err, RIG_HOST, EBADMSG, "it is not what a rig writes of a machine's pages");
}

void page_rows_deinit(struct page_rows *rows)
{
	free(rows->row);
	*rows = (struct page_rows){ 0 };
}
