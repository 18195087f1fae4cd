// SPDX-License-Identifier: GPL-2.0-or-later
/* A page of memory by its physical address, through /dev/mem. */
#include <errno.h>
#include <inttypes.h>
#include <string.h>

#include "base/clean.h"
#include "run/steps.h"

#define PAGE_BYTES 4096u

static int address(const struct run *run, const struct step *step, uint64_t *ret, struct rig_err *err)
{
	const struct model_namespace *ns;
	const struct model_device *d;

	*ret = step->devmem.offset;
	if (!step->device)
		return 0;
	/* a namespace that is system RAM is both: then its memory blocks count */
	d = model_device_find(&run->model, step->device);
	ns = model_namespace_find(&run->model, step->device);
	if (!d && !ns)
		return rig_err_set(err, RIG_USAGE, ENOENT, "no device or namespace '%s' is there", step->device);
	*ret += (d ? d->start_pfn : ns->data_pfn) * PAGE_BYTES;
	return 0;
}

static int judge(struct run *run, const struct step *step, uint64_t at, const json_t *answer, struct rig_err *err)
{
	const struct expect *x = &step->expect;
	const struct devmem *m = &step->devmem;
	const json_t *byte = json_object_get(answer, "byte");
	char expected[96];
	int seen;
	int r = guest_errno(answer, &seen, err);

	if (r < 0)
		return r;
	if (!json_is_integer(byte))
		return rig_err_set(err, RIG_AGENT, EBADMSG, "the agent's answer is malformed: byte");
	if (seen != x->eno) {
		snprintf(expected, sizeof(expected), "%s of 0x%" PRIx64 ": %s", m->write ? "write" : "read", at,
			 errno_text(x->eno));
		run_finding(run, "change.result", expected, "%s", errno_text(seen));
	} else if (!seen && m->has_pattern && json_integer_value(byte) != m->pattern) {
		snprintf(expected, sizeof(expected), "0x%" PRIx64 " reads 0x%02x in every byte", at, m->pattern);
		run_finding(run, "change.result", expected, json_integer_value(byte) < 0 ? "bytes that differ" : "0x%02x",
			    (unsigned int)json_integer_value(byte));
	}
	return 0;
}

static int devmem_finish(struct run *run, struct active_step *a, struct rig_err *err)
{
	const struct devmem *m = &a->step->devmem;
	json_auto_t *answer = NULL;
	json_t *args;
	uint64_t at;
	int r = address(run, a->step, &at, err);

	if (r < 0)
		return r;
	args = json_pack("{sI}", "address", (json_int_t)at);
	if (m->write)
		json_object_set_new(args, "write", json_integer(m->pattern));
	r = qmp_call(run->guest.link, "devmem", args, a->until_ns, &answer, NULL, err);
	return r < 0 ? r : judge(run, a->step, at, answer, err);
}

const struct step_ops devmem_ops = { .deadline_ms = 30000, .finish = devmem_finish };
