// SPDX-License-Identifier: GPL-2.0-or-later
/* Resources, firmware map and what the host says. */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clean.h"
#include "base/mem.h"
#include "model/compare.h"

static bool same_range(const struct range_entry *a, const struct range_entry *b)
{
	return a->start == b->start && a->end == b->end && !strcmp(a->name, b->name);
}

/* A range may be listed more than once: a second entry for a device is residue too. */
static size_t count_range(const struct range_entry *list, size_t n, const struct range_entry *e)
{
	size_t found = 0;

	for (size_t i = 0; i < n; i++)
		found += same_range(&list[i], e);
	return found;
}

static void range_finding(const struct check *c, const char *invariant, const char *expected,
			  const struct range_entry *e)
{
	finding_addf(c->out, c->step, invariant, expected, "0x%" PRIx64 "-0x%" PRIx64 " : %s",
		     e->start, e->end, e->name);
}

/* Every entry as often as at boot, and once more for each device it belongs to. */
struct ranges {
	const struct range_entry *seen, *base;
	size_t nr_seen, nr_base;
	const char *more, *less; /* invariants */
};

static void compare_list(const struct check *c, const struct ranges *r,
			 const struct range_entry *ram, size_t nr_ram)
{
	for (size_t i = 0; i < r->nr_seen; i++) {
		const struct range_entry *e = &r->seen[i];
		size_t want = count_range(r->base, r->nr_base, e) + count_range(ram, nr_ram, e);

		/* each is reported once, at its first place */
		if (!count_range(r->seen, i, e) && count_range(r->seen, r->nr_seen, e) > want)
			range_finding(c, r->more,
				      want ? "one entry, but there is another" : "nothing there", e);
	}
	for (size_t i = 0; i < r->nr_base; i++) {
		const struct range_entry *e = &r->base[i];

		if (!count_range(r->base, i, e) && !count_range(ram, nr_ram, e) &&
		    count_range(r->seen, r->nr_seen, e) < count_range(r->base, r->nr_base, e))
			range_finding(c, r->less, "what was there at boot, but missing is", e);
	}
	for (size_t i = 0; i < nr_ram; i++)
		if (count_range(r->seen, r->nr_seen, &ram[i]) <
		    1 + count_range(r->base, r->nr_base, &ram[i]))
			range_finding(c, r->less, "an entry for the device, but missing is",
				      &ram[i]);
}

void compare_ranges(const struct check *c)
{
	const struct snapshot *s = c->s, *base = c->m->base;
	const struct ranges iomem = {
		s->iomem, base->iomem, s->nr_iomem, base->nr_iomem,
		"iomem.residue", "iomem.missing",
	}, firmware = {
		s->firmware, base->firmware, s->nr_firmware, base->nr_firmware, "firmware.memmap",
		"firmware.memmap",
	};
	AUTO_FREE struct range_entry *ram = xcalloc(c->m->nr_devices, sizeof(*ram));
	size_t nr = 0;

	for (size_t i = 0; i < c->m->nr_devices; i++) {
		const struct model_device *d = &c->m->device[i];

		if (d->refused)
			continue;
		ram[nr] = (struct range_entry){ .start = d->start_pfn * 4096,
						.end = (d->start_pfn + d->nr_pages) * 4096 - 1 };
		strcpy(ram[nr++].name, "System RAM");
	}
	compare_list(c, &iomem, ram, nr);
	/* a kernel without CONFIG_FIRMWARE_MEMMAP lists nothing */
	compare_list(c, &firmware, ram, base->nr_firmware ? nr : 0);
}

void compare_host(const struct check *c)
{
	uint64_t bytes = c->m->base->memfd_bytes;

	for (size_t i = 0; i < c->m->nr_devices; i++) {
		const struct model_device *d = &c->m->device[i];
		bool found = false;

		bytes += d->size_bytes;
		for (size_t k = 0; k < c->s->nr_devices; k++) {
			const struct host_device *h = &c->s->device[k];

			if (strcmp(h->id, d->id))
				continue;
			found = true;
			if (h->addr != d->start_pfn * 4096 || h->size_bytes != d->size_bytes ||
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
