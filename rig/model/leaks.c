// SPDX-License-Identifier: GPL-2.0-or-later
#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "base/clean.h"
#include "base/mem.h"
#include "model/leaks.h"

#define MAX_SITES 100000u

static int by_name(const void *a, const void *b)
{
	const struct leak_site *x = a, *y = b;

	return strcmp(x->name, y->name);
}

static struct leak_site *site_find(const struct leaks *l, size_t nr, const char *name)
{
	const struct leak_site key = { .name = (char *)name };

	return nr ? bsearch(&key, l->site, nr, sizeof(key), by_name) : NULL;
}

/* What no call site has; of the agent -1 where it is not known. */
static const struct total {
	const char *name, *invariant, *what;
} totals[] = {
	{ "pages", "leak.pages", "pages that nobody is known to use" },
	{ "percpu", "leak.percpu", "allocated bytes of per-cpu memory" },
};

static const struct total *total_find(const char *name)
{
	for (size_t i = 0; i < ARRAY_SIZE(totals); i++)
		if (!strcmp(totals[i].name, name))
			return &totals[i];
	return NULL;
}

static int check(const json_t *answer, struct rig_err *err)
{
	const json_t *sites = json_object_get(answer, "sites"), *v;
	const char *name;

	if (!json_is_object(sites) || json_object_size(sites) > MAX_SITES)
		return rig_err_set(err, RIG_AGENT, EBADMSG, "the agent's answer is malformed: call sites");
	for (size_t i = 0; i < ARRAY_SIZE(totals); i++) {
		v = json_object_get(answer, totals[i].name);
		if (!json_is_integer(v) || json_integer_value(v) < -1)
			return rig_err_set(err, RIG_AGENT, EBADMSG, "the agent's answer is malformed: '%s'", totals[i].name);
	}
	json_object_foreach((json_t *)sites, name, v)
		if (!json_is_integer(v) || json_integer_value(v) < 0)
			return rig_err_set(err, RIG_AGENT, EBADMSG, "the agent's answer is malformed: '%.100s'", name);
	return 0;
}

/*
 * Freed address ranges are kept until there are many, so stacks of threads that have ended make them grow; who loses
 * what vmalloc() or ioremap() gave has lost its struct vm_struct too, which is freed at once.
 */
static bool is_freed_late(const char *name)
{
	static const char cache[] = "vmap_area ";

	return !strncmp(name, cache, strlen(cache));
}

static void add_site(struct leaks *l, size_t known, const char *name)
{
	if (site_find(l, known, name) || is_freed_late(name))
		return;
	GROW(l->site, l->nr, l->cap);
	l->site[l->nr++] = (struct leak_site){ .name = xstrdup(name) };
}

int leaks_sample(struct leaks *l, const json_t *answer, uint64_t cycles, struct rig_err *err)
{
	const json_t *sites = json_object_get(answer, "sites"), *v;
	int r = check(answer, err);
	size_t known = l->nr;
	const char *name;

	if (r < 0)
		return r;
	json_object_foreach((json_t *)sites, name, v)
		add_site(l, known, name);
	for (size_t i = 0; i < ARRAY_SIZE(totals); i++)
		if (json_integer_value(json_object_get(answer, totals[i].name)) >= 0)
			add_site(l, known, totals[i].name);
	for (size_t i = 0; i < l->nr; i++) {
		struct leak_site *s = &l->site[i];
		uint64_t now = (uint64_t)json_integer_value(json_object_get(total_find(s->name) ? answer : sites, s->name));

		if (!l->begun)
			s->first = now;
		else if (now >= s->last + cycles)
			s->grown++;
		s->last = now;
	}
	if (l->nr)
		qsort(l->site, l->nr, sizeof(*l->site), by_name);
	l->intervals += l->begun;
	l->cycles += l->begun ? cycles : 0;
	l->begun = true;
	return 0;
}

void leaks_judge(const struct leaks *l, const char *step, struct findings *out)
{
	for (size_t i = 0; l->intervals >= LEAKS_MIN_INTERVALS && i < l->nr; i++) {
		const struct leak_site *s = &l->site[i];
		const struct total *total = total_find(s->name);
		AUTO_FREE char *text = NULL;

		if (s->grown < l->intervals)
			continue;
		text = xasprintf("%s%.150s do not grow with each of %" PRIu64 " cycles", total ? "" : "objects of ",
				 total ? total->what : s->name, l->cycles);
		finding_addf(out, step, total ? total->invariant : "leak.callsite", text,
			     "%" PRIu64 " of them, then %" PRIu64, s->first, s->last);
	}
}

void leaks_deinit(struct leaks *l)
{
	for (size_t i = 0; i < l->nr; i++)
		free(l->site[i].name);
	free(l->site);
	*l = (struct leaks){ 0 };
}
