// SPDX-License-Identifier: GPL-2.0-or-later
/* A page of a device that the kernel is told is broken, or will break: what firmware and mcelog do. */
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>

#include "base/clean.h"
#include "base/mem.h"
#include "run/steps.h"

#define PAGE_BYTES 4096u
#define MEMORY "/sys/devices/system/memory/"

static const char *result_text(int eno)
{
	const char *name = errno_to_name(eno);

	return !eno ? "success" : name ? name : "unknown errno";
}

static int poison_finish(struct run *run, struct active_step *a, struct rig_err *err)
{
	const struct model_device *d = model_device_find(&run->model, a->step->device);
	const char *file = a->step->poison.hard ? MEMORY "hard_offline_page" : MEMORY "soft_offline_page";
	const struct expect *x = &a->step->expect;
	int expected = x->has_errno ? x->eno : 0, eno, r;
	AUTO_FREE char *text = NULL;
	uint64_t pfn;

	if (!d)
		return rig_err_set(err, RIG_USAGE, ENODEV, "no device '%s' at this point", a->step->device);
	pfn = d->start_pfn + a->step->poison.offset / PAGE_BYTES;
	text = xasprintf("0x%" PRIx64, pfn * PAGE_BYTES);
	r = guest_write(&run->guest, file, text, a->until_ns, &eno, err);
	if (r < 0)
		return r;
	if (eno != expected)
		run_finding(run, "change.result", result_text(expected), "'%s' to %s: %s", text, file, result_text(eno));
	if (!eno)
		model_poison(&run->model, pfn, a->step->poison.hard);
	return 0;
}

const struct step_ops poison_ops = { .deadline_ms = 30000, .finish = poison_finish };
