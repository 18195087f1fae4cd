// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * fill: a child process that holds memory of one kind with a content that can be checked later,
 * however often the kernel moved the pages in between.  Each 8-byte word holds a value that
 * depends on the fill's seed and on the word's place.
 */
#include <errno.h>
#include <fcntl.h>
#include <linux/mempolicy.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <sys/wait.h>

#include "base/clean.h"
#include "base/io.h"
#include "base/mem.h"
#include "guest_agent/agent.h"
#include "guest_agent/fill_dax.h"

#define PAGE_BYTES	4096ull
#define HUGE_BYTES	(2ull << 20)
#define PIPE_BYTES	(1u << 20)
#define MAX_NODES	1024

struct fill {
	struct fill *next;
	char *id;
	pid_t pid;
	int talk;		/* to the child: one letter asks, one answer comes back */
	json_t *pending;	/* id of the command that waits for the child's answer */
	struct agent *agent;
	bool hugetlb;
	char *mounted;		/* where the file system of a dax-file is; NULL */
};

struct plan {
	const char *kind;
	const char *device;	/* of devdax and dax-file: "/dev/dax0.0" */
	const char *where;	/* dax-file: where it is mounted */
	uint64_t bytes, seed;
	bool has_node;
	uint64_t node;
	int talk;
};

/* What the child says: how far it came, and what went wrong. */
struct answer {
	int32_t eno;
	int32_t what;		/* answer_text[] */
	int64_t bad_offset;	/* -1: content is right */
};

enum { ANSWER_OK, ANSWER_POLICY, ANSWER_MEMORY, ANSWER_FILE, ANSWER_PIPE, ANSWER_PIN, ANSWER_CHECK,
       ANSWER_PLACE, ANSWER_HUGE, ANSWER_MOUNT, ANSWER_DAX, ANSWER_DIED };
static const char *const answer_text[] = {
	"", "set the memory policy", "map memory", "write the file", "make pipes", "pin pages",
	"read the content back",
	"get memory on the node that was asked for", "get transparent huge pages",
	"mount ext4 with DAX", "map the device", "keep the child alive",
};

static uint64_t word_at(const struct plan *p, uint64_t index)
{
	uint64_t v = (index + 1) * 0x9e3779b97f4a7c15ull ^ p->seed;

	return v ^ v >> 29;
}

static void fill_words(const struct plan *p, uint64_t *words, uint64_t first, size_t n)
{
	for (size_t i = 0; i < n; i++)
		words[i] = word_at(p, first + i);
}

static int64_t first_bad(const struct plan *p, const uint64_t *words, uint64_t first, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (words[i] != word_at(p, first + i))
			return (int64_t)((first + i) * sizeof(*words));
	return -1;
}

static int forget_node(void)
{
	return syscall(SYS_set_mempolicy, MPOL_DEFAULT, NULL, 0) < 0 ? errno : 0;
}

static int prefer_node(const struct plan *p)
{
	unsigned long mask[MAX_NODES / 64] = { 0 };

	if (!p->has_node)
		return 0;
	mask[p->node / 64] = 1ul << p->node % 64;
	/*
	 * Preferred, not bound: when the node's memory goes away its pages must be able to move to
	 * another node.  A bound task would make the offline fail for lack of a target.
	 */
	return syscall(SYS_set_mempolicy, MPOL_PREFERRED, mask, MAX_NODES) < 0 ? errno : 0;
}

static int hugetlb_reserve(const struct plan *p, uint64_t pages)
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

