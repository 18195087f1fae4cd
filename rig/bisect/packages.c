// SPDX-License-Identifier: GPL-2.0-or-later
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/clean.h"
#include "base/mem.h"
#include "bisect/packages.h"
#include "kernel/debian.h"
#include "kernel/release.h"
#include "kernel/spec.h"
#include "kernel/store.h"

#define SPEC_PREFIX "debian:"

int packages_end(const char *spec, const struct kernel_resolve_options *options, char **ret, struct rig_err *err)
{
	struct kernel_spec parsed;
	struct kernel *k;
	int r = kernel_spec_parse(spec, &parsed, err);

	if (r < 0)
		return r;
	if (parsed.kind == KERNEL_SPEC_RELEASE) {
		*ret = xstrdup(parsed.release);
	} else if (parsed.kind == KERNEL_SPEC_SERIES) {
		r = kernel_resolve(spec, options, &k, err);
		if (!r) {
			*ret = xstrdup(k->release);
			kernel_destroy(k);
		}
	} else {
		r = rig_err_set(err, RIG_USAGE, EINVAL, "'%s' is no packaged kernel: name the ends like "
				"'debian:6.1.0-50-cloud-amd64'", spec);
	}
	kernel_spec_deinit(&parsed);
	return r;
}

static int list_releases(struct packages *p, const char *older, const char *newer,
			 const struct kernel_resolve_options *options, struct rig_err *err)
{
	AUTO_STRV struct strv known = { 0 };
	struct store *store = NULL;
	bool is_all = false;
	int r = store_open(&store, err);

	if (!r)
		r = debian_releases(store, options, &known, &is_all, err);
	store_close(store);
	if (!r)
		releases_init(&p->releases, &known, older, newer, is_all);
	return r;
}

/* Both ends and, in order, what lies between */
static bool are_between(const struct releases *r, const char *older, const char *newer)
{
	for (size_t i = 1; i < r->name.n; i++)
		if (release_compare(r->name.v[i - 1], r->name.v[i]) >= 0)
			return false;
	return !strcmp(r->name.v[0], older) && !strcmp(r->name.v[r->name.n - 1], newer);
}

static int take_releases(struct packages *p, const json_t *event, const char *older, const char *newer,
			 const struct journal *journal, struct rig_err *err)
{
	if (releases_from_json(event, &p->releases) && are_between(&p->releases, older, newer))
		return 0;
	packages_deinit(p);
	return rig_err_set(err, RIG_HOST, EBADMSG, "the releases that the journal in '%s' names make no sense: begin with "
			   "--anew", journal_dir(journal));
}

int packages_init(struct packages *p, const char *good, const char *bad, struct journal *journal,
		  const struct kernel_resolve_options *options, struct rig_err *err)
{
	const json_t *before = journal_event(journal, "releases");
	const char *older, *newer;
	json_t *event;
	int r = releases_check_ends(good, bad, err);

	if (r < 0)
		return r;
	*p = (struct packages){ .bad_is_new = release_compare(good, bad) < 0, .good = good, .bad = bad };
	older = p->bad_is_new ? good : bad;
	newer = p->bad_is_new ? bad : good;
	if (before) {
		r = take_releases(p, before, older, newer, journal, err);
		if (r < 0 || p->releases.is_all)
			return r;
		releases_deinit(&p->releases);	/* perhaps the archive can be asked by now */
	}
	r = list_releases(p, older, newer, options, err);
	if (r < 0)
		return r;
	event = releases_json(&p->releases);
	json_object_set_new(event, "event", json_string("releases"));
	r = 0;
	if (json_equal(before, event))
		json_decref(event);
	else
		r = journal_add(journal, event, err);
	if (r < 0)
		packages_deinit(p);
	return r;
}

void packages_deinit(struct packages *p)
{
	releases_deinit(&p->releases);
}

int packages_kernel(void *arg, const char *release, struct kernel **ret, struct rig_err *err)
{
	AUTO_FREE char *spec = xasprintf(SPEC_PREFIX "%s", release);

	return kernel_resolve(spec, arg, ret, err);
}

/* --- search ---------------------------------------------------------------------------------- */

/* @low behaves as the old end, @high as the new one; what was skipped lies between. */
struct search {
	const struct packages *p;
	size_t low, high;
	bool *skipped;
};

/* The one closest to the middle that may still be tested; 0: none */
static size_t next_of(const struct search *s)
{
	size_t middle = (s->low + s->high) / 2, best = 0, best_distance = 0;

	for (size_t i = s->low + 1; i < s->high; i++) {
		size_t distance = i > middle ? i - middle : middle - i;

		if (!s->skipped[i] && (!best || distance < best_distance)) {
			best = i;
			best_distance = distance;
		}
	}
	return best;
}

static int search(struct search *s, struct exam *e, struct rig_err *err)
{
	size_t i;

	while ((i = next_of(s))) {
		const json_t *line;
		int r = exam_take(e, s->p->releases.name.v[i], false, &line, err);

		if (r < 0)
			return r;
		if (exam_verdict(line) == VERDICT_SKIP)
			s->skipped[i] = true;
		else if ((exam_verdict(line) == VERDICT_BAD) == s->p->bad_is_new)
			s->high = i;
		else
			s->low = i;
	}
	return 0;
}

static void add_gaps_before(json_t *between, const struct releases *r, const char *name)
{
	json_t *gap;
	size_t i;

	json_array_foreach(r->gaps, i, gap)
		if (json_is_true(json_object_get(gap, "certain")) &&
		    !strcmp(json_string_value(json_object_get(gap, "before")), name))
			json_array_append_new(between, json_pack("{sOsO}", "name", json_object_get(gap, "name"), "reason",
								 json_object_get(gap, "reason")));
}

/* What may have brought the change, but for the first that shows it */
static json_t *between_of(const struct search *s, const struct exam *e)
{
	const struct releases *r = &s->p->releases;
	json_t *between = json_array();

	for (size_t i = s->low + 1; i <= s->high; i++) {
		const char *name = r->name.v[i];

		add_gaps_before(between, r, name);
		if (i < s->high)
			json_array_append_new(between, json_pack("{sssO}", "name", name, "reason",
							json_object_get(journal_tested(e->journal, name), "reason")));
	}
	return between;
}

int packages_search(const struct packages *p, struct exam *e, struct packages_found *ret, struct rig_err *err)
{
	struct search s = { .p = p, .high = p->releases.name.n - 1 };
	int r;

	s.skipped = xcalloc(p->releases.name.n, sizeof(bool));
	r = search(&s, e, err);
	if (!r)
		*ret = (struct packages_found){ .last = p->releases.name.v[s.low], .first = p->releases.name.v[s.high],
						.between = between_of(&s, e) };
	free(s.skipped);
	return r;
}
