// SPDX-License-Identifier: GPL-2.0-or-later
#include <stdlib.h>
#include <string.h>

#include "run/ost.h"

bool ost_of(const struct qmp_event *e, const struct model_device *d, const char *id, struct ost *ret)
{
	const json_t *info = json_object_get(e->data, "info");
	const char *device = json_string_value(json_object_get(info, "device"));
	const char *slot = json_string_value(json_object_get(info, "slot"));

	if (strcmp(e->name, "ACPI_DEVICE_OST"))
		return false;
	/* once the device is deleted the event has no device any more, only the slot */
	if (device ? strcmp(device, id) : !d || !slot || strtoll(slot, NULL, 0) != d->slot)
		return false;
	ret->source = json_integer_value(json_object_get(info, "source"));
	ret->status = json_integer_value(json_object_get(info, "status"));
	return true;
}