/* Memory that the child maps; NULL with errno. */
static uint64_t *map_memory(const struct plan *p)
{
	bool huge = !strcmp(p->kind, "hugetlb"), thp = !strcmp(p->kind, "thp");
	int flags = MAP_PRIVATE | MAP_ANONYMOUS | (huge ? MAP_HUGETLB : 0);
	char *at;

	at = mmap(NULL, p->bytes + (thp ? HUGE_BYTES : 0), PROT_READ | PROT_WRITE, flags, -1, 0);
	if (at == MAP_FAILED)
		return NULL;
	if (thp)
		at += -(uintptr_t)at & (HUGE_BYTES - 1);
	if (!huge && madvise(at, p->bytes, thp ? MADV_HUGEPAGE : MADV_NOHUGEPAGE) < 0 && thp)
		return NULL;
	fill_words(p, (uint64_t *)at, 0, p->bytes / 8);
	if (!strcmp(p->kind, "mlock") && mlock(at, p->bytes) < 0)
		return NULL;
	return (uint64_t *)at;
}

/* References that keep the pages from moving: a pipe holds them without a long-term pin. */
static int pin_pages(uint64_t *at, uint64_t bytes)
{
	for (uint64_t done = 0; done < bytes; ) {
		struct iovec iov = { (char *)at + done,
				     bytes - done < PIPE_BYTES ? bytes - done : PIPE_BYTES };
		ssize_t n;
		int pipe[2];

		if (pipe2(pipe, O_CLOEXEC | O_NONBLOCK) < 0)
			return errno;
		fcntl(pipe[1], F_SETPIPE_SZ, PIPE_BYTES);
		n = vmsplice(pipe[1], &iov, 1, 0);
		if (n <= 0)
			return n < 0 ? errno : EIO;
		done += (uint64_t)n;
	}
	return 0;
}

struct held {
	uint64_t *memory;	/* NULL for the kinds below */
	int file;
	int *pipes;		/* read ends */
	size_t nr_pipes;
};

static int fill_file(const struct plan *p, struct held *h)
{
	uint64_t page[PAGE_BYTES / 8];

	h->file = open("/tmp", O_TMPFILE | O_RDWR | O_CLOEXEC, 0600);
	if (h->file < 0)
		return errno;
	for (uint64_t at = 0; at < p->bytes; at += PAGE_BYTES) {
		fill_words(p, page, at / 8, PAGE_BYTES / 8);
		if (io_write_all(h->file, page, PAGE_BYTES) < 0)
			return errno;
	}
	return 0;
}

/*
 * Only the pages that hold the data may come from the node: what the kernel needs to make a pipe
 * comes from slabs, which stay where they are long after the pipe is gone.
 */
static int fill_pipes(const struct plan *p, struct held *h)
{
	uint64_t page[PAGE_BYTES / 8], at = 0;
	int *write_end, r;

	h->nr_pipes = (p->bytes + PIPE_BYTES - 1) / PIPE_BYTES;
	h->pipes = xcalloc(h->nr_pipes, sizeof(int));
	write_end = xcalloc(h->nr_pipes, sizeof(int));
	for (size_t i = 0; i < h->nr_pipes; i++) {
		int pipe[2];

		if (pipe2(pipe, O_CLOEXEC) < 0 || fcntl(pipe[1], F_SETPIPE_SZ, PIPE_BYTES) < 0)
			return errno;
		h->pipes[i] = pipe[0];
		write_end[i] = pipe[1];
	}
	r = prefer_node(p);
	for (; !r && at < p->bytes; at += PAGE_BYTES) {
		fill_words(p, page, at / 8, PAGE_BYTES / 8);
		r = -io_write_all(write_end[at / PIPE_BYTES], page, PAGE_BYTES);
	}
	free(write_end);	/* the descriptors stay open with the child */
	return r ? r : forget_node();
}

/*
 * The policy only prefers, so a full node is passed over in silence: a fill that is not where it was
 * asked for would test nothing.  Status by move_pages(2) of each mapped page.
 */
static int check_place(const struct plan *p, char *at)
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

static int check_file_place(const struct plan *p, int file)
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
static int check_huge(const struct plan *p)
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
static int map_device(const struct plan *p, struct held *h, int *what)
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
		fill_words(p, h->memory, 0, p->bytes / 8);
	return r;
}

