// SPDX-License-Identifier: GPL-2.0-or-later
#include <elf.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "base/clean.h"
#include "guest_agent/walk_file.h"
#include "page/state.h"

#define CHUNK_BYTES	(1u << 20)
#define PAGE_BYTES	4096u
#define BLOCK_BYTES	(2u << 20)	/* memory comes and goes in multiples of this */
#define BLOCK_MEMMAP	(BLOCK_BYTES / PAGE_BYTES * 64)	/* its struct pages; a lower bound will do */
#define MAX_SEGMENTS	512

/* The highest bits that a kernel has given a meaning are 42 and below (KPF_ARCH_3). */
#define KPF_NOBODYS	(~0ull << 48)

#define KERNEL_IMAGE	0xffffffff80000000ull	/* x86-64: image and modules are above, pages below */
#define VMALLOC_AT_LEAST (1ull << 43)		/* no memmap is as large */

static uint64_t chunk[CHUNK_BYTES / sizeof(uint64_t)];

static int failed(struct walk_state *state, uint64_t offset)
{
	state->eno = errno;
	state->offset = offset;
	return -1;
}

/* That the agent stopped us in between is not the kernel's fault. */
static ssize_t read_at(int fd, void *to, size_t len, uint64_t offset)
{
	ssize_t n;

	do
		n = pread(fd, to, len, (off_t)offset);
	while (n < 0 && errno == EINTR);
	return n;
}

/* Reads on to @end; < 0: failed, 0: nothing is left, else bytes in chunk[]. */
static ssize_t read_chunk(int fd, uint64_t offset, uint64_t end, struct walk_state *state)
{
	ssize_t n = read_at(fd, chunk, end - offset < CHUNK_BYTES ? end - offset : CHUNK_BYTES, offset);

	if (n < 0)
		return failed(state, offset);
	__atomic_fetch_add(&state->bytes, (uint64_t)n, __ATOMIC_RELAXED);
	return n;
}

static int wrong_entry(const struct walk_file *file, struct walk_state *state, uint64_t offset, uint64_t value)
{
	state->offset = offset;
	snprintf(state->wrong, sizeof(state->wrong), "pfn 0x%" PRIx64 " reads 0x%016" PRIx64 " in %s",
		 offset / sizeof(value), value, file->path);
	return -1;
}

/* Reads entries from @offset to @end and looks at them; returns as read_chunk(), < 0 also for a wrong one. */
static ssize_t read_entries(const struct walk_file *file, int fd, uint64_t offset, uint64_t end,
			    struct walk_state *state)
{
	bool flags = !strcmp(file->name, "kpageflags");
	ssize_t n = read_chunk(fd, offset, end, state);

	for (ssize_t i = 0; flags && i < n / (ssize_t)sizeof(*chunk); i++)
		if (chunk[i] & KPF_NOBODYS || (chunk[i] >> KPF_NOPAGE & 1 && chunk[i] != 1ull << KPF_NOPAGE))
			return wrong_entry(file, state, offset + (uint64_t)i * sizeof(*chunk), chunk[i]);
	return n;
}

/* The last page of each block: who initialises a block comes to it last. */
static int pick_pfns(const struct walk_file *file, struct walk_state *state)
{
	AUTO_CLOSE int fd = open(file->path, O_RDONLY | O_CLOEXEC);
	uint64_t block = BLOCK_BYTES / PAGE_BYTES * sizeof(*chunk);
	ssize_t n = 1;

	if (fd < 0)
		return failed(state, 0);
	for (uint64_t end = block; n > 0; end += block)
		n = read_entries(file, fd, end - sizeof(*chunk), end, state);
	return (int)n;
}

/* 64 bits for each pfn; the end may grow while we read. */
static int round_pfns(const struct walk_file *file, struct walk_state *state)
{
	AUTO_CLOSE int fd = open(file->path, O_RDONLY | O_CLOEXEC);
	uint64_t offset = 0;
	ssize_t n;

	if (fd < 0)
		return failed(state, 0);
	while ((n = read_entries(file, fd, offset, UINT64_MAX, state)) > 0)
		offset += (uint64_t)n;
	return (int)n;
}

