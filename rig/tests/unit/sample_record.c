// SPDX-License-Identifier: GPL-2.0-or-later
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/clean.h"
#include "base/io.h"
#include "base/mem.h"
#include "sample_record.h"

#define STEP_NS	1000000000ll

static json_t *parse(const char *text)
{
	json_error_t why;
	json_t *o = json_loads(text, 0, &why);

	if (!o)
		fail_msg("%s", why.text);
	return o;
}

static json_t *make_result(void)
{
	return parse("{ \"format\": 1, \"scenario\": \"dimm/one\", \"machine\": \"small\", \"outcome\": \"PASS\","
		     "  \"kernel\": { \"release\": \"6.12\", \"image_sha256\": \"0123456789abcdef\" },"
		     "  \"accel\": \"tcg\", \"memmap\": { \"era\": \"page-offline\" }, \"findings\": [],"
		     "  \"steps\": ["
		     "    { \"name\": \"1 online d0\", \"outcome\": \"PASS\", \"start\": 1000000000, \"end\": 2000000000 },"
		     "    { \"name\": \"end\", \"outcome\": \"PASS\", \"start\": 3000000000, \"end\": 4000000000 } ] }");
}

static json_t *make_state(void)
{
	return parse("{ \"pages\": [], \"pageblocks\": [], \"holders\": [], \"firmware\": [],"
		     "  \"sections\": [ { \"first\": 0, \"nr\": 16, \"marks\": \"0xf\", \"subsections\": \"0xff\" } ],"
		     "  \"blocks\": [ { \"id\": 1, \"state\": \"online\", \"zones\": \"DMA32\", \"removable\": \"1\","
		     "                  \"nodes\": [0] } ],"
		     "  \"zones\": [ { \"node\": 0, \"zone\": \"DMA32\", \"start\": 4096, \"spanned\": 520159,"
		     "                 \"present\": 520159, \"managed\": 480000 } ],"
		     "  \"nodes\": [ { \"node\": 0, \"start\": 1, \"spanned\": 524254, \"present\": 524157,"
		     "                 \"nr_zones\": 2, \"zonelists\": [[[0, 1], [0, 0]]], \"zones\": [] } ],"
		     "  \"iomem\": [ { \"start\": \"0x100000\", \"end\": \"0x7fffffff\", \"depth\": 0,"
		     "                 \"name\": \"System RAM\" },"
		     "               { \"start\": \"0x1000000\", \"end\": \"0x1ffffff\", \"depth\": 1,"
		     "                 \"name\": \"Kernel code\" } ],"
		     "  \"node_online\": \"0\", \"has_memory\": \"0\", \"auto_online\": \"offline\","
		     "  \"mem_total_kib\": 2000000, \"kpageflags_pages\": 524288, \"memmap_pages\": 100 }");
}

/* After the step: the block is online, and one of its pages is used. */
static void put_online(json_t *state)
{
	json_array_append_new(json_object_get(state, "sections"),
			      parse("{ \"first\": 32, \"nr\": 1, \"marks\": \"0x7\", \"subsections\": \"0xff\" }"));
	json_object_set_new(state, "pages", parse(
		"[ { \"pfn\": \"0x100000\", \"nr\": 1, \"flags\": \"lru|swapbacked\", \"type\": \"none\", \"type_word\": \"0x0\","
		"    \"refcount\": 1, \"mapcount\": 1, \"zone\": \"Movable\", \"node\": 0, \"kpageflags\": \"0x5828\" },"
		"  { \"pfn\": \"0x100001\", \"nr\": 32767, \"flags\": \"none\", \"type\": \"none\","
		"    \"type_word\": \"0xffffffff\", \"refcount\": 0, \"mapcount\": 0, \"zone\": \"Movable\", \"node\": 0,"
		"    \"kpageflags\": \"0x0\" } ]"));
	json_object_set_new(state, "pageblocks", parse("[ { \"pfn\": \"0x100000\", \"nr\": 32768, \"type\": \"movable\" } ]"));
	json_object_set_new(state, "mem_total_kib", json_integer(2131072));
	json_object_set_new(state, "memmap_pages", json_integer(612));
}

void sample_record_init(struct sample_record *r)
{
	*r = (struct sample_record){ .result = make_result(), .events = json_array(), .watermark = 11174,
				     .latency_ns = 5000000 };
	for (size_t i = 0; i < ARRAY_SIZE(r->state); i++)
		r->state[i] = make_state();
	put_online(r->state[1]);
	sample_record_event(r, "online", NULL);
	sample_record_event(r, NULL, "Built 1 zonelists, mobility grouping on.  Total pages: 504770");
}

