// SPDX-License-Identifier: GPL-2.0-or-later
#include <errno.h>
#include <string.h>

#include "base/clean.h"
#include "base/clock.h"
#include "base/loop.h"
#include "base/mem.h"
#include "cmd/live_map.h"
#include "cmd/live_run.h"
#include "kernel/kernel.h"
#include "kernel/kernel_layout.h"
#include "qmp_client.h"
#include "witness/witness.h"

#define ASK_MS		10000u		/* for the monitor, busy machine included */
#define OPEN_MS		20000u		/* for finding the kernel in the guest's memory */
#define QMP_LINE_BYTES	(4u << 20)
#define QMP_EVENT_BYTES	(4u << 20)
#define BLOCK_PAGES	1024u		/* the largest free block: what begins before the range counts */

struct asking {
	const struct live_map_request *request;
	struct loop *loop;
	struct qmp_client *qmp;
	struct witness *witness;
	struct kernel *kernel;		/* NULL: not known */
	bool ran, stopped;		/* as it was found; by us */
	size_t events;			/* before the reading */
	json_t *status;
};

static int connect_monitor(struct asking *a, struct rig_err *err)
{
	const struct qmp_config config = {
		.name = "monitor", .greeting_key = "QMP", .blame = RIG_QEMU,
		.max_line_bytes = QMP_LINE_BYTES, .max_event_bytes = QMP_EVENT_BYTES,
	};
	int fd, r = live_connect(a->request->monitor, &fd, err);

	if (r < 0)
		return r;
	r = qmp_client_create(a->loop, fd, &config, &a->qmp, err);
	if (r < 0)
		return r;
	r = qmp_negotiate(a->qmp, clock_in_ms(ASK_MS), err);
	return r == -ETIMEDOUT ? rig_err_wrap(err, "monitor '%s' serves one at a time", a->request->monitor) : r;
}

static int find_kernel(struct asking *a, struct rig_err *err)
{
	const struct live_map_request *q = a->request;
	const struct kernel_resolve_options cache_only = { .may_fetch = false };
	int r;

	if (!q->kernel)
		return 0;
	r = kernel_resolve(q->kernel, &cache_only, &a->kernel, err);
	if (r < 0)
		return r;
	if (q->image_sha256 && strcmp(q->image_sha256, a->kernel->image_sha256))
		return rig_err_set(err, RIG_HOST, EINVAL, "the kernel in '%s' is not the one that was started: "
				   "has it been built anew?", a->kernel->image);
	return 0;
}

static int open_witness(struct asking *a, struct rig_err *err)
{
	struct page_layout layout;
	struct witness_config config = { .pid = a->request->pid, .qmp = a->qmp,
					 .config = a->kernel ? a->kernel->config : NULL };
	int r = a->kernel ? kernel_layout(a->kernel, &layout, &config.layout_source, err) : -ENOENT;

	if (r < 0 && r != -ENOENT)
		return r;
	if (r == 0)
		config.layout = &layout;
	r = witness_open(&config, clock_in_ms(OPEN_MS), &a->witness, err);
	if (r < 0)
		return r;
	if (a->kernel && a->kernel->release && strcmp(a->kernel->release, witness_release(a->witness)))
		return rig_err_set(err, RIG_HOST, EINVAL, "the kernel in '%s' is %s, the one that runs is %s",
				   a->kernel->image, a->kernel->release, witness_release(a->witness));
	return 0;
}

static int stand_still(struct asking *a, struct rig_err *err)
{
	int r = qmp_call(a->qmp, "query-status", NULL, clock_in_ms(ASK_MS), &a->status, NULL, err);

	if (r < 0)
		return r;
	a->ran = json_is_true(json_object_get(a->status, "running"));
	if (a->request->stop && a->ran) {
		r = qmp_call(a->qmp, "stop", NULL, clock_in_ms(ASK_MS), NULL, NULL, err);
		/* without an answer it may have been stopped all the same */
		a->stopped = r != -EREMOTEIO;
	}
	a->events = qmp_nr_events(a->qmp);
	return r;
}

/* Also after ^C, or when all has failed: the guest is not ours to keep. */
static int let_go(struct asking *a, struct rig_err *err)
{
	int r = 0;

	if (!a->stopped)
		return 0;
	loop_mask_interrupt(a->loop, true);
	r = qmp_call(a->qmp, "cont", NULL, clock_in_ms(ASK_MS), NULL, NULL, err);
	loop_mask_interrupt(a->loop, false);
	return r < 0 ? rig_err_wrap(err, "the guest may be left stopped") : 0;
}

/* Somebody else, such as the rig that runs it, may have let it go on. */
static bool was_one_moment(const struct asking *a)
{
	qmp_drain(a->qmp);
	for (size_t i = a->events; i < qmp_nr_events(a->qmp); i++)
		if (!strcmp(qmp_event_at(a->qmp, i)->name, "RESUME"))
			return false;
	return !a->ran || a->stopped;
}

