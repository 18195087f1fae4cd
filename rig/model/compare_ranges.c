// SPDX-License-Identifier: GPL-2.0-or-later
/* Resources, firmware map and what the host says. */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clean.h"
#include "base/mem.h"
#include "model/compare.h"
#include "model/resource.h"

static bool same_range(const struct range_entry *a, const struct range_entry *b)
{
	return a->start == b->start && a->end == b->end && !strcmp(a->name, b->name);
}

/* '#' stands for a number, which the kernel gives as it comes. */
static bool name_fits(const char *name, const char *seen)
{
	for (; *name; name++) {
		if (*name != '#') {
			if (*seen++ != *name)
				return false;
			continue;
		}
		if (*seen < '0' || *seen > '9')
			return false;
		seen += strspn(seen, "0123456789");
	}
	return !*seen;
}

static bool fits(const struct range_entry *must, const struct range_entry *seen)
{
	return must->start == seen->start && must->end == seen->end && name_fits(must->name, seen->name);
}

/* A range may be listed more than once: a second entry for a device is residue too. */
static size_t count_range(const struct range_entry *list, size_t n, const struct range_entry *e)
{
	size_t found = 0;

	for (size_t i = 0; i < n; i++)
		found += same_range(&list[i], e);
	return found;
}

static size_t count_fitting(const struct range_entry *must, size_t n, const struct range_entry *e)
{
	size_t found = 0;

	for (size_t i = 0; i < n; i++)
		found += fits(&must[i], e);
	return found;
}

static void range_finding(const struct check *c, const char *invariant, const char *expected,
			  const struct range_entry *e)
{
	finding_addf(c->out, c->step, invariant, expected, "0x%" PRIx64 "-0x%" PRIx64 " : %s",
		     e->start, e->end, e->name);
}

/* Every entry as often as at boot, and once more for each thing it belongs to. */
struct ranges {
	const struct range_entry *seen, *base;
	size_t nr_seen, nr_base;
	const char *more, *less; /* invariants */
};

static void compare_list(const struct check *c, const struct ranges *r, const struct range_list *must)
{
	for (size_t i = 0; i < r->nr_seen; i++) {
		const struct range_entry *e = &r->seen[i];
		size_t want = count_range(r->base, r->nr_base, e) + count_fitting(must->v, must->n, e);

		/* each is reported once, at its first place */
		if (!count_range(r->seen, i, e) && count_range(r->seen, r->nr_seen, e) > want)
			range_finding(c, r->more,
				      want ? "one entry, but there is another" : "nothing there", e);
	}
	for (size_t i = 0; i < r->nr_base; i++) {
		const struct range_entry *e = &r->base[i];

		if (!count_range(r->base, i, e) && !count_fitting(must->v, must->n, e) &&
		    count_range(r->seen, r->nr_seen, e) < count_range(r->base, r->nr_base, e))
			range_finding(c, r->less, "what was there at boot, but missing is", e);
	}
	for (size_t i = 0; i < must->n; i++) {
		size_t seen = 0, base = 0;

		for (size_t k = 0; k < r->nr_seen; k++)
			seen += fits(&must->v[i], &r->seen[k]);
		for (size_t k = 0; k < r->nr_base; k++)
			base += fits(&must->v[i], &r->base[k]);
		if (seen < 1 + base)
			range_finding(c, r->less, "an entry for the device, but missing is", &must->v[i]);
	}
}

/* What was there at boot and is expected anew must not count twice: it belongs to a namespace now. */
static struct range_entry *without(const struct range_entry *list, size_t *n, const struct range_list *gone)
{
	struct range_entry *rest = xcalloc(*n + 1, sizeof(*rest));
	size_t nr = 0;

	for (size_t i = 0; i < *n; i++)
		if (!count_fitting(gone->v, gone->n, &list[i]))
			rest[nr++] = list[i];
	*n = nr;
	return rest;
}

static bool on_pci(const struct model *m)
{
	for (size_t i = 0; i < m->nr_devices; i++)
		if (m->device[i].kind == MODEL_VIRTIO_MEM || m->device[i].kind == MODEL_VIRTIO_PMEM)
			return true;
	return false;
}

/* Registers of a device in a window that its port had from boot: the PCI core puts them where it likes. */
static bool in_pci_window(const struct range_entry *boot, size_t n, const struct range_entry *e)
{
	for (size_t i = 0; i < n; i++)
		if (!strncmp(boot[i].name, "PCI Bus ", 8) && boot[i].depth && e->depth > boot[i].depth &&
		    e->start >= boot[i].start && e->end <= boot[i].end)
			return true;
	return false;
}

static struct range_entry *without_registers(const struct snapshot *s, const struct snapshot *base, size_t *n)
{
	struct range_entry *rest = xcalloc(s->nr_iomem + 1, sizeof(*rest));

