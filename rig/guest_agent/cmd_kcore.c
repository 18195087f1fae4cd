// SPDX-License-Identifier: GPL-2.0-or-later
/* What /proc/kcore has: its segments, and what it shows of some pages. */
#include <elf.h>
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/clean.h"
#include "base/mem.h"
#include "guest_agent/agent.h"

#define PAGE_BYTES	4096u
#define MAX_SEGMENTS	4096u
#define BLOCK_PAGES	512u	/* memory comes and goes in multiples of this: one page of each tells of it */
#define MAX_SAMPLES	4096u	/* of one question; where there is more memory, fewer of it */
#define IMAGE		0xffffffff80000000ull	/* x86-64: the kernel itself is above, pages are below */

struct kcore {
	int fd;
	Elf64_Phdr segment[MAX_SEGMENTS];
	size_t nr;
};

static int read_segments(struct kcore *k, struct rig_err *err)
{
	Elf64_Ehdr head;
	ssize_t n;

	if (pread(k->fd, &head, sizeof(head), 0) != sizeof(head) || memcmp(head.e_ident, ELFMAG, SELFMAG) ||
	    head.e_phnum > MAX_SEGMENTS)
		return rig_err_set(err, RIG_AGENT, EBADMSG, "'/proc/kcore' has no ELF header");
	n = pread(k->fd, k->segment, head.e_phnum * sizeof(*k->segment), (off_t)head.e_phoff);
	k->nr = n > 0 ? (size_t)n / sizeof(*k->segment) : 0;
	return 0;
}

static json_t *segments_json(const struct kcore *k)
{
	json_t *list = json_array();

	for (size_t i = 0; i < k->nr; i++) {
		const Elf64_Phdr *p = &k->segment[i];

		if (p->p_type == PT_LOAD)
			json_array_append_new(list, json_pack("[IIII]", (json_int_t)p->p_vaddr, (json_int_t)p->p_paddr,
							      (json_int_t)p->p_memsz, (json_int_t)p->p_offset));
	}
	return list;
}

/* Where a segment of RAM has the page; false: none has it. */
static bool find_page(const struct kcore *k, uint64_t pfn, uint64_t *ret)
{
	for (size_t i = 0; i < k->nr; i++) {
		const Elf64_Phdr *p = &k->segment[i];
		uint64_t first = p->p_paddr / PAGE_BYTES;

		if (p->p_type != PT_LOAD || p->p_paddr == UINT64_MAX || p->p_vaddr >= IMAGE || pfn < first ||
		    pfn - first >= p->p_memsz / PAGE_BYTES)
			continue;
		*ret = p->p_offset + (pfn - first) * PAGE_BYTES;
		return true;
	}
	return false;
}

/* The first word of a page that is not 0; 0: none, or nothing can be read of it. */
static uint64_t first_word(int fd, uint64_t offset)
{
	static uint64_t word[PAGE_BYTES / sizeof(uint64_t)];
	ssize_t n = pread(fd, word, sizeof(word), (off_t)offset);

	for (ssize_t i = 0; i < n / (ssize_t)sizeof(*word); i++)
		if (word[i])
			return word[i];
	return 0;
}

/* One page of each @step, not always in the same place of it. */
static void sample(const struct kcore *k, uint64_t start, uint64_t end, uint64_t step, json_t *list)
{
	for (uint64_t at = start, i = 0; at < end; at += step, i++) {
		uint64_t pfn = at + i * 61 % BLOCK_PAGES, offset;

		if (pfn < end && find_page(k, pfn, &offset))
			json_array_append_new(list, json_pack("[II]", (json_int_t)pfn,
							      (json_int_t)first_word(k->fd, offset)));
	}
}

static json_t *content_json(const struct kcore *k, const json_t *ranges)
{
	const json_t *r;
	json_t *list = json_array();
	uint64_t pages = 0, step = BLOCK_PAGES;
	size_t i;

	json_array_foreach(ranges, i, r)
		pages += (uint64_t)(json_integer_value(json_array_get(r, 1)) - json_integer_value(json_array_get(r, 0)));
	while (pages / step > MAX_SAMPLES)
		step *= 2;
	json_array_foreach(ranges, i, r)
		sample(k, (uint64_t)json_integer_value(json_array_get(r, 0)),
		       (uint64_t)json_integer_value(json_array_get(r, 1)), step, list);
	return list;
}

/*
 * {ranges: [[start, end]]}, pfns: {bytes: of the file, segments: [[vaddr, paddr, bytes, offset]], content: [[pfn,
 * first word of it that is not 0]]}, a page of each so many of the ranges, where RAM has it
 */
int cmd_query_kcore(const struct request *req, json_t **ret, struct rig_err *err)
{
	AUTO_CLOSE int fd = open("/proc/kcore", O_RDONLY | O_CLOEXEC);
	AUTO_FREE struct kcore *k = xcalloc(1, sizeof(*k));
	struct stat st;
	int r;

	if (fd < 0 || fstat(fd, &st) < 0)
		return rig_err_set(err, RIG_AGENT, errno, "cannot open '/proc/kcore': %s", strerror(errno));
	k->fd = fd;
	r = read_segments(k, err);
	if (r < 0)
		return r;
	*ret = json_pack("{sIsoso}", "bytes", (json_int_t)st.st_size, "segments", segments_json(k), "content",
			 content_json(k, json_object_get(req->args, "ranges")));
	return 0;
}
