// SPDX-License-Identifier: GPL-2.0-or-later
/* hotrig matrix: many scenarios on many kernels in many variants, on one machine or on several.  Level 8. */
#include <errno.h>
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clean.h"
#include "base/io.h"
#include "base/mem.h"
#include "base/tree.h"
#include "batch/rig_digest.h"
#include "cmd/cmd.h"
#include "cmd/matrix_options.h"
#include "cmd/matrix_text.h"
#include "matrix/course.h"
#include "matrix/merged.h"
#include "matrix/past.h"
#include "matrix/supply.h"

#define NIGHTLY "kernels/nightly.json"

/* A matrix, and who runs what of it */
struct layout {
	struct matrix *matrix;
	struct repertoire repertoire;
	struct cells cells;
	struct plan plan;
};

static int load_durations(const char *path, struct durations **ret, struct rig_err *err)
{
	json_auto_t *merged = NULL;
	int r = path ? merged_load(path, &merged, err) : 0;

	if (!r && merged)
		*ret = durations_make(merged);
	return r;
}

static int load(const struct matrix_options *o, struct layout *l, struct rig_err *err)
{
	AUTO_FREE char *nightly = tree_path(NIGHTLY);
	struct durations *durations = NULL;
	int r = matrix_load(o->matrix ? o->matrix : nightly, &l->matrix, err);

	if (!r)
		r = repertoire_load(&l->repertoire, err);
	if (!r)
		r = cells_find(l->matrix, &l->repertoire, &l->cells, err);
	if (!r)
		r = load_durations(o->durations, &durations, err);
	if (!r)
		plan_make(l->matrix, &l->cells, o->nr_shards, durations, &l->plan);
	durations_destroy(durations);
	return r;
}

static void layout_deinit(struct layout *l)
{
	plan_deinit(&l->plan);
	cells_deinit(&l->cells);
	repertoire_deinit(&l->repertoire);
	matrix_destroy(l->matrix);
}

static int list(const struct matrix_options *o)
{
	struct layout l = { 0 };
	struct rig_err err;
	int status = 0;

	if (load(o, &l, &err) < 0)
		status = command_fail(&err);
	else
		matrix_text_list(stdout, &l.cells, &l.plan, o->shard, o->json);
	layout_deinit(&l);
	return status;
}

/* Those that cannot be had are named, and make their cells an ERROR; all the others can run. */
static int prepare_kernels(const struct cells *cells, struct progress *progress)
{
	struct supply supply = { .progress = progress };
	const struct supply_entry *e;
	size_t ready = 0;
	struct rig_err err;
	int r = 0;

	for (size_t i = 0; i < cells->nr && !r; i++)
		r = supply_get(&supply, cells->cell[i].kernel, cells->cell[i].variant, &e, &err);
	for (size_t i = 0; i < supply.nr; i++) {
		e = &supply.entry[i];
		ready += e->kernel != NULL;
		if (e->kernel)
			printf("%s%s%s: %s\n", e->of->name, e->variant ? "/" : "", e->variant ? e->variant->name : "",
			       e->kernel->release ? e->kernel->release : e->kernel->spec);
	}
	supply_deinit(&supply);
	return r < 0 ? command_fail(&err) : ready ? 0 : EXIT_ERROR;
}

static int prepare(const struct matrix_options *o)
{
	struct progress progress;
	struct layout l = { 0 };
	struct rig_err err;
	int status;

	progress_init(&progress);
	status = load(o, &l, &err) < 0 ? command_fail(&err) : prepare_kernels(&l.cells, &progress);
	layout_deinit(&l);
	progress_deinit(&progress);
	return status;
}

/* What cannot be told of the past changes nothing of what was seen now. */
static void tell_past(int r, const struct strv *words, const struct rig_err *err)
{
	for (size_t i = 0; i < words->n; i++)
		fprintf(stderr, "hotrig: %s\n", words->v[i]);
	if (r < 0)
		fprintf(stderr, "hotrig: without history: %s\n", err->text);
}

/* A kernel that has failed stays failed, whatever ended the rest. */
static int outranked(int status, int trouble)
{
	return status == 1 ? status : trouble;
}

/*
 * Judges it by the past, saves it, tells a person what matters, and gives the exit code of it.  The records of run are
 * among what is indexed, those of merge may be on other machines.
 */
