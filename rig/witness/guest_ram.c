// SPDX-License-Identifier: GPL-2.0-or-later
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/uio.h>

#include "base/clean.h"
#include "base/mem.h"
#include "witness/guest_ram.h"
#include "witness/ram_ranges.h"

#define BATCH RAM_PRESENCE_MAX_PAGES	/* also IOV_MAX: pieces for one process_vm_readv() */
#define LOW_RAM 0x100000ull		/* every PC has RAM at 1 MiB */

struct guest_ram {
	pid_t pid;
	struct qmp_client *qmp;
	struct ram_range *range;	/* ascending by gpa */
	size_t nr;
	int pagemap;			/* -1: cannot be opened */
};

static int ask(struct guest_ram *ram, const char *command, uint64_t until_ns, json_t **answer,
	       struct rig_err *err)
{
	int r = qmp_call(ram->qmp, "human-monitor-command",
			 json_pack("{ss}", "command-line", command), until_ns, answer, NULL, err);

	if (r < 0)
		return rig_err_wrap(err, "%s", command);
	if (!json_is_string(*answer)) {
		json_decref(*answer);
		*answer = NULL;
		return rig_err_set(err, RIG_QEMU, EBADMSG, "%s: the answer is no text", command);
	}
	return 0;
}

/* "Host virtual address for 0x100000 (pc.ram) is 0x7f1a4bf00000"; *ret 0: nothing is there now */
static int host_address(struct guest_ram *ram, uint64_t gpa, uint64_t until_ns, uint64_t *ret,
			struct rig_err *err)
{
	json_auto_t *answer = NULL;
	char command[48];
	const char *at;
	int r;

	snprintf(command, sizeof(command), "gpa2hva 0x%" PRIx64, gpa);
	r = ask(ram, command, until_ns, &answer, err);
	if (r < 0)
		return r;
	at = strstr(json_string_value(answer), ") is 0x");
	*ret = at ? strtoull(at + strlen(") is 0x"), NULL, 16) : 0;
	return 0;
}

/* Both ends must be as far from each other in the process as in the guest. */
static int place_range(struct guest_ram *ram, struct ram_range *range, uint64_t until_ns,
		       struct rig_err *err)
{
	uint64_t first, last;
	int r;

	if ((r = host_address(ram, range->gpa, until_ns, &first, err)) < 0 ||
	    (r = host_address(ram, range->gpa + range->bytes - 1, until_ns, &last, err)) < 0)
		return r;
	if (!first || !last)
		return 0;
	if (last - first != range->bytes - 1)
		return rig_err_set(err, RIG_QEMU, EBADMSG,
				   "gpa2hva: RAM at 0x%" PRIx64 " is not in one piece", range->gpa);
	range->hva = first;
	range->file = ram_file_open(ram->pid, first);
	return 0;
}

static void free_ranges(struct ram_range *range, size_t nr)
{
	for (size_t i = 0; i < nr; i++)
		ram_file_close(&range[i].file);
	free(range);
}

static const struct ram_range *range_at(const struct ram_range *range, size_t nr, uint64_t gpa)
{
	for (size_t i = 0; i < nr; i++)
		if (gpa - range[i].gpa < range[i].bytes)
			return &range[i];
	return NULL;
}

int guest_ram_refresh(struct guest_ram *ram, uint64_t until_ns, struct rig_err *err)
{
	json_auto_t *mtree = NULL;
	struct ram_range *range;
	ssize_t nr;
	size_t kept = 0;
	/*
	 * Not "info mtree -f", which would tell of overlaps: it takes a reference to the view of
	 * each address space and gives one back per view (QEMU 7.2), so no device's memory is ever
	 * freed.
	 */
	int r = ask(ram, "info mtree", until_ns, &mtree, err);

	if (r < 0)
		return r;
	nr = ram_ranges_parse(json_string_value(mtree), &range);
	if (nr < 0)
		return rig_err_set(err, RIG_QEMU, EBADMSG,
				   "info mtree: no RAM in address space 'memory'");
	for (ssize_t i = 0; i < nr && !r; i++) {
		r = place_range(ram, &range[i], until_ns, err);
		if (range[i].hva)	/* else a device that went between the two questions */
			range[kept++] = range[i];
	}
	if (!r && !range_at(range, kept, LOW_RAM))
		r = rig_err_set(err, RIG_QEMU, EBADMSG,
				"info mtree: no RAM at 1 MiB among %zd ranges", nr);
	if (r < 0) {
		free_ranges(range, kept);
		return r;
	}
	free_ranges(ram->range, ram->nr);
	ram->range = range;
	ram->nr = kept;
	return 0;
}

struct batch {
	struct iovec remote[BATCH];
	size_t nr, bytes;
};

static struct iovec host_piece(uint64_t hva, size_t len)
{
	return (struct iovec){ .iov_base = (void *)(uintptr_t)hva, .iov_len = len };
}

static int flush(const struct guest_ram *ram, struct batch *b, char **buf)
{
	struct iovec local = { .iov_base = *buf, .iov_len = b->bytes };
	ssize_t n = b->nr ? process_vm_readv(ram->pid, &local, 1, b->remote, b->nr, 0) : 0;

	if (n < 0)
		return -errno;
	/* short: RAM that QEMU unmapped since we asked, or a backing file that lost its end */
	if ((size_t)n != b->bytes)
		return -EFAULT;
	*buf += n;
	b->nr = b->bytes = 0;
	return 0;
}

