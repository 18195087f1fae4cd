// SPDX-License-Identifier: GPL-2.0-or-later
/* A virtio-mem device and its driver, from the size that is requested to the size that is there. */
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "base/clean.h"
#include "base/clock.h"
#include "base/mem.h"
#include "run/devices.h"
#include "run/evidence.h"
#include "run/log_wait.h"
#include "run/ports.h"
#include "run/uevents.h"
#include "run/virtio_mem.h"

#define PAGEBLOCK_BYTES (2u << 20)	/* the driver's least unit, on x86 */

/* The driver says where the memory of a device is when it begins, and by that which device it calls what. */
static int learn_name(struct run *run, struct active_step *a, const struct host_device *h, struct rig_err *err)
{
	struct pci_port *port = port_find(run, h->id);
	struct log_cursor cursor = log_cursor_at(a->agent_from);
	const struct qmp_event *e;
	uint64_t addr = 0;
	const char *text;

	do {
		int r = log_wait(run->guest.link, LOG_RECORD, &cursor, a->until_ns, &e, err);

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
	struct log_cursor cursor = log_cursor_at(a->agent_from);
	const struct qmp_event *e;
	const char *text;

	do {
		int r = log_wait(run->guest.link, LOG_RECORD, &cursor, a->until_ns, &e, err);

		if (r < 0)
			return rig_err_wrap(err, "a kernel log record '%s'", line);
		text = json_string_value(json_object_get(e->data, "text"));
	} while (!text || strcmp(text, line));
	return 0;
}

/* Where a driver at rest has come to */
struct place {
	size_t emptied;		/* online memory blocks in which it has nothing plugged */
	bool arrived;
};

/* Nothing plugged: while a memory block is online, all of its pages show it. */
static int is_emptied(struct run *run, const struct model_block *b, uint64_t until_ns, bool *ret, struct rig_err *err)
{
	uint64_t start = b->id * run->model.block_pages, offline = 0;
	struct snapshot s = { 0 };
	int r = guest_pages(&run->guest, start, start + run->model.block_pages, true, until_ns, &s, err);

	for (size_t i = 0; r == 0 && i < s.pages.nr; i++)
		offline += page_run_is_offline(&s.pages.run[i]) ? s.pages.run[i].nr : 0;
	*ret = offline == run->model.block_pages;
	snapshot_deinit(&s);
	return r;
}

/* All there, or all gone: a block without plugged memory is not the end. */
static int find_place(struct run *run, const struct model_device *d, uint64_t until_ns, struct place *ret,
		      struct rig_err *err)
{
	uint64_t block_bytes = run->guest.block_bytes;
	bool room = d->nr_blocks * block_bytes >= d->plugged_bytes + block_bytes;

	*ret = (struct place){ 0 };
	for (size_t i = 0; room && i < d->nr_blocks; i++) {
		bool emptied = false;
		int r = d->block[i].class == PAGE_ONLINE ? is_emptied(run, &d->block[i], until_ns, &emptied, err) : 0;

		if (r < 0)
			return r;
		ret->emptied += emptied;
	}
	ret->arrived = d->plugged_bytes == d->requested_bytes && !ret->emptied && (d->plugged_bytes || !d->nr_blocks);
	return 0;
}

static void judge(struct run *run, const struct active_step *a, const struct model_device *d, const struct place *at)
{
	bool unfinished = a->step->expect.unfinished;
	uint64_t low = a->was_bytes < d->requested_bytes ? a->was_bytes : d->requested_bytes;
	uint64_t high = a->was_bytes < d->requested_bytes ? d->requested_bytes : a->was_bytes;
	AUTO_FREE char *expected = xasprintf("0x%" PRIx64 " bytes %s", d->requested_bytes,
					     unfinished ? "not reached" : "plugged");

	/* one size that overtakes another begins somewhere on the way to that */
	bool overtook = port_find(run, d->id)->overtaken;

	if ((at->arrived == unfinished && !a->step->expect.or_success) ||
	    (!overtook && (d->plugged_bytes < low || d->plugged_bytes > high)))
		run_finding(run, "change.result", expected,
			    "0x%" PRIx64 " bytes plugged in %zu memory blocks (%zu with nothing), 0x%" PRIx64 " before",
			    d->plugged_bytes, d->nr_blocks, at->emptied, a->was_bytes);
	/* with other steps under way nobody has looked how many there were when it began */
	if (!overtook && !run->nr_background && at->arrived && d->plugged_bytes > a->was_bytes)
		model_compare_growth(&run->model, d, a->was_blocks, run->step_name, &run->findings);
}

/* Events from before have been waited for already. */
struct await_from {
	size_t qmp;
	struct log_cursor agent;
};

static int await_size_change(struct run *run, struct active_step *a, const struct model_device *d,
			     struct await_from *from, struct rig_err *err)
{
	json_auto_t *match = json_pack("{ss}", "id", d->id);
	const struct qmp_event *e;

	return qmp_wait_event(vm_qmp(run->vm), "MEMORY_DEVICE_SIZE_CHANGE", match, &from->qmp, a->until_ns, &e, err);
}

static int await_block_removal(struct run *run, struct active_step *a, const struct model_device *d,
			       struct await_from *from, struct rig_err *err)
{
	uint64_t first = d->start_pfn / run->model.block_pages, nr = d->nr_pages / run->model.block_pages;
	const struct qmp_event *e;
	bool added = false;
	uint32_t id = 0;
	int r;

	do {
		r = log_wait(run->guest.link, LOG_UEVENT, &from->agent, a->until_ns, &e, err);
		if (r < 0)
			return r;
	} while (!uevents_block(e, &added, &id) || added || id < first || id - first >= nr);
	return 0;
}

/*
 * The driver is at rest short of the size, and will try again by itself.  What must come next: QEMU tells of
 * every size; where it is reached already, only memory blocks are left over.
 */
static int await_next_try(struct run *run, struct active_step *a, const struct model_device *d,
			  struct await_from *from, struct rig_err *err)
{
	return d->plugged_bytes != d->requested_bytes ? await_size_change(run, a, d, from, err) :
							await_block_removal(run, a, d, from, err);
}

/* That takes the driver half a minute and more. */
static int rest_until_next_try(struct run *run, struct active_step *a, const struct model_device *d,
			       struct await_from *from, struct rig_err *err)
{
	const struct run_request *q = run->request;
	int r;

	if (q->rest)
		q->rest(q->rest_arg, true);
	r = await_next_try(run, a, d, from, err);
	if (q->rest)
		q->rest(q->rest_arg, false);
	return r;
}

/* The deadline has passed, or there is nothing to wait for that can be heard: where is it now? */
static int settle_late(struct run *run, const char *id, const struct rig_err *why, struct place *at,
		       struct rig_err *err)
{
	uint64_t until_ns = clock_in_ms(LOOK_MS);
	int r;

	if (evidence_starved(run)) {
		*err = *why;
		return -why->eno;
	}
	r = virtio_mem_settle(run, until_ns, err);
	return r < 0 ? r : find_place(run, model_device_find(&run->model, id), until_ns, at, err);
}

/* @h: as QEMU has it, which the driver was told; NULL: it was told nothing new */
static int come_to_rest(struct run *run, struct active_step *a, const char *id, struct host_device *h,
			struct rig_err *err)
{
	int r = 0;

	if (h && ((r = device_query(run, id, a->until_ns, h, err)) < 0 || (r = await_notice(run, a, h, err)) < 0))
		return r;
	return virtio_mem_settle(run, a->until_ns, err);
}

/* Until it has come to the size, or cannot within the step's deadline; @h: as above */
static int follow(struct run *run, struct active_step *a, const char *id, struct host_device *h, struct place *at,
		  struct rig_err *err)
{
	struct await_from from = { .qmp = a->qmp_from, .agent = log_cursor_at(a->agent_from) };
	struct rig_err why;
	int r;

	for (;;) {
		r = come_to_rest(run, a, id, h, err);
		if (r == 0)
			r = find_place(run, model_device_find(&run->model, id), a->until_ns, at, err);
		if (r < 0)
			return r;
		if (at->arrived || a->step->expect.unfinished)
			return 0;
		r = rest_until_next_try(run, a, model_device_find(&run->model, id), &from, &why);
		if (r == -ETIMEDOUT || r == -ENOBUFS)
			return settle_late(run, id, &why, at, err);
		if (r < 0) {
			*err = why;
			return r;
		}
	}
}

int virtio_mem_follow(struct run *run, struct active_step *a, const char *id, uint64_t target_bytes,
		      struct rig_err *err)
{
	struct host_device h;
	struct place at;
	int r = follow(run, a, id, &h, &at, err);

	if (r == 0 && h.requested_bytes == target_bytes)
		judge(run, a, model_device_find(&run->model, id), &at);
	return r;
}

int virtio_mem_await(struct run *run, struct active_step *a, const char *id, struct rig_err *err)
{
	const struct model_device *d = model_device_find(&run->model, id);
	struct place at;
	int r;

	if (!d || d->kind != MODEL_VIRTIO_MEM)
		return rig_err_set(err, RIG_USAGE, ENODEV, "no virtio-mem '%s' at this point", id);
	a->was_bytes = d->plugged_bytes;
	a->was_blocks = d->nr_blocks;
	r = follow(run, a, id, NULL, &at, err);
	if (r == 0)
		judge(run, a, model_device_find(&run->model, id), &at);
	return r;
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
