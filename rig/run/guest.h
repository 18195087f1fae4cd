/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * guest: the host's half of the conversation with the agent, typed.  Level 5.
 *
 * The agent is not trusted: every answer is checked here before anybody uses it, and what does not
 * fit is a RIG_AGENT error.  All waits have the caller's deadline.
 */
#ifndef RIG_GUEST_H
#define RIG_GUEST_H

#include <stdbool.h>
#include <stdint.h>

#include "qmp_client.h"
#include "model/snapshot.h"
#include "run/tape.h"

#define LOOK_BEYOND_SECTIONS 64	/* behind the last one that was ever added, so that a stray one shows */

struct guest {
	struct qmp_client *link;	/* negotiated; borrowed */
	struct tape *tape;		/* borrowed; NULL: every question goes to the guest */
	struct page_layout layout;	/* zeroed when !raw */
	bool raw;			/* struct pages can be read */
	char reader[16];		/* "bpf" or "kpageflags" */
	char reader_why[256];		/* why not "bpf"; "" */
	char release[128], version[512], cmdline[2048];
	uint64_t block_bytes;
};

/** guest_open() - ask who it is and how it reads pages
 *  @tape: what is asked until guest->tape is NULL is recorded there, or answered from it; may be NULL */
int guest_open(struct qmp_client *link, struct tape *tape, uint64_t until_ns, struct guest *ret,
	       struct rig_err *err) RIG_CHECKED;

/**
 * guest_ask() - a question whose answer is the same for all guests that start from one template
 * @args: stolen; answered from the tape while there is one.  -EREMOTEIO: the agent refused
 */
int guest_ask(struct guest *g, const char *command, json_t *args, uint64_t until_ns, json_t **ret,
	      struct rig_err *err) RIG_CHECKED;

/** guest_counters() - blocks, zones, nodes, sections, resources: everything but pages
 *  @end_pfn: ZONE_DEVICE was up to there, which need not raise what /proc/kpageflags shows */
int guest_counters(struct guest *g, uint64_t end_pfn, uint64_t until_ns, struct snapshot *s, struct rig_err *err)
	RIG_CHECKED;

/** guest_blocks() - the memory blocks alone */
int guest_blocks(struct guest *g, uint64_t until_ns, struct snapshot *s, struct rig_err *err) RIG_CHECKED;

/** guest_pages() - append the states of [start, end) to s->pages; ranges in ascending order */
int guest_pages(struct guest *g, uint64_t start, uint64_t end, bool kpageflags, uint64_t until_ns,
		struct snapshot *s, struct rig_err *err) RIG_CHECKED;

/** guest_pageblocks() - append those that begin in [start, end) to s->pageblocks; ranges in ascending order */
int guest_pageblocks(struct guest *g, uint64_t start, uint64_t end, uint64_t until_ns, struct snapshot *s,
		     struct rig_err *err) RIG_CHECKED;

/** guest_zoneinfo() - the counters alone once more, to tell whether the guest was quiet */
int guest_zoneinfo(struct guest *g, uint64_t until_ns, struct snapshot *s, struct rig_err *err)
	RIG_CHECKED;

/** guest_sync_log() - everything the kernel logged before is an event when this returns */
int guest_sync_log(struct guest *g, const char *marker, uint64_t until_ns, struct rig_err *err)
	RIG_CHECKED;

/** guest_await_idle() - no kernel worker has work, done or due; RIG_TIMEOUT names the one that has */
int guest_await_idle(struct guest *g, uint64_t until_ns, struct rig_err *err) RIG_CHECKED;

/** guest_visit_cpus() - each of the guest's processors has got on since: what it did under a lock is done */
int guest_visit_cpus(struct guest *g, uint64_t until_ns, struct rig_err *err) RIG_CHECKED;

/** guest_alive() - whether the agent answers within @until_ns */
bool guest_alive(struct guest *g, uint64_t until_ns);

/** guest_errno() - "errno" of an answer, 0 to 4095; anything else is malformed */
int guest_errno(const json_t *answer, int *eno, struct rig_err *err) RIG_CHECKED;

/** guest_write() - one write to a file of the guest; *eno its errno */
int guest_write(struct guest *g, const char *path, const char *text, uint64_t until_ns, int *eno,
		struct rig_err *err) RIG_CHECKED;
/**
 * guest_write_of_module() - the same to a file that a carried module makes; @config: of the module, which may be
 * built in, too.  RIG_MISSING when there is no such file.
 */
int guest_write_of_module(struct guest *g, const char *module, const char *config, const char *path, const char *text,
			  uint64_t until_ns, int *eno, struct rig_err *err) RIG_CHECKED;
/** guest_read() - the files @paths (stolen): *ret is path to text, or to an object where one cannot be read */
int guest_read(struct guest *g, json_t *paths, uint64_t until_ns, json_t **ret, struct rig_err *err) RIG_CHECKED;

#endif
