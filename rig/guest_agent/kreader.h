/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * kreader: read kernel memory of the running kernel, safely.  Agent only.
 *
 * A BPF program of type syscall (79a7f8bdb159 "bpf: Introduce bpf_sys_bpf() helper and program
 * type", v5.14) copies into a mapped window.  Whether it works is found by trying.
 */
#ifndef RIG_AGENT_KREADER_H
#define RIG_AGENT_KREADER_H

#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "guest_agent/window.h"
#include "page/kernel_memory.h"

struct kreader;

int kreader_create(struct kreader **ret, struct rig_err *err) RIG_CHECKED;

/**
 * kreader_view() - read @len bytes at @addr
 * *ret points into a window, which the next call but one overwrites: two views can be compared.
 * 0, or -EFAULT when any byte of it is not mapped; -EINVAL when @len is beyond the window.
 */
int kreader_view(struct kreader *k, uint64_t addr, size_t len, const void **ret) RIG_CHECKED;

/** kreader_memory() - the same for whoever does not care where the kernel is */
struct kernel_memory kreader_memory(struct kreader *k);

#endif
