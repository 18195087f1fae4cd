// SPDX-License-Identifier: GPL-2.0-or-later
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clean.h"
#include "cmd/cmd.h"
#include "cmd/matrix_options.h"
#include "matrix/plan.h"

#define GO_ON (-1)

enum { LONG_SHARD = 256, LONG_DURATIONS, LONG_AGAIN, LONG_PARTIAL, LONG_KNOWN, LONG_NO_KNOWN };

static const char help[] =
	"usage: hotrig matrix list [-m FILE] [--shard I/N] [--durations FILE] [--json]\n"
	"       hotrig matrix prepare [-m FILE]\n"
	"       hotrig matrix run [-m FILE] [--shard I/N] [--durations FILE] [-o FILE] [options]\n"
	"       hotrig matrix merge [--partial] [-r DIR] -o FILE SHARD...\n"
	"\n"
	"list     shows the cells, kernel by kernel, and what is left out for which reason\n"
	"prepare  fetches and builds the kernels, so that no shard has to\n"
	"run      runs the cells; what has left a record is not run again, so that the same command goes\n"
	"         on where another one was ended.  Ends in one merged record\n"
	"merge    makes one record out of those of all shards\n"
	"\n"
	"  -m, --matrix FILE     matrix (default: kernels/nightly.json of the tree)\n"
	"      --shard I/N       part I, from 1, of N: one for each machine\n"
	"      --durations FILE  share out the work by the durations in this merged record, the same for\n"
	"                        all shards (default: by the names of the cells)\n"
	"      --again           run everything, whatever was run before\n"
	"  -o, --output FILE     merged record (default of run: matrix.json among the records, of a shard\n"
	"                        matrix-I-of-N.json)\n"
	"      --partial         merge what is there, and name the cells that are missing\n"
	HOW_HELP
	"      --known FILE      bugs that releases are known to have (default: kernels/known-bugs.json)\n"
	"      --no-known        expect no failure\n"
	"  -j, --json            list: a line for each cell; else: print the merged record\n"
	"  -h, --help            show this text\n"
	"\n"
	"Exit code: 0 all passed, failed as expected or were skipped, 1 a kernel failed, 2 bad usage or bad matrix, 3 trouble\n"
	"of rig or host, or something is missing, 77 all skipped.\n";

/* What does what with an option; the others refuse it. */
static int takers(int option)
{
	switch (option) {
	case 'm':
		return MATRIX_LIST | MATRIX_PREPARE | MATRIX_RUN;
	case LONG_SHARD: case LONG_DURATIONS:
		return MATRIX_LIST | MATRIX_RUN;
	case 'o': case 'r':
		return MATRIX_RUN | MATRIX_MERGE;
	case LONG_PARTIAL:
		return MATRIX_MERGE;
	case 'j':
		return MATRIX_LIST | MATRIX_RUN | MATRIX_MERGE;
	default:
		return MATRIX_RUN;
	}
}

static bool read_shard(const char *text, struct matrix_options *o)
{
	AUTO_FREE char *first = strdup(text);
	char *slash = first ? strchr(first, '/') : NULL;
	unsigned int shard, of;

	if (!slash)
		return false;
	*slash = '\0';
	if (!option_number(slash + 1, PLAN_MAX_SHARDS, &of) || !option_number(first, of, &shard))
		return false;
	o->shard = shard - 1;
	o->nr_shards = of;
	return true;
}

static bool take(struct matrix_options *o, int c, const char *value)
{
	switch (c) {
	case 'm': o->matrix = value; break;
	case LONG_SHARD: return read_shard(value, o);
	case LONG_DURATIONS: o->durations = value; break;
	case LONG_AGAIN: o->again = true; break;
	case LONG_PARTIAL: o->partial = true; break;
	case LONG_KNOWN: o->known = value; break;
	case LONG_NO_KNOWN: o->no_known = true; break;
	case 'o': o->output = value; break;
	case 'j': o->json = true; break;
	default: return how_option(&o->common, c, value) > 0;
	}
	return true;
}

static int usage(const char *why, const char *what)
{
	fprintf(stderr, "hotrig: matrix: %s '%s'; see 'hotrig matrix --help'\n", why, what);
	return EXIT_USAGE;
}

static int show_help(void)
{
	fputs(help, stdout);
	return 0;
}

static int read_command(const char *text, enum matrix_command *ret)
{
	static const struct {
		const char *name;
		enum matrix_command command;
	} commands[] = {
		{ "list", MATRIX_LIST }, { "prepare", MATRIX_PREPARE }, { "run", MATRIX_RUN }, { "merge", MATRIX_MERGE }
	};

	if (text && (!strcmp(text, "-h") || !strcmp(text, "--help")))
		return show_help();
	for (size_t i = 0; i < ARRAY_SIZE(commands); i++)
		if (text && !strcmp(text, commands[i].name)) {
			*ret = commands[i].command;
			return GO_ON;
		}
	return usage("say 'list', 'prepare', 'run' or 'merge', not", text ? text : "");
}

static int check_files(const struct matrix_options *o, int nr, char *const *file)
{
	if (o->no_known && o->known)
		return usage("--no-known expects no failure: leave out", "--known");
	if (o->command != MATRIX_MERGE)
		return nr ? usage("what is this:", *file) : GO_ON;
	if (!nr)
		return usage("nothing to merge: give the record of", "each shard");
	return o->output || o->json ? GO_ON : usage("say where to write the merged record:", "-o FILE");
}

int matrix_options_parse(int argc, char **argv, struct matrix_options *o)
{
	static const struct option options[] = {
		{ "matrix", required_argument, NULL, 'm' }, { "shard", required_argument, NULL, LONG_SHARD },
		{ "durations", required_argument, NULL, LONG_DURATIONS }, { "again", no_argument, NULL, LONG_AGAIN },
		{ "output", required_argument, NULL, 'o' }, { "partial", no_argument, NULL, LONG_PARTIAL },
		{ "known", required_argument, NULL, LONG_KNOWN }, { "no-known", no_argument, NULL, LONG_NO_KNOWN },
		HOW_LONG, { "json", no_argument, NULL, 'j' }, { "help", no_argument, NULL, 'h' }, { 0 },
	};
	int c, status;

	*o = (struct matrix_options){ .nr_shards = 1 };
	how_options_init(&o->common);
	status = read_command(argc > 1 ? argv[1] : NULL, &o->command);
	if (status >= 0)
		return status;
	argc--;
	argv++;
	optind = 0;
	opterr = 0;
	while ((c = getopt_long(argc, argv, ":m:o:jh" HOW_SHORT, options, NULL)) != -1) {
		if (c == 'h')
			return show_help();
		if (c == ':' || c == '?')
			return usage(c == ':' ? "no value for option" : "unknown option", argv[optind - 1]);
		if (!(takers(c) & (int)o->command))
			return usage("this command does not take option", argv[optind - (optarg ? 2 : 1)]);
		if (!take(o, c, optarg))
			return usage("bad value", optarg);
	}
	status = check_files(o, argc - optind, argv + optind);
	optind++;	/* as the caller counts */
	return status;
}

void matrix_options_deinit(struct matrix_options *o)
{
	how_options_deinit(&o->common);
	*o = (struct matrix_options){ 0 };
}
