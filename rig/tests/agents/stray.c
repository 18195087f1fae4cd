// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The real agent, but its walkers go astray: each of three files that they are told to read is
 * another one, which no walk over pages can make sense of.  Linked with --wrap=walk_file_find.
 */
#include <signal.h>
#include <string.h>

#include "base/clean.h"
#include "guest_agent/walk_file.h"

const struct walk_file *__wrap_walk_file_find(const char *name);
const struct walk_file *__real_walk_file_find(const char *name);

static int dies(const struct walk_file *file, struct walk_state *state)
{
	(void)file;
	(void)state;
	return raise(SIGBUS);
}

const struct walk_file *__wrap_walk_file_find(const char *name)
{
	static struct walk_file astray;		/* the walks of these tests have one file */
	const struct walk_file *file = __real_walk_file_find(name);

	if (!file)
		return NULL;
	astray = *file;
	if (!strcmp(name, "kpageflags"))
		astray.path = "/dev/urandom";
	else if (!strcmp(name, "kpagecount"))
		astray.path = "/proc/self/mem";		/* nothing is mapped at 0 */
	else if (!strcmp(name, "zoneinfo"))
		astray.round = dies;
	return &astray;
}
