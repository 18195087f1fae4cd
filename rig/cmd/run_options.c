// SPDX-License-Identifier: GPL-2.0-or-later
#include <getopt.h>
#include <stdio.h>

#include "cmd/cmd.h"
#include "cmd/run_options.h"

#define GO_ON		(-1)
#define MAX_REPEAT	10000
#define MAX_FRESH	1000

static const char help[] =
	"usage: hotrig run [options] SCENARIO...\n"
	"\n"
	"Runs scenarios on kernels and says whether each kernel did what it must.\n"
	"A SCENARIO is a name ('dimm/online-movable'), a pattern ('dimm/*'), 'core', or a file.json.\n"
	"\n"
	"  -k, --kernel SPEC     kernel to run on, may be repeated; see 'hotrig kernel --help'\n"
	"                        (default: debian:6.1 and debian:6.12)\n"
	"  -n, --repeat N        run each N times on each kernel\n"
	"      --fresh M         spread the repeats over M separately booted templates (default: 1);\n"
	"                        guests of one template share KASLR and all other randomness\n"
	HOW_HELP
	"      --known FILE      bugs that releases are known to have (default: kernels/known-bugs.json);\n"
	"                        a failure that it expects is XFAIL\n"
	"      --known-as RELEASE\n"
	"                        expect of every kernel what RELEASE is known to have (default: of\n"
	"                        packaged kernels their own release, of others nothing)\n"
	"      --no-known        expect no failure\n"
	"      --dry-run         print QEMU's command line and run nothing\n"
	"  -j, --json            one record per line instead of KTAP\n"
	"  -h, --help            show this text\n"
	"\n"
	"Exit code: 0 all passed, failed as expected or were skipped, 1 a kernel failed, 2 bad usage, 3 trouble of rig or host,\n"
	"77 all skipped.\n";

int run_options_parse(int argc, char **argv, struct run_options *o)
{
	enum { LONG_DRY_RUN = 256, LONG_FRESH, LONG_KNOWN, LONG_KNOWN_AS, LONG_NO_KNOWN };	/* those without a letter */
	static const struct option options[] = {
		{ "kernel", required_argument, NULL, 'k' }, { "repeat", required_argument, NULL, 'n' },
		{ "fresh", required_argument, NULL, LONG_FRESH }, { "known", required_argument, NULL, LONG_KNOWN },
		{ "known-as", required_argument, NULL, LONG_KNOWN_AS },
		{ "no-known", no_argument, NULL, LONG_NO_KNOWN }, { "dry-run", no_argument, NULL, LONG_DRY_RUN },
		HOW_LONG, { "json", no_argument, NULL, 'j' }, { "help", no_argument, NULL, 'h' }, { 0 },
	};
	bool ok = true;
	int c, taken;

	*o = (struct run_options){ .repeat = 1 };
	how_options_init(&o->common);
	optind = 0;
	opterr = 0;
	while (ok && (c = getopt_long(argc, argv, ":k:n:jh" HOW_SHORT, options, NULL)) != -1) {
		taken = how_option(&o->common, c, optarg);
		ok = taken >= 0;
		if (taken)
			continue;
		switch (c) {
		case 'k': strv_add(&o->kernels, optarg); break;
		case 'n': ok = option_number(optarg, MAX_REPEAT, &o->repeat); break;
		case LONG_FRESH: ok = option_number(optarg, MAX_FRESH, &o->fresh); break;
		case LONG_KNOWN: o->known = optarg; break;
		case LONG_KNOWN_AS: o->known_as = optarg; break;
		case LONG_NO_KNOWN: o->no_known = true; break;
		case LONG_DRY_RUN: o->dry_run = true; break;
		case 'j': o->json = true; break;
		case 'h':
			fputs(help, stdout);
			return 0;
		default:
			fprintf(stderr, "hotrig: run: %s '%s'; see 'hotrig run --help'\n",
				c == ':' ? "no value for option" : "unknown option", argv[optind - 1]);
			return EXIT_USAGE;
		}
	}
	if (!ok) {
		fprintf(stderr, "hotrig: run: bad value '%s'; see 'hotrig run --help'\n", optarg);
		return EXIT_USAGE;
	}
	if (o->common.how.cold && o->fresh) {
		fputs("hotrig: run: --cold boots every run anyway: leave --fresh out\n", stderr);
		return EXIT_USAGE;
	}
	if (o->no_known && (o->known || o->known_as)) {
		fputs("hotrig: run: --no-known expects no failure: leave --known and --known-as out\n", stderr);
		return EXIT_USAGE;
	}
	return GO_ON;
}

void run_options_deinit(struct run_options *o)
{
	strv_deinit(&o->kernels);
	how_options_deinit(&o->common);
	*o = (struct run_options){ 0 };
}
