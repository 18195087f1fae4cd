/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * ost: what the guest answers to an ACPI notification about a memory device.  Level 5.
 */
#ifndef RIG_OST_H
#define RIG_OST_H

#include <stdbool.h>
#include <stdint.h>

#include "qmp_client.h"
#include "model/model.h"

/* ACPI 6.5, table 6.20 and following: sources and status codes of _OST */
enum { OST_DEVICE_CHECK = 1, OST_EJECT = 3 };
enum { OST_SUCCESS = 0, OST_FAILURE = 1, OST_NOT_SUPPORTED = 0x80, OST_DEPENDENCY_BUSY = 0x83,
       OST_IN_PROGRESS = 0x84 };

struct ost {
	int64_t source, status;
};

/** ost_of() - whether @e is an ACPI_DEVICE_OST about the device @id
 *  @d: what the model knows of it; NULL: its slot is not known */
bool ost_of(const struct qmp_event *e, const struct model_device *d, const char *id, struct ost *ret);

#endif
