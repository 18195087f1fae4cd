// SPDX-License-Identifier: GPL-2.0-or-later
#include <fnmatch.h>
#include <getopt.h>
#include <jansson.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#include "cmd/cmd.h"
#include "cmd/explain_coverage.h"
#include "model/invariant.h"
#include "model/page_class.h"

static const char help[] =
	"usage: hotrig explain [--json] [INVARIANT...]\n"
	"       hotrig explain [--json] --classes | --coverage\n"
	"\n"
	"Says what an invariant demands and why it must hold.  Without a name: lists all of them.\n"
	"A name may be a pattern: hotrig explain 'page.*'\n"
	"\n"
	"      --classes   what a page can be to the model, and what must then be true of it\n"
	"      --coverage  each file and field that speaks of memory: predicted, back at its\n"
	"                  baseline in the end, or excluded and why\n"
	"  -j, --json      one JSON object per line\n"
	"  -h, --help      show this text\n"
	"\n"
	"Exit code: 0 done, 2 bad usage or no such invariant.\n";

static void show(const struct invariant *v, bool json, bool all)
{
	if (json) {
		json_t *o = json_pack("{ssssss}", "name", v->name, "rule", v->rule, "reason", v->reason);

		json_dumpf(o, stdout, JSON_COMPACT);
		putchar('\n');
		json_decref(o);
	} else if (all) {
		printf("%-22s %s\n", v->name, v->rule);
	} else {
		printf("%s\n  what must hold: %s\n  why: %s\n", v->name, v->rule, v->reason);
	}
}

static void show_classes(bool json)
{
	const struct page_class_info *c;

	for (size_t i = 0; (c = page_class_at(i)); i++) {
		if (json) {
			json_t *o = json_pack("{ssssss}", "name", c->name, "what", c->what, "must", c->must);

			if (c->thread_003)
				json_object_set_new(o, "thread_003", json_integer(c->thread_003));
			json_dumpf(o, stdout, JSON_COMPACT);
			putchar('\n');
			json_decref(o);
			continue;
		}
		printf("%s: %s", c->name, c->what);
		if (c->thread_003)
			printf(" (thread 003, case %u)", c->thread_003);
		printf("\n  what must hold: %s\n", c->must);
	}
}

int cmd_explain(int argc, char **argv)
{
	static const struct option options[] = {
		{ "classes", no_argument, NULL, 'c' }, { "coverage", no_argument, NULL, 'v' },
		{ "json", no_argument, NULL, 'j' }, { "help", no_argument, NULL, 'h' }, { 0 },
	};
	const struct invariant *v;
	bool json = false, classes = false, coverage = false;
	int c, status = 0;

	optind = 0;
	opterr = 0;
	while ((c = getopt_long(argc, argv, "jh", options, NULL)) != -1) {
		if (c == 'h') {
			fputs(help, stdout);
			return 0;
		}
		if (c == '?') {
			fprintf(stderr, "hotrig: explain: unknown option '%s'; see 'hotrig explain --help'\n",
				argv[optind - 1]);
			return EXIT_USAGE;
		}
		classes |= c == 'c';
		coverage |= c == 'v';
		json |= c == 'j';
	}
	if (classes)
		show_classes(json);
	if (coverage)
		explain_coverage(json);
	if (classes || coverage)
		return 0;
	if (optind == argc)
		for (size_t i = 0; (v = invariant_at(i)); i++)
			show(v, json, true);
	for (; optind < argc; optind++) {
		bool found = false;

		for (size_t i = 0; (v = invariant_at(i)); i++)
			if (!fnmatch(argv[optind], v->name, 0)) {
				show(v, json, false);
				found = true;
			}
		if (!found) {
			fprintf(stderr, "hotrig: no invariant '%s'; 'hotrig explain' lists them\n", argv[optind]);
			status = EXIT_USAGE;
		}
	}
	return status;
}