static int read_devices(struct asking *a, struct snapshot *s, struct rig_err *err)
{
	json_auto_t *devices = NULL;
	int r = qmp_call(a->qmp, "query-memory-devices", NULL, clock_in_ms(ASK_MS), &devices, NULL, err);

	return r < 0 ? r : snapshot_parse_devices(devices, s, err);
}

static int read_guest(struct asking *a, struct snapshot *s, struct rig_err *err)
{
	const struct pfn_range *range = &a->request->range;
	uint64_t per_section = witness_layout(a->witness)->pages_per_section, end;
	int r = witness_end_pfn(a->witness, &end, err);

	if (r < 0)
		return r;
	if (range->end < end)
		end = (range->end + BLOCK_PAGES - 1) / BLOCK_PAGES * BLOCK_PAGES;
	r = witness_pages(a->witness, range->start / BLOCK_PAGES * BLOCK_PAGES, end, &s->pages, &s->faults, err);
	if (r < 0)
		return r;
	return witness_sections(a->witness, (end + per_section - 1) / per_section, &s->section,
				&s->nr_sections, err);
}

static json_t *unknown_of(const struct page_layout *l)
{
	const struct {
		bool known;
		const char *what;
	} parts[] = {
		{ l->refcount.has, "refcounts" },
		{ l->mapcount.has && l->nr_types, "types" },
		{ l->mapcount.has && l->private_.has && layout_type_index(l, "buddy") >= 0, "orders" },
		{ l->compound_head.has, "compound pages" },
		{ l->nr_zones, "zones and nodes" },
		{ layout_flag_bit(l, "reserved") >= 0, "flag reserved" },
		{ layout_flag_bit(l, "locked") >= 0, "names of most flags" },
		{ layout_type_index(l, "offline") >= 0, "type offline" },
		{ l->usage_subsection_map.has, "sub-sections" },
	};
	json_t *list = json_array();

	for (size_t i = 0; i < ARRAY_SIZE(parts); i++)
		if (!parts[i].known)
			json_array_append_new(list, json_string(parts[i].what));
	return list;
}

/* A number decoded from a place that nobody named is none. */
static void forget_unknown(const struct page_layout *l, json_t *pages)
{
	json_t *o;
	size_t i;

	json_array_foreach(pages, i, o) {
		if (!l->refcount.has)
			json_object_del(o, "refcount");
		if (!l->mapcount.has) {
			json_object_del(o, "type");
			json_object_del(o, "type_word");
			json_object_del(o, "mapcount");
		}
		if (!l->nr_zones) {
			json_object_del(o, "zone");
			json_object_del(o, "node");
		}
	}
}

static json_t *state_json(const struct page_layout *l, const struct snapshot *s)
{
	static const char *const kept[] = { "pages", "faults", "sections", "devices", "whole" };
	json_auto_t *all = snapshot_json(l, s);
	json_t *ret = json_object();

	for (size_t i = 0; i < ARRAY_SIZE(kept); i++)
		json_object_set(ret, kept[i], json_object_get(all, kept[i]));
	forget_unknown(l, json_object_get(ret, "pages"));
	return ret;
}

static int look(struct asking *a, json_t **about, json_t **state, struct rig_err *err)
{
	struct snapshot s = { .raw = true, .whole = true };
	struct rig_err why;
	bool one_moment;
	int r = stand_still(a, err);

	if (r == 0)
		r = read_guest(a, &s, err);
	one_moment = r == 0 && was_one_moment(a);
	if (let_go(a, &why) < 0 && r == 0) {
		*err = why;
		r = -why.eno;
	}
	if (r == 0)
		r = read_devices(a, &s, err);
	if (r == 0) {
		*about = json_pack("{si ss ss* sb ss so}", "qemu_pid", (int)a->request->pid, "release",
				   witness_release(a->witness), "status",
				   json_string_value(json_object_get(a->status, "status")), "one_moment", one_moment,
				   "layout", witness_layout_source(a->witness), "unknown",
				   unknown_of(witness_layout(a->witness)));
		*state = state_json(witness_layout(a->witness), &s);
	}
	snapshot_deinit(&s);
	return r;
}

int live_map_take(const struct live_map_request *request, json_t **about, json_t **state,
		  struct rig_err *err)
{
	struct asking a = { .request = request };
	int r = loop_create(&a.loop, err);

	if (r < 0)
		return r;
	if ((r = connect_monitor(&a, err)) == 0 && (r = find_kernel(&a, err)) == 0 &&
	    (r = open_witness(&a, err)) == 0)
		r = look(&a, about, state, err);
	witness_close(a.witness);
	qmp_client_destroy(a.qmp);
	loop_destroy(a.loop);
	kernel_destroy(a.kernel);
	json_decref(a.status);
	return r;
}