/* One read behind the other: what the position in page_owner counts is pages, not bytes. */
static int round_text(const struct walk_file *file, struct walk_state *state)
{
	AUTO_CLOSE int fd = open(file->path, O_RDONLY | O_CLOEXEC);
	uint64_t offset = 0;
	ssize_t n;

	if (fd < 0)
		return failed(state, 0);
	while ((n = read(fd, chunk, sizeof(chunk))) > 0 || (n < 0 && errno == EINTR)) {
		if (n < 0)
			continue;
		__atomic_fetch_add(&state->bytes, (uint64_t)n, __ATOMIC_RELAXED);
		offset += (uint64_t)n;
	}
	return n < 0 ? failed(state, offset) : 0;
}

/* The direct map of RAM and the memmap.  Not the image, not vmalloc space, which is 32 TiB and more of holes. */
static bool shows_pages(const Elf64_Phdr *p)
{
	return p->p_type == PT_LOAD && p->p_vaddr < KERNEL_IMAGE && p->p_filesz < VMALLOC_AT_LEAST;
}

/*
 * One page of each block, and one of each block's memmap: to read all takes many seconds under
 * emulation, and a walker that is as slow meets nothing that is under way.
 */
static int read_segment(int fd, const Elf64_Phdr *p, struct walk_state *state)
{
	uint64_t end = p->p_offset + p->p_filesz, step = p->p_paddr != ~0ull ? BLOCK_BYTES : BLOCK_MEMMAP;

	for (uint64_t at = p->p_offset; at < end; at += step) {
		ssize_t n = read_chunk(fd, at, end - at > PAGE_BYTES ? at + PAGE_BYTES : end, state);

		if (n < 0)
			return -1;
		if (n == 0)
			break;
	}
	return 0;
}

/* The list of segments is the one of the moment in which the file is opened. */
static int round_kcore(const struct walk_file *file, struct walk_state *state)
{
	AUTO_CLOSE int fd = open(file->path, O_RDONLY | O_CLOEXEC);
	Elf64_Phdr segment[MAX_SEGMENTS];
	Elf64_Ehdr head;
	size_t nr;
	ssize_t n;

	if (fd < 0 || (n = read_at(fd, &head, sizeof(head), 0)) < 0)
		return failed(state, 0);
	if (n != (ssize_t)sizeof(head) || memcmp(head.e_ident, ELFMAG, SELFMAG)) {
		snprintf(state->wrong, sizeof(state->wrong), "no ELF header in %s", file->path);
		return -1;
	}
	nr = head.e_phnum < MAX_SEGMENTS ? head.e_phnum : MAX_SEGMENTS;
	n = read_at(fd, segment, nr * sizeof(*segment), head.e_phoff);
	if (n < 0)
		return failed(state, head.e_phoff);
	nr = (size_t)n / sizeof(*segment);
	for (size_t i = 0; i < nr; i++)
		if (shows_pages(&segment[i]) && read_segment(fd, &segment[i], state) < 0)
			return -1;
	return 0;
}

/* nice(2): the agent goes first, then those who have much to read, then those who are around in a moment */
enum { LONG = 10, SHORT = 19 };

static const struct walk_file files[] = {
	{ "kpageflags", "/proc/kpageflags", LONG, round_pfns, pick_pfns },
	{ "kpagecount", "/proc/kpagecount", LONG, round_pfns, pick_pfns },
	{ "kpagecgroup", "/proc/kpagecgroup", LONG, round_pfns, pick_pfns },
	{ "kcore", "/proc/kcore", LONG, round_kcore, NULL },
	{ "pagetypeinfo", "/proc/pagetypeinfo", SHORT, round_text, NULL },
	{ "buddyinfo", "/proc/buddyinfo", SHORT, round_text, NULL },
	{ "zoneinfo", "/proc/zoneinfo", SHORT, round_text, NULL },
	{ "numa_maps", "/proc/self/numa_maps", SHORT, round_text, NULL },
	{ "page_owner", "/sys/kernel/debug/page_owner", LONG, round_text, NULL },
};

const struct walk_file *walk_file_at(unsigned int i)
{
	return i < ARRAY_SIZE(files) ? &files[i] : NULL;
}

const struct walk_file *walk_file_find(const char *name)
{
	for (size_t i = 0; i < ARRAY_SIZE(files); i++)
		if (!strcmp(files[i].name, name))
			return &files[i];
	return NULL;
}
