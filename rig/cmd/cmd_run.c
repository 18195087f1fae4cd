// SPDX-License-Identifier: GPL-2.0-or-later
#include <errno.h>
#include <fnmatch.h>
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/clean.h"
#include "base/clock.h"
#include "base/io.h"
#include "base/loop.h"
#include "base/mem.h"
#include "cmd/cmd.h"
#include "cmd/progress.h"
#include "record/record.h"
#include "record/report_ktap.h"
#include "run/runner.h"
#include "cmd/tree.h"
#include "vm/accel.h"

#define ACCEL_PROBE_MS 40000u
#define MAX_REPEAT 10000

static const char help[] =
	"usage: hotrig run [options] SCENARIO...\n"
	"\n"
	"Runs scenarios on kernels and says whether each kernel did what it must.\n"
	"A SCENARIO is a name ('dimm/online-movable'), a pattern ('dimm/*'), 'core', or a file.json.\n"
	"\n"
	"  -k, --kernel SPEC     kernel to run on, may be repeated; see 'hotrig kernel --help'\n"
	"                        (default: debian:6.1 and debian:6.12)\n"
	"  -n, --repeat N        run each N times on each kernel, freshly booted\n"
	"  -a, --accel ACCEL     auto, kvm or tcg (default: auto)\n"
	"  -e, --memmap-era ERA  pg-reserved or page-offline (default: find out)\n"
	"  -r, --results DIR     folder of the records (default: $HOTRIG_RESULTS, else results/ of the tree)\n"
	"  -q, --qemu PROGRAM    QEMU to use (default: qemu-system-x86_64)\n"
	"  -b, --boot-deadline S\n"
	"                        seconds until the agent must have greeted (default: 180)\n"
	"      --dry-run         print QEMU's command line and run nothing\n"
	"  -j, --json            one record per line instead of KTAP\n"
	"  -h, --help            show this text\n"
	"\n"
	"Exit code: 0 all passed or skipped, 1 a kernel failed, 2 bad usage, 3 trouble of rig or host,\n"
	"77 all skipped.\n";

struct options {
	struct strv kernels;
	const char *results, *qemu;
	enum accel accel;
	enum memmap_era era;
	unsigned int repeat, boot_s;
	bool json, dry_run;
};

struct work {		/* one scenario on one kernel */
	const struct scenario *scenario;
	const struct kernel *kernel;
};

struct batch {
	struct options options;
	struct progress progress;
	struct scenario **scenario;
	size_t nr_scenarios, cap_scenarios;
	struct kernel **kernel;
	size_t nr_kernels;
	enum outcome *outcome;
	size_t nr_outcomes;
	char *agent, *accel_why;
	enum accel accel;
	bool accel_known;
};

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

/* 0 to go on, else the exit code plus one */
static int parse_options(int argc, char **argv, struct options *o)
{
	static const char *const accels[] = { "auto", "kvm", "tcg" };
	static const char *const eras[] = { "", "pg-reserved", "page-offline" };
	static const struct option options[] = {
		{ "kernel", required_argument, NULL, 'k' },  { "repeat", required_argument, NULL, 'n' },
		{ "accel", required_argument, NULL, 'a' },   { "memmap-era", required_argument, NULL, 'e' },
		{ "results", required_argument, NULL, 'r' }, { "qemu", required_argument, NULL, 'q' },
		{ "boot-deadline", required_argument, NULL, 'b' }, { "dry-run", no_argument, NULL, 'd' },
		{ "json", no_argument, NULL, 'j' },	     { "help", no_argument, NULL, 'h' }, { 0 },
	};
	bool ok = true;
	int c, v = 0;

	optind = 0;
	opterr = 0;
	while (ok && (c = getopt_long(argc, argv, ":k:n:a:e:r:q:b:jh", options, NULL)) != -1) {
		switch (c) {
		case 'k': strv_add(&o->kernels, optarg); break;
		case 'n': ok = parse_number(optarg, MAX_REPEAT, &o->repeat); break;
		case 'b': ok = parse_number(optarg, 86400, &o->boot_s); break;
		case 'a': ok = parse_choice(optarg, accels, 3, &v); o->accel = (enum accel)v; break;
		case 'e': ok = parse_choice(optarg, eras, 3, &v) && v; o->era = (enum memmap_era)v; break;
		case 'r': o->results = optarg; break;
		case 'q': o->qemu = optarg; break;
		case 'd': o->dry_run = true; break;
		case 'j': o->json = true; break;
		case 'h':
			fputs(help, stdout);
			return 1;
		default:
			fprintf(stderr, "hotrig: run: %s '%s'; see 'hotrig run --help'\n",
				c == ':' ? "no value for option" : "unknown option", argv[optind - 1]);
			return EXIT_USAGE + 1;
		}
	}
	if (!ok) {
		fprintf(stderr, "hotrig: run: bad value '%s'; see 'hotrig run --help'\n", optarg);
		return EXIT_USAGE + 1;
	}
	return 0;
}

