// SPDX-License-Identifier: GPL-2.0-or-later
/* Persistent memory that became ZONE_DEVICE, and what stays of it when it is gone. */
#include <string.h>

#include "base/clean.h"
#include "base/mem.h"
#include "model/model.h"

bool model_namespace_has_memmap(const struct model_namespace *ns)
{
	return ns->enabled && !ns->system_ram && ns->mode != MODEL_RAW;
}

static void taint(struct model *m, uint64_t section)
{
	for (size_t i = 0; i < m->nr_tainted; i++)
		if (m->tainted[i] == section)
			return;
	GROW(m->tainted, m->nr_tainted, m->cap_tainted);
	m->tainted[m->nr_tainted++] = section;
}

/* move_pfn_range_to_zone() marks the sections at both ends that hold other memory too. */
static void taint_ends(struct model *m, const struct model_namespace *ns)
{
	uint64_t pages = m->layout->pages_per_section;

	if (ns->start_pfn % pages)
		taint(m, ns->start_pfn / pages);
	if (ns->end_pfn % pages)
		taint(m, ns->end_pfn / pages);
}

/* Zone Device and the node reach over it from now on: neither is ever shrunk. */
static void enter_zone(struct model *m, const struct model_namespace *ns)
{
	struct model_range *span = &m->device_span[ns->node];

	if (span->start == span->end)
		*span = (struct model_range){ ns->start_pfn, ns->end_pfn };
	if (ns->start_pfn < span->start)
		span->start = ns->start_pfn;
	if (ns->end_pfn > span->end)
		span->end = ns->end_pfn;
	if (m->nr_zones[ns->node] < MODEL_DEVICE + 1)
		m->nr_zones[ns->node] = MODEL_DEVICE + 1;
	if (ns->end_pfn > m->device_end)
		m->device_end = ns->end_pfn;
}

static const struct section_run *section_at_boot(const struct model *m, uint64_t section)
{
	for (size_t i = 0; i < m->base->nr_sections; i++)
		if (section >= m->base->section[i].first &&
		    section - m->base->section[i].first < m->base->section[i].nr)
			return &m->base->section[i];
	return NULL;
}

/* The baseline may hold sections that a namespace of legacy persistent memory brought: they go with it. */
bool model_early_section(const struct model *m, uint64_t section)
{
	const struct section_run *s = section_at_boot(m, section);

	return s && (!m->nr_boot_device || s->marks >> m->layout->section_bits.early & 1);
}

uint64_t model_boot_subsections(const struct model *m, uint64_t section)
{
	const struct section_run *s = section_at_boot(m, section);
	uint64_t sub = m->layout->pages_per_subsection, first = section * m->layout->pages_per_section;
	uint64_t map = s ? s->subsections : 0;

	for (size_t i = 0; i < m->nr_boot_device; i++)
		for (uint64_t k = 0; k < m->layout->pages_per_section / sub; k++)
			if (m->boot_device[i].start < first + (k + 1) * sub && m->boot_device[i].end > first + k * sub)
				map &= ~(1ull << k);
	return map;
}

bool model_was_device(const struct model *m, uint64_t pfn)
{
	for (size_t i = 0; i < m->nr_left; i++)
		if (pfn >= m->left[i].start && pfn < m->left[i].end)
			return true;
	return false;
}

/* Where the memmap is of boot it stays, as it was left. */
static void leave(struct model *m, const struct model_namespace *ns)
{
	uint64_t pages = m->layout->pages_per_section, stop;

	for (uint64_t pfn = ns->start_pfn; pfn < ns->end_pfn; pfn = stop) {
		stop = (pfn / pages + 1) * pages < ns->end_pfn ? (pfn / pages + 1) * pages : ns->end_pfn;
		if (!model_early_section(m, pfn / pages) || model_was_device(m, pfn))
			continue;
		GROW(m->left, m->nr_left, m->cap_left);
		m->left[m->nr_left++] = (struct model_range){ pfn, stop };
	}
}

static bool section_in_use(const struct model *m, uint64_t section)
{
	uint64_t pages = m->layout->pages_per_section;

	for (size_t i = 0; i < m->nr_namespaces; i++) {
		const struct model_namespace *ns = &m->namespace[i];

		if (model_namespace_has_memmap(ns) && ns->start_pfn < (section + 1) * pages &&
		    ns->end_pfn > section * pages)
			return true;
	}
	return false;
}

/* A section that lost its last sub-section loses its marks with it. */
static void forget_taint(struct model *m)
{
	for (size_t i = 0; i < m->nr_tainted; )
		if (model_early_section(m, m->tainted[i]) || section_in_use(m, m->tainted[i]))
			i++;
		else
			m->tainted[i] = m->tainted[--m->nr_tainted];
}

static void changed(struct model *m, const struct model_namespace *was, const struct model_namespace *is)
{
	bool comes = is && model_namespace_has_memmap(is);

	if (was && model_namespace_has_memmap(was) && m->raw)
		leave(m, was);
	if (comes && is->node < ARRAY_SIZE(m->device_span))
		enter_zone(m, is);
	if (comes && m->raw)
		taint_ends(m, is);
	if (m->raw)
		forget_taint(m);
}

static size_t index_of(const struct model *m, const char *id)
{
	size_t i = 0;

	while (i < m->nr_namespaces && strcmp(m->namespace[i].id, id))
		i++;
	return i;
}

void model_namespace_set(struct model *m, const struct model_namespace *ns)
{
	struct model_namespace was;
	size_t i = index_of(m, ns->id);
	bool known = i < m->nr_namespaces;

	if (!known) {
		GROW(m->namespace, m->nr_namespaces, m->cap_namespaces);
		m->nr_namespaces++;
	}
	was = m->namespace[i];
	m->namespace[i] = *ns;
	changed(m, known ? &was : NULL, ns);
}

void model_namespace_at_boot(struct model *m, const struct model_namespace *ns)
{
	if (model_namespace_has_memmap(ns)) {
		GROW(m->boot_device, m->nr_boot_device, m->cap_boot_device);
		m->boot_device[m->nr_boot_device++] = (struct model_range){ ns->start_pfn, ns->end_pfn };
	}
	model_namespace_set(m, ns);
	if (m->raw)
		m->boot_device_memmap = model_memmap_pages(m);
}

const struct model_namespace *model_namespace_find(const struct model *m, const char *id)
{
	size_t i = index_of(m, id);

	return i < m->nr_namespaces ? &m->namespace[i] : NULL;
}

void model_namespace_drop(struct model *m, const char *id)
{
	size_t i = index_of(m, id);
	struct model_namespace was;

	if (i == m->nr_namespaces)
		return;
	was = m->namespace[i];
	m->nr_namespaces--;
	memmove(&m->namespace[i], &m->namespace[i + 1], (m->nr_namespaces - i) * sizeof(*m->namespace));
	changed(m, &was, NULL);
}
