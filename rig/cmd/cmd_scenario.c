// SPDX-License-Identifier: GPL-2.0-or-later
/* hotrig scenario: check scenarios without running them.  Level 8. */
#include <getopt.h>
#include <stdio.h>
#include <string.h>

#include "base/clean.h"
#include "cmd/catalogue.h"
#include "cmd/cmd.h"
#include "base/tree.h"

static const char help[] =
	"usage: hotrig scenario check FILE...\n"
	"\n"
	"Reads each file strictly and names the first mistake in it.  'hotrig list' lists the scenarios;\n"
	"'hotrig scenario list' is another name of it.\n"
	"\n"
	"  -h, --help  show this text\n"
	"\n"
	"Exit code: 0 all good, 2 bad usage or a bad file.\n";

static int usage(const char *why, const char *what)
{
	fprintf(stderr, "hotrig: scenario: %s%s; see 'hotrig scenario --help'\n", why, what);
	return EXIT_USAGE;
}

static int check_file(struct catalogue *c, const char *root, const char *path, struct rig_err *err)
{
	struct scenario *s = NULL;
	int r;

	r = scenario_load(root, path, &s, err);
	if (!r)
		r = catalogue_check(c, s, err);
	if (!r)
		printf("%s: ok, %zu step%s\n", path, s->nr_steps, s->nr_steps == 1 ? "" : "s");
	scenario_destroy(s);
	return r;
}

static int check_files(char *const *paths)
{
	AUTO_FREE char *root = tree_path("scenarios");
	AUTO_CATALOGUE struct catalogue c = { 0 };
	struct rig_err err;
	int status = 0;

	for (; *paths; paths++) {
		if (check_file(&c, root, *paths, &err) < 0) {
			fprintf(stderr, "%s\n", err.text);
			status = EXIT_USAGE;
		}
	}
	return status;
}

int cmd_scenario(int argc, char **argv)
{
	static const struct option options[] = { { "help", no_argument, NULL, 'h' }, { 0 } };
	int c;

	if (argc > 1 && !strcmp(argv[1], "list"))
		return cmd_list(argc - 1, argv + 1);
	optind = 0;		/* main() has run getopt on its own part */
	opterr = 0;
	while ((c = getopt_long(argc, argv, "h", options, NULL)) != -1) {
		if (c != 'h')
			return usage("unknown option: ", argv[optind - 1]);
		fputs(help, stdout);
		return 0;
	}
	argv += optind;
	if (!*argv || strcmp(*argv, "check"))
		return usage(*argv ? "unknown command: " : "say 'check'", *argv ? *argv : "");
	return argv[1] ? check_files(argv + 1) : usage("no file given", "");
}
