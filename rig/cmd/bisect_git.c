// SPDX-License-Identifier: GPL-2.0-or-later
/* hotrig bisect git: which commit brought or fixed a bug.  Level 8. */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "base/clean.h"
#include "base/io.h"
#include "base/tree.h"
#include "bisect/by_hand.h"
#include "bisect/git.h"
#include "bisect/git_build.h"
#include "cmd/bisect_course.h"
#include "cmd/cmd.h"
#include "cmd/cmd_bisect.h"
#include "kernel/build_config.h"
#include "kernel/build_tools.h"

#define MAX_MAKE_JOBS	1024u
#define BUILD_RUN	1	/* the number that the progress line knows a build by: nothing runs beside it */

enum { OPTION_TREE = 0x400, OPTION_CONFIG, OPTION_MAKE_JOBS, OPTION_SKIP, OPTION_REPLAY, OPTION_KEEP };

struct git_options {
	struct bisect_options common;
	const char *tree, *replay;
	struct strv fragments, skips;
	unsigned int make_jobs;
	bool keep_worktree;
};

struct git_course {
	const struct git_options *options;
	struct bisect_course course;
	struct commits commits;
	struct worktree worktree;
	struct build_request build;
	struct git_bisect git;
	char *fragments_dir;
	uint64_t make_ns;		/* of the last kernel */
};

/* --- what is asked --------------------------------------------------------------------------- */

/* All that makes another kernel of the same commit */
static int config_digest(const struct build_request *b, char hex[65], struct rig_err *err)
{
	AUTO_FREE char *text = NULL, *compiler = NULL, *all = NULL;
	struct wanted wanted;
	int r = build_tools_compiler(&compiler, err);

	if (!r)
		r = build_config_read(b->fragments_dir, b->fragments, b->nr_fragments, &wanted, err);
	if (r < 0)
		return r;
	text = wanted_text(&wanted);
	wanted_deinit(&wanted);
	all = xasprintf("%s\n%s", compiler, text);
	io_sha256_hex(all, strlen(all), hex);
	return 0;
}

/* Terms are only words, but git's log has them */
static int open_course(struct git_course *c, struct rig_err *err)
{
	const struct exam_source source = git_source(&c->git);
	json_t *asked;
	char config[65];
	int r = config_digest(&c->build, config, err);

	if (r < 0)
		return r;
	asked = json_pack("{ss ss ss ss ss ss ss}", "command", "git", "repository", c->commits.repository, "good",
			  c->commits.good, "bad", c->commits.bad, "config", config, "term_old", c->git.term_old,
			  "term_new", c->git.term_new);
	r = bisect_course_open(&c->course, asked, &source, err);
	for (size_t i = 0; i < c->options->skips.n && !r; i++)
		r = by_hand_skip(&c->git, c->course.journal, c->options->skips.v[i], err);
	if (!r && c->options->replay)
		r = by_hand_replay(&c->git, c->course.journal, c->options->replay, err);
	return r;
}

/* --- what is said meanwhile ------------------------------------------------------------------ */

static void on_commit(void *arg, const char *commit)
{
	struct git_course *c = arg;
	AUTO_FREE char *what = xasprintf("build %.12s", commit);

	progress_plan(&c->course.progress, 1);
	progress_begin(&c->course.progress, BUILD_RUN, what);
	progress_step(&c->course.progress, BUILD_RUN, "checkout", 0, 0);
}

static void on_make(void *arg, const struct build_log *log, size_t expected)
{
	struct git_course *c = arg;

	progress_step(&c->course.progress, BUILD_RUN, log->step, log->steps, log->steps < expected ? expected : 0);
}

static int build(void *arg, const struct worktree *w, const char *tree, struct kernel **ret, struct rig_err *err)
{
	struct git_course *c = arg;
	AUTO_FREE char *what = xasprintf("tree %.12s", tree);
	int r;

	c->make_ns = 0;
	r = git_build(&c->build, w, tree, ret, err);

	progress_done(&c->course.progress, BUILD_RUN, what, r < 0 ? "no kernel" : (*ret)->spec);
	return r;
}

static void tell_plan(struct git_course *c)
{
	AUTO_FREE char *plan = xasprintf("%zu commits, the first %s one is looked for; worktree '%s'",
					 c->commits.suspects, c->git.term_new, c->worktree.dir);

	progress_text(&c->course.progress, plan);
	if (c->commits.dirty) {
		AUTO_FREE char *dirty = xasprintf("'%s' has changes that are in no commit: they are no part of this",
						  c->options->tree);

		progress_text(&c->course.progress, dirty);
	}
}

/* --- the bisect ------------------------------------------------------------------------------ */

