// SPDX-License-Identifier: GPL-2.0-or-later
/* The values of "online" and "offline": which memory blocks, and how. */
#include <string.h>

#include "base/mem.h"
#include "scenario/scenario_step.h"

#define MAX_BLOCK 1048575	/* 128 TiB in blocks of 128 MiB */

static int read_block_list(const struct doc_node *node, struct block_set *set, struct rig_err *err)
{
	int r;

	r = doc_check_list(node, err);
	if (r < 0)
		return r;
	set->index = xcalloc(json_array_size(node->value), sizeof(*set->index));
	for (const struct doc_node *c = node->child; c; c = c->next) {
		r = doc_read_uint(c, 0, MAX_BLOCK, &set->index[set->nr], err);
		if (r < 0)
			return r;
		if (set->nr && set->index[set->nr] <= set->index[set->nr - 1])
			return doc_err(c, err, "block %u must be above the one before it",
				       set->index[set->nr]);
		set->nr++;
	}
	return 0;
}

static int read_blocks(const struct doc_node *node, struct block_set *set, struct rig_err *err)
{
	const struct doc_node *n = doc_get(node, "blocks");

	if (!n) {
		set->all = true;
		return 0;
	}
	if (!json_is_string(n->value))
		return read_block_list(n, set, err);
	if (strcmp(json_string_value(n->value), "all"))
		return doc_err(n, err, "'%.*s' is not known here; use \"all\" or an array of block numbers",
			       doc_clip(json_string_value(n->value)), json_string_value(n->value));
	set->all = true;
	return 0;
}

/* The file "online" says nothing of a zone, so that the kernel chooses. */
static int read_file(const struct doc_node *node, struct step *step, struct rig_err *err)
{
	static const char *const files[] = { "state", "online", NULL };
	const struct doc_node *n = doc_get(node, "file");
	unsigned int file = 0;
	int r = n ? doc_read_choice(n, files, &file, err) : 0;

	step->by_online_file = file;
	if (!r && file && (step->kind == STEP_ONLINE || step->online_again) && step->zone != ZONE_AUTO)
		return doc_err(n, err, "'online' has the kernel choose the zone: use zone \"auto\"");
	return r;
}

int blocks_read(const struct doc_node *node, struct step *step, struct rig_err *err)
{
	static const char *const online_keys[] = { "device", "zone", "blocks", "file", NULL };
	static const char *const offline_keys[] = { "device", "blocks", "file", "online_again", NULL };
	static const char *const zones[] = {
		[ZONE_AUTO] = "auto", [ZONE_KERNEL] = "kernel", [ZONE_MOVABLE] = "movable", NULL
	};
	bool online = step->kind == STEP_ONLINE;
	const struct doc_node *n;
	unsigned int zone = 0;
	int r;

	r = doc_check_keys(node, online ? online_keys : offline_keys, err);
	if (!r)
		r = doc_need(node, "device", &n, err);
	if (!r)
		r = doc_read_word(n, &word_id, &step->device, err);
	if (!r && online)
		r = doc_need(node, "zone", &n, err);
	else
		n = doc_get(node, "online_again");
	step->online_again = !online && n;
	if (!r && n)
		r = doc_read_choice(n, zones, &zone, err);
	step->zone = zone;
	if (!r)
		r = read_blocks(node, &step->blocks, err);
	return r ? r : read_file(node, step, err);
}
