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

/* What a step works on: the blocks of a device, or of boot RAM, which is not in the model. */
struct blocks {
	const struct block_set *set;
	struct model_device *device;	/* NULL: boot RAM */
	const struct snapshot *boot;
};

/* The device may only be missing where a scenario was not checked: an error, never a crash. */
static int find_blocks(struct run *run, const struct step *step, struct blocks *ret, struct rig_err *err)
{
	*ret = (struct blocks){ .set = &step->blocks, .boot = run->model.base };
	if (!strcmp(step->device, DEVICE_ID_BOOT) && !step->blocks.all)
		return 0;
	ret->device = model_device_find(&run->model, step->device);
	return ret->device ? 0 :
	       rig_err_set(err, RIG_USAGE, ENODEV, "no device '%s' at this point", step->device);
}

static size_t nr_chosen(const struct blocks *b)
{
	return b->set->all ? b->device->nr_blocks : b->set->nr;
}

static int chosen(const struct blocks *b, size_t i, uint32_t *ret, struct rig_err *err)
{
	size_t index = b->set->all ? i : b->set->index[i];

	if (!b->device && !snapshot_block(b->boot, (uint32_t)index))
		return rig_err_set(err, RIG_USAGE, ERANGE, "boot memory has no memory block %zu", index);
	if (b->device && index >= b->device->nr_blocks)
		return rig_err_set(err, RIG_USAGE, ERANGE, "device '%s' has only %zu memory blocks",
				   b->device->id, b->device->nr_blocks);
	*ret = b->device ? b->device->block[index].id : (uint32_t)index;
	return 0;
}

static const char *state_text(const struct step *step)
{
	if (step->by_online_file)
		return step->kind == STEP_OFFLINE ? "0" : "1";
	return step->kind == STEP_OFFLINE ? "offline" : online_zone_state(step->zone);
}

static int send_change(struct run *run, struct active_step *a, const struct step *step, uint32_t block,
		       uint64_t *request, struct rig_err *err)
{
	int left_ms = clock_left_ms(a->until_ns);

	left_ms -= left_ms > (int)ANSWER_MARGIN_MS * 2 ? (int)ANSWER_MARGIN_MS : left_ms / 2;
	return qmp_send(run->guest.link, "set-memory-block",
			json_pack("{sIsssi}", "block", (json_int_t)block, "state", state_text(step), "deadline-ms", left_ms),
			false, a->until_ns, request, err);
}

static int start(struct run *run, struct active_step *a, struct rig_err *err)
{
	struct blocks blocks;
	uint32_t block;
	int r = find_blocks(run, a->step, &blocks, err);

	if (r < 0)
		return r;
	a->nr_requests = nr_chosen(&blocks);
	a->request = xcalloc(a->nr_requests, sizeof(*a->request));
	/* in the foreground one after the other: the zone of a block may depend on the one before */
	for (size_t i = 0; a->step->background && i < a->nr_requests && !r; i++) {
		r = chosen(&blocks, i, &block, err);
		if (!r)
			r = send_change(run, a, a->step, block, &a->request[i], err);
	}
	return r;
}

/* It is not in the model, and each step leaves it as it was. */
static void boot_changed(struct run *run, const struct step *step, uint32_t block, int eno)
{
	if (eno && step->kind == STEP_ONLINE && !step->by_online_file)
		model_online_again(&run->model, block, step->zone);
	if (eno)
		return;
	uevents_want(run, step->kind == STEP_OFFLINE ? "offline" : "online", block);
	run->model.changes++;
}

static void changed(struct run *run, const struct step *step, uint32_t block, int eno)
{
	const struct model_block *b = model_block_find(&run->model, block, NULL);
	enum online_zone how = step->by_online_file ? model_online_type(&run->model, block) : step->zone;
	bool was_online;

	if (!b) {
		boot_changed(run, step, block, eno);
		return;
	}
	was_online = b->class == PAGE_ONLINE;
	/* "state" refuses what is so already, "online" takes it and does nothing */
	if (step->by_online_file && was_online == (step->kind == STEP_ONLINE))
		return;
	if (step->kind == STEP_OFFLINE && !eno) {
		model_offline(&run->model, block);
		uevents_want(run, "offline", block);
	} else if (step->kind == STEP_ONLINE && !eno) {
		model_online(&run->model, block, how);
		uevents_want(run, "online", block);
	} else if (step->kind == STEP_ONLINE && was_online) {
		model_online_again(&run->model, block, step->zone);
	} else if (step->kind == STEP_ONLINE && eno != EINVAL && eno != EHWPOISON) {
		/* refused by a notifier: by then the memmap had been initialised; poisoned pages are asked for first */
		model_veto(&run->model, block, how);
	} else if (step->kind == STEP_ONLINE) {
		model_no_online(&run->model, block);
	}
}

static const char *expected_text(const struct expect *x)
{
	return x->unfinished ? "no end" : errno_text(x->eno);
}

static int judge(struct run *run, const struct step *step, uint32_t block, const json_t *answer,
		 struct rig_err *err)
{
	const struct expect *x = &step->expect;
	int wanted = x->unfinished ? -1 : x->eno, seen = 0;
	char expected[64];

	if (json_is_true(json_object_get(answer, "gave-up"))) {
		/* the kernel gave up with it, and all is as it was */
		if (x->unfinished && json_is_true(json_object_get(answer, "ended")))
			return 0;
		return rig_err_set(err, RIG_TIMEOUT, ETIMEDOUT, "%s of memory%u did not end%s", step_kind_name(step->kind),
				   block, x->unfinished ? ", and a signal does not end it" : "");
	}
	if (guest_errno(answer, &seen, err) < 0)
		return rig_err_wrap(err, "memory%u", block);
	if (seen != wanted && (seen || !x->or_success)) {
		snprintf(expected, sizeof(expected), "memory%u: %s", block, expected_text(x));
		run_finding(run, "change.result", expected, "%s", errno_text(seen));
	}
	changed(run, step, block, seen);
	return 0;
}

static int await_change(struct run *run, struct active_step *a, const struct step *step, uint32_t block,
			uint64_t request, struct rig_err *err)
{
	json_auto_t *answer = NULL;
	int r = qmp_wait_reply(run->guest.link, request, a->until_ns, &answer, NULL, err);

	return r < 0 ? r : judge(run, step, block, answer, err);
}

/* What went offline comes back by a step of its own kind. */
static int online_again(struct run *run, struct active_step *a, uint32_t block, struct rig_err *err)
{
	struct step back = { .kind = STEP_ONLINE, .zone = a->step->zone, .by_online_file = a->step->by_online_file };
	uint64_t request;
	int r = send_change(run, a, &back, block, &request, err);

	return r < 0 ? r : await_change(run, a, &back, block, request, err);
}

static int finish(struct run *run, struct active_step *a, struct rig_err *err)
{
	struct blocks blocks;
	uint32_t block = 0;
	int r = find_blocks(run, a->step, &blocks, err);

	for (size_t i = 0; !r && i < a->nr_requests; i++) {
		r = chosen(&blocks, i, &block, err);
		if (!r && !a->step->background)
			r = send_change(run, a, a->step, block, &a->request[i], err);
		if (!r)
			r = await_change(run, a, a->step, block, a->request[i], err);
		if (!r && a->step->online_again)
			r = online_again(run, a, block, err);
	}
	return r;
}

const struct step_ops online_ops = { .deadline_ms = 60000, .start = start, .finish = finish };
const struct step_ops offline_ops = { .deadline_ms = 60000, .start = start, .finish = finish };
