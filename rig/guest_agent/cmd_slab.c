// SPDX-License-Identifier: GPL-2.0-or-later
/* What the kernel holds: slab objects by who allocated them, where it notes that (slub_debug=U), and nameless pages. */
#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clean.h"
#include "base/mem.h"
#include "guest_agent/agent.h"
#include "guest_agent/kernel_map.h"
#include "guest_agent/page_scan.h"
#include "page/percpu_area.h"

#define SLAB_DIR "/sys/kernel/debug/slab"

/* "   12 do_thing+0x1b/0x30 age=1/2/3 pid=1-30 ..."; the stacks below it begin with letters. */
static void take_line(char *line, const char *cache, json_t *sites)
{
	char *count = line + strspn(line, " "), *where, *end;
	AUTO_FREE char *name = NULL;
	long long nr;

	nr = strtoll(count, &end, 10);
	if (end == count || *end != ' ')
		return;
	where = end + strspn(end, " ");
	where[strcspn(where, " \n")] = '\0';
	name = xasprintf("%s %s", cache, where);
	nr += json_integer_value(json_object_get(sites, name));
	json_object_set_new(sites, name, json_integer(nr));
}

static void take_cache(const char *cache, json_t *sites)
{
	AUTO_FREE char *path = xasprintf(SLAB_DIR "/%s/alloc_traces", cache), *line = NULL;
	AUTO_FCLOSE FILE *f = fopen(path, "re");
	size_t size = 0;

	while (f && getline(&line, &size, f) > 0)
		take_line(line, cache, sites);
}

/* Allocated, and neither flag nor type says what for: page tables, slab and what programs map have some. */
static bool is_nameless(const struct page_state *s)
{
	return !s->flags && s->type == PAGE_TYPE_NONE && !s->mapcount && s->refcount > 0 &&
	       s->head_pfn == PAGE_NO_HEAD;
}

/* -1: struct pages cannot be read */
static json_int_t count_nameless(void)
{
	struct page_scan s;
	struct rig_err ignored;
	uint64_t end = page_scan_end();
	json_int_t pages = 0;

	if (page_scan_open(&s, false, &ignored) < 0)
		return -1;
	for (uint64_t pfn = 0; s.map && pfn < end; ) {
		page_scan_next(&s, &pfn, end);
		for (size_t i = 0; i < s.pages.nr; i++)
			pages += is_nameless(&s.pages.run[i].state) ? (json_int_t)s.pages.run[i].nr : 0;
		s.pages.nr = 0;
	}
	if (!s.map || !end)
		pages = -1;
	page_scan_close(&s);
	return pages;
}

/* -1: not known */
static json_int_t count_percpu(void)
{
	uint64_t lists, nr, bytes;
	struct kernel_map *m;
	struct rig_err ignored;

	if (kernel_map_get(&m, &ignored) < 0 || kernel_map_variable("pcpu_chunk_lists", &lists) < 0 ||
	    kernel_map_variable("pcpu_nr_slots", &nr) < 0 ||
	    percpu_area_used(&m->memory, &m->layout, lists, nr, &bytes) < 0)
		return -1;
	return (json_int_t)bytes;
}

/* {}: {sites: {"CACHE FUNCTION": objects}, pages, percpu}, the last in bytes; no site at all when the kernel does
 * not note them */
int cmd_query_call_sites(const struct request *req, json_t **ret, struct rig_err *err)
{
	DIR *d = opendir(SLAB_DIR);
	json_t *sites = json_object();
	struct dirent *e;

	(void)req;
	(void)err;
	while (d && (e = readdir(d)))
		if (*e->d_name != '.')
			take_cache(e->d_name, sites);
	if (d)
		closedir(d);
	*ret = json_pack("{sosIsI}", "sites", sites, "pages", count_nameless(), "percpu", count_percpu());
	return 0;
}
