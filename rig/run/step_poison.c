// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * A page of a device that the kernel is told is broken, or will break: what firmware and mcelog do; and that it is
 * good after all, which only the kernel's own test module can say.
 */
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>

#include "base/clean.h"
#include "base/mem.h"
#include "run/steps.h"

#define PAGE_BYTES 4096u
#define MEMORY "/sys/devices/system/memory/"

/* Whoever lifts a poison says which page, the others at which address. */
static const struct way {
	const char *file;
	uint64_t unit_bytes;
} ways[] = {
	[POISON_SOFT] = { MEMORY "soft_offline_page", 1 },
	[POISON_HARD] = { MEMORY "hard_offline_page", 1 },
	[POISON_LIFTED] = { "/sys/kernel/debug/hwpoison/unpoison-pfn", PAGE_BYTES },
};

static void note(struct model *m, enum poison_how how, uint64_t pfn)
{
	if (how == POISON_LIFTED)
		model_unpoison(m, pfn);
	else
		model_poison(m, pfn, how == POISON_HARD);
}

static int tell_kernel(struct run *run, struct active_step *a, const char *file, const char *text, int *eno,
		       struct rig_err *err)
{
	if (a->step->poison.how == POISON_LIFTED)
		return guest_write_of_module(&run->guest, "hwpoison-inject", "CONFIG_HWPOISON_INJECT", file, text, a->until_ns,
					     eno, err);
	return guest_write(&run->guest, file, text, a->until_ns, eno, err);
}

static int poison_finish(struct run *run, struct active_step *a, struct rig_err *err)
{
	const struct model_device *d = model_device_find(&run->model, a->step->device);
	const struct way *way = &ways[a->step->poison.how];
	int expected = a->step->expect.eno, eno, r;
	AUTO_FREE char *text = NULL;
	uint64_t pfn;

	if (!d)
		return rig_err_set(err, RIG_USAGE, ENODEV, "no device '%s' at this point", a->step->device);
	pfn = d->start_pfn + a->step->poison.offset / PAGE_BYTES;
	text = xasprintf("0x%" PRIx64, pfn * PAGE_BYTES / way->unit_bytes);
	r = tell_kernel(run, a, way->file, text, &eno, err);
	if (r < 0)
		return r;
	if (eno != expected)
		run_finding(run, "change.result", errno_text(expected), "'%s' to %s: %s", text, way->file,
			    errno_text(eno));
	if (!eno)
		note(&run->model, a->step->poison.how, pfn);
	return 0;
}

const struct step_ops poison_ops = { .deadline_ms = 30000, .finish = poison_finish };
