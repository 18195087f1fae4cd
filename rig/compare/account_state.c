// SPDX-License-Identifier: GPL-2.0-or-later
#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "base/clean.h"
#include "base/mem.h"
#include "compare/account.h"
#include "compare/normal.h"
#include "record/fields.h"

#define MAX_SECTION_RUN	65536

/* What is being read, and where it goes. */
struct reader {
	struct account *a;
	size_t step;
	const json_t *state, *start;
};

static json_int_t number_of(const json_t *o, const char *key)
{
	return json_integer_value(json_object_get(o, key));
}

static void add(const struct reader *r, enum detail_kind kind, char *what, char *value)
{
	detail_add(&r->a->details, r->step, kind, what, value);
}

/* How far a number moved since the first look. */
static void add_change(const struct reader *r, char *what, const json_t *now, const json_t *before, const char *key)
{
	if (r->state != r->start)
		add(r, DETAIL_COUNTER, what, xasprintf("%+" JSON_INTEGER_FORMAT, number_of(now, key) -
						     number_of(before, key)));
	else
		free(what);
}

static char *compact(const json_t *value)
{
	char *text = value ? json_dumps(value, JSON_COMPACT | JSON_ENCODE_ANY) : NULL;

	return text ? text : xstrdup("?");
}

static void read_sections(const struct reader *r)
{
	const json_t *s;
	size_t i;

	json_array_foreach(json_object_get(r->state, "sections"), i, s) {
		json_int_t first = number_of(s, "first"), nr = number_of(s, "nr");

		for (json_int_t k = 0; k < nr && k < MAX_SECTION_RUN; k++)
			add(r, DETAIL_SECTION, xasprintf("section %" JSON_INTEGER_FORMAT, first + k),
			    xasprintf("marks=%s sub-sections=%s", fields_or_unknown(s, "marks"), fields_or_unknown(s, "subsections")));
	}
}

static void read_blocks(const struct reader *r)
{
	const json_t *b;
	size_t i;

	json_array_foreach(json_object_get(r->state, "blocks"), i, b) {
		AUTO_FREE char *nodes = compact(json_object_get(b, "nodes"));

		add(r, DETAIL_BLOCK, xasprintf("memory%" JSON_INTEGER_FORMAT, number_of(b, "id")),
		    xasprintf("%s, zones %s, nodes %s, removable %s", fields_or_unknown(b, "state"),
			      fields_or_unknown(b, "zones"), nodes, fields_or_unknown(b, "removable")));
	}
}

static const json_t *zone_of(const json_t *zones, const json_t *like)
{
	const json_t *z;
	size_t i;

	json_array_foreach(zones, i, z)
		if (number_of(z, "node") == number_of(like, "node") &&
		    !strcmp(fields_or_unknown(z, "zone"), fields_or_unknown(like, "zone")))
			return z;
	return NULL;
}

static char *zone_counter(const json_t *zone, const char *key)
{
	return xasprintf("%s of zone %s, node %" JSON_INTEGER_FORMAT, key, fields_or_unknown(zone, "zone"),
			 number_of(zone, "node"));
}

/* Spans and presence are the firmware's and ours; what boot memory manages is not. */
static void read_zones(const struct reader *r)
{
	const json_t *z, *before = json_object_get(r->start, "zones");
	size_t i;

	json_array_foreach(json_object_get(r->state, "zones"), i, z) {
		static const char *const keys[] = { "start", "spanned", "present" };

		for (size_t k = 0; k < ARRAY_SIZE(keys); k++)
			add(r, DETAIL_COUNTER, zone_counter(z, keys[k]),
			    xasprintf("%" JSON_INTEGER_FORMAT, number_of(z, keys[k])));
		add_change(r, zone_counter(z, "managed"), z, zone_of(before, z), "managed");
	}
}

static char *managed_text(const json_t *zones)
{
	char *text = xstrdup("");
	const json_t *z;
	size_t i;

	json_array_foreach(zones, i, z) {
		char *more = xasprintf("%s %" JSON_INTEGER_FORMAT, text, number_of(z, "managed"));

		free(text);
		text = more;
	}
	return text;
}

/* Of the kernel's own zones, what /proc/zoneinfo does not say. */
static void read_kernel_zones(const struct reader *r, const json_t *zones)
{
	static const char *const keys[] = { "early", "cma", "isolated", "contiguous", "initialized" };
	const json_t *z;
	size_t i;

	json_array_foreach(zones, i, z)
		for (size_t k = 0; k < ARRAY_SIZE(keys); k++)
			add(r, DETAIL_ZONE, zone_counter(z, keys[k]), compact(json_object_get(z, keys[k])));
}

