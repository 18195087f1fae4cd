// SPDX-License-Identifier: GPL-2.0-or-later
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/clean.h"
#include "bisect/releases.h"
#include "kernel/release.h"

#define MAX_NAMED	50u	/* missing releases in a row that are named one by one */

/* "6.1" of "6.1.0-47-cloud-amd64", which release_parse() has taken */
static char *series_of(const char *name)
{
	const char *dot = strchr(name, '.');

	return xstrndup(name, (size_t)(dot - name) + 1 + strcspn(dot + 1, "."));
}

int releases_check_ends(const char *good, const char *bad, struct rig_err *err)
{
	AUTO_FREE char *good_series = NULL, *bad_series = NULL;
	struct release g, b;

	if (!release_parse(good, &g) || !release_parse(bad, &b))
		return rig_err_set(err, RIG_USAGE, EINVAL, "'%s' is no release: name the ends like 'debian:6.1.0-50-cloud-amd64'",
				   release_parse(good, &g) ? bad : good);
	if (!strcmp(good, bad))
		return rig_err_set(err, RIG_USAGE, EINVAL, "'%s' cannot be good and bad", good);
	good_series = series_of(good);
	bad_series = series_of(bad);
	if (strcmp(good_series, bad_series))
		return rig_err_set(err, RIG_USAGE, EINVAL, "the ends are of different series, %s and %s: no release lies between",
				   good_series, bad_series);
	if (strcmp(g.flavour, b.flavour))
		return rig_err_set(err, RIG_USAGE, EINVAL, "the ends are of different flavours, %s and %s: no release lies between",
				   g.flavour, b.flavour);
	return 0;
}

/* --- what there is --------------------------------------------------------------------------- */

static int compare(const void *a, const void *b)
{
	return release_compare(*(char *const *)a, *(char *const *)b);
}

static bool lies_between(const char *name, const char *older, const char *newer)
{
	return release_compare(older, name) < 0 && release_compare(name, newer) < 0;
}

static void add_names(struct releases *r, const struct strv *known, const char *older, const char *newer)
{
	AUTO_FREE char *series = series_of(older);
	struct release end = { 0 };

	release_parse(older, &end);
	strv_add(&r->name, older);
	for (size_t i = 0; i < known->n; i++) {
		bool twice = false;

		for (size_t k = 0; k < r->name.n; k++)
			twice |= !strcmp(r->name.v[k], known->v[i]);
		if (!twice && release_in_series(known->v[i], series, end.flavour) &&
		    lies_between(known->v[i], older, newer))
			strv_add(&r->name, known->v[i]);
	}
	strv_add(&r->name, newer);
	qsort(r->name.v, r->name.n, sizeof(*r->name.v), compare);
}

/* --- what there is not ----------------------------------------------------------------------- */

/* A name cut at the number that counts: "6.1.0-", 47, "-cloud-amd64" */
struct cut_name {
	size_t before;		/* bytes */
	unsigned long number;
	const char *behind;
	bool counts_all;	/* every release has a number of its own */
};

static bool cut_name(const char *name, struct cut_name *ret)
{
	struct release release;
	const char *p;
	char *end;

	if (!release_parse(name, &release))
		return false;
	p = memrchr(name, '-', release.base_len);
	*ret = (struct cut_name){ .counts_all = p != NULL };
	if (!p) {
		p = strchr(name, '.');
		p = p ? strchr(p + 1, '.') : NULL;
	}
	if (!p)
		return false;
	ret->before = (size_t)(p + 1 - name);
	ret->number = strtoul(p + 1, &end, 10);
	ret->behind = end;
	return end > p + 1;
}

static void add_gap(struct releases *r, const char *name, const char *before, bool certain, bool is_all)
{
	const char *why = !is_all ? "not in the cache, and the archive could not be asked" :
			  certain ? "the archive serves it no more" :
				    "none is served; not every version of a stable series becomes a release";

	json_array_append_new(r->gaps, json_pack("{ssssss sb}", "name", name, "before", before, "reason", why,
						 "certain", certain));
}

static void add_gap_between(struct releases *r, const char *a, const char *b, bool is_all)
{
	AUTO_FREE char *from = NULL, *to = NULL;
	struct cut_name old, new;

	if (!cut_name(a, &old) || !cut_name(b, &new) || old.before != new.before || strncmp(a, b, old.before) ||
	    strcmp(old.behind, new.behind) || old.number >= new.number)
		return;
	from = xasprintf("%.*s%lu%s", (int)old.before, a, old.number + 1, old.behind);
	to = xasprintf("%.*s%lu%s", (int)old.before, a, new.number - 1, old.behind);
	if (new.number - old.number > (old.counts_all ? MAX_NAMED : 2)) {
		AUTO_FREE char *range = xasprintf("%s to %s", from, to);

		add_gap(r, range, b, old.counts_all, is_all);
		return;
	}
	for (unsigned long n = old.number + 1; n < new.number; n++) {
		AUTO_FREE char *name = xasprintf("%.*s%lu%s", (int)old.before, a, n, old.behind);

		add_gap(r, name, b, old.counts_all, is_all);
	}
}

void releases_init(struct releases *r, const struct strv *known, const char *older, const char *newer, bool is_all)
{
	*r = (struct releases){ .gaps = json_array(), .is_all = is_all };
	add_names(r, known, older, newer);
	for (size_t i = 1; i < r->name.n; i++)
		add_gap_between(r, r->name.v[i - 1], r->name.v[i], is_all);
}

void releases_deinit(struct releases *r)
{
	strv_deinit(&r->name);
	json_decref(r->gaps);
	*r = (struct releases){ 0 };
}

json_t *releases_json(const struct releases *r)
{
	json_t *names = json_array();

	for (size_t i = 0; i < r->name.n; i++)
		json_array_append_new(names, json_string(r->name.v[i]));
	return json_pack("{sosOsb}", "releases", names, "gaps", r->gaps, "all", r->is_all);
}

static bool is_gap(const json_t *o)
{
	return json_is_string(json_object_get(o, "name")) && json_is_string(json_object_get(o, "before")) &&
	       json_is_string(json_object_get(o, "reason"));
}

bool releases_from_json(const json_t *o, struct releases *ret)
{
	json_t *names = json_object_get(o, "releases"), *gaps = json_object_get(o, "gaps"), *name, *gap;
	struct releases r = { .gaps = json_incref(gaps), .is_all = json_is_true(json_object_get(o, "all")) };
	bool ok = json_array_size(names) >= 2 && json_is_array(gaps);
	struct release release;
	size_t i;

	json_array_foreach(names, i, name) {
		ok = ok && json_is_string(name) && release_parse(json_string_value(name), &release);
		if (ok)
			strv_add(&r.name, json_string_value(name));
	}
	json_array_foreach(gaps, i, gap)
		ok = ok && is_gap(gap);
	if (ok)
		*ret = r;
	else
		releases_deinit(&r);
	return ok;
}
