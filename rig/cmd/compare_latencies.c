// SPDX-License-Identifier: GPL-2.0-or-later
/* The table of step latencies of compare_text.h. */
#include <inttypes.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "base/clean.h"
#include "base/mem.h"
#include "cmd/compare_text.h"

#define MAX_ROWS	24u	/* more steps are told by what they do */
#define NS_PER_MS	1e6

struct row {
	char *name;
	size_t steps;
	json_int_t base_ns, patched_ns;
};

struct table {
	struct row *v;
	size_t nr, cap;
};

/* "online" of "2 online d0" and of "2.1 online d0 (1/5)"; caller frees */
static char *action_of(const char *step)
{
	step += strspn(step, "0123456789. ");
	return xstrndup(step, strcspn(step, " "));
}

/* Takes @name. */
static void add(struct table *t, char *name, const json_t *latency)
{
	struct row *r = NULL;

	for (size_t i = 0; i < t->nr && !r; i++)
		if (!strcmp(t->v[i].name, name))
			r = &t->v[i];
	if (r) {
		free(name);
	} else {
		GROW(t->v, t->nr, t->cap);
		r = &t->v[t->nr++];
		*r = (struct row){ .name = name };
	}
	r->steps++;
	r->base_ns += json_integer_value(json_object_get(latency, "base_ns"));
	r->patched_ns += json_integer_value(json_object_get(latency, "patched_ns"));
}

static bool all_judged(const json_t *scenarios)
{
	const json_t *c, *l;
	size_t i, k;

	json_array_foreach(scenarios, i, c)
		json_array_foreach(json_object_get(c, "latencies"), k, l)
			if (!json_is_true(json_object_get(l, "judged")))
				return false;
	return true;
}

static void collect(struct table *t, const json_t *scenarios, size_t nr_steps)
{
	const json_t *c, *l;
	size_t i, k;

	json_array_foreach(scenarios, i, c)
		json_array_foreach(json_object_get(c, "latencies"), k, l) {
			const char *step = json_string_value(json_object_get(l, "step"));
			const char *scenario = json_string_value(json_object_get(c, "scenario"));

			if (!step || !scenario)
				continue;
			add(t, nr_steps > MAX_ROWS ? action_of(step) : json_array_size(scenarios) == 1 ?
			       xstrdup(step) : xasprintf("%s: %s", scenario, step), l);
		}
}

void compare_text_latencies(const json_t *scenarios, FILE *out)
{
	struct table t = { 0 };
	size_t nr_steps = 0, i;
	const json_t *c;

	json_array_foreach(scenarios, i, c)
		nr_steps += json_array_size(json_object_get(c, "latencies"));
	collect(&t, scenarios, nr_steps);
	if (t.nr)
		fprintf(out, "\nLatencies in ms, the look not included%s\n%-42s %5s %8s %8s %6s\n",
			all_judged(scenarios) ? "" : "; too few boots to judge all", "step", "steps", "base",
			"patched", "ratio");
	for (i = 0; i < t.nr; i++) {
		const struct row *r = &t.v[i];

		fprintf(out, "%-42.42s %5zu %8.1f %8.1f %6.2f\n", r->name, r->steps, (double)r->base_ns / NS_PER_MS,
			(double)r->patched_ns / NS_PER_MS, (double)r->patched_ns / (double)r->base_ns);
		free(t.v[i].name);
	}
	free(t.v);
}
