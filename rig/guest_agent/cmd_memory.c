// SPDX-License-Identifier: GPL-2.0-or-later
/* Commands about memory blocks: what sysfs says of them, and changing their state. */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>

#include "base/clean.h"
#include "base/clock.h"
#include "base/io.h"
#include "base/mem.h"
#include "guest_agent/agent.h"
#include "guest_agent/attribute.h"
#include "guest_agent/job.h"
#include "guest_agent/page_scan.h"

#define MEMORY_DIR "/sys/devices/system/memory"

static json_t *node_links(int dir, const char *block)
{
	AUTO_CLOSE int fd = openat(dir, block, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	json_t *nodes = json_array();
	struct dirent *e;
	DIR *d = fd < 0 ? NULL : fdopendir(fd);
	unsigned int nid;

	if (!d)
		return nodes;
	fd = -1;
	while ((e = readdir(d)))
		if (e->d_type == DT_LNK && sscanf(e->d_name, "node%u", &nid) == 1)
			json_array_append_new(nodes, json_integer(nid));
	closedir(d);
	return nodes;
}

int cmd_query_memory_blocks(const struct request *req, json_t **ret, struct rig_err *err)
{
	DIR *d = opendir(MEMORY_DIR);
	struct dirent *e;
	json_t *list, *block;
	unsigned int id;
	char rest;

	(void)req;
	if (!d)
		return rig_err_set(err, RIG_AGENT, errno, "cannot open '%s': %s", MEMORY_DIR,
				   strerror(errno));
	list = json_array();
	while ((e = readdir(d))) {
		if (sscanf(e->d_name, "memory%u%c", &id, &rest) != 1)
			continue;
		block = json_pack("{si so* so* so* so* so* so}", "id", (int)id,
			"state", attribute_json(dirfd(d), e->d_name, "state"),
			"valid-zones", attribute_json(dirfd(d), e->d_name, "valid_zones"),
			"phys-index", attribute_json(dirfd(d), e->d_name, "phys_index"),
			"phys-device", attribute_json(dirfd(d), e->d_name, "phys_device"),
			"removable", attribute_json(dirfd(d), e->d_name, "removable"),
			"nodes", node_links(dirfd(d), e->d_name));
		/* device_del() takes what every block has before its folder: it goes while we read */
		if (json_object_get(block, "state") && json_object_get(block, "phys-index"))
			json_array_append(list, block);
		json_decref(block);
	}
	closedir(d);
	*ret = json_pack("{so}", "blocks", list);
	return 0;
}

struct change {
	uint64_t block;
	char state[32];
};

/* Runs in a child: exits with the errno of the write, 0 when it went through. */
static int change_state(void *arg)
{
	const struct change *c = arg;
	const char *file = !strcmp(c->state, "0") || !strcmp(c->state, "1") ? "online" : "state";
	AUTO_FREE char *path = xasprintf(MEMORY_DIR "/memory%" PRIu64 "/%s", c->block, file);
	AUTO_CLOSE int fd = open(path, O_WRONLY | O_CLOEXEC);

	if (fd < 0)
		return errno;
	return write(fd, c->state, strlen(c->state)) < 0 ? errno : 0;
}

static json_t *change_answer(const struct job *job)
{
	json_t *ret = json_pack("{sIsbsb}", "ns", (json_int_t)(clock_ns() - job->started_ns), "gave-up",
				job->gave_up, "ended", job->exited);

	if (job->exited && WIFEXITED(job->status))
		json_object_set_new(ret, "errno", json_integer(WEXITSTATUS(job->status)));
	return ret;
}

/*
 * {block, state, deadline-ms}; state as the file of that name takes it, or 0 or 1 for "online".
 * An offline may loop for ever; a signal ends it, so the write is done by a child that can be killed.
 * Answers {errno, ns, gave-up, ended}: killed when the deadline had passed; whether that, or it itself, ended it.
 */
int cmd_set_memory_block(const struct request *req, json_t **ret, struct rig_err *err)
{
	struct change c = { 0 };
	uint64_t deadline_ms;
	const char *state;
	int r;

	(void)ret;
	if ((r = arg_u64(req, "block", UINT32_MAX, &c.block, err)) < 0 ||
	    (r = arg_u64(req, "deadline-ms", 3600000, &deadline_ms, err)) < 0 ||
	    (r = arg_string(req, "state", &state, err)) < 0)
		return r;
	snprintf(c.state, sizeof(c.state), "%s", state);
	r = job_start(req, deadline_ms, change_state, &c, change_answer, err);
	return r < 0 ? r : COMMAND_LATER;
}

static json_t *firmware_map(void)
{
	DIR *d = opendir("/sys/firmware/memmap");
	json_t *list = json_array();
	struct dirent *e;

	while (d && (e = readdir(d)))
		if (*e->d_name != '.')
			json_array_append_new(list, json_pack("{so*so*so*}",
				"start", attribute_json(dirfd(d), e->d_name, "start"),
				"end", attribute_json(dirfd(d), e->d_name, "end"),
				"type", attribute_json(dirfd(d), e->d_name, "type")));
	if (d)
		closedir(d);
	return list;
}

/* nodeN/ of sysfs: which blocks each node links to. */
static json_t *node_blocks(void)
{
	DIR *d = opendir("/sys/devices/system/node");
	json_t *nodes = json_array();
	struct dirent *e, *b;
	unsigned int nid, id;
	char rest;

	while (d && (e = readdir(d))) {
		json_t *blocks;
		int fd;
		DIR *n;

		if (sscanf(e->d_name, "node%u%c", &nid, &rest) != 1)
			continue;
		blocks = json_array();
		fd = openat(dirfd(d), e->d_name, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
		n = fd < 0 ? NULL : fdopendir(fd);
		while (n && (b = readdir(n)))
			if (sscanf(b->d_name, "memory%u%c", &id, &rest) == 1)
				json_array_append_new(blocks, json_integer(id));
		if (n)
			closedir(n);
		json_array_append_new(nodes, json_pack("{siso}", "node", (int)nid, "blocks", blocks));
	}
	if (d)
		closedir(d);
	return nodes;
}

/* Zone counters have per-cpu parts that are added up once a second: have that done now. */
static void refresh_counters(void)
{
	AUTO_CLOSE int fd = open("/proc/sys/vm/stat_refresh", O_WRONLY | O_CLOEXEC);

	/* a kernel without it shows counts that lag: the host then finds no quiet moment */
	if (fd >= 0 && write(fd, "1", 1) < 0)
		return;
}

/* Everything that counts memory, as text: the host parses. */
int cmd_query_counters(const struct request *req, json_t **ret, struct rig_err *err)
{
	static const struct { const char *key, *path; } files[] = {
		{ "zoneinfo", "/proc/zoneinfo" },	{ "meminfo", "/proc/meminfo" },
		{ "vmstat", "/proc/vmstat" },		{ "iomem", "/proc/iomem" },
		{ "node-online", "/sys/devices/system/node/online" },
		{ "has-memory", "/sys/devices/system/node/has_memory" },
		{ "auto-online", MEMORY_DIR "/auto_online_blocks" },
	};
	json_t *o = json_object();

	(void)req;
	(void)err;
	refresh_counters();
	for (size_t i = 0; i < ARRAY_SIZE(files); i++) {
		struct rig_err why;
		char *text;
		size_t len;

		if (io_read_file(files[i].path, 4u << 20, &text, &len, &why) < 0)
			continue;
		json_object_set_new(o, files[i].key, json_bytes(text, len));
		free(text);
	}
	json_object_set_new(o, "firmware-map", firmware_map());
	json_object_set_new(o, "nodes", node_blocks());
	json_object_set_new(o, "kpageflags-length", json_integer((json_int_t)page_scan_end()));
	*ret = o;
	return 0;
}
