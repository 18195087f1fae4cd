/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * live: how others find a run while it goes on.  Level 5.
 *
 * The unfinished folder of a run holds "live.json", which names QEMU's process and the kernel, and
 * "monitor", the socket of a second QMP monitor.  Both are gone before the record gets its name.
 */
#ifndef RIG_RUN_LIVE_H
#define RIG_RUN_LIVE_H

#include "run/run.h"

#define LIVE_FILE "live.json"
#define LIVE_MONITOR "monitor"

/** live_listen() - the second monitor's socket, for vm_config.monitor_fd; 0 when there can be none:
 *  nobody but the curious will miss it */
int live_listen(struct run *run);
/** live_announce() - the machine runs; closes the socket that vm_create() has handed to QEMU */
void live_announce(struct run *run);
void live_end(struct run *run);

#endif
