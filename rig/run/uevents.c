// SPDX-License-Identifier: GPL-2.0-or-later
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "run/evidence.h"
#include "run/uevents.h"

void uevents_want(struct run *run, const char *action, uint32_t block)
{
	GROW(run->uevents, run->nr_uevents, run->cap_uevents);
	snprintf(run->uevents[run->nr_uevents++].text, sizeof(run->uevents->text), "%s memory%u", action, block);
}

static int by_text(const void *a, const void *b)
{
	return strcmp(a, b);
}

/* A memory-block uevent as "online memory32"; false when the event is none. */
static bool memory_uevent(const struct qmp_event *e, struct uevent_want *ret)
{
	const char *subsystem = json_string_value(json_object_get(e->data, "subsystem"));
	const char *action = json_string_value(json_object_get(e->data, "action"));
	const char *path = json_string_value(json_object_get(e->data, "devpath"));

	if (strcmp(e->name, "UEVENT") || !subsystem || strcmp(subsystem, "memory") || !action || !path ||
	    !strrchr(path, '/'))
		return false;
	snprintf(ret->text, sizeof(ret->text), "%s %s", action, strrchr(path, '/') + 1);
	return true;
}

bool uevents_block(const struct qmp_event *e, bool *added, uint32_t *block)
{
	struct uevent_want seen;
	char action[8];

	if (!memory_uevent(e, &seen) || sscanf(seen.text, "%7s memory%" SCNu32, action, block) != 2)
		return false;
	*added = !strcmp(action, "add");
	return *added || !strcmp(action, "remove");
}

/*
 * A refused unplug takes back what it had offlined before: acpi_scan_try_to_offline() brings those
 * blocks online again, in the default zone.  Which they were depends on how far it came, and only
 * the offline uevents tell.
 */
static void roll_back(struct run *run, struct model_device *d)
{
	struct uevent_want seen, want;

	for (size_t e = run->uevents_from; e < qmp_nr_events(run->guest.link); e++) {
		if (!memory_uevent(qmp_event_at(run->guest.link, e), &seen))
			continue;
		for (size_t i = 0; i < d->nr_blocks; i++) {
			struct model_block *b = &d->block[i];

			snprintf(want.text, sizeof(want.text), "offline memory%u", b->id);
			if (b->class != PAGE_ONLINE || strcmp(want.text, seen.text))
				continue;
			uevents_want(run, "offline", b->id);
			uevents_want(run, "online", b->id);
			model_offline(&run->model, b->id);
			model_online(&run->model, b->id, ZONE_AUTO);
		}
	}
	d->rolled_back = false;
}

void uevents_judge(struct run *run)
{
	struct qmp_client *link = run->guest.link;
	struct uevent_want *seen = NULL;
	bool lost = false;
	size_t n = 0, cap = 0, i = 0, k = 0;

	for (size_t d = 0; d < run->model.nr_devices; d++)
		if (run->model.device[d].rolled_back)
			roll_back(run, &run->model.device[d]);
	for (; run->uevents_from < qmp_nr_events(link); run->uevents_from++) {
		lost |= !strcmp(qmp_event_at(link, run->uevents_from)->name, "UEVENT_LOST");
		GROW(seen, n, cap);
		n += memory_uevent(qmp_event_at(link, run->uevents_from), &seen[n]);
	}
	if (lost) {	/* the socket overflowed: the guest did not see all, so nobody can judge */
		evidence_note(run, "uevents were lost on the way to the agent and are not judged");
		run->nr_uevents = 0;
		free(seen);
		return;
	}
	if (n)
		qsort(seen, n, sizeof(*seen), by_text);
	if (run->nr_uevents)
		qsort(run->uevents, run->nr_uevents, sizeof(*seen), by_text);
	while (i < n || k < run->nr_uevents) {
		int order = i == n ? 1 : k == run->nr_uevents ? -1 :
			    strcmp(seen[i].text, run->uevents[k].text);

		if (order < 0)
			run_finding(run, "block.uevent", "no such uevent", "%s", seen[i].text);
		if (order > 0)
			run_finding(run, "block.uevent", run->uevents[k].text, "no such uevent");
		i += order <= 0;
		k += order >= 0;
	}
	run->nr_uevents = 0;
	free(seen);
}
