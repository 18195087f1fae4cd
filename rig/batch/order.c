// SPDX-License-Identifier: GPL-2.0-or-later
#include <stdlib.h>

#include "base/clean.h"
#include "base/mem.h"
#include "batch/order.h"

struct place {
	struct batch_run run;
	size_t kernel;		/* how many kernels come before its own */
	size_t length;
	size_t was;		/* its place in the list */
};

static int compare(const void *x, const void *y)
{
	const struct place *a = x, *b = y;

	if (a->kernel != b->kernel)
		return a->kernel < b->kernel ? -1 : 1;
	if (a->length != b->length)
		return a->length > b->length ? -1 : 1;
	return a->was < b->was ? -1 : a->was > b->was;
}

void order_longest_first(struct batch_run *run, size_t nr)
{
	AUTO_FREE struct place *place = xcalloc(nr + 1, sizeof(*place));
	size_t kernel = 0;

	for (size_t i = 0; i < nr; i++) {
		kernel += i && run[i].kernel != run[i - 1].kernel;
		place[i] = (struct place){
			.run = run[i], .kernel = kernel, .length = scenario_length(run[i].scenario), .was = i,
		};
	}
	qsort(place, nr, sizeof(*place), compare);
	for (size_t i = 0; i < nr; i++)
		run[i] = place[i].run;
}
