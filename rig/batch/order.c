// SPDX-License-Identifier: GPL-2.0-or-later
#include <stdlib.h>

#include "base/clean.h"
#include "base/mem.h"
#include "batch/order.h"

struct place {
	size_t run;
	size_t kernel;		/* how many kernels come before its own */
	size_t length;
};

static int compare(const void *x, const void *y)
{
	const struct place *a = x, *b = y;

	if (a->kernel != b->kernel)
		return a->kernel < b->kernel ? -1 : 1;
	if (a->length != b->length)
		return a->length > b->length ? -1 : 1;
	return a->run < b->run ? -1 : a->run > b->run;
}

size_t *order_longest_first(const struct batch *b)
{
	AUTO_FREE struct place *place = xcalloc(b->nr + 1, sizeof(*place));
	size_t *order = xcalloc(b->nr + 1, sizeof(*order)), kernel = 0;

	for (size_t i = 0; i < b->nr; i++) {
		kernel += i && b->run[i].kernel != b->run[i - 1].kernel;
		place[i] = (struct place){ .run = i, .kernel = kernel, .length = scenario_length(b->run[i].scenario) };
	}
	qsort(place, b->nr, sizeof(*place), compare);
	for (size_t i = 0; i < b->nr; i++)
		order[i] = place[i].run;
	return order;
}
