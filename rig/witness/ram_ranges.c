// SPDX-License-Identifier: GPL-2.0-or-later
#include <errno.h>
#include <inttypes.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "witness/ram_ranges.h"

#define MAX_RANGES 4096		/* QEMU has at most 256 slots for devices */

/* "  0000000100000000-000000010fffffff (prio 0, ram): m0", or, with 16 digits each,
 * "  0-7fffffff (prio 0, i/o): alias ram-below-4g @pc.ram 0-7fffffff" */
struct region {
	uint64_t first, last;
	bool ram;
	char target[64];	/* of an alias; "" for none */
	uint64_t target_first;
};

static bool parse_region(const char *line, struct region *ret)
{
	struct region r = { 0 };
	char kind[16];
	int name = 0;

	if (sscanf(line, " %16" SCNx64 "-%16" SCNx64 " (prio %*d, %15[^)]): %n", &r.first, &r.last,
		   kind, &name) != 3 || !name || r.last < r.first || r.last == UINT64_MAX)
		return false;
	r.ram = !strcmp(kind, "ram") || !strcmp(kind, "nv-ram");
	if (sscanf(line + name, "alias %*s @%63[^ \r\n] %16" SCNx64 "-", r.target,
		   &r.target_first) != 2)
		r.target[0] = '\0';
	*ret = r;
	return true;
}

/* The next line of a tree, which an empty one ends. */
static const char *next_line(const char *line)
{
	line = strchr(line, '\n');
	return line && line[1] && line[1] != '\n' && line[1] != '\r' ? line + 1 : NULL;
}

struct ranges {
	struct ram_range *range;
	size_t nr, cap;
};

static void add(struct ranges *s, uint64_t first, uint64_t last)
{
	for (size_t i = 0; i < s->nr; i++)
		if (first - s->range[i].gpa < s->range[i].bytes ||
		    s->range[i].gpa - first <= last - first)
			return;
	if (s->nr > MAX_RANGES)
		return;
	GROW(s->range, s->nr, s->cap);
	s->range[s->nr++] = (struct ram_range){
		.gpa = first, .bytes = last - first + 1, .file.fd = -1,
	};
}

/*
 * RAM in the region that @alias shows a part of.  The first line of its tree is the region itself,
 * from where the alias counts.
 */
static void add_target(struct ranges *s, const char *mtree, const struct region *alias)
{
	uint64_t first, last;
	struct region r;
	const char *line;
	char head[96];

	snprintf(head, sizeof(head), "memory-region: %s", alias->target);
	line = strstr(mtree, head);
	if (!line || !strchr("\r\n", line[strlen(head)]) || !(line = next_line(line)) ||
	    !parse_region(line, &r))
		return;
	first = r.first + alias->target_first;
	last = first + (alias->last - alias->first);
	for (; line && last >= first; line = next_line(line)) {
		if (!parse_region(line, &r) || !r.ram || *r.target || r.last < first ||
		    r.first > last)
			continue;
		if (r.first < first)
			r.first = first;
		if (r.last > last)
			r.last = last;
		add(s, alias->first + (r.first - first), alias->first + (r.last - first));
	}
}

static int by_address(const void *a, const void *b)
{
	const struct ram_range *x = a, *y = b;

	return x->gpa < y->gpa ? -1 : x->gpa > y->gpa;
}

ssize_t ram_ranges_parse(const char *mtree, struct ram_range **ret)
{
	const char *line = strstr(mtree, "address-space: memory");
	struct ranges s = { 0 };

	while (line && (line = next_line(line))) {
		struct region r;

		if (!parse_region(line, &r))
			continue;
		if (r.ram)
			add(&s, r.first, r.last);
		else if (*r.target)
			add_target(&s, mtree, &r);
	}
	if (!s.nr || s.nr > MAX_RANGES) {
		free(s.range);
		return -EBADMSG;
	}
	qsort(s.range, s.nr, sizeof(*s.range), by_address);
	*ret = s.range;
	return (ssize_t)s.nr;
}
