// SPDX-License-Identifier: GPL-2.0-or-later
/* Pages that the kernel took out of use, as they are broken or about to break. */
#include <string.h>

#include "base/clean.h"
#include "base/mem.h"
#include "model/model.h"

/* Index of the first that is not below @pfn. */
static size_t first_from(const struct model *m, uint64_t pfn)
{
	size_t i = 0;

	while (i < m->nr_poisoned && m->poisoned[i] < pfn)
		i++;
	return i;
}

void model_poison(struct model *m, uint64_t pfn, bool failed)
{
	size_t at = first_from(m, pfn);
	struct model_device *d = NULL;
	const struct model_block *b = model_block_find(m, (uint32_t)(pfn / m->block_pages), &d);

	if (!b || b->class != PAGE_ONLINE || (at < m->nr_poisoned && m->poisoned[at] == pfn))
		return;
	GROW(m->poisoned, m->nr_poisoned, m->cap_poisoned);
	memmove(m->poisoned + at + 1, m->poisoned + at, (m->nr_poisoned - at) * sizeof(*m->poisoned));
	m->poisoned[at] = pfn;
	m->nr_poisoned++;
	if (failed && d->node < ARRAY_SIZE(m->failures))
		m->failures[d->node]++;
}

uint64_t model_next_poisoned(const struct model *m, uint64_t start, uint64_t end)
{
	size_t i = first_from(m, start);

	return i < m->nr_poisoned && m->poisoned[i] < end ? m->poisoned[i] : end;
}

static void forget(struct model *m, uint64_t start, uint64_t end)
{
	size_t first = first_from(m, start), behind = first_from(m, end);

	if (first == behind)
		return;
	memmove(m->poisoned + first, m->poisoned + behind, (m->nr_poisoned - behind) * sizeof(*m->poisoned));
	m->nr_poisoned -= behind - first;
}

void model_unpoison(struct model *m, uint64_t pfn)
{
	forget(m, pfn, pfn + 1);
}

void model_forget_poisoned(struct model *m, uint32_t block)
{
	uint64_t start = (uint64_t)block * m->block_pages;

	forget(m, start, start + m->block_pages);
}
