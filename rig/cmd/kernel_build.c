// SPDX-License-Identifier: GPL-2.0-or-later
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/clean.h"
#include "base/clock.h"
#include "base/mem.h"
#include "cmd/cmd.h"
#include "cmd/kernel_build.h"
#include "base/tree.h"
#include "kernel/build.h"

#define MAX_JOBS 1024ul

struct view {
	bool json, terminal, line_open;
	uint64_t start_ns, shown_ns;
	unsigned int shown;		/* per mille */
};

static int usage(const char *why, const char *what)
{
	fprintf(stderr, "hotrig: kernel build: %s%s; see 'hotrig kernel --help'\n", why, what);
	return EXIT_USAGE;
}

static void wipe(struct view *v)
{
	if (v->line_open)
		fputs("\r\033[K", stderr);
	v->line_open = false;
}

static void show_text(void *arg, const char *text)
{
	struct view *v = arg;

	wipe(v);
	fprintf(stderr, "hotrig: %s\n", text);
	v->start_ns = clock_ns();
}

/* A line that is rewritten; elsewhere one for each tenth */
static bool is_due(const struct view *v, unsigned int share)
{
	return v->terminal ? clock_ns() - v->shown_ns > NS_PER_S / 5 : share / 100 > v->shown / 100;
}

static void show_step(void *arg, const struct build_log *log, size_t expected)
{
	struct view *v = arg;
	unsigned int share = build_share(log->steps, expected);
	long left = build_left_s((double)(clock_ns() - v->start_ns) / (double)NS_PER_S, share);
	char when[48] = "";

	if (!is_due(v, share))
		return;
	if (left >= 0)
		snprintf(when, sizeof(when), ", about %ld:%02ld left", left / 60, left % 60);
	wipe(v);
	fprintf(stderr, "hotrig: %3u %% (%zu steps)%s%s", share / 10, log->steps, when,
		v->terminal ? ": " : "\n");
	if (v->terminal) {
		fprintf(stderr, "%.36s", log->step);
		v->line_open = true;
	}
	v->shown_ns = clock_ns();
	v->shown = share;
}

static void print_result(const struct view *v, const char *key, bool new)
{
	AUTO_FREE char *spec = xasprintf("built:%s", key), *text = NULL;
	json_auto_t *o = NULL;

	if (!v->json) {
		printf("%s\n", spec);
		fprintf(stderr, "hotrig: %s; boot it with 'hotrig run -k %s ...'\n",
			new ? "built" : "nothing to build: the same source, config and compiler",
			spec);
		return;
	}
	o = json_pack("{ss sb}", "spec", spec, "new", new);
	text = o ? json_dumps(o, JSON_COMPACT) : NULL;
	printf("%s\n", text ? text : "{}");
}

static int exit_code(enum rig_cause cause)
{
	return cause == RIG_USAGE ? EXIT_USAGE : cause == RIG_MISSING ? EXIT_SKIPPED : EXIT_ERROR;
}

static int run(struct build_request *request, struct view *v)
{
	AUTO_FREE char *fragments = tree_path("kernels"), *key = NULL;
	struct rig_err err;
	bool new = false;
	int r;

	request->fragments_dir = fragments;
	request->options = (struct kernel_resolve_options){ .may_fetch = true,
							    .progress = show_text,
							    .progress_arg = v };
	request->on_step = show_step;
	request->arg = v;
	v->terminal = isatty(STDERR_FILENO);
	v->start_ns = clock_ns();
	r = build_kernel(request, &key, &new, &err);
	wipe(v);
	if (r < 0) {
		fprintf(stderr, "hotrig: %s\n", err.text);
		return exit_code(err.cause);
	}
	print_result(v, key, new);
	if (fflush(stdout) || ferror(stdout)) {
		fprintf(stderr, "hotrig: cannot write to stdout\n");
		return EXIT_ERROR;
	}
	return 0;
}

static bool parse_jobs(const char *text, unsigned int *ret)
{
	char *end;
	unsigned long n = strtoul(text, &end, 10);

	*ret = (unsigned int)n;
	return *text >= '1' && *text <= '9' && !*end && n <= MAX_JOBS;
}

int kernel_build(int argc, char **argv)
{
	static const struct option options[] = {
		{ "tree", required_argument, NULL, 't' },
		{ "config", required_argument, NULL, 'c' },
		{ "apply", required_argument, NULL, 'a' },
		{ "jobs", required_argument, NULL, 'J' },
		{ "json", no_argument, NULL, 'j' },
		{ 0 },
	};
	AUTO_STRV struct strv fragments = { 0 };
	struct build_request request = { 0 };
	struct view v = { 0 };
	int c;

	optind = 0;
	opterr = 0;
	while ((c = getopt_long(argc, argv, ":j", options, NULL)) != -1) {
		if (c == ':')
			return usage("gives no value: ", argv[optind - 1]);
		if (c == '?')
			return usage("unknown option: ", argv[optind - 1]);
		if (c == 't')
			request.tree = optarg;
		if (c == 'c')
			strv_add(&fragments, optarg);
		if (c == 'a')
			request.series = optarg;
		if (c == 'J' && !parse_jobs(optarg, &request.jobs))
			return usage("--jobs wants a number from 1 to 1024, not ", optarg);
		v.json |= c == 'j';
	}
	if (optind < argc)
		return usage("what is this: ", argv[optind]);
	if (!request.tree)
		return usage("say what to build: --tree DIR", "");
	request.fragments = fragments.v;
	request.nr_fragments = fragments.n;
	return run(&request, &v);
}
