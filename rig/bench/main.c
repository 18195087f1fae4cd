// SPDX-License-Identifier: GPL-2.0-or-later
/* hotrig-bench: measures everything in one run and says which targets are met. */
#include <errno.h>
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/clean.h"
#include "base/clock.h"
#include "base/io.h"
#include "base/mem.h"
#include "bench/bench.h"
#include "cmd/cmd.h"
#include "base/tree.h"
#include "run/runner.h"
#include "vm/accel.h"

#define ACCEL_PROBE_MS 40000u

static const char help[] =
	"usage: hotrig-bench [options] [PART...]\n"
	"\n"
	"Measures what the rig costs beside the guest.\n"
	"A PART is cold, warm, pages or memory (default: all).\n"
	"\n"
	"  -k, --kernel SPEC  kernel to measure on (default: debian:6.12)\n"
	"  -n, --rounds N     median of N (default: 5)\n"
	"      --keep         keep the records of the runs and say where they are\n"
	"  -j, --json         one line of JSON instead of a table\n"
	"  -h, --help         show this text\n"
	"\n"
	"Exit code: 0 all targets met, 1 one was missed, 2 usage, 3 nothing could be measured.\n";

static const struct {
	const char *name;
	int (*fn)(struct bench *b, struct rig_err *err);
} parts[] = {
	{ "cold", bench_cold },
	{ "warm", bench_warm },
	{ "pages", bench_pages },
	{ "memory", bench_memory },
};

struct options {
	bool keep, json;
	bool part[ARRAY_SIZE(parts)];
};

static int usage(const char *problem, const char *what)
{
	fprintf(stderr, "hotrig-bench: %s '%s'; see --help\n", problem, what);
	return EXIT_USAGE + 1;
}

static int parse_parts(char **argv, struct options *o)
{
	bool all = !*argv;

	for (; *argv; argv++) {
		size_t i;

		for (i = 0; i < ARRAY_SIZE(parts) && strcmp(*argv, parts[i].name); i++)
			;
		if (i == ARRAY_SIZE(parts))
			return usage("no part", *argv);
		o->part[i] = true;
	}
	for (size_t i = 0; i < ARRAY_SIZE(parts) && all; i++)
		o->part[i] = true;
	return 0;
}

/* 0 to go on, else the exit code plus one */
static int parse_options(int argc, char **argv, struct bench *b, struct options *o)
{
	static const struct option options[] = {
		{ "kernel", required_argument, NULL, 'k' },
		{ "rounds", required_argument, NULL, 'n' },
		{ "keep", no_argument, NULL, 'K' },
		{ "json", no_argument, NULL, 'j' },
		{ "help", no_argument, NULL, 'h' },
		{ 0 },
	};
	char *end;
	int c;

	opterr = 0;
	while ((c = getopt_long(argc, argv, ":k:n:jh", options, NULL)) != -1) {
		switch (c) {
		case 'k': b->kernel_spec = optarg; break;
		case 'n':
			b->rounds = (unsigned int)strtoul(optarg, &end, 10);
			if (*optarg < '0' || *optarg > '9' || *end || !b->rounds ||
			    b->rounds > 1000)
				return usage("bad number", optarg);
			break;
		case 'K': o->keep = true; break;
		case 'j': o->json = true; break;
		case 'h':
			fputs(help, stdout);
			return 1;
		default:
			return usage(c == ':' ? "no value for option" : "unknown option",
				     argv[optind - 1]);
		}
	}
	return parse_parts(argv + optind, o);
}

/* As hotrig itself decides, once, so that no run pays for it. */
static int decide_accel(struct bench *b, struct rig_err *err)
{
	AUTO_FREE char *root = tree_path("scenarios"),
		       *path = tree_path("scenarios/dimm/online-movable.json");
	struct run_request request = { .kernel = b->kernel, .agent = b->agent, .accel = ACCEL_KVM };
	AUTO_FREE char *cmdline = NULL, *why = NULL;
	struct scenario *scenario = NULL;
	struct image image = { 0 };
	struct vm_config config;
	int r = scenario_load(root, path, &scenario, err);

	if (r < 0)
		return r;
	request.scenario = scenario;
	r = runner_image(&request, &image, err);
	if (!r) {
		config = runner_vm_config(&request, &image, &cmdline);
		r = accel_decide(&(struct accel_request){ .wanted = ACCEL_AUTO,
							  .guest = &config,
							  .until_ns = clock_in_ms(ACCEL_PROBE_MS) },
				 &b->accel, &why, err);
	}
	image_deinit(&image);
	scenario_destroy(scenario);
	return r;
}

static int prepare(struct bench *b, struct rig_err *err)
{
	const struct kernel_resolve_options how = { .may_fetch = true };
	const char *agent = getenv("HOTRIG_AGENT"), *tmp = getenv("TMPDIR");
	char *dir = xasprintf("%s/hotrig-bench-XXXXXX", tmp && *tmp ? tmp : "/tmp");
	int r;

	b->hotrig = tree_path("hotrig");
	b->agent = agent && *agent ? xstrdup(agent) : tree_path("build/hotrig-agent");
	if (!mkdtemp(dir)) {
		r = rig_err_set(err, RIG_HOST, errno, "cannot make folder '%s': %s", dir,
				strerror(errno));
		free(dir);
		return r;
	}
	b->results = dir;
	if (!io_exists(b->hotrig) || !io_exists(b->agent))
		return rig_err_set(err, RIG_HOST, ENOENT, "no '%s' or no '%s': run 'make build'",
				   b->hotrig, b->agent);
	r = kernel_resolve(b->kernel_spec, &how, &b->kernel, err);
	return r < 0 ? r : decide_accel(b, err);
}

static int measure(struct bench *b, const struct options *o, struct rig_err *err)
{
	int r = prepare(b, err);

	for (size_t i = 0; i < ARRAY_SIZE(parts) && !r; i++) {
		if (!o->part[i])
			continue;
		fprintf(stderr, "hotrig-bench: %s on %s\n", parts[i].name, b->kernel->release);
		r = parts[i].fn(b, err);
	}
	return r;
}

static void report(const struct bench *b, const struct options *o)
{
	const char *accel = b->accel == ACCEL_KVM ? "kvm" : "tcg";

	if (o->json) {
		table_print_json(&b->table, b->kernel->release, accel, stdout);
		return;
	}
	printf("%s, %s, median of %u\n", b->kernel->release, accel, b->rounds);
	table_print(&b->table, stdout);
}

static void tidy(struct bench *b, bool keep)
{
	struct rig_err err;

	if (keep && b->results)
		fprintf(stderr, "hotrig-bench: records in '%s'\n", b->results);
	else if (b->results && io_remove_tree(b->results, &err) < 0)
		fprintf(stderr, "hotrig-bench: %s\n", err.text);
	table_deinit(&b->table);
	kernel_destroy(b->kernel);
	free(b->hotrig);
	free(b->agent);
	free(b->results);
}

int main(int argc, char **argv)
{
	struct bench b = { .rounds = 5, .kernel_spec = "debian:6.12" };
	struct options o = { 0 };
	struct rig_err err;
	int status = parse_options(argc, argv, &b, &o);

	if (status)
		return status - 1;
	/* the programs stand in the tree that is worked in, wherever this one was built */
	setenv("HOTRIG_DATA", ".", 0);
	if (measure(&b, &o, &err) < 0) {
		fprintf(stderr, "hotrig-bench: %s\n", err.text);
		status = EXIT_ERROR;
	} else {
		report(&b, &o);
		status = table_met(&b.table) ? 0 : 1;
	}
	tidy(&b, o.keep);
	return status;
}
