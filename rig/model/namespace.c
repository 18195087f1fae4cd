// SPDX-License-Identifier: GPL-2.0-or-later
/* Persistent memory that became ZONE_DEVICE, and what stays of it when it is gone. */
#include <string.h>

#include "base/clean.h"
#include "base/mem.h"
#include "model/model.h"

/* ND_REGION_PAGEMAP: such a region has a memmap even without an info block. */
static bool is_mapped_raw(enum model_kind kind)
{
	return kind == MODEL_E820_PMEM || kind == MODEL_VIRTIO_PMEM;
}

bool model_namespace_has_memmap(const struct model *m, const struct model_namespace *ns)
{
	const struct model_device *d = model_device_find(m, ns->device);

	return ns->enabled && !ns->system_ram && (ns->mode != MODEL_RAW || (d && is_mapped_raw(d->kind)));
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

bool model_early_section(const struct model *m, uint64_t section)
{
	for (size_t i = 0; i < m->base->nr_sections; i++)
		if (section >= m->base->section[i].first &&
		    section - m->base->section[i].first < m->base->section[i].nr)
			return m->base->section[i].marks >> m->layout->section_bits.early & 1;
	return false;
}

bool model_carved_out(const struct model *m, uint64_t pfn)
{
	for (size_t i = 0; i < m->nr_devices; i++)
		if (m->device[i].kind == MODEL_E820_PMEM && pfn >= m->device[i].start_pfn &&
		    pfn - m->device[i].start_pfn < m->device[i].nr_pages)
			return true;
	return false;
}

static bool section_in_use(const struct model *m, uint64_t section)
{
	uint64_t pages = m->layout->pages_per_section;

	for (size_t i = 0; i < m->nr_namespaces; i++) {
		const struct model_namespace *ns = &m->namespace[i];

		if (model_namespace_has_memmap(m, ns) && ns->start_pfn < (section + 1) * pages &&
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

static void changed(struct model *m, const struct model_namespace *is)
{
	bool comes = is && model_namespace_has_memmap(m, is);

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

static void put(struct model *m, const struct model_namespace *ns)
{
	size_t i = index_of(m, ns->id);

	if (i == m->nr_namespaces) {
		GROW(m->namespace, m->nr_namespaces, m->cap_namespaces);
		m->nr_namespaces++;
	}
	m->namespace[i] = *ns;
	changed(m, ns);
}

/* Its id is that of the device, which no namespace of a scenario has. */
void model_begin_namespace(struct model *m, const struct model_device *d)
{
	struct model_namespace ns = {
		.mode = MODEL_RAW, .enabled = true, .start_pfn = d->start_pfn, .nr_pages = d->nr_pages,
		.data_pfn = d->start_pfn, .end_pfn = d->start_pfn + d->nr_pages, .align_pages = 1, .node = d->node,
	};
	uint64_t before = m->raw ? model_memmap_pages(m) : 0;

	memcpy(ns.id, d->id, sizeof(ns.id));
	memcpy(ns.device, d->id, sizeof(ns.device));
	put(m, &ns);
	if (m->raw && d->kind == MODEL_E820_PMEM)
		m->boot_device_memmap += model_memmap_pages(m) - before;
}

void model_namespace_set(struct model *m, const struct model_namespace *ns)
{
	model_namespace_drop(m, ns->device);
	put(m, ns);
}

const struct model_namespace *model_namespace_find(const struct model *m, const char *id)
{
	size_t i = index_of(m, id);

	return i < m->nr_namespaces ? &m->namespace[i] : NULL;
}

void model_namespace_mount(struct model *m, const char *id, bool mounted)
{
	size_t i = index_of(m, id);

	if (i < m->nr_namespaces)
		m->namespace[i].mounted = mounted;
}

void model_namespace_drop(struct model *m, const char *id)
{
	size_t i = index_of(m, id);

	if (i == m->nr_namespaces)
		return;
	m->nr_namespaces--;
	memmove(&m->namespace[i], &m->namespace[i + 1], (m->nr_namespaces - i) * sizeof(*m->namespace));
	changed(m, NULL);
}