static int tell_answer(struct git_course *c, const struct git_answer *a)
{
	const struct answer answer = {
		.noun = "commit", .good = c->commits.good, .bad = c->commits.bad,
		.bad_is_new = c->commits.bad_is_new, .term_old = c->git.term_old, .term_new = c->git.term_new,
		.last = a->last, .first = a->first, .between = a->between, .about = a->about, .log = a->log,
		.scenarios = c->course.scenarios.v,
	};

	return bisect_course_answer(&c->course, &answer);
}

/* Whoever goes on with the same command has only to build what differs; who must change it begins anew */
static int leave(const struct git_course *c, bool goes_on, int status)
{
	struct rig_err err;

	if (goes_on || c->options->keep_worktree)
		fprintf(stderr, "hotrig: the worktree stays: '%s'\n", c->worktree.dir);
	else if (worktree_remove(&c->worktree, &err) < 0)
		return command_fail(&err);
	return status;
}

static int search(struct git_course *c)
{
	struct git_answer answer;
	struct rig_err err;
	int r, status;

	r = open_course(c, &err);
	if (!r)
		r = worktree_open(c->commits.repository, commits_new(&c->commits), &c->worktree, &err);
	if (!r) {
		tell_plan(c);
		if (c->options->common.flaky)
			exam_expect_flaky(&c->course.exam, c->commits.suspects);
		r = git_search(&c->git, &c->course.exam, &answer, &err);
	}
	if (r < 0) {
		status = bisect_course_fail(&c->course, &err);
		return c->worktree.dir ? leave(c, err.cause != RIG_USAGE, status) : status;
	}
	status = tell_answer(c, &answer);
	git_answer_deinit(&answer);
	return leave(c, false, status);
}

static void prepare(struct git_course *c, const struct git_options *o)
{
	const char *old = o->common.term_old, *new = o->common.term_new;

	c->git = (struct git_bisect){ .commits = &c->commits, .worktree = &c->worktree,
				      .term_old = old ? old : "good", .term_new = new ? new : "bad", .build = build,
				      .make_ns = &c->make_ns, .on_commit = on_commit, .arg = c };
	c->build = (struct build_request){ .fragments_dir = c->fragments_dir, .fragments = o->fragments.v,
						   .nr_fragments = o->fragments.n, .jobs = o->make_jobs,
						   .make_ns = &c->make_ns, .on_step = on_make, .arg = c };
}

static int run(const struct git_options *o, char *const *scenarios)
{
	struct git_course c = { .options = o, .worktree.lock_fd = -1, .fragments_dir = tree_path("kernels") };
	struct rig_err err;
	int r, status;

	prepare(&c, o);
	r = bisect_course_init(&c.course, &o->common, scenarios, &err);
	if (!r)
		r = commits_open(o->tree, o->common.good, o->common.bad, o->common.term_old, &c.commits, &err);
	status = r < 0 ? bisect_course_fail(&c.course, &err) : search(&c);
	bisect_course_deinit(&c.course);
	worktree_close(&c.worktree);
	commits_deinit(&c.commits);
	free(c.fragments_dir);
	return status;
}

/* 1: taken, 0: not one of these, -1: bad value */
static int take_option(struct git_options *o, int c, const char *value)
{
	switch (c) {
	case OPTION_TREE: o->tree = value; break;
	case OPTION_CONFIG: strv_add(&o->fragments, value); break;
	case OPTION_SKIP: strv_add(&o->skips, value); break;
	case OPTION_REPLAY: o->replay = value; break;
	case OPTION_KEEP: o->keep_worktree = true; break;
	case OPTION_MAKE_JOBS: return option_number(value, MAX_MAKE_JOBS, &o->make_jobs) ? 1 : -1;
	default:
		return bisect_option(&o->common, c, value);
	}
	return 1;
}

int bisect_git(int argc, char **argv)
{
	static const struct option options[] = {
		{ "tree", required_argument, NULL, OPTION_TREE },
		{ "config", required_argument, NULL, OPTION_CONFIG },
		{ "make-jobs", required_argument, NULL, OPTION_MAKE_JOBS },
		{ "skip", required_argument, NULL, OPTION_SKIP },
		{ "replay", required_argument, NULL, OPTION_REPLAY },
		{ "keep-worktree", no_argument, NULL, OPTION_KEEP },
		BISECT_LONG, HOW_LONG, { 0 }
	};
	struct git_options o = { .tree = "." };
	int c, status = -1;

	bisect_options_init(&o.common);
	optind = 0;
	opterr = 0;
	while (status < 0 && (c = getopt_long(argc, argv, ":" BISECT_SHORT, options, NULL)) != -1)
		if (take_option(&o, c, optarg) <= 0)
			status = bisect_usage("git", c, argv[optind - 1], optarg);
	if (status < 0)
		status = o.common.help ? bisect_help() : run(&o, argv + optind);
	strv_deinit(&o.fragments);
	strv_deinit(&o.skips);
	bisect_options_deinit(&o.common);
	return status;
}
