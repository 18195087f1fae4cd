// SPDX-License-Identifier: GPL-2.0-or-later
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "cmd/page_rows.h"
#include "cmd/page_runs.h"

#define MAX_ORDER	30	/* of a free block that is believed */

#define NUMBERS_UNKNOWN .refcount = ROW_UNKNOWN, .node = ROW_UNKNOWN, .order = ROW_UNKNOWN

struct maker {
	struct pfn_range range;
	struct page_runs in;
	size_t next_fault;
	bool whole;		/* what is not there is a gap */
	struct page_rows rows;
};

/* What of [@start, @end) one device has, or none has: returns its end. */
static uint64_t device_at(const struct page_runs *in, uint64_t start, uint64_t end, const char **id)
{
	*id = NULL;
	for (size_t i = 0; i < in->nr_devices; i++) {
		const struct page_span *s = &in->device[i];

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
		part.nr = row->kind == ROW_GAP ? end - start : device_at(&m->in, start, end, &part.device) - start;
		start += part.nr;
		add_row(&m->rows, &part);
	}
}

/* A page that says nothing of itself, as those within a free block. */
static bool is_within_free(const struct page_run_read *r, const struct page_row *head)
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
	for (k = i + 1; left && k < m->in.nr; k++) {
		const struct page_row *p = &m->in.run[k].row;
		uint64_t nr = p->nr < left ? p->nr : left;

		if (p->pfn != at || !is_within_free(&m->in.run[k], row))
			return false;
		at += nr;
		left -= nr;
	}
	if (left)
		return false;
	row->nr = 1ull << row->order;
	for (k = i + 1; k < m->in.nr && m->in.run[k].row.pfn < at; k++) {
		struct page_row *p = &m->in.run[k].row;
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
	for (size_t k = i + 1; k < m->in.nr; k++) {
		struct page_row *p = &m->in.run[k].row;

		if (p->pfn != row->pfn + row->nr || m->in.run[k].head != row->pfn)
			break;
		row->nr += p->nr;
		p->nr = 0;
	}
	if (row->nr > 1 && !(row->nr & (row->nr - 1)))
		row->order = __builtin_ctzll(row->nr);
}

static void add_gap(struct maker *m, uint64_t start, uint64_t end)
{
	const struct page_row gap = { .kind = ROW_GAP, .pfn = start, .nr = end - start, NUMBERS_UNKNOWN };

	if (m->whole && start < end)
		add_pages(m, &gap);
}

/* Gaps and faults of [@start, @end), where there are no runs; called in ascending order. */
static void add_between(struct maker *m, uint64_t start, uint64_t end)
{
	for (; m->next_fault < m->in.nr_faults && m->in.fault[m->next_fault].start < end; m->next_fault++) {
		const struct page_span *f = &m->in.fault[m->next_fault];
		const struct page_row row = { .kind = ROW_FAULT, .pfn = f->start, .nr = f->end - f->start,
					      NUMBERS_UNKNOWN };

		add_gap(m, start, f->start);
		add_pages(m, &row);
		start = f->end;
	}
	add_gap(m, start, end);
}

static void make_rows(struct maker *m)
{
	uint64_t at = m->range.start, end = m->range.end;

	for (size_t i = 0; i < m->in.nr; i++) {
		struct page_row row = m->in.run[i].row;

		if (!row.nr)
			continue;
		if (!join_free(m, i, &row))
			join_compound(m, i, &row);
		add_between(m, at, row.pfn);
		add_pages(m, &row);
		at = row.pfn + row.nr;
	}
	/* nobody wants to read of the address space that no machine has */
	if (end == PFN_RANGE_ALL)
		end = m->in.nr_faults ? m->in.fault[m->in.nr_faults - 1].end : at;
	add_between(m, at, end);
}

int page_rows_make(const json_t *state, const struct pfn_range *range, struct page_rows *ret,
		   struct rig_err *err)
{
	struct maker m = { .range = *range, .whole = json_is_true(json_object_get(state, "whole")) };

	if (!page_runs_read(state, &m.in))
		return rig_err_set(err, RIG_HOST, EBADMSG, "it is not what a rig writes of a machine's pages");
	make_rows(&m);
	page_runs_deinit(&m.in);
	*ret = m.rows;
	return 0;
}

void page_rows_deinit(struct page_rows *rows)
{
	free(rows->row);
	*rows = (struct page_rows){ 0 };
}
