// SPDX-License-Identifier: GPL-2.0-or-later
#include <stdio.h>
#include <stdlib.h>

#include "base/clean.h"
#include "base/mem.h"
#include "history/history.h"
#include "matrix/past.h"

/* The runs of one cell */
struct runs {
	struct history_run *v;
	size_t n;
};

static void runs_deinit(struct runs *r)
{
	for (size_t i = 0; i < r->n; i++)
		history_run_deinit(&r->v[i]);
	free(r->v);
}

static int read_runs(const json_t *merged, const json_t *cell, struct runs *ret, struct rig_err *err)
{
	const char *matrix = json_string_value(json_object_get(merged, "matrix"));
	const char *date = json_string_value(json_object_get(merged, "date"));
	const json_t *runs = json_object_get(cell, "runs"), *run;
	size_t i;
	int r = 0;

	ret->v = xcalloc(json_array_size(runs) + 1, sizeof(*ret->v));
	json_array_foreach(runs, i, run) {
		r = history_run_of_cell(cell, run, matrix, date ? date : "", &ret->v[ret->n], err);
		if (r < 0)
			break;
		ret->n++;
	}
	return r;
}

static int judge(struct history *h, const json_t *merged, json_t *cell, struct rig_err *err)
{
	__attribute__((cleanup(runs_deinit))) struct runs runs = { 0 };
	struct history_verdict verdict = { .class = HISTORY_INFRASTRUCTURE, .reason = "the kernel cannot be had" };
	int r = read_runs(merged, cell, &runs, err);

	/* it may come from another machine, and is no reason to leave the others unjudged */
	if (r < 0)
		snprintf(verdict.reason, sizeof(verdict.reason), "%s", err->text);
	else if (runs.n && (r = history_classify(h, runs.v, runs.n, &verdict, err)) < 0)
		return r;
	json_object_set_new(cell, "class", json_string(history_class_name(verdict.class)));
	json_object_set_new(cell, "class_why", json_string(verdict.reason));
	return 0;
}

static int judge_all(struct history *h, json_t *merged, struct rig_err *err)
{
	json_t *cell;
	size_t i;
	int r = 0;

	json_array_foreach(json_object_get(merged, "cells"), i, cell) {
		r = judge(h, merged, cell, err);
		if (r < 0)
			break;
	}
	return r;
}

static void end(struct history *h, struct strv *words)
{
	const struct strv *said = history_words(h);

	for (size_t i = 0; i < said->n; i++)
		strv_add(words, said->v[i]);
	history_close(h);
}

int past_judge(const char *results, json_t *merged, struct strv *words, struct rig_err *err)
{
	struct history *h;
	int r = history_open(results, &h, err);

	if (r < 0)
		return r;
	r = history_update(h, NULL, err);
	if (!r)
		r = judge_all(h, merged, err);
	end(h, words);
	return r;
}

int past_keep(const char *results, const char *path, struct strv *words, struct rig_err *err)
{
	struct history *h;
	int r = history_open(results, &h, err);

	if (r < 0)
		return r;
	r = history_import(h, path, NULL, err);
	end(h, words);
	return r;
}
