/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * known: bugs that releases are known to have, as data.  Level 4, pure: text in, verdicts out.
 *
 * A file says of each bug which releases have it, in which scenarios it shows, and as what.  Where it
 * shows as said, a failure is expected; where it must show and does not, the file is wrong or the bug
 * has gone, and somebody has to look.  Any other failure stays one.
 *
 * Only releases of a packager have a lineage that tells what they are made of.  The format is
 * described in rig/man/hotrig-known.1; it is parsed as strictly as scenarios are.
 */
#ifndef RIG_KNOWN_H
#define RIG_KNOWN_H

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>

#include "base/err.h"
#include "model/finding.h"
#include "model/outcome.h"

/* What a finding must be: an invariant, and of a splat the title, too. */
struct known_sign {
	char *invariant;
	char *title;		/* NULL: no splat */
};

struct known_series {
	char *series;		/* "6.1" */
	char *first_good;	/* "6.1.0-53"; NULL: all releases of the series have the bug */
};

struct known_bug {
	unsigned int line;	/* of the file */
	char *fix;		/* commit, 12 digits or more */
	char *subject, *origin, *summary;
	char *introduced;	/* commit and release; NULL: not known */
	char *mainline;		/* "7.2": first release that has the fix */
	struct known_series *series;	/* of others nothing is said */
	size_t nr_series;
	char **scenarios;	/* names or patterns; NULL-terminated */
	bool race;		/* shows in some runs only: one that passes says nothing */
	unsigned int cpus;	/* shows on machines with as many vCPUs, or more */
	struct known_sign symptom;	/* always found when it shows */
	struct known_sign *also;	/* may be found beside it */
	size_t nr_also;
};

struct known {
	char *path;
	struct known_bug *bug;
	size_t nr;
};

/**
 * known_parse() - parse and check a whole file
 * @path: stands in messages
 * Errors: RIG_USAGE, "PATH:LINE: POINTER: what is wrong" (syntax: "PATH:LINE:COLUMN: ...").
 */
int known_parse(const char *path, const char *text, size_t len, struct known **ret, struct rig_err *err)
	RIG_CHECKED;
/** known_load() - the same of a file; one that cannot be read is RIG_USAGE, too */
int known_load(const char *path, struct known **ret, struct rig_err *err) RIG_CHECKED;
void known_destroy(struct known *known);

/** known_check_release() - may @release, with or without its flavour, be compared with the file's?
 *  RIG_USAGE when it is none, or when the file names those of its series in another way */
int known_check_release(const struct known *known, const char *release, struct rig_err *err) RIG_CHECKED;

/* What was run, and on what. */
struct known_run {
	const char *scenario, *release;
	unsigned int nr_cpus;	/* of the machine */
};

/** known_bug_in_release() - the file says that @release has the bug */
bool known_bug_in_release(const struct known_bug *bug, const char *release);
/** known_bug_in_scenario() - the file says that it shows in @scenario */
bool known_bug_in_scenario(const struct known_bug *bug, const char *scenario);

/**
 * known_settle() - what the file makes of an outcome
 * A PASS that should have failed becomes XPASS.  A FAIL becomes XFAIL when the symptom of a bug is
 * among @findings and each of them is a sign of such a bug.  All else stays as it is.
 * @ret_bugs: new array of the bugs concerned, as in a Fixes: tag, also of a FAIL that shows more than
 *	them; NULL when there are none
 */
enum outcome known_settle(const struct known *known, const struct known_run *run, enum outcome outcome,
			  const struct findings *findings, json_t **ret_bugs);

#endif
