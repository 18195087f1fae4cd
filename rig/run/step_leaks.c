// SPDX-License-Identifier: GPL-2.0-or-later
/* Slab objects by call site, and nameless pages, every so many cycles. */
#include <errno.h>
#include <string.h>

#include "base/clean.h"
#include "base/mem.h"
#include "run/steps.h"

#define MAX_DROPS	20
#define DROPS_ALIKE	2	/* as many times the same as before */

/* How often the device or namespace was taken away since the last such step, or since the start. */
static uint64_t cycles_before(const struct run *run, const struct step *step)
{
	uint64_t cycles = 0;

	for (const struct step *s = step; s-- > run->scenario->steps && s->kind != STEP_LEAKS; )
		cycles += step_takes_away(s, step->device);
	return cycles;
}

static bool is_last(const struct run *run, const struct step *step)
{
	for (const struct step *s = step + 1; s < run->scenario->steps + run->scenario->nr_steps; s++)
		if (s->kind == STEP_LEAKS)
			return false;
	return true;
}

/* How many dentries there are, and how many of them nobody uses, as text. */
static int dentries(struct run *run, uint64_t until_ns, char **ret, struct rig_err *err)
{
	static const char path[] = "/proc/sys/fs/dentry-state";
	json_auto_t *files = NULL;
	const char *text;
	int r = guest_read(&run->guest, json_pack("[s]", path), until_ns, &files, err);

	if (r < 0)
		return r;
	text = json_string_value(json_object_get(files, path));
	if (!text)
		return rig_err_set(err, RIG_AGENT, EBADMSG, "the guest's %s cannot be read", path);
	*ret = xstrdup(text);
	return 0;
}

/*
 * What the kernel keeps only for want of a reason to free it is not lost.  Each /sys/firmware/memmap/N has a
 * number of its own, so looking at it leaves a dentry, an inode and what they hold until memory is short.
 * One time spares what was used lately (DCACHE_REFERENCED), and children keep their parents: what there is
 * no more to free is known by nothing changing any more.
 */
static int drop_caches(struct run *run, uint64_t until_ns, struct rig_err *err)
{
	AUTO_FREE char *before = NULL;

	for (int i = 0, alike = 0; i < MAX_DROPS && alike < DROPS_ALIKE; i++) {
		AUTO_FREE char *now = NULL;
		int eno, r = guest_write(&run->guest, "/proc/sys/vm/drop_caches", "2", until_ns, &eno, err);

		if (!r && eno)
			r = rig_err_set(err, RIG_AGENT, eno, "cannot drop the guest's caches: %s", strerror(eno));
		if (!r)
			r = dentries(run, until_ns, &now, err);
		if (r < 0)
			return r;
		alike = before && !strcmp(before, now) ? alike + 1 : 0;
		free(before);
		before = TAKE_PTR(now);
	}
	return 0;
}

static int leaks_finish(struct run *run, struct active_step *a, struct rig_err *err)
{
	json_auto_t *answer = NULL;
	int r = drop_caches(run, a->until_ns, err);

	if (!r)
		r = qmp_call(run->guest.link, "query-call-sites", NULL, a->until_ns, &answer, NULL, err);
	if (!r)
		r = leaks_sample(&run->leaks, answer, cycles_before(run, a->step), err);
	if (r < 0)
		return r;
	if (!json_object_size(json_object_get(answer, "sites")))
		return rig_err_set(err, RIG_MISSING, ENODATA, "allocation call sites (CONFIG_SLUB_DEBUG, slub_debug=U)");
	if (is_last(run, a->step))
		leaks_judge(&run->leaks, run->step_name, &run->findings);
	return 0;
}

const struct step_ops leaks_ops = { .deadline_ms = 60000, .finish = leaks_finish };
