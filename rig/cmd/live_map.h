/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * live_map: the pages of a guest that runs now, or stands still, read out of its QEMU.  Level 8.
 */
#ifndef RIG_LIVE_MAP_H
#define RIG_LIVE_MAP_H

#include <jansson.h>
#include <stdbool.h>
#include <sys/types.h>

#include "base/err.h"
#include "cmd/page_rows.h"

struct live_map_request {
	pid_t pid;			/* of QEMU */
	const char *monitor;		/* path of the socket of a QMP monitor */
	const char *kernel;		/* spec of what runs; NULL: not known, the guest's note has to do */
	const char *image_sha256;	/* of the kernel that was started; NULL: not known */
	bool stop;			/* the guest, while it is read, if it runs */
	struct pfn_range range;
};

/**
 * live_map_take() - read the range, and whole blocks around it
 * @about: {qemu_pid, release, status, one_moment, layout, unknown}: how and of what it was read
 * @state: {pages, faults, sections, devices, whole} as in a record; what the layout does not tell is left
 *	out.  New references both.
 * Errors: those of live_connect(), of the witness and of kernel_resolve(); RIG_HOST -EINVAL: the kernel in
 * the file is not the one that runs.  A guest that was stopped runs on, whatever else fails.
 */
int live_map_take(const struct live_map_request *request, json_t **about, json_t **state,
		  struct rig_err *err) RIG_CHECKED;

#endif
