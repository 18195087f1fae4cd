// SPDX-License-Identifier: GPL-2.0-or-later
#include <stdio.h>
#include <string.h>

#include "base/clean.h"
#include "base/mem.h"
#include "model/coverage.h"
#include "run/evidence.h"
#include "run/news.h"

static bool is_new(const struct counter *c, const struct snapshot *known)
{
	return !coverage_find(c->file, c->name) &&
	       !(known && counters_find(&known->counters, c->file, c->name));
}

/* As many names of a file as one note holds: counters are sorted by file. */
static size_t note_file(struct run *run, const struct counters *all, size_t i, const struct snapshot *known)
{
	const char *file = all->v[i].file;
	AUTO_FREE char *text = NULL;
	char names[512] = "";
	size_t len = 0;

	for (; i < all->nr && !strcmp(all->v[i].file, file); i++)
		if (is_new(&all->v[i], known) && len < sizeof(names))
			len += (size_t)snprintf(names + len, sizeof(names) - len, " %s", all->v[i].name);
	text = xasprintf("no list of the coverage names %s%s%s", file, *names && strcmp(names, " ") ? ":" : "", names);
	evidence_note(run, text);
	return i;
}

void news_note(struct run *run, const struct snapshot *s, const struct snapshot *known)
{
	size_t i = 0;

	while (i < s->counters.nr)
		if (is_new(&s->counters.v[i], known))
			i = note_file(run, &s->counters, i, known);
		else
			i++;
}
