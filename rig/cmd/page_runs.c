// SPDX-License-Identifier: GPL-2.0-or-later
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "cmd/page_runs.h"
#include "model/snapshot.h"

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

static bool take_run(const json_t *o, uint64_t *from, struct page_run_read *ret)
{
	struct page_run_read r = { .head = UINT64_MAX };
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

static bool take_runs(struct page_runs *m, const json_t *list)
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

static bool take_faults(struct page_runs *m, const json_t *list)
{
	const json_t *o;
	uint64_t from = 0;
	size_t i;

	json_array_foreach((json_t *)list, i, o) {
		struct page_span s = { 0 };

		if (!take_pages(o, &from, &s.start, &s.end))
			return false;
		GROW(m->fault, m->nr_faults, m->cap_faults);
		m->fault[m->nr_faults++] = s;
	}
	return json_is_array(list);
}

static int compare_spans(const void *a, const void *b)
{
	uint64_t x = ((const struct page_span *)a)->start, y = ((const struct page_span *)b)->start;

	return x < y ? -1 : x > y;
}

/* The map of a QEMU without memory devices, or of an unknown one, may lack the list. */
static bool take_devices(struct page_runs *m, const json_t *list)
{
	const json_t *o;
	size_t i;

	json_array_foreach((json_t *)list, i, o) {
		json_int_t bytes = json_integer_value(json_object_get(o, "bytes"));
		struct page_span s;
		uint64_t addr;

		if (!take_text(o, "id", &s.id) || !s.id || bytes < 0 ||
		    !take_hex(json_object_get(o, "addr"), INT64_MAX, &addr))
			return false;
		s.start = addr >> LAYOUT_PAGE_SHIFT;
		s.end = (addr + (uint64_t)bytes) >> LAYOUT_PAGE_SHIFT;
		GROW(m->device, m->nr_devices, m->cap_devices);
		m->device[m->nr_devices++] = s;
	}
	if (m->nr_devices)
		qsort(m->device, m->nr_devices, sizeof(*m->device), compare_spans);
	return !list || json_is_array(list);
}

bool page_runs_read(const json_t *state, struct page_runs *ret)
{
	struct page_runs r = { 0 };

	if (take_runs(&r, json_object_get(state, "pages")) && take_faults(&r, json_object_get(state, "faults")) &&
	    take_devices(&r, json_object_get(state, "devices"))) {
		*ret = r;
		return true;
	}
	page_runs_deinit(&r);
	return false;
}

void page_runs_deinit(struct page_runs *r)
{
	free(r->run);
	free(r->device);
	free(r->fault);
	*r = (struct page_runs){ 0 };
}
