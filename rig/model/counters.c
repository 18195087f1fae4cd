// SPDX-License-Identifier: GPL-2.0-or-later
#include <errno.h>
#include <fnmatch.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clean.h"
#include "base/mem.h"
#include "model/counters.h"

#define MAX_COUNTERS	(1u << 20)
#define LINE_BYTES	512

/* Where a text of several parts stands: which zone, and what of it. */
struct place {
	char zone[64];		/* "0/DMA32/"; "" in front of the first */
	char part[64];		/* "cpu0/" */
	char table[16];		/* of pagetypeinfo: "mixed/", or "" for the one that counts all blocks */
	char column[16][32];	/* names of its columns */
	size_t nr_columns;
};

static void add(struct counters *c, const char *file, char *name, const char *value)
{
	GROW(c->v, c->nr, c->cap);
	c->v[c->nr++] = (struct counter){ xstrdup(file), name, xstrdup(value) };
}

/* Cuts blanks off both ends. */
static char *trim(char *p)
{
	size_t len;

	p += strspn(p, " \t\n");
	len = strlen(p);
	while (len && strchr(" \t\n", p[len - 1]))
		p[--len] = '\0';
	return p;
}

/* "Node 0, zone  DMA  what follows": *rest behind the zone's name; false: no such line */
static bool zone_head(char *line, struct place *at, char **rest)
{
	unsigned int node;
	char name[32];
	int len;

	if (sscanf(line, "Node %u, zone %31[^ ,]%n", &node, name, &len) != 2)
		return false;
	snprintf(at->zone, sizeof(at->zone), "%u/%s/", node, name);
	*at->part = '\0';
	*rest = line + len;
	return true;
}

/* "nr_free_pages 12", "MemFree: 12 kB", "Node 0 MemFree: 12 kB" */
static void pair_line(struct counters *c, const char *file, char *line, struct place *at)
{
	char *name = line, *value;
	unsigned int node;
	int len = 0;

	(void)at;
	if (sscanf(line, "Node %u %n", &node, &len) == 1 && len)
		name += len;
	value = name + strcspn(name, " \t");
	if (*value)
		*value++ = '\0';
	len = (int)strlen(name);
	if (len && name[len - 1] == ':')
		name[len - 1] = '\0';
	add(c, file, xstrdup(name), trim(value));
}

static void zoneinfo_line(struct counters *c, const char *file, char *line, struct place *at)
{
	unsigned int node, cpu;
	char *p = trim(line), *value, *rest;

	if (zone_head(p, at, &rest))
		return;
	if (!strcmp(p, "per-node stats")) {
		strcpy(at->part, "node");
		return;
	}
	if (!strcmp(p, "pagesets"))
		return;
	if (sscanf(p, "cpu: %u", &cpu) == 1) {
		snprintf(at->part, sizeof(at->part), "cpu%u/", cpu);
		return;
	}
	/* these begin what is the zone's own again */
	if (!strncmp(p, "pages free", 10) || !strncmp(p, "node_unreclaimable:", 19))
		*at->part = '\0';
	if (!strncmp(p, "pages ", 6))
		p += 6;
	value = strstr(p, " (");
	if (!value)
		value = strrchr(p, ' ');
	if (!value) {
		add(c, file, xstrdup(p), "");
		return;
	}
	*value++ = '\0';
	p[strcspn(p, ":")] = '\0';
	p = trim(p);
	if (!strcmp(at->part, "node") && sscanf(at->zone, "%u", &node) == 1)
		add(c, file, xasprintf("%u/node/%s", node, p), value);
	else
		add(c, file, xasprintf("%s%s%s", at->zone, at->part, p), value);
}

static void buddyinfo_line(struct counters *c, const char *file, char *line, struct place *at)
{
	char *rest;

	if (!zone_head(line, at, &rest)) {
		add(c, file, xstrdup(trim(line)), "");
		return;
	}
	at->zone[strlen(at->zone) - 1] = '\0';
	add(c, file, xstrdup(at->zone), trim(rest));
}

/* "Number of blocks type   Unmovable   Movable ...": what the columns of the lines below are. */
static void take_columns(char *p, struct place *at)
{
	char *save, *word;

	at->nr_columns = 0;
	for (word = strtok_r(p, " ", &save); word && at->nr_columns < ARRAY_SIZE(at->column);
	     word = strtok_r(NULL, " ", &save))
		snprintf(at->column[at->nr_columns++], sizeof(at->column[0]), "%.31s", word);
}

