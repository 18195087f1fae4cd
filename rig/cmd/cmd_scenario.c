// SPDX-License-Identifier: GPL-2.0-or-later
/* hotrig scenario: look at scenarios without running them.  Level 6. */
#include <errno.h>
#include <getopt.h>
#include <jansson.h>
#include <stdio.h>
#include <string.h>

#include "base/clean.h"
#include "base/mem.h"
#include "cmd/cmd.h"
#include "cmd/tree.h"
#include "scenario/scenario.h"
#include "vm/machine.h"

static const char usage[] =
	"usage: hotrig scenario check FILE...\n"
	"       hotrig scenario list [--json] [DIR]\n"
	"\n"
	"check  reads each file strictly and names the first mistake in it\n"
	"list   shows the scenarios below DIR (default: those of the rig)\n"
	"\n"
	"  -j, --json  one JSON object per line\n"
	"  -h, --help  show this text\n"
	"\n"
	"Exit code: 0 all good, 2 bad usage or a bad file.\n";

static void scenario_clean(struct scenario **s)
{
	scenario_destroy(*s);
}
#define AUTO_SCENARIO __attribute__((cleanup(scenario_clean)))

static int finish(int code)
{
	if (!fflush(stdout) && !ferror(stdout))
		return code;
	fprintf(stderr, "hotrig: cannot write the output: %s\n", strerror(errno));
	return EXIT_ERROR;
}

/* The parser does not know the machines, but whoever checks a file wants to know. */
static int check_machine(const struct scenario *s, struct rig_err *err)
{
	AUTO_FREE char *known = xstrdup("");
	const struct machine_shape *shape;

	if (machine_find(s->machine))
		return 0;
	for (unsigned int i = 0; (shape = machine_at(i)); i++) {
		AUTO_FREE char *before = known;

		known = xasprintf("%s%s%s", before, i ? ", " : "", shape->name);
	}
	return rig_err_set(err, RIG_USAGE, EINVAL,
			   "%s: /machine: there is no machine '%s'; use one of %s", s->path,
			   s->machine, known);
}

static int check_file(const char *path, struct rig_err *err)
{
	AUTO_FREE char *catalogue = tree_path("scenarios");
	AUTO_SCENARIO struct scenario *s = NULL;
	int ret;

	ret = scenario_load(catalogue, path, &s, err);
	if (!ret)
		ret = check_machine(s, err);
	if (ret < 0)
		return ret;
	printf("%s: ok, %zu step%s\n", path, s->nr_steps, s->nr_steps == 1 ? "" : "s");
	return 0;
}

static int check_files(char **paths)
{
	int code = 0;

	if (!*paths) {
		fprintf(stderr, "hotrig: no file given\n%s", usage);
		return EXIT_USAGE;
	}
	for (; *paths; paths++) {
		struct rig_err err;

		if (check_file(*paths, &err) < 0) {
			fprintf(stderr, "%s\n", err.text);
			code = EXIT_USAGE;
		}
	}
	return finish(code);
}

static json_t *string_array(char *const *list)
{
	json_t *array = json_array();

	for (; *list; list++)
		json_array_append_new(array, json_string(*list));
	return array;
}

static void print_json(const struct scenario *s)
{
	json_auto_t *line = json_pack("{ss ss ss ss ss* ss ss sb sI}", "name", s->name, "path", s->path,
				      "summary", s->summary, "origin", s->origin, "why", s->why,
				      "machine", s->machine, "online_policy", s->online_policy,
				      "core", s->core, "nr_steps", (json_int_t)s->nr_steps);

	json_object_set_new(line, "kernel_args", string_array(s->kernel_args));
	json_object_set_new(line, "needs", string_array(s->needs));
	json_object_set_new(line, "modules", string_array(s->modules));
	json_dumpf(line, stdout, JSON_COMPACT);
	putchar('\n');
}

static void print_line(const struct scenario *s)
{
	printf("%-32s %-10s %-4s %s\n", s->name, s->machine, s->core ? "core" : "-", s->summary);
}

static int list_folder(const char *root, bool json)
{
	AUTO_STRV struct strv paths = { 0 };
	struct rig_err err;
	int code = 0;

	if (scenario_list_files(root, &paths, &err) < 0) {
		fprintf(stderr, "hotrig: %s\n", err.text);
		return EXIT_USAGE;
	}
	for (size_t i = 0; i < paths.n; i++) {
		AUTO_SCENARIO struct scenario *s = NULL;

		if (scenario_load(root, paths.v[i], &s, &err) < 0) {
			fprintf(stderr, "%s\n", err.text);
			code = EXIT_USAGE;
			continue;
		}
		if (json)
			print_json(s);
		else
			print_line(s);
	}
	return finish(code);
}

static int list_args(int nr, char **args, bool json)
{
	AUTO_FREE char *catalogue = tree_path("scenarios");

	if (nr > 1) {
		fprintf(stderr, "hotrig: list takes one folder\n%s", usage);
		return EXIT_USAGE;
	}
	return list_folder(nr ? args[0] : catalogue, json);
}

int cmd_scenario(int argc, char **argv)
{
	static const struct option options[] = {
		{ "json", no_argument, NULL, 'j' },
		{ "help", no_argument, NULL, 'h' },
		{ 0 },
	};
	bool json = false;
	const char *verb;
	int c;

	optind = 0;	/* glibc: start afresh, the main program scanned its own options */
	while ((c = getopt_long(argc, argv, "jh", options, NULL)) >= 0) {
		if (c == 'h') {
			fputs(usage, stdout);
			return finish(0);
		}
		if (c != 'j') {
			fputs(usage, stderr);
			return EXIT_USAGE;
		}
		json = true;
	}
	verb = optind < argc ? argv[optind++] : "";
	if (!strcmp(verb, "list"))
		return list_args(argc - optind, argv + optind, json);
	if (!strcmp(verb, "check") && !json)
		return check_files(argv + optind);
	fprintf(stderr, "hotrig: scenario needs 'check' or 'list'%s\n%s",
		json ? "; --json goes with list" : "", usage);
	return EXIT_USAGE;
}
