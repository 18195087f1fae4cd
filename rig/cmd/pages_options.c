// SPDX-License-Identifier: GPL-2.0-or-later
#include <getopt.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>

#include "cmd/cmd.h"
#include "cmd/pages_options.h"

#define GO_ON	(-1)

static const char help[] =
	"usage: hotrig pages [options]\n"
	"       hotrig pages [options] RUN\n"
	"       hotrig pages [options] --pid PID [--qmp SOCKET [--kernel SPEC]]\n"
	"\n"
	"Prints a map of a machine's pages, equal neighbours grouped.  Without RUN: lists the runs that go\n"
	"on now.  A RUN is 'latest', the name of a record or of a run that goes on, or the path of its folder.\n"
	"Of a record the last map is shown, of a run that goes on the guest's memory as it is now.\n"
	"\n"
	"  -s, --state NAME      this state of a record, e.g. 003-after\n"
	"  -p, --pid PID         the guest of this QEMU process\n"
	"      --qmp SOCKET      its QMP monitor, when the rig did not start it\n"
	"  -k, --kernel SPEC     the kernel that runs there (default: as the run says; else what the guest's\n"
	"                        own note for crash dumps tells must do)\n"
	"      --range PFNS      only these page frames: START-END, both included, or one\n"
	"      --stop            stop a guest that runs while it is read: a map of one moment\n"
	"      --summary         pages by state instead of the map\n"
	"  -r, --results DIR     folder of the records (default: $HOTRIG_RESULTS, else results/ of the tree)\n"
	"  -j, --json            one JSON object; of a list one per line\n"
	"  -h, --help            show this text\n"
	"\n"
	"Reading a guest needs what a debugger needs: the user who runs QEMU, or root.\n"
	"Exit code: 0 done, 2 bad usage, 3 trouble of rig or host.\n";

enum { LONG_QMP = 256, LONG_RANGE, LONG_STOP, LONG_SUMMARY };	/* those without a letter */

static int usage(const char *why, const char *what)
{
	fprintf(stderr, "hotrig: pages: %s%s; see 'hotrig pages --help'\n", why, what);
	return EXIT_USAGE;
}

static bool parse_pid(const char *text, pid_t *ret)
{
	char *end;
	unsigned long v = strtoul(text, &end, 10);

	if (*text < '0' || *text > '9' || *end || !v || v > INT_MAX)
		return false;
	*ret = (pid_t)v;
	return true;
}

static int check(const struct pages_options *o)
{
	bool live_only = o->stop || o->kernel || o->qmp;

	if (o->run && o->pid)
		return usage("either a run or --pid: ", o->run);
	if (o->qmp && !o->pid)
		return usage("--qmp needs --pid, that of its QEMU", "");
	if (o->state && !o->run)
		return usage("--state is for records", "");
	if (!o->run && !o->pid && (live_only || o->ranged || o->summary))
		return usage("say which run: 'hotrig pages' lists those that go on", "");
	if (o->state && live_only)
		return usage("--state is for records, --stop and --kernel are for guests", "");
	return GO_ON;
}

int pages_options_parse(int argc, char **argv, struct pages_options *ret)
{
	static const struct option options[] = {
		{ "state", required_argument, NULL, 's' },   { "pid", required_argument, NULL, 'p' },
		{ "qmp", required_argument, NULL, LONG_QMP }, { "kernel", required_argument, NULL, 'k' },
		{ "range", required_argument, NULL, LONG_RANGE }, { "stop", no_argument, NULL, LONG_STOP },
		{ "summary", no_argument, NULL, LONG_SUMMARY }, { "results", required_argument, NULL, 'r' },
		{ "json", no_argument, NULL, 'j' },	     { "help", no_argument, NULL, 'h' }, { 0 },
	};
	struct pages_options o = { .range = { 0, PFN_RANGE_ALL } };
	struct rig_err err;
	int c;

	optind = 0;		/* main() has run getopt on its own part */
	opterr = 0;
	while ((c = getopt_long(argc, argv, ":s:p:k:r:jh", options, NULL)) != -1) {
		switch (c) {
		case 's': o.state = optarg; break;
		case 'k': o.kernel = optarg; break;
		case 'r': o.results = optarg; break;
		case LONG_QMP: o.qmp = optarg; break;
		case LONG_STOP: o.stop = true; break;
		case LONG_SUMMARY: o.summary = true; break;
		case 'j': o.json = true; break;
		case 'p':
			if (!parse_pid(optarg, &o.pid))
				return usage("not the id of a process: ", optarg);
			break;
		case LONG_RANGE:
			if (pfn_range_parse(optarg, &o.range, &err) < 0)
				return usage(err.text, "");
			o.ranged = true;
			break;
		case 'h':
			fputs(help, stdout);
			return 0;
		default:
			return usage(c == ':' ? "no value for option " : "unknown option ", argv[optind - 1]);
		}
	}
	if (argc - optind > 1)
		return usage("one run at a time: ", argv[optind + 1]);
	o.run = argv[optind];
	c = check(&o);
	if (c == GO_ON)
		*ret = o;
	return c;
}