static int hold(const struct plan *p, struct held *h, int *what)
{
	struct rlimit unlimited = { RLIM_INFINITY, RLIM_INFINITY }, files = { 65536, 65536 };
	int r;

	setrlimit(RLIMIT_MEMLOCK, &unlimited);
	setrlimit(RLIMIT_NOFILE, &files);
	if (p->device)
		return map_device(p, h, what);
	*what = ANSWER_PIPE;
	if (!strcmp(p->kind, "unmovable"))
		return fill_pipes(p, h);
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
	if (!strcmp(p->kind, "hugetlb") && (r = hugetlb_reserve(p, p->bytes / HUGE_BYTES)) != 0)
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
	return strcmp(p->kind, "pinned") ? 0 : pin_pages(h->memory, p->bytes);
}

/* What a pipe holds can be read once: tee(2) it into another one and read that. */
static int check_pipe(const struct plan *p, int pipe_end, uint64_t base, int64_t *bad)
{
	uint64_t page[PAGE_BYTES / 8], end = base + PIPE_BYTES < p->bytes ? base + PIPE_BYTES : p->bytes;
	int copy[2], r = 0;

	if (pipe2(copy, O_CLOEXEC | O_NONBLOCK) < 0)
		return errno;
	if (fcntl(copy[1], F_SETPIPE_SZ, PIPE_BYTES) < 0 ||
	    tee(pipe_end, copy[1], PIPE_BYTES, SPLICE_F_NONBLOCK) < 0)
		r = errno;
	for (uint64_t at = base; !r && *bad < 0 && at < end; at += PAGE_BYTES) {
		if (read(copy[0], page, PAGE_BYTES) != PAGE_BYTES)
			r = EIO;
		else
			*bad = first_bad(p, page, at / 8, PAGE_BYTES / 8);
	}
	close(copy[0]);
	close(copy[1]);
	return r;
}

/* 0 with *bad -1 or the first wrong offset; an errno when the content could not be read at all */
static int check(const struct plan *p, struct held *h, int64_t *bad)
{
	uint64_t page[PAGE_BYTES / 8];
	int r = 0;

	*bad = -1;
	if (h->memory) {
		*bad = first_bad(p, h->memory, 0, p->bytes / 8);
		return 0;
	}
	for (size_t i = 0; i < h->nr_pipes && *bad < 0 && !r; i++)
		r = check_pipe(p, h->pipes[i], (uint64_t)i * PIPE_BYTES, bad);
	for (uint64_t at = 0; !h->nr_pipes && at < p->bytes && *bad < 0 && !r; at += PAGE_BYTES) {
		ssize_t n = pread(h->file, page, PAGE_BYTES, (off_t)at);

		if (n == PAGE_BYTES)
			*bad = first_bad(p, page, at / 8, PAGE_BYTES / 8);
		else
			r = n < 0 ? errno : EIO;
	}
	return r;
}

