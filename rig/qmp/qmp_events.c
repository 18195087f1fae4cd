// SPDX-License-Identifier: GPL-2.0-or-later
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "qmp/qmp_events.h"
#include "qmp/qmp_line.h"

/* what an event takes beside its line, so that a flood of tiny ones is bounded as well */
#define EVENT_OVERHEAD	256

bool qmp_events_add(struct qmp_events *e, const char *name, json_t *data, size_t line_len,
		    uint64_t ns)
{
	size_t left = e->max_bytes - e->bytes;
	struct qmp_event *event;

	if (left < EVENT_OVERHEAD || line_len > left - EVENT_OVERHEAD)
		return false;
	e->bytes += line_len + EVENT_OVERHEAD;
	event = xcalloc(1, sizeof(*event));
	event->name = xstrdup(name);
	event->data = data ? json_incref(data) : json_object();
	event->seen_ns = ns;
	GROW(e->v, e->n, e->cap);
	e->v[e->n++] = event;
	return true;
}

void qmp_events_deinit(struct qmp_events *e)
{
	for (size_t i = 0; i < e->n; i++) {
		json_decref(e->v[i]->data);
		free((char *)e->v[i]->name);
		free(e->v[i]);
	}
	free(e->v);
	*e = (struct qmp_events){ .max_bytes = e->max_bytes };
}

static bool is_match(const struct qmp_event *event, const char *name, const json_t *match)
{
	const char *key;
	json_t *value;

	if (name && strcmp(event->name, name))
		return false;
	json_object_foreach((json_t *)match, key, value)
		if (!json_equal(json_object_get(event->data, key), value))
			return false;
	return true;
}

const struct qmp_event *qmp_events_find(const struct qmp_events *e, const char *name,
					const json_t *match, size_t *next)
{
	while (*next < e->n) {
		const struct qmp_event *event = e->v[(*next)++];

		if (is_match(event, name, match))
			return event;
	}
	return NULL;
}

void qmp_events_names(const struct qmp_events *e, size_t from, char *dst, size_t size)
{
	size_t used = 0, i = from;

	snprintf(dst, size, "none");
	while (i < e->n) {
		char quoted[64], item[sizeof(quoted) + 32];
		size_t same = 1, len;

		while (i + same < e->n && !strcmp(e->v[i]->name, e->v[i + same]->name))
			same++;
		qmp_line_quote(quoted, sizeof(quoted), e->v[i]->name);
		if (same > 1)
			snprintf(item, sizeof(item), "%s x%zu", quoted, same);
		else
			snprintf(item, sizeof(item), "%s", quoted);
		len = strlen(item);
		if (used + len + sizeof(", ...") + 2 > size) {
			snprintf(dst + used, size - used, "%s...", used ? ", " : "");
			return;
		}
		used += (size_t)snprintf(dst + used, size - used, "%s%s", used ? ", " : "", item);
		i += same;
	}
}
