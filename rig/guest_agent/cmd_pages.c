// SPDX-License-Identifier: GPL-2.0-or-later
/* Commands about struct pages and sections. */
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "base/clean.h"
#include "base/mem.h"
#include "guest_agent/agent.h"
#include "guest_agent/kernel_map.h"
#include "guest_agent/page_scan.h"

#define MAX_PFN		(1ull << 40)
#define MAX_RUNS	8192u	/* per reply */
#define MAX_SECTION_RUNS 65536u

int cmd_query_layout(const struct request *req, json_t **ret, struct rig_err *err)
{
	struct kernel_map *m;
	struct rig_err why;
	const struct page_layout *l;
	json_t *flags, *types, *zones, *signs;

	(void)req;
	(void)err;
	if (kernel_map_get(&m, &why) < 0) {
		*ret = json_pack("{ssss}", "reader", "kpageflags", "why", why.text);
		return 0;
	}
	l = &m->layout;
	flags = json_array();
	for (uint32_t i = 0; i < l->nr_flags; i++)
		json_array_append_new(flags, json_string(l->flag_name[i]));
	types = json_array();
	for (uint32_t i = 0; i < l->nr_types; i++)
		json_array_append_new(types, json_pack("{sssI}", "name", l->type[i].name, "value",
						       (json_int_t)l->type[i].value));
	zones = json_array();
	for (uint32_t i = 0; i < l->nr_zones; i++)
		json_array_append_new(zones, json_string(l->zone_name[i]));
	signs = json_object();
	if (l->has_sign_free_pages_core)
		json_object_set_new(signs, "free-pages-core", json_boolean(l->sign_free_pages_core));
	if (l->has_sign_offline)
		json_object_set_new(signs, "offline-counts-managed",
				    json_boolean(l->sign_offline_returns_managed));
	*ret = json_pack("{ss si so ss sI so so si si so s{si si si si si sb}}",
			 "reader", "bpf", "page-bytes", (int)l->page_bytes, "flags", flags, "encoding",
			 l->type_encoding == TYPE_TOP_BYTE ? "top-byte" : "inverted-bits", "type-base",
			 (json_int_t)l->type_base, "types", types, "zones", zones, "pages-per-section",
			 (int)l->pages_per_section, "pages-per-subsection", (int)l->pages_per_subsection,
			 "signs", signs, "section-bits", "present", l->section_bits.present, "has-mem-map",
			 l->section_bits.has_mem_map, "online", l->section_bits.online, "early",
			 l->section_bits.early, "taint-zone-device", l->section_bits.taint_zone_device,
			 "has-taint", l->section_bits.has_taint);
	return 0;
}

/* JSON text made by hand: a map has up to hundreds of thousands of numbers. */
struct text {
	char *data;
	size_t len, cap;
};

static void text_add(struct text *t, const char *s, size_t len)
{
	if (t->len + len > t->cap) {
		t->cap = (t->len + len) * 2;
		t->data = xrealloc(t->data, t->cap, 1);
	}
	memcpy(t->data + t->len, s, len);
	t->len += len;
}

static void text_number(struct text *t, int64_t v)
{
	char buf[24], *p = buf + sizeof(buf);
	uint64_t u = v < 0 ? -(uint64_t)v : (uint64_t)v;

	do {
		*--p = (char)('0' + u % 10);
		u /= 10;
	} while (u);
	if (v < 0)
		*--p = '-';
	text_add(t, p, (size_t)(buf + sizeof(buf) - p));
}

static void text_numbers(struct text *t, const int64_t *v, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		text_add(t, i ? "," : "[", 1);
		text_number(t, v[i]);
	}
	text_add(t, "]", 1);
}

static void emit_runs(struct text *t, const struct page_map *m, bool states)
{
	for (size_t i = 0; i < m->nr; i++) {
		const struct page_run *r = &m->run[i];
		const struct page_state *s = &r->state;
		const int64_t v[] = {
			(int64_t)r->pfn, (int64_t)r->nr, (int64_t)s->flags, s->type_word, s->refcount,
			s->zone, s->node, s->tail_order ? s->tail_order - 1 : s->order, s->head_pfn, s->all_zero | s->all_ones << 1 | r->counted << 2,
			r->has_kpageflags ? (int64_t)r->kpageflags : -1, (int64_t)s->pgmap,
			s->origin,
		};
		size_t nr = s->pgmap == PAGE_PGMAP_UNKNOWN ? ARRAY_SIZE(v) - 2 : ARRAY_SIZE(v);

		if (i)
			text_add(t, ",", 1);
		text_numbers(t, v, states ? nr : 2);
	}
}

/* {start, end, kpageflags}: half-open range.  Answers {runs, faults, next}: next < end means go on there. */
int cmd_query_pages(const struct request *req, json_t **ret, struct rig_err *err)
{
	bool kpageflags = json_is_true(json_object_get(req->args, "kpageflags"));
	struct page_scan s;
	struct text t = { 0 };
	uint64_t start, end, pfn;
	int r;

	(void)ret;
	if ((r = arg_u64(req, "start", MAX_PFN, &start, err)) < 0 ||
	    (r = arg_u64(req, "end", MAX_PFN, &end, err)) < 0 ||
	    (r = page_scan_open(&s, kpageflags, err)) < 0)
		return r;
	for (pfn = start; pfn < end && s.pages.nr < MAX_RUNS; )
		page_scan_next(&s, &pfn, end);
	text_add(&t, "{\"runs\":[", 9);
	emit_runs(&t, &s.pages, true);
	text_add(&t, "],\"faults\":[", 12);
	emit_runs(&t, &s.faults, false);
	text_add(&t, "],\"next\":", 9);
	text_number(&t, (int64_t)pfn);
	text_add(&t, "}", 1);
	agent_reply_text(req->agent, req->id, t.data, t.len);
	free(t.data);
	page_scan_close(&s);
	return COMMAND_LATER;
}

/* {start, end} in section numbers.  Answers {sections: [[nr, count, marks, sub-section map as hex], ...]}:
 * equal neighbours are one entry, absent sections are left out. */
int cmd_query_sections(const struct request *req, json_t **ret, struct rig_err *err)
{
	AUTO_FREE struct section_run *run = NULL;
	struct kernel_map *m;
	struct memmap memmap;
	uint64_t start, end;
	json_t *list;
	ssize_t nr;
	int r;

	if ((r = arg_u64(req, "start", MAX_PFN, &start, err)) < 0 ||
	    (r = arg_u64(req, "end", MAX_PFN, &end, err)) < 0 || (r = kernel_map_get(&m, err)) < 0)
		return r;
	memmap_init(&memmap, &m->memory, &m->layout, &m->sections);
	nr = memmap_sections(&memmap, start, end, MAX_SECTION_RUNS, &run);
	if (nr < 0)
		return rig_err_set(err, RIG_AGENT, (int)-nr, "cannot list the sections: %s", strerror((int)-nr));
	list = json_array();
	for (ssize_t i = 0; i < nr; i++) {
		char hex[20];

		snprintf(hex, sizeof(hex), "0x%" PRIx64, run[i].subsections);
		json_array_append_new(list, json_pack("[IIIs]", (json_int_t)run[i].first, (json_int_t)run[i].nr,
						      (json_int_t)run[i].marks, hex));
	}
	*ret = json_pack("{so}", "sections", list);
	return 0;
}
