// SPDX-License-Identifier: GPL-2.0-or-later
#include <stdio.h>
#include <string.h>

#include "base/clean.h"
#include "bisect/ends.h"
#include "bisect/packages.h"
#include "cmd/bisect_course.h"
#include "cmd/cmd_bisect.h"

static void tell_gaps(struct bisect_course *c, const struct releases *r, const char *before)
{
	json_t *gap;
	size_t i;

	json_array_foreach(r->gaps, i, gap) {
		const char *reason = json_string_value(json_object_get(gap, "reason"));
		AUTO_FREE char *text = xasprintf("  gap: %s: %s", json_string_value(json_object_get(gap, "name")), reason);

		if (!strcmp(json_string_value(json_object_get(gap, "before")), before))
			progress_text(&c->progress, text);
	}
}

static void tell_plan(struct bisect_course *c, const struct packages *p)
{
	const struct strv *names = &p->releases.name;
	AUTO_FREE char *head = xasprintf("%zu releases, the first %s one is looked for:", names->n,
					 p->bad_is_new ? "bad" : "good");

	progress_text(&c->progress, head);
	for (size_t i = 0; i < names->n; i++) {
		AUTO_FREE char *text = xasprintf("  %s", names->v[i]);

		tell_gaps(c, &p->releases, names->v[i]);
		progress_text(&c->progress, text);
	}
}

static int tell_answer(struct bisect_course *c, const struct packages *p)
{
	struct packages_found found;
	struct answer answer;
	struct rig_err err;
	int status;

	if (packages_search(p, &c->exam, &found, &err) < 0)
		return bisect_course_fail(c, &err);
	answer = (struct answer){
		.noun = "release", .good = p->good, .bad = p->bad, .bad_is_new = p->bad_is_new,
		.term_old = c->options->term_old, .term_new = c->options->term_new, .last = found.last,
		.first = found.first, .between = found.between, .gaps = p->releases.gaps, .scenarios = c->scenarios.v,
	};
	status = bisect_course_answer(c, &answer);
	json_decref(found.between);
	return status;
}

static int search(struct bisect_course *c, const char *good, const char *bad)
{
	const struct exam_source source = { .kernel = packages_kernel, .arg = &c->resolve };
	struct packages p;
	struct rig_err err;
	int r, status;

	r = bisect_course_open(c, json_pack("{ssssss}", "command", "packages", "good", good, "bad", bad), &source, &err);
	if (!r)
		r = packages_init(&p, good, bad, c->journal, &c->resolve, &err);
	if (r < 0)
		return bisect_course_fail(c, &err);
	if (c->options->flaky)
		exam_expect_flaky(&c->exam, p.releases.name.n - 2);
	tell_plan(c, &p);
	status = ends_check(&c->exam, good, bad, &err) < 0 ? bisect_course_fail(c, &err) : tell_answer(c, &p);
	packages_deinit(&p);
	return status;
}

static int run(const struct bisect_options *o, char *const *scenarios)
{
	AUTO_FREE char *good = NULL, *bad = NULL;
	struct bisect_course c;
	struct rig_err err;
	int r, status;

	r = bisect_course_init(&c, o, scenarios, &err);
	if (!r)
		r = packages_end(o->good, &c.resolve, &good, &err);
	if (!r)
		r = packages_end(o->bad, &c.resolve, &bad, &err);
	if (!r)
		r = releases_check_ends(good, bad, &err);
	status = r < 0 ? bisect_course_fail(&c, &err) : search(&c, good, bad);
	bisect_course_deinit(&c);
	return status;
}

int bisect_packages(int argc, char **argv)
{
	static const struct option options[] = { BISECT_LONG, HOW_LONG, { 0 } };
	struct bisect_options o;
	int c, status = -1;

	bisect_options_init(&o);
	optind = 0;
	opterr = 0;
	while (status < 0 && (c = getopt_long(argc, argv, ":" BISECT_SHORT, options, NULL)) != -1)
		if (bisect_option(&o, c, optarg) <= 0)
			status = bisect_usage("packages", c, argv[optind - 1], optarg);
	if (status < 0)
		status = o.help ? bisect_help() : run(&o, argv + optind);
	bisect_options_deinit(&o);
	return status;
}
