// SPDX-License-Identifier: GPL-2.0-or-later
#include <fnmatch.h>
#include <getopt.h>
#include <jansson.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#include "cmd/cmd.h"
#include "model/invariant.h"

static const char help[] =
	"usage: hotrig explain [--json] [INVARIANT...]\n"
	"\n"
	"Says what an invariant demands and why it must hold.  Without a name: lists all of them.\n"
	"A name may be a pattern: hotrig explain 'page.*'\n"
	"\n"
	"  -j, --json  one JSON object per line\n"
	"  -h, --help  show this text\n"
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

int cmd_explain(int argc, char **argv)
{
	static const struct option options[] = {
		{ "json", no_argument, NULL, 'j' }, { "help", no_argument, NULL, 'h' }, { 0 },
	};
	const struct invariant *v;
	bool json = false;
	int c, status = 0;

	optind = 0;
	opterr = 0;
	while ((c = getopt_long(argc, argv, "jh", options, NULL)) != -1) {
		if (c == 'h') {
			fputs(help, stdout);
			return 0;
		}
		if (c != 'j') {
			fprintf(stderr, "hotrig: explain: unknown option '%s'; see 'hotrig explain --help'\n",
				argv[optind - 1]);
			return EXIT_USAGE;
		}
		json = true;
	}
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
