// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * What tells two latencies apart without a tolerance: all boots of one kernel were slower than all of the other,
 * in so many boots that chance does not do that.  Of n and m boots of the same kernel one set lies wholly above
 * the other in 2 of C(n + m, n) orders.
 */
#include <stdlib.h>

#include "base/clean.h"
#include "base/clock.h"
#include "base/mem.h"
#include "compare/differences.h"

static const double odds_by_chance = 0.001;	/* that any step of a scenario differs so */

static int by_value(const void *x, const void *y)
{
	uint64_t a = *(const uint64_t *)x, b = *(const uint64_t *)y;

	return (a > b) - (a < b);
}

/* @v is sorted afterwards. */
static uint64_t median(uint64_t *v, size_t nr)
{
	qsort(v, nr, sizeof(*v), by_value);
	return nr % 2 ? v[nr / 2] : v[nr / 2 - 1] / 2 + v[nr / 2] / 2;
}

/* Runs of one template share its boot, and with it all that boots differ in. */
static bool same_boot(const struct account *a, const struct account *b)
{
	const json_t *x = json_object_get(a->result, "template"), *y = json_object_get(b->result, "template");

	return x && y && json_equal(x, y);
}

/* Fills @v with the median of each boot, in rising order.  A run that ended in the step knows none. */
static size_t boots_of(const struct side *side, size_t step, uint64_t *v)
{
	AUTO_FREE uint64_t *runs = xcalloc(side->nr, sizeof(*runs));
	AUTO_FREE bool *taken = xcalloc(side->nr, sizeof(*taken));
	size_t nr = 0;

	for (size_t i = 0; i < side->nr; i++) {
		size_t n = 0;

		for (size_t k = i; k < side->nr; k++) {
			if (taken[k] || (k > i && !same_boot(side->account[i], side->account[k])))
				continue;
			taken[k] = true;
			runs[n] = side->account[k]->step[step].latency_ns;
			n += runs[n] > 0;
		}
		if (n)
			v[nr++] = median(runs, n);
	}
	qsort(v, nr, sizeof(*v), by_value);
	return nr;
}

static struct latency_side side_of(const struct side *side, size_t step)
{
	AUTO_FREE const struct account **some = xcalloc(side->nr, sizeof(*some));
	AUTO_FREE uint64_t *v = xcalloc(side->nr, sizeof(*v));
	const struct side there = { some, side_came_to(side, step, some) };
	struct latency_side l = { .boots = boots_of(&there, step, v) };

	if (l.boots) {
		l.least_ns = v[0];
		l.most_ns = v[l.boots - 1];
		l.median_ns = median(v, l.boots);
	}
	return l;
}

/* Guests that were restored and guests that were booted are not equally fast. */
static bool began_alike(const struct side *base, const struct side *patched)
{
	const struct side *both[] = { base, patched };
	size_t nr_restored = 0;

	for (size_t i = 0; i < ARRAY_SIZE(both); i++)
		for (size_t k = 0; k < both[i]->nr; k++)
			nr_restored += json_object_get(both[i]->account[k]->result, "template") != NULL;
	return !nr_restored || nr_restored == base->nr + patched->nr;
}

/* 2 / C(n + m, n) */
static double odds_of_apart(size_t n, size_t m)
{
	double odds = 2;

	for (size_t i = 1; i <= n; i++)
		odds *= (double)i / (double)(m + i);
	return odds;
}

static bool are_apart(const struct latency *l)
{
	return l->base.most_ns < l->patched.least_ns || l->patched.most_ns < l->base.least_ns;
}

static char *side_text(const struct latency_side *l)
{
	return xasprintf("%.1f ms, %.1f to %.1f in %zu boots", (double)l->median_ns / NS_PER_MS,
			 (double)l->least_ns / NS_PER_MS, (double)l->most_ns / NS_PER_MS, l->boots);
}

static void tell(const struct latency *l, struct differences *out)
{
	differences_add(out, &(struct difference){
		.step = l->step, .kind = DETAIL_LATENCY, .what = xstrdup("of the step"), .base = side_text(&l->base),
		.patched = side_text(&l->patched),
	});
}

void latencies_find(const struct side *base, const struct side *patched, size_t nr_steps, struct differences *out)
{
	bool alike = began_alike(base, patched);
	size_t nr = 0;

	out->latency = xcalloc(nr_steps + 1, sizeof(*out->latency));
	for (size_t step = 1; step < nr_steps; step++) {
		struct latency l = {
			.step = step, .base = side_of(base, step), .patched = side_of(patched, step),
		};

		if (l.base.boots && l.patched.boots)
			out->latency[nr++] = l;
	}
	out->nr_latencies = nr;
	for (size_t i = 0; i < nr; i++) {
		struct latency *l = &out->latency[i];

		/* each step is another chance to be wrong */
		l->judged = alike && odds_of_apart(l->base.boots, l->patched.boots) * (double)nr <= odds_by_chance;
		l->differs = l->judged && are_apart(l);
		if (l->differs)
			tell(l, out);
	}
}
