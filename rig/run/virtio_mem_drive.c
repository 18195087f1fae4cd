// SPDX-License-Identifier: GPL-2.0-or-later
/* Taking the driver off a virtio-mem device, and giving it back. */
#include <errno.h>
#include <string.h>

#include "base/clean.h"
#include "run/steps.h"
#include "run/virtio_mem.h"

#define DRIVER "/sys/bus/virtio/drivers/virtio_mem/"

int virtio_mem_drive(struct run *run, struct active_step *a, bool driven, struct rig_err *err)
{
	struct model_device *d = model_device_find(&run->model, a->step->device);
	const struct pci_port *port = port_find(run, a->step->device);
	const char *file = driven ? DRIVER "bind" : DRIVER "unbind";
	int eno, r;

	if (!d || !port || !*port->virtio)
		return rig_err_set(err, RIG_USAGE, ENODEV, "no device '%s' with a driver at this point", a->step->device);
	/* what the driver leaves behind is then nobody's: the kernel itself says that it cannot be undone */
	if (d->plugged_bytes || d->nr_blocks)
		return rig_err_set(err, RIG_USAGE, EBUSY, "device '%s' has memory; resize it to 0 first", d->id);
	r = guest_write(&run->guest, file, port->virtio, a->until_ns, &eno, err);
	if (r < 0)
		return r;
	if (eno)
		run_finding(run, "change.result", "success", "'%s' to %s: %s", port->virtio, file, strerror(eno));
	else
		d->driverless = !driven;
	return 0;
}
