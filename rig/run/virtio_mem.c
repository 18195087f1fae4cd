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

#define PAGEBLOCK_BYTES (2u << 20)	/* the driver's least unit, on x86 */

/* The driver says where the memory of a device is when it begins, and by that which device it calls what. */
static int learn_name(struct run *run, struct active_step *a, const struct host_device *h, struct rig_err *err)
{
	struct pci_port *port = port_find(run, h->id);
	const struct qmp_event *e;
	size_t cursor = a->agent_from;
	uint64_t addr = 0;
	const char *text;

	do {
		int r = qmp_wait_event(run->guest.link, "KMSG", NULL, &cursor, a->until_ns, &e, err);

		if (r < 0)
			return rig_err_wrap(err, "the guest's driver of '%s'", h->id);
		text = json_string_value(json_object_get(e->data, "text"));
	} while (!text || sscanf(text, "virtio_mem %23[^:]: start address: %" SCNx64, port->virtio, &addr) != 2 ||
		 addr != h->addr);
	return 0;
}

/* The driver logs each size that it is told. */
static int await_notice(struct run *run, struct active_step *a, const struct host_device *h, struct rig_err *err)
{
	AUTO_FREE char *line = xasprintf("virtio_mem %s: requested size: 0x%" PRIx64,
					 port_find(run, h->id)->virtio, h->requested_bytes);
	const struct qmp_event *e;
	size_t cursor = a->agent_from;
	const char *text;

	do {
		int r = qmp_wait_event(run->guest.link, "KMSG", NULL, &cursor, a->until_ns, &e, err);

		if (r < 0)
			return rig_err_wrap(err, "a kernel log record '%s'", line);
		text = json_string_value(json_object_get(e->data, "text"));
	} while (!text || strcmp(text, line));
	return 0;
}

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

/* All there, or all gone: a block without plugged memory is not the end. */
static bool arrived(const struct model_device *d)
{
	return d->plugged_bytes == d->requested_bytes && (d->plugged_bytes || !d->nr_blocks);
}

static void judge(struct run *run, const struct active_step *a, const struct model_device *d)
{
	bool unfinished = a->step->expect.unfinished;
	uint64_t low = a->was_bytes < d->requested_bytes ? a->was_bytes : d->requested_bytes;
	uint64_t high = a->was_bytes < d->requested_bytes ? d->requested_bytes : a->was_bytes;
	AUTO_FREE char *expected = xasprintf("0x%" PRIx64 " bytes %s", d->requested_bytes,
					     unfinished ? "not reached" : "plugged");

	/* one size that overtakes another begins somewhere on the way to that */
	bool overtook = port_find(run, d->id)->overtaken;

	if ((arrived(d) == unfinished && !a->step->expect.or_success) ||
	    (!overtook && (d->plugged_bytes < low || d->plugged_bytes > high)))
		run_finding(run, "change.result", expected,
			    "0x%" PRIx64 " bytes plugged in %zu memory blocks, 0x%" PRIx64 " before",
			    d->plugged_bytes, d->nr_blocks, a->was_bytes);
}

int virtio_mem_follow(struct run *run, struct active_step *a, const char *id, uint64_t target_bytes,
		      struct rig_err *err)
{
	json_auto_t *match = json_pack("{ss}", "id", id);
	size_t cursor = a->qmp_from;
	const struct qmp_event *e;
	struct rig_err timeout;
	struct host_device h;
	int r;

	do {
		if ((r = device_query(run, id, a->until_ns, &h, err)) < 0 ||
		    (r = await_notice(run, a, &h, err)) < 0 ||
		    (r = virtio_mem_settle(run, a->until_ns, err)) < 0)
			return r;
		if (arrived(model_device_find(&run->model, id)) || a->step->expect.unfinished)
			break;
		/* what is pinned for a moment only is tried again */
		r = qmp_wait_event(vm_qmp(run->vm), "MEMORY_DEVICE_SIZE_CHANGE", match, &cursor, a->until_ns, &e,
				   &timeout);
		if (r < 0 && r != -ETIMEDOUT) {
			*err = timeout;
			return r;
		}
	} while (r == 0);
	if (h.requested_bytes == target_bytes)
		judge(run, a, model_device_find(&run->model, id));
	return 0;
}

int virtio_mem_plugged(struct run *run, struct active_step *a, const struct host_device *h, struct rig_err *err)
{
	const struct plug *p = &a->step->plug;
	int r = learn_name(run, a, h, err);

	if (r < 0)
		return r;
	model_plug(&run->model, &(struct model_plug){
		.id = p->id, .kind = MODEL_VIRTIO_MEM, .addr = h->addr, .size_bytes = h->max_bytes,
		.node = p->has_node ? p->node : 0, .slot = h->slot,
		.unit_bytes = h->unit_bytes > PAGEBLOCK_BYTES ? h->unit_bytes : PAGEBLOCK_BYTES,
	});
	return virtio_mem_follow(run, a, p->id, p->requested_bytes, err);
}