	*n = 0;
	for (size_t i = 0; i < s->nr_iomem; i++)
		if (count_range(base->iomem, base->nr_iomem, &s->iomem[i]) ||
		    !in_pci_window(base->iomem, base->nr_iomem, &s->iomem[i]))
			rest[(*n)++] = s->iomem[i];
	return rest;
}

void compare_ranges(const struct check *c)
{
	const struct snapshot *s = c->s, *base = c->m->base;
	struct range_list must = { 0 }, gone = { 0 }, ram = { 0 };
	struct ranges iomem = { s->iomem, NULL, s->nr_iomem, base->nr_iomem, "iomem.residue", "iomem.missing" };
	const struct ranges firmware = {
		s->firmware, base->firmware, s->nr_firmware, base->nr_firmware, "firmware.memmap",
		"firmware.memmap",
	};
	AUTO_FREE struct range_entry *rest = NULL, *memory = NULL;

	if (on_pci(c->m))
		iomem.seen = memory = without_registers(s, base, &iomem.nr_seen);
	model_resources(c->m, &must, &gone, &ram);
	iomem.base = rest = without(base->iomem, &iomem.nr_base, &gone);
	compare_list(c, &iomem, &must);
	/* a kernel without CONFIG_FIRMWARE_MEMMAP lists nothing */
	if (!base->nr_firmware)
		ram.n = 0;
	compare_list(c, &firmware, &ram);
	free(must.v);
	free(gone.v);
	free(ram.v);
}

/* What QEMU calls the size: of virtio-mem what is plugged of it. */
static uint64_t host_bytes(const struct model_device *d)
{
	return d->kind == MODEL_VIRTIO_MEM ? d->plugged_bytes : d->size_bytes;
}

/* Units in use, page for page: those of blocks that are not online cannot be seen, but at least one is. */
static void compare_plugged(const struct check *c, const struct model_device *d)
{
	uint64_t least = 0, most = 0, unit = d->unit_pages < c->m->block_pages ? d->unit_pages : c->m->block_pages;
	char what[96];

	for (size_t i = 0; i < d->nr_blocks; i++) {
		const struct model_block *b = &d->block[i];
		uint64_t seen = 0;

		for (size_t u = 0; u < b->nr_units; u++)
			seen += b->unit[u] == UNIT_PLUGGED ? d->unit_pages : 0;
		least += b->class != PAGE_ONLINE ? unit : b->nr_units ? seen : c->m->block_pages;
		most += b->class == PAGE_ONLINE && b->nr_units ? seen : c->m->block_pages;
	}
	snprintf(what, sizeof(what), "pages of '%s' that QEMU counts as plugged", d->id);
	if (d->plugged_bytes / 4096 < least)
		check_differ(c, "host.plugged", what, d->plugged_bytes / 4096, least);
	else if (d->plugged_bytes / 4096 > most)
		check_differ(c, "host.plugged", what, d->plugged_bytes / 4096, most);
}

void compare_host(const struct check *c)
{
	uint64_t bytes = c->m->base->memfd_bytes;

	for (size_t i = 0; i < c->m->nr_devices; i++) {
		const struct model_device *d = &c->m->device[i];
		bool found = false;

		bytes += d->backend_bytes;
		if (d->kind == MODEL_KMEM || d->kind == MODEL_E820_PMEM)
			continue;
		for (size_t k = 0; k < c->s->nr_devices; k++) {
			const struct host_device *h = &c->s->device[k];

			if (strcmp(h->id, d->id))
				continue;
			found = true;
			if (h->addr != d->start_pfn * 4096 || h->size_bytes != host_bytes(d) ||
			    h->slot != d->slot || (h->node >= 0 && h->node != d->node))
				finding_addf(c->out, c->step, "host.devices",
					     "the device as it was plugged",
					     "'%s' at 0x%" PRIx64 ", %" PRIu64
					     " bytes, slot %" PRId64 ", node %" PRId64,
					     h->id, h->addr, h->size_bytes, h->slot, h->node);
		}
		if (!found)
			finding_addf(c->out, c->step, "host.devices", "every plugged device",
				     "'%s' is missing", d->id);
		if (d->kind == MODEL_VIRTIO_MEM)
			compare_plugged(c, d);
	}
	for (size_t k = 0; k < c->s->nr_devices; k++)
		if (!model_device_find(c->m, c->s->device[k].id))
			finding_addf(c->out, c->step, "host.devices",
				     "no device that was not plugged", "'%s'", c->s->device[k].id);
	/* it takes a moment and is looked at again at the end, where it counts */
	if (c->s->unmapping && c->s->memfd_bytes > bytes)
		return;
	check_differ(c, "host.backend", "bytes of hotplug backends that QEMU maps", bytes,
		     c->s->memfd_bytes);
}
