// SPDX-License-Identifier: GPL-2.0-or-later
#include <stdio.h>
#include <string.h>

#include "base/clean.h"
#include "cmd/cmd.h"

#define VERSION "0.1"

static const struct {
	const char *name;
	int (*run)(int argc, char **argv);
	const char *summary;
} commands[] = {
	{ "run", cmd_run, "run scenarios on kernels" },
	{ "compare", cmd_compare, "run scenarios on two kernels and say what differs" },
	{ "bisect", cmd_bisect, "find the commit or release that brought or fixed a bug" },
	{ "kernel", cmd_kernel, "fetch, build and list kernels" },
	{ "list", cmd_list, "list scenarios, claims and outcomes" },
	{ "scenario", cmd_scenario, "check scenarios" },
	{ "template", cmd_template, "list, verify and drop kept guests" },
	{ "pages", cmd_pages, "print a map of a machine's pages" },
	{ "known", cmd_known, "list the bugs that releases are known to have" },
	{ "matrix", cmd_matrix, "run kernels x variants x scenarios, on many machines" },
	{ "history", cmd_history, "show what became of each scenario and kernel over time" },
	{ "report", cmd_report, "put records into other forms: KTAP, JUnit, KCIDB" },
	{ "explain", cmd_explain, "say what an invariant demands and why" },
};

static void help(FILE *out)
{
	fputs("usage: hotrig COMMAND [options]\n\nMemory-hotplug tests of Linux kernels, to the page.\n\n", out);
	for (size_t i = 0; i < ARRAY_SIZE(commands); i++)
		fprintf(out, "  %-10s %s\n", commands[i].name, commands[i].summary);
	fputs("\n'hotrig COMMAND --help' shows a command's options.\n", out);
}

/* A full disk behind stdout must not look like success. */
static int finish(int status)
{
	if ((fflush(stdout) || ferror(stdout)) && status == 0) {
		fputs("hotrig: cannot write to standard output\n", stderr);
		return EXIT_ERROR;
	}
	return status;
}

int main(int argc, char **argv)
{
	if (argc < 2) {
		help(stderr);
		return EXIT_USAGE;
	}
	if (!strcmp(argv[1], "--help") || !strcmp(argv[1], "-h") || !strcmp(argv[1], "help")) {
		help(stdout);
		return finish(0);
	}
	if (!strcmp(argv[1], "--version")) {
		puts("hotrig " VERSION);
		return finish(0);
	}
	for (size_t i = 0; i < ARRAY_SIZE(commands); i++)
		if (!strcmp(argv[1], commands[i].name))
			return finish(commands[i].run(argc - 1, argv + 1));
	fprintf(stderr, "hotrig: no command '%s'; see 'hotrig --help'\n", argv[1]);
	return EXIT_USAGE;
}
