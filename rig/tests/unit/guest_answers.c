// SPDX-License-Identifier: GPL-2.0-or-later
#include <stdio.h>
#include <string.h>

#include "guest_answers.h"

json_t *guest_answer_load(const char *kernel, const char *query)
{
	char path[256];
	snprintf(path, sizeof(path), TEST_FIXTURES "/guest/%s/%s.json", kernel, query);
	return json_load_file(path, 0, NULL);
}

int guest_answer_parse(const char *query, const json_t *answer, struct snapshot *s,
		       struct rig_err *err)
{
	struct page_layout l = { 0 };
	uint64_t next;
	char why[256];
	bool raw;

	if (!strcmp(query, "query-counters"))
		return snapshot_parse_counters(answer, s, err);
	if (!strcmp(query, "query-memory-blocks"))
		return snapshot_parse_blocks(answer, s, err);
	if (!strcmp(query, "query-nodes-raw"))
		return snapshot_parse_nodes_raw(answer, s, err);
	if (!strcmp(query, "query-sections"))
		return snapshot_parse_sections(answer, s, err);
	if (!strcmp(query, "query-pageblocks"))
		return snapshot_parse_pageblocks(answer, 1048576, 1115648, s, err);
	if (!strcmp(query, "query-pages"))
		return snapshot_parse_pages(&l, answer, ANSWER_START, ANSWER_END, s, &next, err);
	return layout_parse(answer, &l, &raw, why, err);
}
