/* SPDX-License-Identifier: GPL-2.0-or-later */
/* window: what the agent and its BPF program share. */
#ifndef RIG_AGENT_WINDOW_H
#define RIG_AGENT_WINDOW_H

#include <linux/types.h>

#define KREADER_WINDOW_BYTES (256 * 1024)
#define KREADER_WINDOWS 2

struct kreader_request {
	__u64 addr;
	__u32 len;
	__u32 window;		/* 0 to KREADER_WINDOWS - 1 */
};

#endif