void sample_record_deinit(struct sample_record *r)
{
	json_decref(r->result);
	json_decref(r->events);
	for (size_t i = 0; i < ARRAY_SIZE(r->state); i++)
		json_decref(r->state[i]);
}

void sample_record_offline(struct sample_record *r, const char *flags, const char *type, const char *kpageflags)
{
	json_object_set_new(json_array_get(json_object_get(r->state[1], "sections"), 1), "marks", json_string("0x3"));
	json_object_set_new(r->state[1], "pages", json_pack(
		"[{ss si ss ss ss si si ss si ss}]", "pfn", "0x100000", "nr", 32768, "flags", flags, "type", type,
		"type_word", "0x1", "refcount", 1, "mapcount", 0, "zone", "Movable", "node", 0, "kpageflags",
		kpageflags));
}

void sample_record_event(struct sample_record *r, const char *action, const char *text)
{
	json_t *o = text ? json_pack("{s:s, s:{s:i, s:i, s:s}}", "event", "KMSG", "data", "seq", 1, "level", 6, "text",
				     text) :
			   json_pack("{s:s, s:{s:s, s:s, s:s}}", "event", "UEVENT", "data", "subsystem", "memory",
				     "action", action, "devpath", "/devices/system/memory/memory32");

	json_array_append_new(r->events, o);
}

static void put(const char *folder, const char *name, const json_t *value)
{
	AUTO_FREE char *path = xasprintf("%s/%s", folder, name), *text = json_dumps(value, 0);
	struct rig_err err;

	assert_int_equal(io_write_file(path, text, strlen(text), &err), 0);
}

/* One line of a wire; what was there and is part of it now is freed. */
static char *add_line(char *had, long long ns, const char *dir, const json_t *message)
{
	AUTO_FREE char *before = had, *inner = json_dumps(message, JSON_COMPACT), *line = NULL;
	json_auto_t *outer = json_pack("{sI ss ss}", "ns", (json_int_t)ns, "dir", dir, "line", inner);

	line = json_dumps(outer, JSON_COMPACT);
	return xasprintf("%s%s\n", before, line);
}

static json_t *counters(const struct sample_record *r)
{
	AUTO_FREE char *zoneinfo = xasprintf("Node 0, zone    DMA32\n  pages free     469855\n        min      %d\n"
					     "        protection: (0, 0)\n", r->watermark);

	return json_pack("{s:{s:s, s:s}, s:i}", "return", "zoneinfo", zoneinfo, "meminfo",
			 "MemFree:  12 kB\nCommitLimit:  4000 kB\n", "id", 8);
}

static void put_wires(const struct sample_record *r, const char *folder)
{
	AUTO_FREE char *agent = xasprintf("%s/agent.jsonl", folder), *qmp = xasprintf("%s/qmp.jsonl", folder);
	json_auto_t *answer = counters(r);
	json_auto_t *marker = json_pack("{s:s, s:{s:s}, s:i}", "execute", "sync-log", "arguments", "marker",
					"step 1 ends", "id", 7);
	struct rig_err err;
	char *text = xstrdup("");
	const json_t *message;
	size_t i;

	json_array_foreach(r->events, i, message)
		text = add_line(text, STEP_NS + (long long)i + 1, "<", message);
	text = add_line(text, STEP_NS + r->latency_ns, ">", marker);
	text = add_line(text, STEP_NS + r->latency_ns + 1, "<", answer);
	assert_int_equal(io_write_file(agent, text, strlen(text), &err), 0);
	assert_int_equal(io_write_file(qmp, "", 0, &err), 0);
	free(text);
}

char *sample_record_put(const struct sample_record *r, const char *results, const char *name)
{
	static const char *const names[] = { "state-000-start.json.gz", "state-001-after.json.gz",
					     "state-002-end.json.gz" };
	char *folder = xasprintf("%s/%s", results, name);
	struct rig_err err;

	assert_int_equal(io_mkdirs(folder, &err), 0);
	put(folder, "result.json", r->result);
	for (size_t i = 0; i < ARRAY_SIZE(names); i++)
		put(folder, names[i], r->state[i]);
	put_wires(r, folder);
	return folder;
}