static void read_nodes(const struct reader *r)
{
	static const char *const keys[] = { "start", "spanned", "present", "nr_zones", "zonelists" };
	const json_t *n;
	size_t i;

	json_array_foreach(json_object_get(r->state, "nodes"), i, n) {
		for (size_t k = 0; k < ARRAY_SIZE(keys); k++)
			add(r, DETAIL_ZONE, xasprintf("%s of node %" JSON_INTEGER_FORMAT, keys[k],
						    number_of(n, "node")), compact(json_object_get(n, keys[k])));
		read_kernel_zones(r, json_object_get(n, "zones"));
	}
}

/* The kernel's own place in memory is KASLR's choice. */
static bool is_kernel(const json_t *range)
{
	return !strncmp(fields_or_unknown(range, "name"), "Kernel ", strlen("Kernel "));
}

/* At first only RAM and persistent memory count: names of other devices' windows are not about memory. */
static bool is_memory(const json_t *range)
{
	return strstr(fields_or_unknown(range, "name"), "RAM") || strstr(fields_or_unknown(range, "name"), "Persistent");
}

static bool was_there(const json_t *list, const json_t *range)
{
	const json_t *e;
	size_t i;

	json_array_foreach(list, i, e)
		if (json_equal(e, range))
			return true;
	return false;
}

static void add_range(const struct reader *r, const char *key, const json_t *range, const char *now)
{
	AUTO_FREE char *name = normal_device(fields_or_unknown(range, "name"));

	add(r, DETAIL_RANGE, xasprintf("%s %s-%s", key, fields_or_unknown(range, "start"), fields_or_unknown(range, "end")),
	    xasprintf("%s (level %" JSON_INTEGER_FORMAT ")%s", name, number_of(range, "depth"), now));
}

/* Which ranges there are at first, and which came and went since. */
static void read_ranges(const struct reader *r, const char *key)
{
	const json_t *now = json_object_get(r->state, key), *before = json_object_get(r->start, key), *e;
	bool first = r->state == r->start;
	size_t i;

	json_array_foreach(now, i, e)
		if (!is_kernel(e) && (first ? is_memory(e) : !was_there(before, e)))
			add_range(r, key, e, "");
	json_array_foreach(before, i, e)
		if (!first && !is_kernel(e) && !was_there(now, e))
			add_range(r, key, e, " is gone");
}

/* Where memmaps lie in boot memory is the allocator's choice; how much of it they take is not. */
static void read_holders(const struct reader *r)
{
	json_int_t sum = 0;
	const json_t *e;
	size_t i;

	json_array_foreach(json_object_get(r->state, "holders"), i, e)
		sum += number_of(e, "nr");
	add(r, DETAIL_COUNTER, xstrdup("pages that hold memmaps of blocks"), xasprintf("%" JSON_INTEGER_FORMAT, sum));
}

static void read_totals(const struct reader *r)
{
	static const char *const texts[] = { "node_online", "has_memory", "auto_online" };
	json_t *memmap = json_object_get(r->state, "memmap_pages");

	for (size_t i = 0; i < ARRAY_SIZE(texts); i++)
		add(r, DETAIL_COUNTER, xstrdup(texts[i]), xstrdup(fields_or_unknown(r->state, texts[i])));
	add(r, DETAIL_COUNTER, xstrdup("kpageflags_pages"), compact(json_object_get(r->state, "kpageflags_pages")));
	add_change(r, xstrdup("mem_total_kib"), r->state, r->start, "mem_total_kib");
	/* not every kernel has it */
	if (json_is_integer(memmap) && r->state == r->start)
		add(r, DETAIL_COUNTER, xstrdup("memmap_pages"), xstrdup("+0"));
	else if (json_is_integer(memmap))
		add_change(r, xstrdup("memmap_pages"), r->state, r->start, "memmap_pages");
}

static int check(const json_t *state, struct rig_err *err)
{
	static const char *const lists[] = { "sections", "blocks", "zones", "nodes", "iomem", "firmware", "holders",
					     "pageblocks" };

	for (size_t i = 0; i < ARRAY_SIZE(lists); i++)
		if (!json_is_array(json_object_get(state, lists[i])))
			return rig_err_set(err, RIG_HOST, EBADMSG, "no %s", lists[i]);
	return 0;
}

int account_state(struct account *a, size_t step, const json_t *state, const json_t *start, struct rig_err *err)
{
	const struct reader r = { a, step, state, start };
	int e = check(state, err);

	if (e < 0)
		return e;
	if (json_array_size(json_object_get(state, "nodes")))
		a->kernel_zones = true;
	if (state == start)
		a->boot_managed = managed_text(json_object_get(state, "zones"));
	read_sections(&r);
	read_blocks(&r);
	read_zones(&r);
	read_nodes(&r);
	read_ranges(&r, "iomem");
	read_ranges(&r, "firmware");
	read_holders(&r);
	read_totals(&r);
	return 0;
}
