// SPDX-License-Identifier: GPL-2.0
/*
 * Copy a stretch of kernel memory into a window that the agent has mapped.  An address that is
 * not there gives -EFAULT and harms nothing: the copy runs with page faults disabled.
 */
#include <linux/bpf.h>
#include <linux/types.h>
#include <bpf/bpf_helpers.h>

#include "guest_agent/window.h"

struct window {
	char bytes[KREADER_WINDOW_BYTES];
};

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(map_flags, BPF_F_MMAPABLE);
	__uint(max_entries, KREADER_WINDOWS);
	__type(key, __u32);
	__type(value, struct window);
} window SEC(".maps");

SEC("syscall")
int read_kernel(struct kreader_request *request)
{
	__u32 key = request->window, len = request->len;
	struct window *w = bpf_map_lookup_elem(&window, &key);

	if (!w || len > sizeof(w->bytes))
		return -22;
	return (int)bpf_probe_read_kernel(w->bytes, len, (const void *)request->addr);
}

char LICENSE[] SEC("license") = "GPL";
