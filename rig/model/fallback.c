// SPDX-License-Identifier: GPL-2.0-or-later
#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include "model/fallback.h"

/* A node's number, and behind it @end; what is none is -1. */
static long take_node(const char **text, const char *end)
{
	char *behind;
	long node;

	if (!isdigit((unsigned char)**text))
		return -1;
	node = strtol(*text, &behind, 10);
	if (node >= (long)FALLBACK_MAX_NODES || !strchr(end, *behind))
		return -1;
	*text = behind;
	return node;
}

/*
 * "Fallback order for Node 0: 0 1 ".  It is printed piece by piece: what somebody else's words cut off is
 * not here, so that a node that is missing says nothing.
 */
bool fallback_take(struct fallback *f, const char *text)
{
	static const char start[] = "Fallback order for Node ";
	uint64_t order = 0;
	long node, other;

	if (strncmp(text, start, strlen(start)))
		return false;
	text += strlen(start);
	node = take_node(&text, ":");
	if (node < 0 || !*text)
		return false;
	for (text++; *text == ' '; order |= 1ull << other) {
		text++;
		other = take_node(&text, " ");
		if (other < 0)
			break;
	}
	f->known |= 1ull << node;
	f->order[node] = order;
	return true;
}