static int deliver(const struct matrix_options *o, const char *path, json_t *merged)
{
	const char *results = o->common.how.results;
	AUTO_FREE char *count = merged_count(merged);
	AUTO_STRV struct strv words = { 0 };
	struct rig_err err;
	int r = past_judge(results, merged, &words, &err), status = merged_exit_code(merged);
	bool saved;

	tell_past(r, &words, &err);
	saved = path && merged_save(merged, path, &err) == 0;
	if (path && !saved)
		status = outranked(status, command_fail(&err));
	if (saved && o->command == MATRIX_MERGE) {
		strv_deinit(&words);
		r = past_keep(results, path, &words, &err);
		tell_past(r, &words, &err);
	}
	if (o->json) {
		json_dumpf(merged, stdout, JSON_COMPACT);
		putchar('\n');
	} else {
		matrix_text_record(stdout, merged);
	}
	fprintf(stderr, "hotrig: %s%s%s\n", count, saved ? "; merged record in " : "", saved ? path : "");
	return status;
}

static int load_known(struct matrix_options *o, struct known **ret, struct rig_err *err)
{
	AUTO_FREE char *ours = tree_path(KNOWN_BUGS);
	int r = o->no_known ? 0 : known_load(o->known ? o->known : ours, ret, err);

	o->common.how.known = *ret;
	return r;
}

/* A record that was made under other conditions is not what these options ask for. */
static int digest_how(const struct matrix_options *o, char digest[65], struct rig_err *err)
{
	const struct batch_how *how = &o->common.how;
	AUTO_FREE char *ours = tree_path(KNOWN_BUGS), *known = NULL, *text = NULL;
	int r = o->no_known ? 0 : io_read_file(o->known ? o->known : ours, DOC_MAX_BYTES, &known, NULL, err);

	text = xasprintf("%d %d %u %s\n%s", (int)how->accel, (int)how->era, how->boot_s, how->qemu ? how->qemu : "",
			 known ? known : "");
	io_sha256_hex(text, strlen(text), digest);
	return r;
}

static char *output_path(const struct matrix_options *o)
{
	const char *results = o->common.how.results;

	if (o->output)
		return xstrdup(o->output);
	if (o->nr_shards == 1)
		return xasprintf("%s/matrix.json", results);
	return xasprintf("%s/matrix-%u-of-%u.json", results, o->shard + 1, o->nr_shards);
}

static int run_layout(const struct matrix_options *o, const struct layout *l, const char *how_digest,
		      struct progress *progress)
{
	char rig[65];
	const struct course_request request = {
		.matrix = l->matrix, .cells = &l->cells, .plan = &l->plan, .shard = o->shard, .how = &o->common.how,
		.how_digest = how_digest, .rig_digest = rig, .again = o->again, .progress = progress,
	};
	AUTO_FREE char *path = output_path(o);
	struct matrix_course *course = NULL;
	json_auto_t *merged = NULL;
	struct rig_err err;
	int r, status;

	if (rig_digest(o->common.how.agent, rig, &err) < 0)
		return command_fail(&err);
	if (course_create(&request, &course, &err) < 0)
		return command_fail(&err);
	r = course_run(course, &err);
	progress_end(progress);
	merged = course_record(course);
	course_destroy(course);
	status = deliver(o, path, merged);
	return r < 0 ? outranked(status, command_fail(&err)) : status;
}

static int run(struct matrix_options *o)
{
	struct progress progress;
	struct layout l = { 0 };
	struct known *known = NULL;
	struct rig_err err;
	char how_digest[65];
	int r, status;

	progress_init(&progress);
	r = how_options_check(&o->common, &err);
	if (!r)
		r = load_known(o, &known, &err);
	if (!r)
		r = digest_how(o, how_digest, &err);
	if (!r)
		r = load(o, &l, &err);
	status = r < 0 ? command_fail(&err) : run_layout(o, &l, how_digest, &progress);
	layout_deinit(&l);
	known_destroy(known);
	progress_deinit(&progress);
	return status;
}

static int merge(const struct matrix_options *o, size_t nr, char *const *path)
{
	AUTO_FREE struct merged_part *part = xcalloc(nr, sizeof(*part));
	json_auto_t *merged = NULL;
	struct rig_err err;
	int r = 0, status;

	for (size_t i = 0; i < nr && !r; i++) {
		part[i].path = path[i];
		r = merged_load(path[i], &part[i].record, &err);
	}
	if (!r)
		r = merged_join(part, nr, o->partial, &merged, &err);
	status = r < 0 ? command_fail(&err) : deliver(o, o->output, merged);
	for (size_t i = 0; i < nr; i++)
		json_decref(part[i].record);
	return status;
}

int cmd_matrix(int argc, char **argv)
{
	struct matrix_options o;
	int status = matrix_options_parse(argc, argv, &o);

	if (status < 0) {
		if (o.command == MATRIX_LIST)
			status = list(&o);
		else if (o.command == MATRIX_PREPARE)
			status = prepare(&o);
		else if (o.command == MATRIX_RUN)
			status = run(&o);
		else
			status = merge(&o, (size_t)(argc - optind), argv + optind);
	}
	matrix_options_deinit(&o);
	return status;
}