static int ram_read(void *arg, const struct memory_piece *pieces, size_t nr, void *buf)
{
	const struct guest_ram *ram = arg;
	struct batch b = { .nr = 0 };
	char *to = buf;

	for (size_t i = 0; i < nr; i++) {
		struct memory_piece p = pieces[i];

		while (p.len) {
			const struct ram_range *range = range_at(ram->range, ram->nr, p.gpa);
			uint64_t at = range ? p.gpa - range->gpa : 0;
			size_t len;
			int r;

			if (!range)
				return -EFAULT;
			len = p.len < range->bytes - at ? p.len : (size_t)(range->bytes - at);
			b.remote[b.nr++] = host_piece(range->hva + at, len);
			b.bytes += len;
			p.gpa += len;
			p.len -= len;
			if (b.nr == BATCH && (r = flush(ram, &b, &to)) < 0)
				return r;
		}
	}
	return flush(ram, &b, &to);
}

/* The first range that ends behind @gpa. */
static const struct ram_range *range_behind(const struct guest_ram *ram, uint64_t gpa)
{
	for (size_t i = 0; i < ram->nr; i++)
		if (gpa < ram->range[i].gpa + ram->range[i].bytes)
			return &ram->range[i];
	return NULL;
}

static int read_heads(const struct guest_ram *ram, struct page_head *head, const uint64_t *hva,
		      size_t nr)
{
	struct iovec local[BATCH], remote[BATCH];
	ssize_t n;

	for (size_t i = 0; i < nr; i++) {
		local[i] = (struct iovec){ head[i].bytes, PAGE_HEAD_BYTES };
		remote[i] = host_piece(hva[i], PAGE_HEAD_BYTES);
	}
	n = nr ? process_vm_readv(ram->pid, local, nr, remote, nr, 0) : 0;
	if (n < 0)
		return errno == EFAULT ? 0 : -errno;
	return (int)(n / (ssize_t)PAGE_HEAD_BYTES);
}

static int ram_heads(void *arg, uint64_t *gpa, struct page_head *ret, size_t max)
{
	const struct guest_ram *ram = arg;
	const struct ram_range *range = range_behind(ram, *gpa);
	uint64_t hva[BATCH], at, pages;
	bool there[BATCH];
	size_t i, nr = 0;
	int got;

	if (!range) {
		*gpa = GUEST_MEMORY_END;
		return 0;
	}
	at = *gpa > range->gpa ? *gpa - range->gpa : 0;
	pages = (range->bytes - at) / GUEST_PAGE_BYTES;
	if (pages > BATCH)
		pages = BATCH;
	if (max > BATCH)
		max = BATCH;
	ram_presence_mark(ram->pagemap, &range->file, range->file.offset + at, range->hva + at, pages,
			  there);
	for (i = 0; i < pages && nr < max; i++)
		if (there[i]) {
			hva[nr] = range->hva + at + i * GUEST_PAGE_BYTES;
			ret[nr++].gpa = range->gpa + at + i * GUEST_PAGE_BYTES;
		}
	got = read_heads(ram, ret, hva, nr);
	if (got < 0)
		return got;
	/* a page that went away is stepped over, and those behind it come next */
	*gpa = (size_t)got < nr ? ret[got].gpa + GUEST_PAGE_BYTES :
	       pages ? range->gpa + at + i * GUEST_PAGE_BYTES : range->gpa + range->bytes;
	return got;
}

static int ram_explain(void *arg, int r, struct rig_err *err)
{
	const struct guest_ram *ram = arg;

	if (r == -EPERM || r == -EACCES)
		return rig_err_set(err, RIG_HOST, EPERM,
				   "the memory of QEMU, process %d, may not be read (ptrace scope, "
				   "another user, or a container without CAP_SYS_PTRACE); run as the "
				   "user that runs QEMU, or as root", (int)ram->pid);
	if (r == -ESRCH)
		return rig_err_set(err, RIG_HOST, ESRCH, "QEMU, process %d, is gone",
				   (int)ram->pid);
	return rig_err_set(err, RIG_HOST, -r, "cannot read the memory of QEMU, process %d: %s",
			   (int)ram->pid, strerror(-r));
}

struct guest_memory guest_ram_memory(struct guest_ram *ram)
{
	return (struct guest_memory){ .read = ram_read, .heads = ram_heads, .explain = ram_explain,
				      .arg = ram };
}

uint64_t guest_ram_bytes(const struct guest_ram *ram)
{
	uint64_t bytes = 0;

	for (size_t i = 0; i < ram->nr; i++)
		bytes += ram->range[i].bytes;
	return bytes;
}

/* One word of each range, which also tells a process that has other memory than QEMU says. */
static int try_reading(struct guest_ram *ram, struct rig_err *err)
{
	for (size_t i = 0; i < ram->nr; i++) {
		const struct memory_piece piece = { ram->range[i].gpa, sizeof(uint64_t) };
		uint64_t word;
		int r = ram_read(ram, &piece, 1, &word);

		if (r < 0)
			return ram_explain(ram, r, err);
	}
	return 0;
}

int guest_ram_create(pid_t pid, struct qmp_client *qmp, uint64_t until_ns, struct guest_ram **ret,
		     struct rig_err *err)
{
	AUTO_FREE char *path = xasprintf("/proc/%d/pagemap", (int)pid);
	struct guest_ram *ram = xcalloc(1, sizeof(*ram));
	int r;

	ram->pid = pid;
	ram->qmp = qmp;
	ram->pagemap = open(path, O_RDONLY | O_CLOEXEC);
	r = guest_ram_refresh(ram, until_ns, err);
	if (!r)
		r = try_reading(ram, err);
	if (r < 0) {
		guest_ram_destroy(ram);
		return r;
	}
	*ret = ram;
	return 0;
}

void guest_ram_destroy(struct guest_ram *ram)
{
	if (!ram)
		return;
	if (ram->pagemap >= 0)
		close(ram->pagemap);
	free_ranges(ram->range, ram->nr);
	free(ram);
}
