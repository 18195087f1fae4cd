// SPDX-License-Identifier: GPL-2.0-or-later
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "run/ports.h"
#include "run/run.h"

static unsigned int nr_ports(const struct run *run)
{
	unsigned int n = run->config.shape->root_ports;

	return n < MAX_PORTS ? n : MAX_PORTS;
}

int port_take(struct run *run, const char *id, char bus[PORT_NAME], struct rig_err *err)
{
	for (unsigned int i = 0; i < nr_ports(run); i++) {
		if (*run->port[i].device)
			continue;
		run->port[i] = (struct pci_port){ .virtio = "" };
		snprintf(run->port[i].device, sizeof(run->port[i].device), "%s", id);
		snprintf(bus, PORT_NAME, "rp%u", i);
		return 0;
	}
	return rig_err_set(err, RIG_USAGE, ENOSPC, "machine '%s' has no root port left for '%s'; it has %u",
			   run->config.shape->name, id, nr_ports(run));
}

struct pci_port *port_find(struct run *run, const char *id)
{
	for (unsigned int i = 0; i < MAX_PORTS; i++)
		if (!strcmp(run->port[i].device, id))
			return &run->port[i];
	return NULL;
}

void port_release(struct run *run, const char *id)
{
	struct pci_port *port = port_find(run, id);

	if (port)
		*port = (struct pci_port){ .device = "" };
}
