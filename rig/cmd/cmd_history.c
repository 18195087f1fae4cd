// SPDX-License-Identifier: GPL-2.0-or-later
/* hotrig history: what became of each cell over time, and the index that knows it.  Level 8. */
#include <getopt.h>
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clean.h"
#include "base/loop.h"
#include "base/mem.h"
#include "base/tree.h"
#include "cmd/cmd.h"
#include "cmd/history_list.h"
#include "cmd/how_options.h"
#include "history/history.h"

#define SHOWN 20

static const char help[] =
	"usage: hotrig history [show] [options] [SCENARIO]\n"
	"       hotrig history update | rebuild [-r DIR]\n"
	"       hotrig history import [-r DIR] FILE...\n"
	"       hotrig history classes\n"
	"\n"
	"  show     what runs of each cell ended in, oldest first, of all or of SCENARIO (a name or a pattern)\n"
	"  update   add the records that the index does not have yet; show does that, too\n"
	"  rebuild  move the index aside and make it again from the records\n"
	"  import   add what FILE knows: another index, or the merged record of a matrix\n"
	"  classes  what 'hotrig matrix' tells the outcomes of now apart by\n"
	"\n"
	"  -k, --kernel SPEC      show: only cells of this kernel, as it was named when they ran\n"
	"      --release RELEASE  show: only runs of this release\n"
	"  -n, --number N         show: the last N runs of each cell (default: 20)\n"
	"  -j, --json             show: one JSON object per run and line, with all that the index has\n"
	"  -r, --results DIR      folder of the records (default: $HOTRIG_RESULTS, else results/ of the tree)\n"
	"  -h, --help             show this text\n";

struct options {
	struct history_filter filter;
	unsigned int number;
	bool json;
	char *results;
};

static void say_words(const struct history *h)
{
	const struct strv *words = history_words(h);

	for (size_t i = 0; i < words->n; i++)
		fprintf(stderr, "hotrig: %s\n", words->v[i]);
}

static int say_added(size_t nr)
{
	fprintf(stderr, "hotrig: %zu run%s added\n", nr, nr == 1 ? "" : "s");
	return 0;
}

static int update(struct history *h, const struct options *o, char *const *args, struct rig_err *err)
{
	size_t nr;
	int r = history_update(h, &nr, err);

	(void)o;
	(void)args;
	return r < 0 ? r : say_added(nr);
}

static int import(struct history *h, const struct options *o, char *const *args, struct rig_err *err)
{
	size_t nr, sum = 0;

	(void)o;
	for (; *args; args++) {
		int r = history_import(h, *args, &nr, err);

		if (r < 0)
			return r;
		sum += nr;
	}
	return say_added(sum);
}

static int show(struct history *h, const struct options *o, char *const *args, struct rig_err *err)
{
	struct history_filter filter = o->filter;
	struct history_list list;
	int r = history_update(h, NULL, err);

	if (r < 0)
		return r;
	filter.scenario = *args;
	history_list_init(&list, stdout, o->json, o->number);
	r = history_each(h, &filter, history_list_take, &list, err);
	history_list_deinit(&list);
	return r;
}

static int classes(void)
{
	for (enum history_class c = HISTORY_PASS; c <= HISTORY_INFRASTRUCTURE; c++)
		printf("%-15s %s\n", history_class_name(c), history_class_text(c));
	return 0;
}

static const struct action {
	const char *name;
	int (*run)(struct history *h, const struct options *o, char *const *args, struct rig_err *err);
	int args_min, args_max;
} actions[] = {
	{ "show", show, 0, 1 }, { "update", update, 0, 0 }, { "rebuild", update, 0, 0 },
	{ "import", import, 1, 1000 },
};

/* The first word, if it is one; else "show". */
static const struct action *choose(int argc, char **argv)
{
	for (size_t i = 0; optind < argc && i < ARRAY_SIZE(actions); i++)
		if (!strcmp(argv[optind], actions[i].name)) {
			optind++;
			return &actions[i];
		}
	return &actions[0];
}

static int run(const struct action *action, const struct options *o, char *const *args)
{
	bool anew = !strcmp(action->name, "rebuild");
	struct history *h = NULL;
	struct rig_err err;
	int r;

	r = anew ? history_begin_anew(o->results, &h, &err) : history_open(o->results, &h, &err);
	if (!r)
		r = action->run(h, o, args, &err);
	if (h)
		say_words(h);
	history_close(h);
	return r < 0 ? command_fail(&err) : 0;
}

/* -1: go on */
static int parse(int argc, char **argv, struct options *o)
{
	enum { OPTION_RELEASE = 0x100 };
	static const struct option options[] = {
		{ "kernel", required_argument, NULL, 'k' }, { "release", required_argument, NULL, OPTION_RELEASE },
		{ "number", required_argument, NULL, 'n' }, { "json", no_argument, NULL, 'j' },
		{ "results", required_argument, NULL, 'r' }, { "help", no_argument, NULL, 'h' }, { 0 },
	};
	int c;

	optind = 0;
	while ((c = getopt_long(argc, argv, "k:n:jr:h", options, NULL)) != -1) {
		switch (c) {
		case 'k': o->filter.kernel = optarg; break;
		case OPTION_RELEASE: o->filter.release = optarg; break;
		case 'j': o->json = true; break;
		case 'r':
			free(o->results);
			o->results = xstrdup(optarg);
			break;
		case 'n':
			if (option_number(optarg, 1000000, &o->number))
				break;
			fprintf(stderr, "hotrig: history: '%s' is no number of runs\n", optarg);
			return EXIT_USAGE;
		case 'h':
			fputs(help, stdout);
			return 0;
		default:
			fputs(help, stderr);
			return EXIT_USAGE;
		}
	}
	return -1;
}

int cmd_history(int argc, char **argv)
{
	const char *results = getenv("HOTRIG_RESULTS");
	struct options o = { .number = SHOWN, .results = results && *results ? xstrdup(results) : tree_path("results") };
	const struct action *action;
	int status = parse(argc, argv, &o);

	if (status < 0 && optind + 1 == argc && !strcmp(argv[optind], "classes")) {
		status = classes();
	} else if (status < 0) {
		action = choose(argc, argv);
		if (argc - optind < action->args_min || argc - optind > action->args_max) {
			fprintf(stderr, "hotrig: history %s takes %s\n%s", action->name, action->args_min ? "a file" :
				action->args_max ? "one scenario" : "no argument", help);
			status = EXIT_USAGE;
		} else {
			status = run(action, &o, argv + optind);
		}
	}
	free(o.results);
	return status;
}
