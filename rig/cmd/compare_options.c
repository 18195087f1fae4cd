// SPDX-License-Identifier: GPL-2.0-or-later
#include <getopt.h>
#include <stdio.h>

#include "cmd/cmd.h"
#include "cmd/compare_options.h"

#define GO_ON		(-1)
#define MAX_REPEAT	1000

static const char help[] =
	"usage: hotrig compare [options] --base KERNEL --patched KERNEL [SCENARIO...]\n"
	"       hotrig compare [--json] RECORD RECORD\n"
	"\n"
	"Runs scenarios on two kernels and says, step by step, the first page state, counter, event,\n"
	"log line and latency that differ.  What the change from PG_reserved to PageOffline explains\n"
	"is told apart.  A SCENARIO is as of 'hotrig run' (default: core).  Two records of one\n"
	"scenario are compared without a run.\n"
	"\n"
	"      --base KERNEL     see 'hotrig kernel --help'\n"
	"      --patched KERNEL  the one with the series\n"
	"  -n, --repeat N        run each N times on either kernel: what runs of one kernel do not agree\n"
	"                        on is no difference, and latencies are medians\n"
	"      --fresh M         spread the repeats over M separately booted templates (default: 1);\n"
	"                        with -n 10, 10 are enough to judge latencies\n"
	HOW_HELP
	"  -j, --json            everything, as one JSON object\n"
	"  -h, --help            show this text\n"
	"\n"
	"Exit code: 0 no difference but what the eras explain, 1 there is one, 2 bad usage, 3 trouble of rig or host,\n"
	"77 all skipped.\n";

/* What does not go together. */
static const char *conflict(const struct compare_options *o, int nr_args)
{
	if (!o->base && !o->patched && nr_args == 2)
		return o->repeat > 1 || o->fresh ? "records are as they are: leave --repeat and --fresh out" : NULL;
	if (!o->base || !o->patched)
		return "give --base and --patched, or two records";
	if (o->common.how.cold && o->fresh)
		return "--cold boots every run anyway: leave --fresh out";
	return NULL;
}

int compare_options_parse(int argc, char **argv, struct compare_options *o)
{
	enum { LONG_BASE = 256, LONG_PATCHED, LONG_FRESH };	/* those without a letter */
	static const struct option options[] = {
		{ "base", required_argument, NULL, LONG_BASE }, { "patched", required_argument, NULL, LONG_PATCHED },
		{ "repeat", required_argument, NULL, 'n' }, { "fresh", required_argument, NULL, LONG_FRESH },
		HOW_LONG, { "json", no_argument, NULL, 'j' }, { "help", no_argument, NULL, 'h' }, { 0 },
	};
	const char *wrong;
	bool ok = true;
	int c, taken;

	*o = (struct compare_options){ .repeat = 1 };
	how_options_init(&o->common);
	optind = 0;
	opterr = 0;
	while (ok && (c = getopt_long(argc, argv, ":n:jh" HOW_SHORT, options, NULL)) != -1) {
		taken = how_option(&o->common, c, optarg);
		ok = taken >= 0;
		if (taken)
			continue;
		switch (c) {
		case LONG_BASE: o->base = optarg; break;
		case LONG_PATCHED: o->patched = optarg; break;
		case 'n': ok = option_number(optarg, MAX_REPEAT, &o->repeat); break;
		case LONG_FRESH: ok = option_number(optarg, MAX_REPEAT, &o->fresh); break;
		case 'j': o->json = true; break;
		case 'h':
			fputs(help, stdout);
			return 0;
		default:
			fprintf(stderr, "hotrig: compare: %s '%s'; see 'hotrig compare --help'\n",
				c == ':' ? "no value for option" : "unknown option", argv[optind - 1]);
			return EXIT_USAGE;
		}
	}
	if (!ok) {
		fprintf(stderr, "hotrig: compare: bad value '%s'; see 'hotrig compare --help'\n", optarg);
		return EXIT_USAGE;
	}
	wrong = conflict(o, argc - optind);
	if (wrong) {
		fprintf(stderr, "hotrig: compare: %s; see 'hotrig compare --help'\n", wrong);
		return EXIT_USAGE;
	}
	return GO_ON;
}

void compare_options_deinit(struct compare_options *o)
{
	how_options_deinit(&o->common);
	*o = (struct compare_options){ 0 };
}
