// SPDX-License-Identifier: GPL-2.0-or-later
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>

#include "base/clean.h"
#include "base/io.h"
#include "base/mem.h"
#include "guest_agent/agent.h"

static int cmd_sync(const struct request *req, json_t **ret, struct rig_err *err)
{
	json_t *nonce = json_object_get(req->args, "nonce");

	(void)err;
	*ret = json_pack("{sO?}", "nonce", nonce);
	return 0;
}

static int cmd_quit(const struct request *req, json_t **ret, struct rig_err *err)
{
	(void)ret;
	(void)err;
	req->agent->quit = true;
	return 0;
}

static const struct {
	const char *name;
	command_fn *fn;
} commands[] = {
	{ "sync", cmd_sync },
	{ "query-guest", cmd_query_guest },
	{ "query-layout", cmd_query_layout },
	{ "query-pages", cmd_query_pages },
	{ "query-sections", cmd_query_sections },
	{ "query-nodes-raw", cmd_query_nodes_raw },
	{ "query-pageblocks", cmd_query_pageblocks },
	{ "query-memory-blocks", cmd_query_memory_blocks },
	{ "set-memory-block", cmd_set_memory_block },
	{ "query-namespaces", cmd_query_namespaces },
	{ "query-counters", cmd_query_counters },
	{ "query-kcore", cmd_query_kcore },
	{ "query-call-sites", cmd_query_call_sites },
	{ "read-files", cmd_read_files },
	{ "visit-cpus", cmd_visit_cpus },
	{ "read-trees", cmd_read_trees },
	{ "write-file", cmd_write_file },
	{ "load-module", cmd_load_module },
	{ "run", cmd_run },
	{ "await-idle-work", cmd_await_idle_work },
	{ "fill", cmd_fill },
	{ "check-fill", cmd_check_fill },
	{ "release-fill", cmd_release_fill },
	{ "walk", cmd_walk },
	{ "check-walk", cmd_check_walk },
	{ "release-walk", cmd_release_walk },
	{ "devmem", cmd_devmem },
	{ "sync-log", cmd_sync_log },
	{ "bench-pages", cmd_bench_pages },
	{ "quit", cmd_quit },
};

static void send_bytes(struct agent *a, const char *data, size_t len)
{
	/* the host has gone: nobody is left to tell */
	if (io_write_all(a->link, data, len) < 0)
		a->quit = true;
}

static void send_json(struct agent *a, json_t *message)
{
	AUTO_FREE char *text = json_dumps(message, JSON_COMPACT);

	json_decref(message);
	if (!text)
		return;
	send_bytes(a, text, strlen(text));
	send_bytes(a, "\r\n", 2);
}

void agent_reply(struct agent *a, json_t *id, json_t *ret)
{
	send_json(a, json_pack("{so so*}", "return", ret ? ret : json_object(), "id", id));
}

void agent_reply_text(struct agent *a, const json_t *id, const char *text, size_t len)
{
	AUTO_FREE char *id_text = id ? json_dumps(id, JSON_ENCODE_ANY | JSON_COMPACT) : NULL;

	send_bytes(a, "{\"return\":", 10);
	send_bytes(a, text, len);
	if (id_text) {
		send_bytes(a, ",\"id\":", 6);
		send_bytes(a, id_text, strlen(id_text));
	}
	send_bytes(a, "}\r\n", 3);
}

void agent_refuse(struct agent *a, json_t *id, const char *class, const char *desc)
{
	send_json(a, json_pack("{s{ssss} so*}", "error", "class", class, "desc", desc, "id", id));
}

void agent_event(struct agent *a, const char *name, json_t *data)
{
	send_json(a, json_pack("{ss so}", "event", name, "data", data));
}

int arg_u64(const struct request *req, const char *key, uint64_t max, uint64_t *ret,
	    struct rig_err *err)
{
	json_t *v = json_object_get(req->args, key);

	if (!json_is_integer(v) || json_integer_value(v) < 0 || (uint64_t)json_integer_value(v) > max)
		return rig_err_set(err, RIG_AGENT, EINVAL,
				   "argument '%s' must be an integer of 0 to %" PRIu64, key, max);
	*ret = (uint64_t)json_integer_value(v);
	return 0;
}

int arg_string(const struct request *req, const char *key, const char **ret, struct rig_err *err)
{
	const char *s = json_string_value(json_object_get(req->args, key));

	if (!s)
		return rig_err_set(err, RIG_AGENT, EINVAL, "argument '%s' must be a string", key);
	*ret = s;
	return 0;
}

static void append_escaped(char **o, unsigned char c)
{
	if (c == '\n' || (c >= ' ' && c < 0x7f && c != '\\'))
		*(*o)++ = (char)c;
	else
		*o += sprintf(*o, "\\x%02x", c);
}

