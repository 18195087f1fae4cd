// SPDX-License-Identifier: GPL-2.0-or-later
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <linux/netlink.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>

#include "base/clean.h"
#include "base/clock.h"
#include "base/mem.h"
#include "guest_agent/agent.h"

#define KMSG_RECORD_BYTES 8192	/* PRINTKRB_RECORD_MAX and its predecessors fit */
#define MARKER_MS 3000u

/*
 * "prio,seq,usec,flags;text\n KEY=value\n".  Unprintable bytes come as \xNN from the kernel, so the
 * text is ASCII.  Returns true when the record holds @marker.
 */
static bool send_record(struct agent *a, char *record, const char *marker)
{
	char *text = strchr(record, ';'), *end;
	uint64_t seq, usec;
	unsigned int prio;

	if (!text || sscanf(record, "%u,%" SCNu64 ",%" SCNu64, &prio, &seq, &usec) != 3)
		return false;
	end = strchr(++text, '\n');
	if (end)
		*end = '\0';
	agent_event(a, "KMSG", json_pack("{sIsIsiso}", "seq", (json_int_t)seq, "usec", (json_int_t)usec,
					 "level", (int)(prio & 7), "text", json_bytes(text, strlen(text))));
	return marker && strstr(text, marker);
}

static bool drain_kmsg(struct agent *a, const char *marker)
{
	char record[KMSG_RECORD_BYTES + 1];
	bool found = false;

	for (;;) {
		ssize_t n = read(a->kmsg, record, KMSG_RECORD_BYTES);

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0 && errno == EPIPE) {
			/* the ring buffer overtook us; the next read goes on behind the gap */
			agent_event(a, "KMSG_LOST", json_object());
			continue;
		}
		if (n <= 0)
			return found;
		record[n] = '\0';
		found |= send_record(a, record, marker);
	}
}

static void on_kmsg(void *arg, int fd)
{
	(void)fd;
	drain_kmsg(arg, NULL);
}

static const char *uevent_value(const char *msg, size_t len, const char *key)
{
	size_t key_len = strlen(key);

	for (const char *p = msg; p < msg + len; p += strlen(p) + 1)
		if (!strncmp(p, key, key_len) && p[key_len] == '=')
			return p + key_len + 1;
	return "";
}

static void send_uevent(struct agent *a, const char *msg, size_t len)
{
	static const char *const wanted[] = { "memory", "node", "dax", "nd" };
	const char *subsystem = uevent_value(msg, len, "SUBSYSTEM");

	for (size_t i = 0; i < ARRAY_SIZE(wanted); i++)
		if (!strcmp(subsystem, wanted[i]))
			agent_event(a, "UEVENT", json_pack("{ssssss}", "subsystem", subsystem, "action",
							   uevent_value(msg, len, "ACTION"), "devpath",
							   uevent_value(msg, len, "DEVPATH")));
}

static void drain_uevents(struct agent *a)
{
	char msg[8193];
	ssize_t n;

	for (;;) {
		n = recv(a->uevents, msg, sizeof(msg) - 1, MSG_DONTWAIT);
		if (n < 0 && errno == ENOBUFS)
			agent_event(a, "UEVENT_LOST", json_object());
		else if (n <= 0)
			return;
		else {
			msg[n] = '\0';
			send_uevent(a, msg, (size_t)n);
		}
	}
}

static void on_uevent(void *arg, int fd)
{
	(void)fd;
	drain_uevents(arg);
}

void log_open(struct agent *a)
{
	struct sockaddr_nl addr = { .nl_family = AF_NETLINK, .nl_groups = 1 };

	/* not from SEEK_END: what was logged before the agent lived belongs to the evidence */
	a->kmsg = open("/dev/kmsg", O_RDWR | O_NONBLOCK | O_CLOEXEC);
	if (a->kmsg >= 0)
		loop_watch(a->loop, a->kmsg, on_kmsg, a);
	a->uevents = socket(AF_NETLINK, SOCK_DGRAM | SOCK_CLOEXEC, NETLINK_KOBJECT_UEVENT);
	if (a->uevents >= 0 && bind(a->uevents, (struct sockaddr *)&addr, sizeof(addr)) == 0)
		loop_watch(a->loop, a->uevents, on_uevent, a);
}

/* A record that somebody else has begun to write holds back those behind it until it is finished. */
static bool await_marker(struct agent *a, const char *marker)
{
	uint64_t until_ns = clock_in_ms(MARKER_MS);
	struct pollfd more = { .fd = a->kmsg, .events = POLLIN };
	bool found = drain_kmsg(a, marker);

	while (!found && clock_left_ms(until_ns) > 0) {
		poll(&more, 1, clock_left_ms(until_ns));
		found = drain_kmsg(a, marker);
	}
	return found;
}

/*
 * Puts a marker into the kernel log and sends every record up to it, and every uevent: when the
 * reply arrives, what the kernel said before belongs to the step that has ended.
 */
int cmd_sync_log(const struct request *req, json_t **ret, struct rig_err *err)
{
	AUTO_FREE char *line = NULL;
	const char *marker;
	int r = arg_string(req, "marker", &marker, err);
	bool found;

	if (r < 0)
		return r;
	if (req->agent->kmsg < 0)
		return rig_err_set(err, RIG_AGENT, ENODEV, "no /dev/kmsg in this kernel");
	line = xasprintf("<7>hotrig: %s\n", marker);
	if (write(req->agent->kmsg, line, strlen(line)) < 0)
		return rig_err_set(err, RIG_AGENT, errno, "cannot write to the kernel log: %s",
				   strerror(errno));
	drain_uevents(req->agent);
	found = await_marker(req->agent, marker);
	*ret = json_pack("{sb}", "found", found);
	return 0;
}
