// SPDX-License-Identifier: GPL-2.0-or-later
#include <ctype.h>
#include <stdio.h>
#include <string.h>

#include "base/clean.h"
#include "kernel/build_log.h"

#define TOLD_FROM_SHARE 20u	/* per mille: before that, the time left is a guess of nothing */

/* What compilers, linkers, Kconfig and the tools of the tree say of a failure; warnings have none of it */
static const char *const signs[] = {
	" error: ", "fatal error: ", ": error ", "undefined reference to", "multiple definition of",
	"No space left on device", "No rule to make target", "not found", "is not clean", "cannot find ",
};

static bool is_step(const char *line)
{
	return !strncmp(line, "  ", 2) && isupper((unsigned char)line[2]) && strchr(line + 2, ' ');
}

static bool is_makes(const char *line)
{
	return !strncmp(line, "make", 4) && strstr(line, "***");
}

static bool is_error(const char *line)
{
	if (!strncmp(line, "ERROR", 5) || !strncmp(line, "FAILED", 6) ||
	    !strncmp(line, "error: ", 7))
		return true;
	for (size_t i = 0; i < ARRAY_SIZE(signs); i++)
		if (strstr(line, signs[i]))
			return true;
	return false;
}

/* Whatever the source is like, the same build might have gone on elsewhere */
static bool is_starved(const char *line)
{
	static const char *const starved[] = {
		"Killed signal terminated program", "Terminated signal terminated program", "] Killed",
		"] Terminated", "Cannot allocate memory", "out of memory", "memory exhausted",
		"Input/output error", "Read-only file system", "Too many open files",
		"Resource temporarily unavailable",
	};

	for (size_t i = 0; i < ARRAY_SIZE(starved); i++)
		if (strstr(line, starved[i]))
			return true;
	return !strcmp(line, "Killed");
}

static bool ends_with(const char *line, const char *end)
{
	size_t len = strlen(line), n = strlen(end);

	return len >= n && !strcmp(line + len - n, end);
}

/* "/bin/sh: 1: bc: not found", "bash: line 1: bc: command not found"; with a path it is a script of the tree */
static bool is_missing_program(const char *line)
{
	const char *end = strrchr(line, ':'), *name = end;

	if (!ends_with(line, ": not found") && !ends_with(line, ": command not found"))
		return false;
	while (name > line && name[-1] != ' ')
		name--;
	return name > line && !memchr(name, '/', (size_t)(end - name));
}

static void note_step(struct build_log *log, const char *line)
{
	size_t tag = strcspn(line + 2, " ");
	const char *what = line + 2 + tag;

	log->steps++;
	snprintf(log->step, sizeof(log->step), "%.*s %s", (int)tag, line + 2,
		 what + strspn(what, " "));
}

void build_log_add(struct build_log *log, const char *line)
{
	bool makes = is_makes(line), starved = is_starved(line);

	if (is_step(line)) {
		note_step(log, line);
		return;
	}
	log->no_space |= strstr(line, "No space left on device") ||
			 strstr(line, "Disk quota exceeded");
	log->is_hosts |= starved;
	if ((!makes && !starved && !is_error(line)) || (log->error[0] && (makes || !log->error_is_makes)))
		return;
	snprintf(log->error, sizeof(log->error), "%s", line + strspn(line, " "));
	log->error_is_makes = makes;
	log->is_hosts |= is_missing_program(line);
}

unsigned int build_share(size_t steps, size_t expected)
{
	size_t share = expected ? steps * 1000 / expected : 0;

	return share < 990 ? (unsigned int)share : 990;
}

long build_left_s(double elapsed_s, unsigned int share)
{
	if (share < TOLD_FROM_SHARE)
		return -1;
	return (long)(elapsed_s * (1000 - share) / share);
}