json_t *json_bytes(const char *data, size_t len)
{
	json_t *s = memchr(data, 0, len) ? NULL : json_stringn(data, len);
	AUTO_FREE char *text = NULL;
	char *o;

	if (s)
		return s;
	o = text = xcalloc(len, sizeof("\\xff"));
	for (size_t i = 0; i < len; i++)
		append_escaped(&o, (unsigned char)data[i]);
	return json_string(text);
}

static void dispatch(struct agent *a, const char *name, json_t *id, const json_t *args)
{
	struct request req = { .agent = a, .id = id, .args = args };
	struct rig_err err = { 0 };
	json_t *ret = NULL;

	for (size_t i = 0; i < ARRAY_SIZE(commands); i++) {
		int r;

		if (strcmp(commands[i].name, name))
			continue;
		r = commands[i].fn(&req, &ret, &err);
		if (r == 0)
			agent_reply(a, json_incref(id), ret);
		else if (r < 0)
			agent_refuse(a, json_incref(id), "GenericError", err.text);
		return;
	}
	agent_refuse(a, json_incref(id), "CommandNotFound", name);
}

static void one_line(struct agent *a, const char *line, size_t len)
{
	json_error_t error;
	json_auto_t *msg = json_loadb(line, len, JSON_REJECT_DUPLICATES, &error);
	json_t *id = json_object_get(msg, "id"), *args = json_object_get(msg, "arguments");
	json_auto_t *none = json_object();
	const char *name = json_string_value(json_object_get(msg, "execute"));

	if (!name)
		name = json_string_value(json_object_get(msg, "exec-oob"));
	if (!msg)
		agent_refuse(a, NULL, "GenericError", error.text);
	else if (!name || (args && !json_is_object(args)))
		agent_refuse(a, json_incref(id), "GenericError", "not a command");
	else if (!a->negotiated && strcmp(name, "qmp_capabilities"))
		agent_refuse(a, json_incref(id), "CommandNotFound", "negotiate capabilities first");
	else if (!strcmp(name, "qmp_capabilities")) {
		agent_reply(a, json_incref(id), NULL);
		if (!a->negotiated)
			log_open(a);
		a->negotiated = true;
	} else {
		dispatch(a, name, id, args ? args : none);
	}
}

static void on_link(void *arg, int fd)
{
	struct agent *a = arg;
	ssize_t n = read(fd, a->line + a->line_len, AGENT_MAX_LINE - a->line_len);
	char *start = a->line, *end;

	if (n < 0 && (errno == EINTR || errno == EAGAIN))
		return;
	if (n <= 0) {
		a->quit = true;
		return;
	}
	a->line_len += (size_t)n;
	while ((end = memchr(start, '\n', a->line_len - (size_t)(start - a->line)))) {
		if (end > start)
			one_line(a, start, (size_t)(end - start));
		start = end + 1;
	}
	a->line_len -= (size_t)(start - a->line);
	memmove(a->line, start, a->line_len);
	if (a->line_len == AGENT_MAX_LINE) {
		agent_refuse(a, NULL, "GenericError", "command too long");
		a->quit = true;
	}
}

static bool wants_to_quit(void *arg)
{
	return ((struct agent *)arg)->quit;
}

void oom_score_set(const char *score)
{
	AUTO_CLOSE int fd = open("/proc/self/oom_score_adj", O_WRONLY | O_CLOEXEC);

	/* a kernel that does not offer it has no OOM killer to fear either */
	if (fd >= 0 && write(fd, score, strlen(score)) < 0)
		fprintf(stderr, "hotrig agent: oom_score_adj: %s\n", strerror(errno));
}

int agent_run(int link)
{
	struct agent a = { .link = link, .kmsg = -1, .uevents = -1 };
	struct rig_err err;

	oom_score_set(OOM_NEVER);
	/* so that huge pages which are still counted in the end are nobody's; who fills memory has them again */
	prctl(PR_SET_THP_DISABLE, 1, 0, 0, 0);
	a.line = xcalloc(1, AGENT_MAX_LINE);
	if (loop_create(&a.loop, &err) < 0) {
		fprintf(stderr, "hotrig agent: %s\n", err.text);
		return 1;
	}
	loop_watch(a.loop, link, on_link, &a);
	send_json(&a, json_pack("{s{s{sisi} s[]}}", "HOTRIG", "version", "major", AGENT_VERSION_MAJOR,
				"minor", AGENT_VERSION_MINOR, "capabilities"));
	if (loop_until(a.loop, wants_to_quit, &a, UINT64_MAX, "a command", &err) < 0) {
		fprintf(stderr, "hotrig agent: %s\n", err.text);
		return 1;
	}
	return 0;
}
