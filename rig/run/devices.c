// SPDX-License-Identifier: GPL-2.0-or-later
#include <errno.h>
#include <string.h>

#include "base/clean.h"
#include "run/devices.h"
#include "run/uevents.h"

int device_query(struct run *run, const char *id, uint64_t until_ns, struct host_device *ret,
		 struct rig_err *err)
{
	struct snapshot s = { 0 };
	json_auto_t *answer = NULL;
	int r = qmp_call(vm_qmp(run->vm), "query-memory-devices", NULL, until_ns, &answer, NULL, err);

	if (r < 0 || (r = snapshot_parse_devices(answer, &s, err)) < 0) {
		snapshot_deinit(&s);
		return r;
	}
	r = -ENODEV;
	for (size_t i = 0; i < s.nr_devices; i++)
		if (!strcmp(s.device[i].id, id)) {
			*ret = s.device[i];
			r = 0;
		}
	snapshot_deinit(&s);
	return r ? rig_err_set(err, RIG_QEMU, ENODEV, "QEMU accepted '%s' and does not list it", id) : 0;
}

void device_block_added(struct run *run, uint32_t block)
{
	static const struct { const char *policy; enum online_zone zone; } how[] = {
		{ "online", ZONE_AUTO }, { "online_kernel", ZONE_KERNEL }, { "online_movable", ZONE_MOVABLE },
	};

	uevents_want(run, "add", block);
	for (size_t k = 0; k < ARRAY_SIZE(how); k++)
		if (!strcmp(run->model.policy, how[k].policy)) {
			model_online(&run->model, block, how[k].zone);
			uevents_want(run, "online", block);
		}
}

void device_block_removed(struct run *run, const struct model_block *b)
{
	if (b->class == PAGE_ONLINE)	/* offlined on the way */
		uevents_want(run, "offline", b->id);
	uevents_want(run, "remove", b->id);
}
