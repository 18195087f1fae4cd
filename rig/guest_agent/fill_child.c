// SPDX-License-Identifier: GPL-2.0-or-later
#include <errno.h>
#include <fcntl.h>
#include <linux/mempolicy.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "base/clean.h"
#include "base/io.h"
#include "guest_agent/agent.h"
#include "guest_agent/fill_child.h"
#include "guest_agent/fill_content.h"
#include "guest_agent/fill_dax.h"
#include "guest_agent/fill_pipe.h"

#define PAGE_BYTES	4096ull

enum { ANSWER_OK, ANSWER_POLICY, ANSWER_MEMORY, ANSWER_FILE, ANSWER_PIPE, ANSWER_PIN, ANSWER_CHECK,
       ANSWER_PLACE, ANSWER_HUGE, ANSWER_MOUNT, ANSWER_DAX, ANSWER_DIED };
static const char *const answer_text[] = {
	"", "set the memory policy", "map memory", "write the file", "make pipes", "pin pages",
	"read the content back",
	"get memory on the node that was asked for", "get transparent huge pages",
	"mount ext4 with DAX", "map the device", "keep the child alive",
};

static int forget_node(void)
{
	return syscall(SYS_set_mempolicy, MPOL_DEFAULT, NULL, 0) < 0 ? errno : 0;
}

static int prefer_node(const struct fill_plan *p)
{
	unsigned long mask[FILL_MAX_NODES / 64] = { 0 };

	if (!p->has_node)
		return 0;
	mask[p->node / 64] = 1ul << p->node % 64;
	/*
	 * Preferred, not bound: when the node's memory goes away its pages must be able to move to
	 * another node.  A bound task would make the offline fail for lack of a target.
	 */
	return syscall(SYS_set_mempolicy, MPOL_PREFERRED, mask, FILL_MAX_NODES) < 0 ? errno : 0;
}

static int hugetlb_reserve(const struct fill_plan *p, uint64_t pages)
{
	char path[160], text[32];
	int len = snprintf(text, sizeof(text), "%llu", (unsigned long long)pages);
	AUTO_CLOSE int fd = -1;

	if (p->has_node && pages)
		snprintf(path, sizeof(path),
			 "/sys/devices/system/node/node%llu/hugepages/hugepages-2048kB/nr_hugepages",
			 (unsigned long long)p->node);
	else
		snprintf(path, sizeof(path), "/proc/sys/vm/nr_hugepages");
	fd = open(path, O_WRONLY | O_CLOEXEC);
	return fd < 0 || write(fd, text, (size_t)len) < 0 ? errno : 0;
}

void fill_hugetlb_release(void)
{
	hugetlb_reserve(&(struct fill_plan){ 0 }, 0);
}

/* Memory that the child maps; NULL with errno. */
static uint64_t *map_memory(const struct fill_plan *p)
{
	bool huge = !strcmp(p->kind, "hugetlb"), thp = !strcmp(p->kind, "thp");
	int flags = MAP_PRIVATE | MAP_ANONYMOUS | (huge ? MAP_HUGETLB : 0);
	char *at;

	at = mmap(NULL, p->bytes + (thp ? FILL_UNIT_BYTES : 0), PROT_READ | PROT_WRITE, flags, -1, 0);
	if (at == MAP_FAILED)
		return NULL;
	if (thp)
		at += -(uintptr_t)at & (FILL_UNIT_BYTES - 1);
	if (!huge && madvise(at, p->bytes, thp ? MADV_HUGEPAGE : MADV_NOHUGEPAGE) < 0 && thp)
		return NULL;
	fill_words(p->seed, (uint64_t *)at, 0, p->bytes / 8);
	if (!strcmp(p->kind, "mlock") && mlock(at, p->bytes) < 0)
		return NULL;
	return (uint64_t *)at;
}

struct held {
	uint64_t *memory;	/* NULL for the kinds below */
	int file;
	struct fill_pipes pipes;
};

static int fill_file(const struct fill_plan *p, struct held *h)
{
	uint64_t page[PAGE_BYTES / 8];

	h->file = open("/tmp", O_TMPFILE | O_RDWR | O_CLOEXEC, 0600);
	if (h->file < 0)
		return errno;
	for (uint64_t at = 0; at < p->bytes; at += PAGE_BYTES) {
		fill_words(p->seed, page, at / 8, PAGE_BYTES / 8);
		if (io_write_all(h->file, page, PAGE_BYTES) < 0)
			return errno;
	}
	return 0;
}

/*
 * Only the pages that hold the data may come from the node: what the kernel needs to make a pipe
 * comes from slabs, which stay where they are long after the pipe is gone.
 */
static int fill_pipes(const struct fill_plan *p, struct fill_pipes *pipes)
{
	int r = fill_pipes_make(p->bytes, pipes);

	if (!r)
		r = prefer_node(p);
	if (!r)
		r = fill_pipes_fill(pipes, p->seed, p->bytes);
	return r ? r : forget_node();
}

/*
 * The policy only prefers, so a full node is passed over in silence: a fill that is not where it was
 * asked for would test nothing.  Status by move_pages(2) of each mapped page.
 */
static int check_place(const struct fill_plan *p, char *at)
{
	enum { BATCH = 512 };
	void *pages[BATCH];
	int status[BATCH];

	for (uint64_t done = 0; done < p->bytes; done += BATCH * PAGE_BYTES) {
		for (size_t i = 0; i < BATCH; i++) {
			pages[i] = at + done + i * PAGE_BYTES;
			(void)*(volatile char *)pages[i];
		}
		if (syscall(SYS_move_pages, 0, (unsigned long)BATCH, pages, NULL, status, 0) < 0)
			return errno == ENOSYS ? 0 : errno;
		for (size_t i = 0; i < BATCH; i++)
			if (status[i] != (int)p->node)
				return ENOSPC;
	}
	return 0;
}

