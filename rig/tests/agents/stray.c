// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The real agent, but its walkers go astray: what they are told to read is another file, which no walk over
 * pages can make sense of, or their death.  Linked with --wrap=walk_file_find.
 */
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/clean.h"
#include "base/mem.h"
#include "guest_agent/walk_file.h"

const struct walk_file *__wrap_walk_file_find(const char *name);
const struct walk_file *__real_walk_file_find(const char *name);

static int dies(const struct walk_file *file, struct walk_state *state)
{
	(void)file;
	(void)state;
	return raise(SIGBUS);
}

/* When somebody asks, and the others have answered meanwhile. */
static int dies_late(const struct walk_file *file, struct walk_state *state)
{
	clock_t asked = 0;

	while (!asked || clock() - asked < CLOCKS_PER_SEC / 2)
		if (!asked && __atomic_load_n(&state->asked, __ATOMIC_ACQUIRE))
			asked = clock();
	return dies(file, state);
}

const struct walk_file *__wrap_walk_file_find(const char *name)
{
	const struct walk_file *file = __real_walk_file_find(name);
	struct walk_file *astray;		/* the agent keeps it */

	if (!file)
		return NULL;
	astray = xcalloc(1, sizeof(*astray));
	*astray = *file;
	if (!strcmp(name, "kpageflags"))
		astray->path = "/dev/urandom";
	else if (!strcmp(name, "kpagecount"))
		astray->path = "/proc/self/mem";	/* nothing is mapped at 0 */
	else if (!strcmp(name, "zoneinfo"))
		astray->round = dies;
	else if (!strcmp(name, "pagetypeinfo"))
		astray->round = dies_late;
	return astray;
}
