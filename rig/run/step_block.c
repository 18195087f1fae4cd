// SPDX-License-Identifier: GPL-2.0-or-later
/* Onlining and offlining memory blocks through the agent. */
#include <errno.h>
#include <string.h>

#include "base/clean.h"
#include "base/clock.h"
#include "base/mem.h"
#include "run/steps.h"
#include "run/uevents.h"

/* The child in the guest is given up on a little before we are: then its answer still comes. */
#define ANSWER_MARGIN_MS 3000u

static size_t nr_chosen(const struct step *step, const struct model_device *d)
{
	return step->blocks.all ? d->nr_blocks : step->blocks.nr;
}

static struct model_block *chosen(const struct step *step, struct model_device *d, size_t i)
{
	size_t index = step->blocks.all ? i : step->blocks.index[i];

	return index < d->nr_blocks ? &d->block[index] : NULL;
}

/* The device may only be missing where a scenario was not checked: an error, never a crash. */
static int need_device(struct run *run, const struct step *step, struct model_device **ret, struct rig_err *err)
{
	*ret = model_device_find(&run->model, step->device);
	return *ret ? 0 : rig_err_set(err, RIG_USAGE, ENODEV, "no device '%s' at this point", step->device);
}

static int send_change(struct run *run, struct active_step *a, struct model_device *d, size_t i,
		       struct rig_err *err)
{
	struct model_block *b = chosen(a->step, d, i);
	const char *state = a->step->kind == STEP_OFFLINE ? "offline" : online_zone_state(a->step->zone);
	int left_ms = clock_left_ms(a->until_ns);

	if (!b)
		return rig_err_set(err, RIG_USAGE, ERANGE, "device '%s' has only %zu memory blocks", d->id,
				   d->nr_blocks);
	left_ms -= left_ms > (int)ANSWER_MARGIN_MS * 2 ? (int)ANSWER_MARGIN_MS : left_ms / 2;
	return qmp_send(run->guest.link, "set-memory-block",
			json_pack("{sIsssi}", "block", (json_int_t)b->id, "state", state, "deadline-ms", left_ms),
			false, a->until_ns, &a->request[i], err);
}

static int start(struct run *run, struct active_step *a, struct rig_err *err)
{
	struct model_device *d;
	int r = need_device(run, a->step, &d, err);

	if (r < 0)
		return r;
	a->nr_requests = nr_chosen(a->step, d);
	a->request = xcalloc(a->nr_requests, sizeof(*a->request));
	/* in the foreground one after the other: the zone of a block may depend on the one before */
	for (size_t i = 0; a->step->background && i < a->nr_requests && !r; i++)
		r = send_change(run, a, d, i, err);
	return r;
}

static void changed(struct run *run, const struct step *step, struct model_block *b, int eno)
{
	bool was_online = b->class == PAGE_ONLINE;

	if (step->kind == STEP_OFFLINE && !eno) {
		model_offline(&run->model, b->id);
		uevents_want(run, "offline", b->id);
	} else if (step->kind == STEP_ONLINE && !eno) {
		model_online(&run->model, b->id, step->zone);
		uevents_want(run, "online", b->id);
	} else if (step->kind == STEP_ONLINE && !was_online && eno != EINVAL) {
		/* refused by a notifier: by then the memmap had been initialised */
		model_veto(&run->model, b->id, step->zone);
	}
}

static int judge(struct run *run, const struct step *step, struct model_block *b, const json_t *answer,
		 struct rig_err *err)
{
	const struct expect *x = &step->expect;
	char expected[64];
	int seen = 0;

	if (json_is_true(json_object_get(answer, "gave-up")))
		return rig_err_set(err, RIG_TIMEOUT, ETIMEDOUT, "%s of memory%u did not end",
				   step_kind_name(step->kind), b->id);
	if (guest_errno(answer, &seen, err) < 0)
		return rig_err_wrap(err, "memory%u", b->id);
	if (seen != (x->has_errno ? x->eno : 0)) {
		const char *name = errno_to_name(seen);

		snprintf(expected, sizeof(expected), "memory%u: %s", b->id,
			 x->has_errno ? errno_to_name(x->eno) : "success");
		run_finding(run, "change.result", expected, "%s", !seen ? "success" : name ? name : "unknown errno");
	}
	changed(run, step, b, seen);
	return 0;
}

static int finish(struct run *run, struct active_step *a, struct rig_err *err)
{
	struct model_device *d;
	int r = need_device(run, a->step, &d, err);

	for (size_t i = 0; !r && i < a->nr_requests; i++) {
		json_auto_t *answer = NULL;

		if (!a->step->background)
			r = send_change(run, a, d, i, err);
		if (!r)
			r = qmp_wait_reply(run->guest.link, a->request[i], a->until_ns, &answer, NULL, err);
		if (!r)
			r = judge(run, a->step, chosen(a->step, d, i), answer, err);
	}
	return r;
}

const struct step_ops online_ops = { .deadline_ms = 60000, .start = start, .finish = finish };
const struct step_ops offline_ops = { .deadline_ms = 60000, .start = start, .finish = finish };
