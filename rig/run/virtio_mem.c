// SPDX-License-Identifier: GPL-2.0-or-later
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clean.h"
#include "base/clock.h"
#include "base/mem.h"
#include "run/devices.h"
#include "run/ports.h"
#include "run/uevents.h"
#include "run/virtio_mem.h"

/* The memory blocks in the range of a device; caller frees *@ret. */
static size_t list_blocks(const struct run *run, const struct model_device *d, const struct snapshot *s,
			  uint32_t **ret)
{
	uint64_t pages = run->model.block_pages;
	uint32_t *list = xcalloc(s->nr_blocks + 1, sizeof(*list));
	size_t n = 0;

	for (size_t i = 0; i < s->nr_blocks; i++)
		if (s->block[i].id >= d->start_pfn / pages &&
		    s->block[i].id < (d->start_pfn + d->nr_pages) / pages)
			list[n++] = s->block[i].id;
	*ret = list;
	return n;
}

static bool listed(uint32_t id, const uint32_t *list, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (list[i] == id)
			return true;
	return false;
}

static void tell_model(struct run *run, const struct host_device *h, const struct snapshot *s)
{
	struct model_device *d = model_device_find(&run->model, h->id);
	AUTO_FREE uint32_t *now = NULL, *before = xcalloc(d->nr_blocks + 1, sizeof(*before));
	size_t nr_now = list_blocks(run, d, s, &now), nr_before = d->nr_blocks;

	for (size_t i = 0; i < nr_before; i++) {
		before[i] = d->block[i].id;
		if (!listed(before[i], now, nr_now))
			device_block_removed(run, &d->block[i]);
	}
	model_resize(&run->model, h->id, h->requested_bytes, h->size_bytes, now, nr_now);
	for (size_t i = 0; i < nr_now; i++)
		if (!listed(now[i], before, nr_before))
			device_block_added(run, now[i]);
}

static int by_number(const void *a, const void *b)
{
	const uint32_t *x = a, *y = b;

	return *x < *y ? -1 : *x > *y;
}

/* One block less, or one more, in the model. */
static void change_block(struct run *run, struct model_device *d, uint32_t id, bool added)
{
	AUTO_FREE uint32_t *list = xcalloc(d->nr_blocks + 1, sizeof(*list));
	size_t n = 0;

	for (size_t i = 0; i < d->nr_blocks; i++) {
		if (d->block[i].id != id)
			list[n++] = d->block[i].id;
		else if (!added)
			device_block_removed(run, &d->block[i]);
	}
	if (added)
		list[n++] = id;
	qsort(list, n, sizeof(*list), by_number);
	model_resize(&run->model, d->id, d->requested_bytes, d->plugged_bytes, list, n);
	if (added)
		device_block_added(run, id);
}

/*
 * On the way to a size that another one overtook, blocks may have come and gone, or gone and come anew.
 * Only their uevents tell.
 */
static void replay_blocks(struct run *run, const struct host_device *h)
{
	struct model_device *d = model_device_find(&run->model, h->id);
	struct pci_port *port = port_find(run, h->id);
	size_t i = port->replayed > run->uevents_from ? port->replayed : run->uevents_from;
	uint64_t first = d->start_pfn / run->model.block_pages, nr = d->nr_pages / run->model.block_pages;

	for (; i < qmp_nr_events(run->guest.link); i++) {
		bool added;
		uint32_t id;

		if (!uevents_block(qmp_event_at(run->guest.link, i), &added, &id) || id < first || id - first >= nr)
			continue;
		change_block(run, d, id, added);
	}
	port->replayed = i;
}

static bool any_device(const struct run *run)
{
	for (size_t i = 0; i < run->model.nr_devices; i++)
		if (run->model.device[i].kind == MODEL_VIRTIO_MEM)
			return true;
	return false;
}

static int tell_all(struct run *run, uint64_t until_ns, struct snapshot *s, struct rig_err *err)
{
	json_auto_t *answer = NULL;
	int r = qmp_call(vm_qmp(run->vm), "query-memory-devices", NULL, until_ns, &answer, NULL, err);

	if (r < 0 || (r = snapshot_parse_devices(answer, s, err)) < 0 ||
	    (r = guest_blocks(&run->guest, until_ns, s, err)) < 0)
		return r;
	for (size_t i = 0; i < s->nr_devices; i++) {
		const struct model_device *d = model_device_find(&run->model, s->device[i].id);

		if (!d || d->kind != MODEL_VIRTIO_MEM)
			continue;
		if (port_find(run, d->id)->overtaken)
			replay_blocks(run, &s->device[i]);
		tell_model(run, &s->device[i], s);
	}
	return 0;
}

int virtio_mem_settle(struct run *run, uint64_t until_ns, struct rig_err *err)
{
	struct snapshot s = { 0 };
	int r;

	if (!any_device(run))
		return 0;
	if ((r = guest_await_idle(&run->guest, until_ns, err)) < 0 ||
	    (r = guest_sync_log(&run->guest, "at rest", until_ns, err)) < 0)
		return r;
	r = tell_all(run, until_ns, &s, err);
	snapshot_deinit(&s);
	return r;
}

static bool same_blocks(const struct run *run, const struct model_device *d, const struct snapshot *s)
{
	AUTO_FREE uint32_t *list = NULL;
	size_t n = list_blocks(run, d, s, &list);

	if (n != d->nr_blocks)
		return false;
	for (size_t i = 0; i < n; i++)
		if (list[i] != d->block[i].id)
			return false;
	return true;
}

bool virtio_mem_as_told(const struct run *run, const struct snapshot *s)
{
	for (size_t i = 0; i < s->nr_devices; i++) {
		const struct host_device *h = &s->device[i];
		const struct model_device *d = model_device_find(&run->model, h->id);

		if (d && d->kind == MODEL_VIRTIO_MEM &&
		    (h->size_bytes != d->plugged_bytes || h->requested_bytes != d->requested_bytes ||
		     !same_blocks(run, d, s)))
			return false;
	}
	return true;
}