static void pagetypeinfo_line(struct counters *c, const char *file, char *line, struct place *at)
{
	char *p = trim(line), *rest, *save, *word, type[32];
	size_t i = 0;
	int len = 0;

	if (!*p || !strncmp(p, "Free pages count", 16))
		return;
	if (!strncmp(p, "Number of ", 10) && (word = strstr(p, " type"))) {
		take_columns(word + 5, at);
		strcpy(at->table, strncmp(p, "Number of mixed", 15) ? "" : "mixed/");
	} else if (!zone_head(p, at, &rest)) {
		word = strchr(p, ':');
		if (word)
			*word++ = '\0';
		add(c, file, xstrdup(p), word ? trim(word) : "");
	} else if (sscanf(rest, ", type %31s%n", type, &len) == 1) {
		add(c, file, xasprintf("%sfree/%s", at->zone, type), trim(rest + len));
	} else {
		for (word = strtok_r(rest, " ", &save); word && i < at->nr_columns;
		     word = strtok_r(NULL, " ", &save), i++)
			add(c, file, xasprintf("%s%s%s", at->zone, at->table, at->column[i]), word);
	}
}

typedef void line_fn(struct counters *c, const char *file, char *line, struct place *at);

static line_fn *shape_of(const char *file)
{
	static const struct { const char *file; line_fn *fn; } shapes[] = {
		{ "/proc/zoneinfo", zoneinfo_line },
		{ "/proc/buddyinfo", buddyinfo_line },
		{ "/proc/pagetypeinfo", pagetypeinfo_line },
		{ "/proc/meminfo", pair_line },
		{ "/proc/vmstat", pair_line },
		{ "/sys/devices/system/node/node*/meminfo", pair_line },
		{ "/sys/devices/system/node/node*/vmstat", pair_line },
		{ "/sys/devices/system/node/node*/numastat", pair_line },
	};

	for (size_t i = 0; i < ARRAY_SIZE(shapes); i++)
		if (!fnmatch(shapes[i].file, file, FNM_PATHNAME))
			return shapes[i].fn;
	return NULL;
}

int counters_add(struct counters *c, const char *file, const char *text, struct rig_err *err)
{
	line_fn *fn = shape_of(file);
	struct place at = { 0 };
	char line[LINE_BYTES];
	size_t len;

	if (!fn) {
		AUTO_FREE char *copy = xstrdup(text);

		add(c, file, xstrdup(""), trim(copy));
		return 0;
	}
	for (; *text; text += len + (text[len] == '\n')) {
		len = strcspn(text, "\n");
		if (c->nr >= MAX_COUNTERS || len >= sizeof(line))
			return rig_err_set(err, RIG_AGENT, E2BIG, "'%s' of the guest is larger than any kernel's",
					   file);
		memcpy(line, text, len);
		line[len] = '\0';
		if (len)
			fn(c, file, line, &at);
	}
	return 0;
}

static int by_name(const void *a, const void *b)
{
	const struct counter *x = a, *y = b;
	int r = strcmp(x->file, y->file);

	return r ? r : strcmp(x->name, y->name);
}

void counters_sort(struct counters *c)
{
	if (c->nr)
		qsort(c->v, c->nr, sizeof(*c->v), by_name);
}

void counters_deinit(struct counters *c)
{
	for (size_t i = 0; i < c->nr; i++) {
		free(c->v[i].file);
		free(c->v[i].name);
		free(c->v[i].value);
	}
	free(c->v);
	*c = (struct counters){ 0 };
}

const char *counters_find(const struct counters *c, const char *file, const char *name)
{
	struct counter key = { (char *)file, (char *)name, NULL };
	const struct counter *found = c->nr ? bsearch(&key, c->v, c->nr, sizeof(key), by_name) : NULL;

	return found ? found->value : NULL;
}

bool counters_number(const struct counters *c, const char *file, const char *name, uint64_t *ret)
{
	const char *value = counters_find(c, file, name);

	if (!value || *value < '0' || *value > '9')
		return false;
	*ret = strtoull(value, NULL, 10);
	return true;
}

bool counters_numberf(const struct counters *c, uint64_t *ret, const char *file, const char *name, ...)
{
	char text[128];
	va_list ap;

	va_start(ap, name);
	vsnprintf(text, sizeof(text), name, ap);
	va_end(ap);
	return counters_number(c, file, text, ret);
}

uint64_t counters_sum(const struct counters *c, const char *file, const char *prefix)
{
	size_t len = strlen(prefix);
	uint64_t sum = 0;

	for (size_t i = 0; i < c->nr; i++)
		if (!strcmp(c->v[i].file, file) && !strncmp(c->v[i].name, prefix, len) &&
		    !strchr(c->v[i].name + len, '/'))
			sum += strtoull(c->v[i].value, NULL, 10);
	return sum;
}
