// SPDX-License-Identifier: GPL-2.0-or-later
#include <bpf/bpf.h>
#include <bpf/libbpf.h>
#include <errno.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/resource.h>

#include "base/mem.h"
#include "guest_agent/kreader.h"

/* The compiled BPF object, put into the binary by the assembler. */
__asm__(".section .rodata\n"
	".balign 8\n"
	".global page_read_object\n"
	"page_read_object:\n"
	".incbin \"" PAGE_READ_OBJECT "\"\n"
	".global page_read_object_end\n"
	"page_read_object_end:\n"
	".previous\n");
extern const char page_read_object[], page_read_object_end[];

struct kreader {
	struct bpf_object *object;
	int prog;
	const char *window;	/* KREADER_WINDOWS of them, used by turns */
	__u32 next;
};

static int quiet(enum libbpf_print_level level, const char *fmt, va_list ap)
{
	(void)level;
	(void)fmt;
	(void)ap;
	return 0;
}

int kreader_create(struct kreader **ret, struct rig_err *err)
{
	struct rlimit unlimited = { RLIM_INFINITY, RLIM_INFINITY };
	struct kreader *k = xcalloc(1, sizeof(*k));
	struct bpf_map *map;
	void *window;
	int r;

	libbpf_set_print(quiet);
	/* before v5.11 maps are charged to RLIMIT_MEMLOCK */
	setrlimit(RLIMIT_MEMLOCK, &unlimited);
	k->object = bpf_object__open_mem(page_read_object,
					 (size_t)(page_read_object_end - page_read_object), NULL);
	if (!k->object)
		return rig_err_set(err, RIG_AGENT, errno, "cannot open the BPF page reader: %s",
				   strerror(errno));
	r = bpf_object__load(k->object);
	if (r < 0)
		return rig_err_set(err, RIG_AGENT, -r, "this kernel does not load the BPF page reader: %s",
				   strerror(-r));
	k->prog = bpf_program__fd(bpf_object__find_program_by_name(k->object, "read_kernel"));
	map = bpf_object__find_map_by_name(k->object, "window");
	window = mmap(NULL, KREADER_WINDOWS * KREADER_WINDOW_BYTES, PROT_READ, MAP_SHARED, bpf_map__fd(map), 0);
	if (window == MAP_FAILED)
		return rig_err_set(err, RIG_AGENT, errno, "cannot map the BPF page reader's window: %s",
				   strerror(errno));
	k->window = window;
	*ret = k;
	return 0;
}

int kreader_view(struct kreader *k, uint64_t addr, size_t len, const void **ret)
{
	struct kreader_request request = { .addr = addr, .len = (uint32_t)len, .window = k->next };
	/* the context is updated in place; ctx_out is refused for this program type */
	LIBBPF_OPTS(bpf_test_run_opts, opts, .ctx_in = &request, .ctx_size_in = sizeof(request));

	if (len > KREADER_WINDOW_BYTES)
		return -EINVAL;
	if (bpf_prog_test_run_opts(k->prog, &opts) < 0)
		return -errno;
	if ((int)opts.retval < 0)
		return (int)opts.retval;
	*ret = k->window + (size_t)k->next * KREADER_WINDOW_BYTES;
	k->next = (k->next + 1) % KREADER_WINDOWS;
	return 0;
}

/* A view that fails for whatever reason is one stretch that is not there; the next one may be. */
static int view_memory(void *arg, uint64_t addr, size_t len, const void **ret)
{
	return kreader_view(arg, addr, len, ret) < 0 ? -EFAULT : 0;
}

struct kernel_memory kreader_memory(struct kreader *k)
{
	return (struct kernel_memory){ .view = view_memory, .arg = k, .max_bytes = KREADER_WINDOW_BYTES };
}