static bool wanted(const struct scenario *s, const char *pattern)
{
	return !fnmatch(pattern, s->name, 0) || (!strcmp(pattern, "core") && s->core);
}

/* Scenarios that one argument names, in the catalogue's order. */
static int add_scenarios(struct batch *b, const char *arg, struct rig_err *err)
{
	AUTO_FREE char *root = tree_path("scenarios");
	AUTO_STRV struct strv paths = { 0 };
	size_t before = b->nr_scenarios, len = strlen(arg);
	bool file = len > 5 && !strcmp(arg + len - 5, ".json");
	int r = 0;

	if (file) {
		GROW(b->scenario, b->nr_scenarios, b->cap_scenarios);
		r = scenario_load(root, arg, &b->scenario[b->nr_scenarios], err);
		b->nr_scenarios += r == 0;
		return r;
	}
	r = scenario_list_files(root, &paths, err);
	for (size_t i = 0; i < paths.n && !r; i++) {
		struct scenario *s;

		r = scenario_load(root, paths.v[i], &s, err);
		if (r < 0)
			break;
		if (!wanted(s, arg)) {
			scenario_destroy(s);
			continue;
		}
		GROW(b->scenario, b->nr_scenarios, b->cap_scenarios);
		b->scenario[b->nr_scenarios++] = s;
	}
	if (!r && b->nr_scenarios == before)
		return rig_err_set(err, RIG_USAGE, ENOENT,
				   "no scenario matches '%s'; 'hotrig scenario list' shows them", arg);
	return r;
}

static void on_kernel_progress(void *arg, const char *text)
{
	progress_text(arg, text);
}

static int add_kernels(struct batch *b, struct rig_err *err)
{
	const struct kernel_resolve_options how = {
		.may_fetch = true, .progress = on_kernel_progress, .progress_arg = &b->progress,
	};
	struct strv *specs = &b->options.kernels;

	if (!specs->n) {
		strv_add(specs, "debian:6.1");
		strv_add(specs, "debian:6.12");
	}
	b->kernel = xcalloc(specs->n, sizeof(*b->kernel));
	for (size_t i = 0; i < specs->n; i++) {
		int r = kernel_resolve(specs->v[i], &how, &b->kernel[b->nr_kernels], err);

		/* a release that is served no more is named, and the others go on */
		if (r < 0 && err->cause == RIG_MISSING) {
			progress_text(&b->progress, err->text);
			continue;
		}
		if (r < 0)
			return r;
		b->nr_kernels++;
	}
	return b->nr_kernels ? 0 : rig_err_set(err, RIG_MISSING, ENOENT, "no kernel to run on");
}

static int decide_accel(struct batch *b, struct run_request *request, struct rig_err *err)
{
	AUTO_FREE char *cmdline = NULL;
	struct vm_config config;
	struct image image;
	int r;

	if (b->accel_known)
		return 0;
	request->accel = ACCEL_KVM;
	r = runner_image(request, &image, err);
	if (r < 0)
		return r == -ENOENT && err->cause == RIG_MISSING ? 0 : r;
	config = runner_vm_config(request, &image, &cmdline);
	r = accel_decide(&(struct accel_request){ .wanted = b->options.accel, .guest = &config,
						  .until_ns = clock_in_ms(ACCEL_PROBE_MS) },
			 &b->accel, &b->accel_why, err);
	image_deinit(&image);
	if (r < 0)
		return r;
	b->accel_known = true;
	if (b->accel_why)
		progress_text(&b->progress, b->accel_why);
	return 0;
}

static int dry_run(struct batch *b, struct run_request *request, struct rig_err *err)
{
	AUTO_STRV struct strv argv = { 0 };
	AUTO_FREE char *cmdline = NULL;
	struct vm_config config;
	struct image image;
	int r = runner_image(request, &image, err);

	(void)b;
	if (r < 0)
		return r;
	config = runner_vm_config(request, &image, &cmdline);
	vm_argv(&config, &(struct vm_fds){ .qmp = 3, .console = 4, .agent = 5 }, &argv);
	vm_argv_print(stdout, &argv);
	image_deinit(&image);
	return 0;
}

static void on_step(void *arg, const char *step, size_t number, size_t of)
{
	progress_step(arg, step, number, of);
}

static void report(struct batch *b, size_t number, const struct run_result *result)
{
	progress_end(&b->progress);
	if (b->options.json) {
		json_dumpf(result->record, stdout, JSON_COMPACT);
		putchar('\n');
	} else {
		ktap_result(stdout, number, result->record);
	}
	fflush(stdout);
}

