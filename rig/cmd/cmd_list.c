// SPDX-License-Identifier: GPL-2.0-or-later
/* hotrig list: the scenarios, or what they show.  Level 8. */
#include <getopt.h>
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clean.h"
#include "base/mem.h"
#include "cmd/catalogue.h"
#include "cmd/claim_list.h"
#include "cmd/cmd.h"
#include "base/terminal.h"
#include "base/tree.h"
#include "cmd/wrap.h"

static const char help[] =
	"usage: hotrig list [--json] [DIR]\n"
	"       hotrig list --claims [--results DIR] [--json]\n"
	"\n"
	"Lists the scenarios below DIR (default: those of the rig): name, machine, whether it is a core\n"
	"one, what is done.\n"
	"\n"
	"  -c, --claims       list what is claimed of kernels instead: for each claim its scenarios and\n"
	"                     what they last ended in on each kernel, or why it has none\n"
	"  -r, --results DIR  folder of the records (default: $HOTRIG_RESULTS, else results/ of the tree)\n"
	"  -j, --json         one JSON object per line\n"
	"  -h, --help         show this text\n"
	"\n"
	"Exit code: 0 done, 2 bad usage or a bad file, 3 trouble of the host.\n";

struct list_options {
	bool claims, json;
	const char *results;	/* NULL: not given */
	const char *root;	/* NULL: the rig's own scenarios */
};

static int usage(const char *why, const char *what)
{
	fprintf(stderr, "hotrig: list: %s%s; see 'hotrig list --help'\n", why, what);
	return EXIT_USAGE;
}

static json_t *string_array(char *const *list)
{
	json_t *array = json_array();

	for (; *list; list++)
		json_array_append_new(array, json_string(*list));
	return array;
}

static void scenario_json(const struct scenario *s)
{
	json_auto_t *line = json_pack("{ss ss ss ss ss* ss ss sb sI}", "name", s->name, "path", s->path,
				      "summary", s->summary, "origin", s->origin, "why", s->why,
				      "machine", s->machine, "online_policy", s->online_policy,
				      "core", s->core, "nr_steps", (json_int_t)s->nr_steps);

	json_object_set_new(line, "claims", string_array(s->claims));
	json_object_set_new(line, "kernel_args", string_array(s->kernel_args));
	json_object_set_new(line, "needs", string_array(s->needs));
	json_object_set_new(line, "modules", string_array(s->modules));
	json_dumpf(line, stdout, JSON_COMPACT);
	putchar('\n');
}

static void scenario_rows(const struct catalogue *c)
{
	struct wrap w = { .out = stdout, .width = terminal_columns(stdout) };
	size_t name = 0, machine = 0;

	for (size_t i = 0; i < c->nr; i++) {
		name = strlen(c->scenario[i]->name) > name ? strlen(c->scenario[i]->name) : name;
		machine = strlen(c->scenario[i]->machine) > machine ? strlen(c->scenario[i]->machine) : machine;
	}
	w.indent = name + machine + strlen("  core ");
	for (size_t i = 0; i < c->nr; i++) {
		const struct scenario *s = c->scenario[i];

		w.column = (size_t)printf("%-*s %-*s %-4s", (int)name, s->name, (int)machine, s->machine,
					  s->core ? "core" : "-");
		wrap_words(&w, s->summary);
		wrap_end(&w);
	}
}

static int print_claims(const struct list_options *o, struct catalogue *c, struct rig_err *err)
{
	AUTO_STRV struct strv names = { 0 };
	struct last_runs runs = { 0 };
	int r = catalogue_claims(c, err);

	for (size_t i = 0; i < c->nr && !r; i++)
		if (*c->scenario[i]->claims)
			strv_add(&names, c->scenario[i]->name);
	if (!r && names.n)
		r = last_runs_read(o->results, names.v, &runs, err);
	if (!r) {
		const struct claim_list list = { c, &runs };
		AUTO_FREE char *count = claim_list_count(&list);

		for (size_t i = 0; i < runs.passed_over.n; i++)
			fprintf(stderr, "hotrig: passed over: %s\n", runs.passed_over.v[i]);
		if (o->json)
			claim_list_json(&list, stdout);
		else
			claim_list_print(&list, terminal_columns(stdout), terminal_color(stdout), stdout);
		fprintf(stderr, "hotrig: %s\n", count);
	}
	last_runs_deinit(&runs);
	return r;
}

static int list(const struct list_options *o)
{
	AUTO_CATALOGUE struct catalogue c = { 0 };
	struct rig_err err;
	int r = catalogue_load(&c, o->root, &err);

	if (!r && o->claims)
		r = print_claims(o, &c, &err);
	else if (!r && !o->json)
		scenario_rows(&c);
	else
		for (size_t i = 0; i < c.nr && !r; i++)
			scenario_json(c.scenario[i]);
	for (size_t i = 0; i < c.mistakes.n; i++)
		fprintf(stderr, "%s\n", c.mistakes.v[i]);
	if (r < 0) {
		fprintf(stderr, "hotrig: %s\n", err.text);
		return err.cause == RIG_USAGE ? EXIT_USAGE : EXIT_ERROR;
	}
	return c.mistakes.n ? EXIT_USAGE : 0;
}

int cmd_list(int argc, char **argv)
{
	static const struct option options[] = {
		{ "claims", no_argument, NULL, 'c' }, { "results", required_argument, NULL, 'r' },
		{ "json", no_argument, NULL, 'j' }, { "help", no_argument, NULL, 'h' }, { 0 },
	};
	AUTO_FREE char *scenarios = tree_path("scenarios"), *results = tree_path("results");
	const char *env = getenv("HOTRIG_RESULTS");
	struct list_options o = { .root = scenarios };
	int c;

	optind = 0;		/* main() has run getopt on its own part */
	opterr = 0;
	while ((c = getopt_long(argc, argv, ":cr:jh", options, NULL)) != -1) {
		switch (c) {
		case 'c': o.claims = true; break;
		case 'r': o.results = optarg; break;
		case 'j': o.json = true; break;
		case 'h':
			fputs(help, stdout);
			return 0;
		default:
			return usage(c == ':' ? "no value for option " : "unknown option: ", argv[optind - 1]);
		}
	}
	if (optind + 1 < argc)
		return usage("one folder at most; leave out ", argv[optind + 1]);
	if (optind < argc && o.claims)
		return usage("claims are shown by the rig's own scenarios; leave out ", argv[optind]);
	if (o.results && !o.claims)
		return usage("--results goes with --claims", "");
	if (optind < argc)
		o.root = argv[optind];
	if (!o.results)
		o.results = env && *env ? env : results;
	return list(&o);
}
