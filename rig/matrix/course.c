// SPDX-License-Identifier: GPL-2.0-or-later
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>

#include "base/clean.h"
#include "base/clock.h"
#include "base/io.h"
#include "base/lock.h"
#include "base/loop.h"
#include "base/mem.h"
#include "matrix/course.h"
#include "matrix/finished.h"
#include "matrix/merged.h"
#include "matrix/merged_parts.h"
#include "matrix/result.h"
#include "matrix/supply.h"
#include "record/record.h"
#include "template/template.h"

/* The processes of a killed one hold its lock until their machines are down, see batch.h. */
#define LOCK_MS 90000u

/* A cell of the shard */
struct state {
	const struct cell *cell;
	json_t *runs;		/* array, by number */
	char *trouble;		/* why none can be */
};

struct matrix_course {
	struct course_request request;
	struct finished *finished;	/* NULL: nothing is taken from before */
	struct supply supply;
	struct state *state;
	size_t nr;
	int lock;
	/* the round */
	struct batch_run *run;
	size_t *state_of;	/* of each run */
	json_t *part_of;	/* array that holds those of the runs */
	size_t nr_runs;
};

static int take_lock(struct matrix_course *c, struct rig_err *err)
{
	const char *results = c->request.how->results;
	AUTO_FREE char *path = xasprintf("%s/.matrix-%.16s-%u.lock", results, c->request.plan->digest,
					 c->request.shard + 1);
	int r = io_mkdirs(results, err);

	if (r < 0)
		return r;
	c->lock = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0644);
	if (c->lock < 0)
		return rig_err_set(err, RIG_HOST, errno, "cannot make '%s': %s", path, strerror(errno));
	if (lock_try(c->lock))
		return 0;
	progress_text(c->request.progress, "another process runs this shard, or is just ending: waiting for it");
	return lock_wait(c->lock, path, clock_in_ms(LOCK_MS), err);
}

static void take_states(struct matrix_course *c)
{
	const struct cells *cells = c->request.cells;

	c->state = xcalloc(cells->nr + 1, sizeof(*c->state));
	for (size_t i = 0; i < cells->nr; i++)
		if (c->request.plan->shard[i] == c->request.shard)
			c->state[c->nr++] = (struct state){ .cell = &cells->cell[i], .runs = json_array() };
}

static struct finished_of runs_of(const struct course_request *request)
{
	return (struct finished_of){
		.matrix = request->matrix->digest, .how = request->how_digest, .rig = request->rig_digest,
	};
}

int course_create(const struct course_request *request, struct matrix_course **ret, struct rig_err *err)
{
	const struct finished_of of = runs_of(request);
	struct matrix_course *c = xcalloc(1, sizeof(*c));
	int r;

	c->request = *request;
	c->supply.progress = request->progress;
	c->lock = -1;
	r = take_lock(c, err);
	if (!r) {
		record_sweep(request->how->results);
		template_sweep();
	}
	if (!r && !request->again)
		r = finished_find(request->how->results, &of, &c->finished, err);
	if (r < 0) {
		course_destroy(c);
		return r;
	}
	take_states(c);
	*ret = c;
	return 0;
}

static void end_round(struct matrix_course *c)
{
	free(TAKE_PTR(c->run));
	free(TAKE_PTR(c->state_of));
	json_decref(TAKE_PTR(c->part_of));
	c->nr_runs = 0;
}

void course_destroy(struct matrix_course *c)
{
	if (!c)
		return;
	end_round(c);
	for (size_t i = 0; i < c->nr; i++) {
		json_decref(c->state[i].runs);
		free(c->state[i].trouble);
	}
	free(c->state);
	supply_deinit(&c->supply);
	finished_destroy(c->finished);
	if (c->lock >= 0)
		close(c->lock);
	free(c);
}

/* --- a round: what is to be done -------------------------------------------------------------- */

static void add_run(struct matrix_course *c, size_t state, unsigned int number, const struct kernel *kernel)
{
	const struct cell *cell = c->state[state].cell;
	AUTO_FREE char *shard = merged_shard_name(c->request.shard, c->request.plan->nr_shards);
	const struct finished_of of = runs_of(&c->request);
	json_t *part_of = finished_part_of(&of, cell, number, shard);

	json_array_append_new(c->part_of, part_of);
	c->state_of[c->nr_runs] = state;
	c->run[c->nr_runs++] = (struct batch_run){
		.scenario = cell->scenario, .kernel = kernel, .variant = &cell->variant->run, .part_of = part_of,
		.template = number, .accel = cell->variant->accel,
	};
}