static int run_one(struct batch *b, const struct work *w, size_t number, size_t of, struct rig_err *err)
{
	AUTO_FREE char *what = xasprintf("%s on %s", w->scenario->name, w->kernel->release);
	struct run_request request = {
		.scenario = w->scenario, .kernel = w->kernel, .agent = b->agent, .results = b->options.results,
		.qemu = b->options.qemu, .era = b->options.era, .boot_ms = b->options.boot_s * 1000ull,
		.progress = on_step, .progress_arg = &b->progress,
	};
	struct run_result result;
	int r = decide_accel(b, &request, err);

	/* a QEMU or an image that cannot be had is the run's own error, with a record */
	if (r < 0 && (b->options.accel != ACCEL_AUTO || err->cause == RIG_INTERRUPTED))
		return r;
	if (r < 0)
		b->accel = ACCEL_TCG;
	request.accel = b->accel;
	request.accel_why = b->accel_why;
	if (b->options.dry_run)
		return dry_run(b, &request, err);
	progress_begin(&b->progress, number, of, what);
	r = runner_run(&request, &result, err);
	if (r < 0)
		return r;
	b->outcome[b->nr_outcomes++] = result.outcome;
	report(b, number, &result);
	run_result_deinit(&result);
	return 0;
}

static int exit_of(const struct rig_err *err)
{
	fprintf(stderr, "hotrig: %s\n", err->text);
	return err->cause == RIG_USAGE ? EXIT_USAGE : err->cause == RIG_MISSING ? EXIT_SKIPPED : EXIT_ERROR;
}

static void summary(const struct batch *b)
{
	size_t count[OUTCOME_FAIL + 1] = { 0 };

	for (size_t i = 0; i < b->nr_outcomes; i++)
		count[b->outcome[i]]++;
	fprintf(stderr, "hotrig: %zu run%s:", b->nr_outcomes, b->nr_outcomes == 1 ? "" : "s");
	for (int o = OUTCOME_PASS; o <= OUTCOME_FAIL; o++)
		if (count[o])
			fprintf(stderr, " %zu %s", count[o], outcome_name((enum outcome)o));
	fprintf(stderr, "; records in %s\n", b->options.results);
}

/* A kernel that has failed stays failed, whatever ends the batch. */
static int give_up(struct batch *b, const struct rig_err *err)
{
	int status;

	progress_end(&b->progress);
	status = exit_of(err);
	return b->nr_outcomes && outcome_run_exit_code(b->outcome, (unsigned int)b->nr_outcomes) == 1 ? 1 : status;
}

static int run_all(struct batch *b)
{
	size_t of = b->nr_scenarios * b->nr_kernels * b->options.repeat, number = 0;
	struct rig_err err;
	int status = 0;

	b->outcome = xcalloc(of, sizeof(*b->outcome));
	if (!b->options.json && !b->options.dry_run)
		ktap_begin(stdout, of);
	for (size_t k = 0; k < b->nr_kernels; k++)
		for (size_t s = 0; s < b->nr_scenarios; s++)
			for (unsigned int n = 0; n < b->options.repeat; n++) {
				const struct work w = { b->scenario[s], b->kernel[k] };

				if (run_one(b, &w, ++number, of, &err) < 0)
					return give_up(b, &err);
				if (loop_interrupted())
					goto out;
			}
out:
	progress_end(&b->progress);
	if (b->options.dry_run)
		return 0;
	summary(b);
	status = outcome_run_exit_code(b->outcome, (unsigned int)b->nr_outcomes);
	return loop_interrupted() && status != 1 ? EXIT_ERROR : status;
}

static void batch_deinit(struct batch *b)
{
	for (size_t i = 0; i < b->nr_scenarios; i++)
		scenario_destroy(b->scenario[i]);
	for (size_t i = 0; i < b->nr_kernels; i++)
		kernel_destroy(b->kernel[i]);
	free(b->scenario);
	free(b->kernel);
	free(b->outcome);
	free(b->agent);
	free(b->accel_why);
	strv_deinit(&b->options.kernels);
}

int cmd_run(int argc, char **argv)
{
	struct batch b = { .options = { .repeat = 1 } };
	AUTO_FREE char *results = tree_path("results");
	const char *env = getenv("HOTRIG_RESULTS");
	struct rig_err err;
	int r, status;

	status = parse_options(argc, argv, &b.options);
	if (status)
		return status - 1;
	if (optind == argc) {
		fputs("hotrig: run: no scenario given; 'hotrig scenario list' shows them\n", stderr);
		return EXIT_USAGE;
	}
	if (!b.options.results)
		b.options.results = env && *env ? env : results;
	progress_init(&b.progress);
	b.agent = getenv("HOTRIG_AGENT") ? xstrdup(getenv("HOTRIG_AGENT")) : tree_path("build/hotrig-agent");
	r = io_exists(b.agent) ? 0 : rig_err_set(&err, RIG_HOST, ENOENT,
						 "no guest agent at '%s'; 'make build' makes it", b.agent);
	for (; optind < argc && !r; optind++)
		r = add_scenarios(&b, argv[optind], &err);
	if (!r)
		record_sweep(b.options.results);
	if (!r)
		r = add_kernels(&b, &err);
	status = r < 0 ? exit_of(&err) : run_all(&b);
	batch_deinit(&b);
	return status;
}