/* The child: holds, says so, and then answers each 'c' with a check until the agent hangs up. */
static int child_main(struct plan *p)
{
	struct held h = { .file = -1 };
	struct answer a = { .bad_offset = -1 };
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

static struct fill *find_fill(struct agent *a, const char *id)
{
	for (struct fill *f = a->fills; f; f = f->next)
		if (!strcmp(f->id, id))
			return f;
	return NULL;
}

static void on_talk(void *arg, int fd)
{
	struct fill *f = arg;
	struct answer a = { .eno = ESRCH, .what = ANSWER_DIED, .bad_offset = -1 };
	ssize_t n = read(fd, &a, sizeof(a));

	if (n != (ssize_t)sizeof(a))
		loop_unwatch(f->agent->loop, fd);
	if (!f->pending)
		return;
	agent_reply(f->agent, TAKE_PTR(f->pending),
		    json_pack("{si ss sI}", "errno", (int)a.eno, "while",
			      a.what >= 0 && a.what <= ANSWER_DIED ? answer_text[a.what] : "?",
			      "bad-offset", (json_int_t)a.bad_offset));
}

/* {id, kind, bytes, seed[, node][, device]}: answers {errno, while} once the memory is held */
int cmd_fill(const struct request *req, json_t **ret, struct rig_err *err)
{
	struct agent *a = req->agent;
	struct plan p = { 0 };
	struct fill *f;
	const char *id;
	int talk[2], r;

	(void)ret;
	if ((r = arg_string(req, "id", &id, err)) < 0 || (r = arg_string(req, "kind", &p.kind, err)) < 0 ||
	    (r = arg_u64(req, "bytes", 1ull << 40, &p.bytes, err)) < 0 ||
	    (r = arg_u64(req, "seed", INT64_MAX, &p.seed, err)) < 0)
		return r;
	p.has_node = json_object_get(req->args, "node");
	if (p.has_node && (r = arg_u64(req, "node", MAX_NODES - 1, &p.node, err)) < 0)
		return r;
	if (json_object_get(req->args, "device") && (r = arg_string(req, "device", &p.device, err)) < 0)
		return r;
	if (find_fill(a, id))
		return rig_err_set(err, RIG_AGENT, EEXIST, "fill '%s' exists", id);
	if (p.bytes % HUGE_BYTES)
		return rig_err_set(err, RIG_AGENT, EINVAL, "a fill is a multiple of 2 MiB");
	if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, talk) < 0)
		return rig_err_set(err, RIG_AGENT, errno, "cannot make a socket: %s", strerror(errno));
	f = xcalloc(1, sizeof(*f));
	if (!strcmp(p.kind, "dax-file"))
		p.where = f->mounted = xasprintf("/run/%s", id);
	f->pid = fork();
	if (f->pid == 0) {
		close(talk[0]);
		p.talk = talk[1];
		_exit(child_main(&p));
	}
	close(talk[1]);
	f->id = xstrdup(id);
	f->talk = talk[0];
	f->agent = a;
	f->hugetlb = !strcmp(p.kind, "hugetlb");
	f->pending = json_incref(req->id);
	f->next = a->fills;
	a->fills = f;
	loop_watch(a->loop, f->talk, on_talk, f);
	return COMMAND_LATER;
}

/* {id}: answers {errno, bad-offset}: -1 when every word is what was put in */
int cmd_check_fill(const struct request *req, json_t **ret, struct rig_err *err)
{
	struct fill *f;
	const char *id;
	int r = arg_string(req, "id", &id, err);

	if (r < 0)
		return r;
	f = find_fill(req->agent, id);
	if (!f || f->pending)
		return rig_err_set(err, RIG_AGENT, ENOENT, "fill '%s' is not there or busy", id);
	if (write(f->talk, "c", 1) != 1) {	/* the same answer as when it dies while it checks */
		*ret = json_pack("{si ss si}", "errno", ESRCH, "while", answer_text[ANSWER_DIED], "bad-offset",
				 -1);
		return 0;
	}
	f->pending = json_incref(req->id);
	return COMMAND_LATER;
}

/* {id}: the child is gone and its pages are free when this answers, and what it mounted is unmounted */
int cmd_release_fill(const struct request *req, json_t **ret, struct rig_err *err)
{
	struct agent *a = req->agent;
	struct plan none = { 0 };
	struct fill *f;
	const char *id;
	int r = arg_string(req, "id", &id, err), status = 0;

	if (r < 0)
		return r;
	f = find_fill(a, id);
	if (!f || f->pending)
		return rig_err_set(err, RIG_AGENT, ENOENT, "fill '%s' is not there or busy", id);
	for (struct fill **p = &a->fills; *p; p = &(*p)->next)
		if (*p == f) {
			*p = f->next;
			break;
		}
	loop_unwatch(a->loop, f->talk);
	close(f->talk);
	kill(f->pid, SIGKILL);
	waitpid(f->pid, &status, 0);
	if (f->hugetlb)
		hugetlb_reserve(&none, 0);
	r = f->mounted ? dax_unmount(f->mounted) : 0;
	free(f->mounted);
	free(f->id);
	free(f);
	*ret = NULL;
	return r ? rig_err_set(err, RIG_AGENT, r, "cannot unmount: %s", strerror(r)) : 0;
}