/* Run @number of the cell: found, or to be done, or impossible */
static int plan_run(struct matrix_course *c, size_t i, unsigned int number, struct rig_err *err)
{
	struct state *s = &c->state[i];
	const struct supply_entry *supplied;
	json_t *found;
	int r;

	if (s->trouble || !result_wants(s->runs, number, c->request.matrix->repeat))
		return 0;
	r = supply_get(&c->supply, s->cell->kernel, s->cell->variant, &supplied, err);
	if (r < 0)
		return r;
	found = c->finished ? finished_run(c->finished, s->cell, number, supplied->kernel ?
					   supplied->kernel->image_sha256 : NULL) : NULL;
	if (found)
		json_array_append(s->runs, found);
	else if (supplied->kernel)
		add_run(c, i, number, supplied->kernel);
	else
		s->trouble = xstrdup(supplied->trouble.text);
	return 0;
}

/* Cells of one template follow each other, so that a store that holds few of them still serves all. */
static int plan_round(struct matrix_course *c, unsigned int number, struct rig_err *err)
{
	AUTO_FREE bool *done = xcalloc(c->nr + 1, sizeof(*done));
	int r = 0;

	end_round(c);
	c->run = xcalloc(c->nr + 1, sizeof(*c->run));
	c->state_of = xcalloc(c->nr + 1, sizeof(*c->state_of));
	c->part_of = json_array();
	for (size_t i = 0; i < c->nr; i++) {
		bool is_first = !done[i];

		for (size_t j = i; j < c->nr && is_first && !r; j++)
			if (!done[j] && !strcmp(c->state[j].cell->group, c->state[i].cell->group)) {
				done[j] = true;
				r = plan_run(c, j, number, err);
			}
	}
	return r;
}

/* --- running ---------------------------------------------------------------------------------- */

static bool on_result(void *arg, size_t run, const struct run_result *result)
{
	struct matrix_course *c = arg;
	const char *cause = result ? json_string_value(json_object_get(json_object_get(result->record, "error"), "cause"))
				   : NULL;
	const char *folder = result && result->path ? strrchr(result->path, '/') : NULL;

	/* what was cut short is not done */
	if (result && (!cause || strcmp(cause, rig_cause_name(RIG_INTERRUPTED))))
		json_array_append_new(c->state[c->state_of[run]].runs,
				      result_run(result->record, folder ? folder + 1 : NULL));
	return true;
}

static void tell_round(const struct matrix_course *c, unsigned int number)
{
	AUTO_FREE char *text = NULL;
	size_t before = 0;

	for (size_t i = 0; i < c->nr; i++)
		before += json_array_size(c->state[i].runs) > 0;
	if (number)
		text = xasprintf("%zu cell%s once more, on fresh templates (%u of %u)", c->nr_runs,
				 c->nr_runs == 1 ? "" : "s", number, c->request.matrix->repeat);
	else
		text = xasprintf("%zu cells, %zu of them have run before", c->nr, before);
	if (c->nr_runs || !number)
		progress_text(c->request.progress, text);
}

int course_run(struct matrix_course *c, struct rig_err *err)
{
	int r = 0;

	for (unsigned int number = 0; number <= c->request.matrix->repeat && !r; number++) {
		r = plan_round(c, number, err);
		if (r < 0)
			break;
		tell_round(c, number);
		if (c->nr_runs)
			r = batch_run(&(struct batch){
				.how = c->request.how, .run = c->run, .nr = c->nr_runs,
				.progress = c->request.progress, .on_result = on_result, .arg = c,
			}, err);
		if (!r && loop_interrupted())
			r = rig_err_set(err, RIG_INTERRUPTED, EINTR, "interrupted; the same command goes on from here");
	}
	end_round(c);
	return r;
}

json_t *course_record(const struct matrix_course *c)
{
	json_auto_t *result = json_array();

	/* a failure that was seen is told, even where no more runs could be */
	for (size_t i = 0; i < c->nr; i++) {
		const struct state *s = &c->state[i];

		if (s->trouble || json_array_size(s->runs))
			json_array_append_new(result, result_cell(s->cell, s->runs, s->trouble));
	}
	return merged_make(c->request.matrix, c->request.cells, c->request.plan, c->request.shard,
			   c->request.how_digest, result);
}
