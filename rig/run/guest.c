// SPDX-License-Identifier: GPL-2.0-or-later
#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/clean.h"
#include "base/clock.h"
#include "base/mem.h"
#include "run/guest.h"

#define PAGE_BYTES 4096u
#define MAX_NODE 63
#define AGENT_MAJOR 1
#define MAX_RUNS (4u << 20)	/* of all pages: more than any machine shape has */

static int malformed(struct rig_err *err, const char *what)
{
	return rig_err_set(err, RIG_AGENT, EBADMSG, "the agent's answer is malformed: %s", what);
}

static bool copy_text(const json_t *o, const char *key, char *ret, size_t size)
{
	const char *s = json_string_value(json_object_get(o, key));

	if (!s)
		return false;
	snprintf(ret, size, "%s", s);
	ret[strcspn(ret, "\n")] = '\0';
	return true;
}

int guest_ask(struct guest *g, const char *command, json_t *args, uint64_t until_ns, json_t **ret,
	      struct rig_err *err)
{
	json_auto_t *question = json_deep_copy(args);
	int r;

	if (g->tape && tape_plays(g->tape)) {
		json_decref(args);
		return tape_next(g->tape, command, question, ret, err);
	}
	r = qmp_call(g->link, command, args, until_ns, ret, NULL, err);
	if (r == 0 && g->tape)
		tape_add(g->tape, command, question, *ret);
	else if (r == -EREMOTEIO && g->tape)
		tape_add(g->tape, command, question, json_null());
	return r;
}

int guest_open(struct qmp_client *link, struct tape *tape, uint64_t until_ns, struct guest *ret,
	       struct rig_err *err)
{
	json_auto_t *who = NULL, *layout = NULL;
	const json_t *version = json_object_get(qmp_greeting(link), "version");
	struct guest g = { .link = link, .tape = tape };
	char block[32];
	int r;

	if (json_integer_value(json_object_get(version, "major")) != AGENT_MAJOR)
		return rig_err_set(err, RIG_AGENT, EPROTO, "the agent speaks version %d, not %d; build it anew",
				   (int)json_integer_value(json_object_get(version, "major")), AGENT_MAJOR);
	if ((r = guest_ask(&g, "query-guest", NULL, until_ns, &who, err)) < 0 ||
	    (r = guest_ask(&g, "query-layout", NULL, until_ns, &layout, err)) < 0)
		return r;
	if (!copy_text(who, "release", g.release, sizeof(g.release)) ||
	    !copy_text(who, "version", g.version, sizeof(g.version)) ||
	    !copy_text(who, "cmdline", g.cmdline, sizeof(g.cmdline)) ||
	    json_integer_value(json_object_get(who, "page-bytes")) != PAGE_BYTES)
		return malformed(err, "query-guest");
	if (!copy_text(who, "block-bytes-hex", block, sizeof(block)) ||
	    !(g.block_bytes = strtoull(block, NULL, 16)))
		return rig_err_set(err, RIG_MISSING, ENODEV, "CONFIG_MEMORY_HOTPLUG (no memory blocks in sysfs)");
	r = layout_parse(layout, &g.layout, &g.raw, g.reader_why, err);
	if (r < 0)
		return r;
	strcpy(g.reader, g.raw ? "bpf" : "kpageflags");
	*ret = g;
	return 0;
}

static int sections(struct guest *g, uint64_t end_pfn, uint64_t until_ns, struct snapshot *s, struct rig_err *err)
{
	uint64_t last = end_pfn > s->kpageflags_pages ? end_pfn : s->kpageflags_pages;
	uint64_t end = last / g->layout.pages_per_section + LOOK_BEYOND_SECTIONS;
	json_auto_t *answer = NULL;
	int r = guest_ask(g, "query-sections", json_pack("{sisI}", "start", 0, "end", (json_int_t)end), until_ns,
		    &answer, err);

	return r < 0 ? r : snapshot_parse_sections(answer, s, err);
}

static int nodes_raw(struct guest *g, uint64_t until_ns, struct snapshot *s, struct rig_err *err)
{
	json_auto_t *answer = NULL, *nodes = json_array();
	int r;

	for (int i = 0; i <= MAX_NODE; i++)
		json_array_append_new(nodes, json_integer(i));
	r = guest_ask(g, "query-nodes-raw", json_pack("{sO}", "nodes", nodes), until_ns, &answer, err);
	/* a kernel without NUMA has no node_data: zoneinfo alone speaks then */
	if (r == -EREMOTEIO)
		return 0;
	return r < 0 ? r : snapshot_parse_nodes_raw(answer, s, err);
}

int guest_blocks(struct guest *g, uint64_t until_ns, struct snapshot *s, struct rig_err *err)
{
	json_auto_t *blocks = NULL;
	int r = guest_ask(g, "query-memory-blocks", NULL, until_ns, &blocks, err);

	return r < 0 ? r : snapshot_parse_blocks(blocks, s, err);
}

int guest_counters(struct guest *g, uint64_t end_pfn, uint64_t until_ns, struct snapshot *s, struct rig_err *err)
{
	json_auto_t *counters = NULL;
	int r;

	if ((r = guest_ask(g, "query-counters", NULL, until_ns, &counters, err)) < 0 ||
	    (r = snapshot_parse_counters(counters, s, err)) < 0 ||
	    (r = guest_blocks(g, until_ns, s, err)) < 0)
		return r;
	s->raw = g->raw;
	if (!g->raw)
		return 0;
	r = nodes_raw(g, until_ns, s, err);
	return r < 0 ? r : sections(g, end_pfn, until_ns, s, err);
}

