// SPDX-License-Identifier: GPL-2.0-or-later
#include <errno.h>
#include <string.h>

#include "run/log_wait.h"

struct log_cursor log_cursor_at(size_t from)
{
	return (struct log_cursor){ .from = from, .next = from };
}

/* "KMSG_LOST" for "KMSG", "UEVENT_LOST" for "UEVENT". */
static bool tells_loss_of(const struct qmp_event *e, const char *name)
{
	size_t len = strlen(name);

	return !strncmp(e->name, name, len) && !strcmp(e->name + len, "_LOST");
}

int log_wait(struct qmp_client *link, const char *name, struct log_cursor *c, uint64_t until_ns,
	     const struct qmp_event **ret, struct rig_err *err)
{
	struct rig_err why;
	int r = qmp_wait_event(link, name, NULL, &c->next, until_ns, ret, &why);

	for (size_t i = c->from; r == -ETIMEDOUT && i < qmp_nr_events(link); i++)
		if (tells_loss_of(qmp_event_at(link, i), name))
			r = rig_err_set(&why, RIG_AGENT, ENOBUFS,
					"%s was lost on the way to the agent, perhaps what is waited for",
					!strcmp(name, LOG_RECORD) ? "part of the kernel log" : "a uevent");
	if (r < 0)
		*err = why;
	return r;
}
