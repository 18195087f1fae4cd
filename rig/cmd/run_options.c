// SPDX-License-Identifier: GPL-2.0-or-later
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cmd/cmd.h"
#include "cmd/pool.h"
#include "cmd/run_options.h"

#define GO_ON		(-1)
#define MAX_REPEAT	10000
#define MAX_BOOT_S	86400
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
	"      --cold            boot every run, use no template; see 'hotrig template --help'\n"
	"      --jobs N          run up to N at a time, 1 to 64 (default: as cores and memory allow)\n"
	"  -a, --accel ACCEL     auto, kvm or tcg (default: auto)\n"
	"  -e, --memmap-era ERA  pg-reserved or page-offline (default: find out)\n"
	"  -r, --results DIR     folder of the records (default: $HOTRIG_RESULTS, else results/ of the tree)\n"
	"  -q, --qemu PROGRAM    QEMU to use (default: qemu-system-x86_64)\n"
	"  -b, --boot-deadline S\n"
	"                        seconds until the agent must have greeted (default: 180)\n"
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

static bool parse_number(const char *text, unsigned int max, unsigned int *ret)
{
	char *end;
	unsigned long v = strtoul(text, &end, 10);

	if (*text < '0' || *text > '9' || *end || !v || v > max)
		return false;
	*ret = (unsigned int)v;
	return true;
}

static bool parse_choice(const char *text, const char *const *names, int n, int *ret)
{
	for (int i = 0; i < n; i++)
		if (!strcmp(text, names[i])) {
			*ret = i;
			return true;
		}
	return false;
}

int run_options_parse(int argc, char **argv, struct run_options *o)
{
	static const char *const accels[] = { "auto", "kvm", "tcg" };
	static const char *const eras[] = { "", "pg-reserved", "page-offline" };
	enum { LONG_DRY_RUN = 256, LONG_JOBS, LONG_FRESH, LONG_COLD, LONG_KNOWN, LONG_KNOWN_AS,
	       LONG_NO_KNOWN };		/* those without a letter */
	static const struct option options[] = {
		{ "kernel", required_argument, NULL, 'k' },  { "repeat", required_argument, NULL, 'n' },
		{ "accel", required_argument, NULL, 'a' },   { "memmap-era", required_argument, NULL, 'e' },
		{ "results", required_argument, NULL, 'r' }, { "qemu", required_argument, NULL, 'q' },
		{ "boot-deadline", required_argument, NULL, 'b' }, { "dry-run", no_argument, NULL, LONG_DRY_RUN },
		{ "jobs", required_argument, NULL, LONG_JOBS }, { "fresh", required_argument, NULL, LONG_FRESH },
		{ "cold", no_argument, NULL, LONG_COLD }, { "known", required_argument, NULL, LONG_KNOWN },
		{ "known-as", required_argument, NULL, LONG_KNOWN_AS },
		{ "no-known", no_argument, NULL, LONG_NO_KNOWN },
		{ "json", no_argument, NULL, 'j' },	     { "help", no_argument, NULL, 'h' }, { 0 },
	};
	bool ok = true;
	int c, v = 0;

	*o = (struct run_options){ .repeat = 1 };
	optind = 0;
	opterr = 0;
	while (ok && (c = getopt_long(argc, argv, ":k:n:a:e:r:q:b:jh", options, NULL)) != -1) {
		switch (c) {
		case 'k': strv_add(&o->kernels, optarg); break;
		case 'n': ok = parse_number(optarg, MAX_REPEAT, &o->repeat); break;
		case LONG_JOBS: ok = parse_number(optarg, POOL_MAX_JOBS, &o->jobs); break;
		case LONG_FRESH: ok = parse_number(optarg, MAX_FRESH, &o->fresh); break;
		case LONG_COLD: o->cold = true; break;
		case LONG_KNOWN: o->known = optarg; break;
		case LONG_KNOWN_AS: o->known_as = optarg; break;
		case LONG_NO_KNOWN: o->no_known = true; break;
		case 'b': ok = parse_number(optarg, MAX_BOOT_S, &o->boot_s); break;
		case 'a': ok = parse_choice(optarg, accels, 3, &v); o->accel = (enum accel)v; break;
		case 'e': ok = parse_choice(optarg, eras, 3, &v) && v; o->era = (enum memmap_era)v; break;
		case 'r': o->results = optarg; break;
		case 'q': o->qemu = optarg; break;
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
	if (o->cold && o->fresh) {
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
	*o = (struct run_options){ 0 };
}