int guest_zoneinfo(struct guest *g, uint64_t until_ns, struct snapshot *s, struct rig_err *err)
{
	json_auto_t *counters = NULL;
	int r = guest_ask(g, "query-counters", NULL, until_ns, &counters, err);

	return r < 0 ? r : snapshot_parse_counters(counters, s, err);
}

int guest_pages(struct guest *g, uint64_t start, uint64_t end, bool kpageflags, uint64_t until_ns,
		struct snapshot *s, struct rig_err *err)
{
	while (start < end) {
		json_auto_t *answer = NULL;
		uint64_t next;
		int r = guest_ask(g, "query-pages",
			    json_pack("{sIsIsb}", "start", (json_int_t)start, "end", (json_int_t)end,
				      "kpageflags", kpageflags), until_ns, &answer, err);

		if (r < 0 || (r = snapshot_parse_pages(&g->layout, answer, start, end, s, &next, err)) < 0)
			return r;
		if (s->pages.nr > MAX_RUNS)
			return rig_err_set(err, RIG_AGENT, EFBIG, "the agent reports more than %u runs of pages",
					   MAX_RUNS);
		start = next;
	}
	return 0;
}

int guest_pageblocks(struct guest *g, uint64_t start, uint64_t end, uint64_t until_ns, struct snapshot *s,
		     struct rig_err *err)
{
	json_auto_t *answer = NULL;
	int r = guest_ask(g, "query-pageblocks", json_pack("{sIsI}", "start", (json_int_t)start, "end", (json_int_t)end),
		    until_ns, &answer, err);

	return r < 0 ? r : snapshot_parse_pageblocks(answer, start, end, s, err);
}

int guest_sync_log(struct guest *g, const char *marker, uint64_t until_ns, struct rig_err *err)
{
	json_auto_t *answer = NULL;
	int r = qmp_call(g->link, "sync-log", json_pack("{ss}", "marker", marker), until_ns, &answer, NULL,
			 err);

	if (r == -EREMOTEIO)	/* no /dev/kmsg: the console is the only log */
		return 0;
	if (!r && !json_is_true(json_object_get(answer, "found")))
		return rig_err_set(err, RIG_AGENT, EIO, "the agent does not see its own mark in the kernel log");
	return r;
}

int guest_await_idle(struct guest *g, uint64_t until_ns, struct rig_err *err)
{
	json_auto_t *answer = NULL;
	int left_ms = clock_left_ms(until_ns);
	const char *busy;
	int r = qmp_call(g->link, "await-idle-work", json_pack("{si}", "deadline-ms", left_ms / 10 * 9), until_ns,
			 &answer, NULL, err);

	if (r < 0)
		return rig_err_wrap(err, "the end of all work in the kernel");
	busy = json_string_value(json_object_get(answer, "busy"));
	if (!busy)
		return malformed(err, "await-idle-work");
	return !*busy ? 0 : rig_err_set(err, RIG_TIMEOUT, ETIMEDOUT, "kernel worker '%s' does not come to rest", busy);
}

int guest_visit_cpus(struct guest *g, uint64_t until_ns, struct rig_err *err)
{
	return qmp_call(g->link, "visit-cpus", NULL, until_ns, NULL, NULL, err);
}

bool guest_alive(struct guest *g, uint64_t until_ns)
{
	struct rig_err err;

	return qmp_call(g->link, "sync", json_pack("{sI}", "nonce", (json_int_t)(clock_ns() & INT64_MAX)),
			until_ns, NULL, NULL, &err) == 0;
}

int guest_errno(const json_t *answer, int *eno, struct rig_err *err)
{
	const json_t *v = json_object_get(answer, "errno");

	if (!json_is_integer(v) || json_integer_value(v) < 0 || json_integer_value(v) > 4095)
		return malformed(err, "errno");
	*eno = (int)json_integer_value(v);
	return 0;
}

int guest_write(struct guest *g, const char *path, const char *text, uint64_t until_ns, int *eno,
		struct rig_err *err)
{
	json_auto_t *answer = NULL;
	int r = qmp_call(g->link, "write-file", json_pack("{ssss}", "path", path, "text", text), until_ns,
			 &answer, NULL, err);

	return r < 0 ? r : guest_errno(answer, eno, err);
}

int guest_read(struct guest *g, json_t *paths, uint64_t until_ns, json_t **ret, struct rig_err *err)
{
	json_auto_t *answer = NULL;
	json_t *files;
	int r = qmp_call(g->link, "read-files", json_pack("{so}", "paths", paths), until_ns, &answer, NULL, err);

	if (r < 0)
		return r;
	files = json_object_get(answer, "files");
	if (!json_is_object(files))
		return malformed(err, "read-files");
	*ret = json_incref(files);
	return 0;
}

/* One that is not carried may be built in. */
static int load_module(struct guest *g, const char *name, uint64_t until_ns, struct rig_err *err)
{
	json_auto_t *answer = NULL;
	int eno = 0;
	int r = qmp_call(g->link, "load-module", json_pack("{ss}", "name", name), until_ns, &answer, NULL,
			 err);

	if (r < 0 || (r = guest_errno(answer, &eno, err)) < 0 || !eno || eno == ENOENT || eno == EEXIST)
		return r;
	return rig_err_set(err, RIG_AGENT, eno, "cannot load module '%s': %s", name, strerror(eno));
}

int guest_write_of_module(struct guest *g, const char *module, const char *config, const char *path, const char *text,
			  uint64_t until_ns, int *eno, struct rig_err *err)
{
	int r = load_module(g, module, until_ns, err);

	if (r == 0)
		r = guest_write(g, path, text, until_ns, eno, err);
	return r == 0 && *eno == ENOENT ? rig_err_set(err, RIG_MISSING, ENOENT, "%s", config) : r;
}
