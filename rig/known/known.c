// SPDX-License-Identifier: GPL-2.0-or-later
#include <errno.h>
#include <fnmatch.h>
#include <string.h>

#include "base/mem.h"
#include "kernel/release.h"
#include "known/known.h"

static bool in_series(const char *release, const char *series)
{
	size_t len = strlen(series);

	return !strncmp(release, series, len) && release[len] == '.';
}

/* "6.1.0-53" counts the packager's builds, "6.12.97" is a version: neither says where it is among the other. */
static bool counts_builds(const char *release)
{
	struct release r;
	size_t len = release_parse(release, &r) ? r.base_len : strlen(release);

	return memchr(release, '-', len);
}

int known_check_release(const struct known *known, const char *release, struct rig_err *err)
{
	struct release r;

	if (!release_parse(release, &r) && !release_is_bare(release))
		return rig_err_set(err, RIG_USAGE, EINVAL,
				   "'%s' is no release: use one as in 6.1.0-50 or 6.12.117+deb12", release);
	for (size_t i = 0; i < known->nr; i++)
		for (size_t k = 0; k < known->bug[i].nr_series; k++) {
			const struct known_series *s = &known->bug[i].series[k];

			if (s->first_good && in_series(release, s->series) &&
			    counts_builds(release) != counts_builds(s->first_good))
				return rig_err_set(err, RIG_USAGE, EINVAL,
						   "'%s' cannot be compared with '%s', as '%s' names releases of %s",
						   release, s->first_good, known->path, s->series);
		}
	return 0;
}

bool known_bug_in_release(const struct known_bug *bug, const char *release)
{
	for (size_t i = 0; i < bug->nr_series; i++)
		if (in_series(release, bug->series[i].series))
			return !bug->series[i].first_good ||
			       release_compare(release, bug->series[i].first_good) < 0;
	return false;
}

bool known_bug_in_scenario(const struct known_bug *bug, const char *scenario)
{
	for (char **pattern = bug->scenarios; *pattern; pattern++)
		if (!fnmatch(*pattern, scenario, 0))
			return true;
	return false;
}

/* What was seen of a splat begins with its title and goes on with where it was, in brackets. */
static bool is_sign(const struct known_sign *sign, const struct finding *f)
{
	size_t len = sign->title ? strlen(sign->title) : 0;

	return !strcmp(sign->invariant, f->invariant) &&
	       (!len || (!strncmp(f->seen, sign->title, len) && (!f->seen[len] || !strncmp(f->seen + len, " (", 2))));
}

static bool shows(const struct known_bug *bug, const struct findings *findings)
{
	for (size_t i = 0; i < findings->nr; i++)
		if (is_sign(&bug->symptom, &findings->f[i]))
			return true;
	return false;
}

static bool explains(const struct known_bug *bug, const struct finding *f)
{
	if (is_sign(&bug->symptom, f))
		return true;
	for (size_t i = 0; i < bug->nr_also; i++)
		if (is_sign(&bug->also[i], f))
			return true;
	return false;
}

/* The next bug from @from on that @run must show, NULL behind the last. */
static const struct known_bug *next_expected(const struct known *known, const struct known_run *run, size_t *from)
{
	while (*from < known->nr) {
		const struct known_bug *bug = &known->bug[(*from)++];

		if (known_bug_in_release(bug, run->release) && known_bug_in_scenario(bug, run->scenario) &&
		    run->nr_cpus >= bug->cpus)
			return bug;
	}
	return NULL;
}

static bool all_explained(const struct known *known, const struct known_run *run, const struct findings *findings)
{
	if (findings->dropped)
		return false;		/* nobody knows what they were */
	for (size_t i = 0; i < findings->nr; i++) {
		const struct known_bug *bug;
		bool explained = false;

		for (size_t from = 0; !explained && (bug = next_expected(known, run, &from)); )
			explained = shows(bug, findings) && explains(bug, &findings->f[i]);
		if (!explained)
			return false;
	}
	return true;
}

static json_t *tag(const struct known_bug *bug)
{
	return json_sprintf("%.12s (\"%s\")", bug->fix, bug->subject);
}

enum outcome known_settle(const struct known *known, const struct known_run *run, enum outcome outcome,
			  const struct findings *findings, json_t **ret_bugs)
{
	json_t *bugs = NULL;
	const struct known_bug *bug;

	*ret_bugs = NULL;
	if (outcome != OUTCOME_PASS && outcome != OUTCOME_FAIL)
		return outcome;
	bugs = json_array();
	for (size_t from = 0; (bug = next_expected(known, run, &from)); )
		if (outcome == OUTCOME_PASS ? !bug->race : shows(bug, findings))
			json_array_append_new(bugs, tag(bug));
	if (!json_array_size(bugs)) {
		json_decref(bugs);
		return outcome;
	}
	*ret_bugs = bugs;
	if (outcome == OUTCOME_PASS)
		return OUTCOME_XPASS;
	return all_explained(known, run, findings) ? OUTCOME_XFAIL : OUTCOME_FAIL;
}
