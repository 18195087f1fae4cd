// SPDX-License-Identifier: GPL-2.0-or-later
/* hotrig known: the bugs that releases are known to have.  Level 8. */
#include <getopt.h>
#include <jansson.h>
#include <stdio.h>
#include <string.h>

#include "base/clean.h"
#include "base/mem.h"
#include "cmd/cmd.h"
#include "base/tree.h"
#include "known/known.h"
#include "scenario/scenario.h"

static const char help[] =
	"usage: hotrig known [--json] [--file FILE] [RELEASE]\n"
	"\n"
	"Lists the bugs that releases are known to have, or only those of RELEASE, and what shows them.\n"
	"Checks the file: whatever is wrong in it, and scenarios that the catalogue does not have, are named.\n"
	"\n"
	"  -f, --file FILE  read FILE (default: kernels/known-bugs.json)\n"
	"  -j, --json       one JSON object per line\n"
	"  -h, --help       show this text\n"
	"\n"
	"Exit code: 0 all good, 2 bad usage or a bad file.\n";

struct options {
	const char *file;	/* NULL: the rig's own */
	const char *release;	/* NULL: all */
	bool json;
};

static void known_clean(struct known **known)
{
	known_destroy(*known);
}

static char *sign_text(const struct known_sign *sign)
{
	return xasprintf("%s%s%s", sign->invariant, sign->title ? ": " : "", sign->title ? sign->title : "");
}

static json_t *sign_json(const struct known_sign *sign)
{
	AUTO_FREE char *text = sign_text(sign);

	return json_string(text);
}

static void print_json(const struct known_bug *bug)
{
	json_t *series = json_object(), *scenarios = json_array(), *also = json_array();
	json_auto_t *line = json_pack("{ss ss ss ss ss* ss so so so so}", "fix", bug->fix, "subject", bug->subject,
				      "origin", bug->origin, "summary", bug->summary, "introduced", bug->introduced,
				      "mainline", bug->mainline, "first_good", series, "scenarios", scenarios,
				      "symptom", sign_json(&bug->symptom), "also", also);

	for (size_t i = 0; i < bug->nr_series; i++)
		json_object_set_new(series, bug->series[i].series, bug->series[i].first_good ?
				    json_string(bug->series[i].first_good) : json_null());
	for (char **s = bug->scenarios; *s; s++)
		json_array_append_new(scenarios, json_string(*s));
	for (size_t i = 0; i < bug->nr_also; i++)
		json_array_append_new(also, sign_json(&bug->also[i]));
	if (bug->race)
		json_object_set_new(line, "race", json_true());
	if (bug->cpus)
		json_object_set_new(line, "cpus", json_integer(bug->cpus));
	json_dumpf(line, stdout, JSON_COMPACT);
	putchar('\n');
}

static void print_text(const struct known_bug *bug)
{
	AUTO_FREE char *symptom = sign_text(&bug->symptom);

	printf("%.12s (\"%s\")\n  %s\n  origin: %s\n", bug->fix, bug->subject, bug->summary, bug->origin);
	if (bug->introduced)
		printf("  introduced: %s\n", bug->introduced);
	printf("  first good: mainline %s", bug->mainline);
	for (size_t i = 0; i < bug->nr_series; i++) {
		const struct known_series *s = &bug->series[i];

		printf(", %s%s", s->first_good ? "" : "none of ", s->first_good ? s->first_good : s->series);
	}
	printf("\n  shows in:");
	for (char **s = bug->scenarios; *s; s++)
		printf(" %s", *s);
	if (bug->cpus)
		printf(", with %u vCPUs or more", bug->cpus);
	printf("\n  as: %s%s\n", symptom, bug->race ? ", in some runs" : "");
	for (size_t i = 0; i < bug->nr_also; i++) {
		AUTO_FREE char *also = sign_text(&bug->also[i]);

		printf("  with: %s\n", also);
	}
}

static bool matches_one(const char *pattern, const struct strv *names)
{
	char *const alone[] = { (char *)pattern, NULL };
	const struct known_bug probe = { .scenarios = (char **)alone };

	for (size_t i = 0; i < names->n; i++)
		if (known_bug_in_scenario(&probe, names->v[i]))
			return true;
	return false;
}

/* A name that is misspelt would make a bug unknown without a word. */
static int check_scenarios(const struct known *known, struct rig_err *err)
{
	AUTO_FREE char *root = tree_path("scenarios");
	AUTO_STRV struct strv names = { 0 };
	int status = 0, r = scenario_list_names(root, &names, err);

	if (r < 0)
		return r;
	for (size_t i = 0; i < known->nr; i++)
		for (char **s = known->bug[i].scenarios; *s; s++) {
			if (matches_one(*s, &names))
				continue;
			fprintf(stderr, "%s:%u: /bugs/%zu/scenarios/%zu: no scenario matches '%s'\n", known->path,
				known->bug[i].line, i, (size_t)(s - known->bug[i].scenarios), *s);
			status = EXIT_USAGE;
		}
	return status;
}

static int list(const struct options *o, struct rig_err *err)
{
	__attribute__((cleanup(known_clean))) struct known *known = NULL;
	AUTO_FREE char *ours = tree_path(KNOWN_BUGS);
	int r = known_load(o->file ? o->file : ours, &known, err);

	if (!r && o->release)
		r = known_check_release(known, o->release, err);
	if (r < 0)
		return r;
	for (size_t i = 0; i < known->nr; i++) {
		if (o->release && !known_bug_in_release(&known->bug[i], o->release))
			continue;
		if (o->json)
			print_json(&known->bug[i]);
		else
			print_text(&known->bug[i]);
	}
	return check_scenarios(known, err);
}

int cmd_known(int argc, char **argv)
{
	static const struct option options[] = {
		{ "file", required_argument, NULL, 'f' }, { "json", no_argument, NULL, 'j' },
		{ "help", no_argument, NULL, 'h' }, { 0 },
	};
	struct options o = { 0 };
	struct rig_err err;
	int c, status;

	optind = 0;
	while ((c = getopt_long(argc, argv, "f:jh", options, NULL)) != -1) {
		switch (c) {
		case 'f': o.file = optarg; break;
		case 'j': o.json = true; break;
		case 'h':
			fputs(help, stdout);
			return 0;
		default:
			fputs(help, stderr);
			return EXIT_USAGE;
		}
	}
	if (optind < argc)
		o.release = argv[optind++];
	if (optind < argc) {
		fprintf(stderr, "hotrig: known takes one release\n%s", help);
		return EXIT_USAGE;
	}
	status = list(&o, &err);
	if (status >= 0)
		return status;
	fprintf(stderr, "hotrig: %s\n", err.text);
	return EXIT_USAGE;
}
