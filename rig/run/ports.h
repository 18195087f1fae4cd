/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * ports: which hotplugged PCI device sits in which root port of the machine.  Level 5.
 */
#ifndef RIG_PORTS_H
#define RIG_PORTS_H

#include <stdbool.h>
#include <stddef.h>

#include "base/err.h"

#define MAX_PORTS 16
#define PORT_NAME 8	/* bytes of "rp15" and its end, at least */

struct run;

struct pci_port {
	char device[24];	/* id; "" when it is free */
	char virtio[24];	/* "virtio3", as the guest calls the device; "" until it is known */
	/* virtio-mem: */
	unsigned int resizing;	/* resizes begun and not finished */
	bool overtaken;		/* one began before another had finished */
	size_t replayed;	/* uevents of its blocks were taken into account up to here */
};

/** port_take() - put a device into a free port; RIG_USAGE when the machine has none left
 *  @bus: the port's name, for device_add */
int port_take(struct run *run, const char *id, char bus[PORT_NAME], struct rig_err *err) RIG_CHECKED;
struct pci_port *port_find(struct run *run, const char *id);	/* NULL: in no port */
void port_release(struct run *run, const char *id);

#endif