static int check_file_place(const struct fill_plan *p, int file)
{
	char *at = mmap(NULL, p->bytes, PROT_READ, MAP_SHARED, file, 0);
	int r;

	if (at == MAP_FAILED)
		return errno;
	r = check_place(p, at);
	munmap(at, p->bytes);
	return r;
}

/* Whether the transparent huge pages that were asked for were given; unknown without smaps. */
static int check_huge(const struct fill_plan *p)
{
	AUTO_FCLOSE FILE *f = fopen("/proc/self/smaps_rollup", "re");
	unsigned long long kib;
	char line[256];

	while (f && fgets(line, sizeof(line), f))
		if (sscanf(line, "AnonHugePages: %llu", &kib) == 1)
			return kib * 1024 < p->bytes ? ENOMEM : 0;
	return 0;
}

/* Memory of a device that the child maps as it is: no policy, no place, nothing that could move. */
static int map_device(const struct fill_plan *p, struct held *h, int *what)
{
	bool file = !strcmp(p->kind, "dax-file");
	int r = 0;

	*what = ANSWER_MOUNT;
	if (file)
		r = dax_mount(p->device, p->where);
	*what = ANSWER_DAX;
	if (!r)
		r = file ? dax_map_file(p->where, p->bytes, &h->memory) :
			   dax_map_device(p->device, p->bytes, &h->memory);
	if (!r)
		fill_words(p->seed, h->memory, 0, p->bytes / 8);
	return r;
}

static int hold(const struct fill_plan *p, struct held *h, int *what)
{
	struct rlimit unlimited = { RLIM_INFINITY, RLIM_INFINITY }, files = { 65536, 65536 };
	int r;

	setrlimit(RLIMIT_MEMLOCK, &unlimited);
	setrlimit(RLIMIT_NOFILE, &files);
	if (p->device)
		return map_device(p, h, what);
	*what = ANSWER_PIPE;
	if (!strcmp(p->kind, "unmovable"))
		return fill_pipes(p, &h->pipes);
	*what = ANSWER_POLICY;
	if ((r = prefer_node(p)) != 0)
		return r;
	*what = ANSWER_FILE;
	if (!strcmp(p->kind, "pagecache")) {
		r = fill_file(p, h);
		*what = r ? ANSWER_FILE : ANSWER_PLACE;
		return r || !p->has_node ? r : check_file_place(p, h->file);
	}
	*what = ANSWER_MEMORY;
	if (!strcmp(p->kind, "hugetlb") && (r = hugetlb_reserve(p, p->bytes / FILL_UNIT_BYTES)) != 0)
		return r;
	h->memory = map_memory(p);
	if (!h->memory)
		return errno;
	*what = ANSWER_PLACE;
	if (p->has_node && (r = check_place(p, (char *)h->memory)) != 0)
		return r;
	*what = ANSWER_HUGE;
	if (!strcmp(p->kind, "thp") && (r = check_huge(p)) != 0)
		return r;
	*what = ANSWER_PIN;
	return strcmp(p->kind, "pinned") ? 0 : fill_pipes_refer(h->memory, p->bytes);
}

/* 0 with *bad -1 or the first wrong offset; an errno when the content could not be read at all */
static int check(const struct fill_plan *p, struct held *h, int64_t *bad)
{
	uint64_t page[PAGE_BYTES / 8];
	int r = 0;

	*bad = -1;
	if (h->memory) {
		*bad = fill_first_bad(p->seed, h->memory, 0, p->bytes / 8);
		return 0;
	}
	if (h->pipes.nr)
		return fill_pipes_check(&h->pipes, p->seed, p->bytes, bad);
	for (uint64_t at = 0; at < p->bytes && *bad < 0 && !r; at += PAGE_BYTES) {
		ssize_t n = pread(h->file, page, PAGE_BYTES, (off_t)at);

		if (n == PAGE_BYTES)
			*bad = fill_first_bad(p->seed, page, at / 8, PAGE_BYTES / 8);
		else
			r = n < 0 ? errno : EIO;
	}
	return r;
}

int fill_child_main(const struct fill_plan *p)
{
	struct held h = { .file = -1 };
	struct fill_answer a = { .bad_offset = -1 };
	char letter;

	prctl(PR_SET_PDEATHSIG, SIGKILL);
	prctl(PR_SET_THP_DISABLE, 0, 0, 0, 0);
	oom_score_set(OOM_LAST);
	signal(SIGBUS, SIG_DFL);
	a.eno = hold(p, &h, &a.what);
	if (io_write_all(p->talk, &a, sizeof(a)) < 0 || a.eno)
		return 1;
	while (read(p->talk, &letter, 1) == 1) {
		a.eno = check(p, &h, &a.bad_offset);
		a.what = ANSWER_CHECK;
		if (io_write_all(p->talk, &a, sizeof(a)) < 0)
			return 1;
	}
	return 0;
}

struct fill_answer fill_died(void)
{
	return (struct fill_answer){ .eno = ESRCH, .what = ANSWER_DIED, .bad_offset = -1 };
}

const char *fill_doing(const struct fill_answer *a)
{
	return a->what >= 0 && a->what <= ANSWER_DIED ? answer_text[a->what] : "?";
}
