// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The real agent, but what it says of pages is not true.  "hotrig.lie=" on the kernel's command
 * line chooses how.  Linked with --wrap=cmd_query_pages.
 */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "base/clean.h"
#include "base/io.h"
#include "tests/agents/greet.h"

command_fn __wrap_cmd_query_pages, __real_cmd_query_pages;

static const struct {
	const char *name, *answer;	/* S is the start of what was asked for, E its end */
} lies[] = {
	{ "outside", "{\"runs\":[[E,512,0,0,1,0,0,-1,-1,0,0]],\"faults\":[],\"next\":E}" },
	{ "before", "{\"runs\":[[S,2,0,0,1,0,0,-1,-1,0,0],[S,2,0,0,1,0,0,-1,-1,0,0]],\"faults\":[],"
		  "\"next\":E}" },
	{ "types", "{\"runs\":[[\"S\",true,null,{},[],0,0,-1,-1,0,0]],\"faults\":[],\"next\":E}" },
	{ "huge", "{\"runs\":[[S,9223372036854775807,0,0,1,0,0,-1,-1,0,0]],\"faults\":[],\"next\":E}" },
	{ "no-runs", "{\"start\":S,\"end\":E}" },
	/* would make a trusting host ask for ever */
	{ "stands", "{\"runs\":[],\"faults\":[],\"next\":S}" },
};

static size_t tell(const char *lie, uint64_t start, uint64_t end, char *ret, size_t size)
{
	size_t n = 0;

	for (; *lie && n < size; lie++)
		if (*lie == 'S' || *lie == 'E')
			n += (size_t)snprintf(ret + n, size - n, "%" PRIu64, *lie == 'S' ? start : end);
		else
			ret[n++] = *lie;
	return n;
}

static const char *chosen_lie(void)
{
	char *cmdline, *word;
	struct rig_err err;

	if (io_read_file("/proc/cmdline", 65536, &cmdline, NULL, &err) < 0)
		return "outside";
	word = strstr(cmdline, "hotrig.lie=");
	if (!word)
		return "outside";
	word += strlen("hotrig.lie=");
	word[strcspn(word, " \n")] = '\0';
	return word;
}

int __wrap_cmd_query_pages(const struct request *req, json_t **ret, struct rig_err *err)
{
	const char *lie = chosen_lie();
	uint64_t start, end;
	char text[512];
	int r;

	(void)ret;
	if ((r = arg_u64(req, "start", UINT64_MAX >> 1, &start, err)) < 0 ||
	    (r = arg_u64(req, "end", UINT64_MAX >> 1, &end, err)) < 0)
		return r;
	for (size_t i = 0; i < ARRAY_SIZE(lies); i++)
		if (!strcmp(lies[i].name, lie)) {
			agent_reply_text(req->agent, req->id, text,
					 tell(lies[i].answer, start, end, text, sizeof(text)));
			return COMMAND_LATER;
		}
	return __real_cmd_query_pages(req, ret, err);
}
