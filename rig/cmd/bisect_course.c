// SPDX-License-Identifier: GPL-2.0-or-later
#include <stdio.h>
#include <string.h>

#include "base/clean.h"
#include "base/io.h"
#include "batch/rig_digest.h"
#include "cmd/bisect_course.h"
#include "cmd/cmd.h"
#include "record/fields.h"
#include "record/record.h"
#include "template/template.h"

#define MAX_SCENARIO_BYTES	(1u << 20)

static void on_text(void *arg, const char *text)
{
	progress_text(arg, text);
}

int bisect_course_init(struct bisect_course *c, const struct bisect_options *o, char *const *scenarios,
		       struct rig_err *err)
{
	int r;

	*c = (struct bisect_course){ .options = o };
	progress_init(&c->progress);
	c->resolve = (struct kernel_resolve_options){ .may_fetch = true, .progress = on_text, .progress_arg = &c->progress };
	r = bisect_options_check(o, err);
	if (!r && o->target)
		r = target_parse(o->target, &c->target, err);
	if (!r && !*scenarios)
		r = rig_err_set(err, RIG_USAGE, 0, "bisect: no scenario given; 'hotrig list' shows them");
	for (; *scenarios && !r; scenarios++)
		r = selection_add_scenarios(&c->selection, *scenarios, err);
	for (size_t i = 0; i < c->selection.nr_scenarios && !r; i++)
		strv_add(&c->scenarios, c->selection.scenario[i]->name);
	return r;
}

void bisect_course_deinit(struct bisect_course *c)
{
	exam_deinit(&c->exam);
	journal_close(c->journal);
	target_deinit(&c->target);
	strv_deinit(&c->scenarios);
	selection_deinit(&c->selection);
	progress_deinit(&c->progress);
}

/* --- what was asked -------------------------------------------------------------------------- */

/* A scenario that was changed is another one. */
static int scenarios_json(const struct selection *s, json_t **ret, struct rig_err *err)
{
	json_t *list = json_array();

	for (size_t i = 0; i < s->nr_scenarios; i++) {
		AUTO_FREE char *text = NULL;
		char hex[65];
		size_t len;
		int r = io_read_file(s->scenario[i]->path, MAX_SCENARIO_BYTES, &text, &len, err);

		if (r < 0) {
			json_decref(list);
			return r;
		}
		io_sha256_hex(text, len, hex);
		json_array_append_new(list, json_pack("{ssss}", "name", s->scenario[i]->name, "sha256", hex));
	}
	*ret = list;
	return 0;
}

static int add_asked(const struct bisect_course *c, json_t *asked, struct rig_err *err)
{
	const struct batch_how *how = &c->options->common.how;
	AUTO_FREE char *target = target_text(&c->target);
	json_t *scenarios = NULL, *own;
	char rig[65];
	int r = rig_digest(how->agent, rig, err);

	if (!r)
		r = scenarios_json(&c->selection, &scenarios, err);
	if (r < 0)
		return r;
	own = json_pack("{ss so ss sb si si ss*}", "rig", rig, "scenarios", scenarios, "target", target, "flaky",
			c->options->flaky, "accel", (int)how->accel, "era", (int)how->era, "qemu", how->qemu);
	json_object_update(asked, own);
	json_decref(own);
	return 0;
}

/* --- on the way ------------------------------------------------------------------------------ */

static void on_line(void *arg, const json_t *line, bool found)
{
	struct bisect_course *c = arg;
	AUTO_FREE char *text = xasprintf("%s: %s%s: %s", fields_text(line, "tested"), fields_text(line, "verdict"),
					 found ? ", as the journal says" : json_object_get(line, "same_as") ?
					 ", by the same image" : "", fields_text(line, "reason"));

	progress_text(&c->progress, text);
}

int bisect_course_open(struct bisect_course *c, json_t *asked, const struct exam_source *source, struct rig_err *err)
{
	const struct trial trial = {
		.how = &c->options->common.how, .scenario = c->selection.scenario,
		.nr_scenarios = c->selection.nr_scenarios, .progress = &c->progress,
	};
	int r = add_asked(c, asked, err);

	if (!r)
		r = journal_open(c->options->common.how.results, asked, c->options->anew, &c->journal, err);
	json_decref(asked);
	if (r < 0)
		return r;
	record_sweep(c->options->common.how.results);
	template_sweep();
	r = exam_init(&c->exam, c->journal, &trial, source, &c->target, err);
	if (r < 0)
		return r;
	c->exam.on_line = on_line;
	c->exam.arg = c;
	if (journal_size(c->journal)) {
		AUTO_FREE char *text = xasprintf("going on from '%s'; --anew begins from the start", journal_dir(c->journal));

		progress_text(&c->progress, text);
	}
	return 0;
}

/* --- at the end ------------------------------------------------------------------------------ */

static void print(const json_t *answer, bool json)
{
	AUTO_FREE char *text = json ? json_dumps(answer, JSON_COMPACT) : answer_text(answer);

	printf("%s%s", text ? text : "{}", json ? "\n" : "");
}

int bisect_course_answer(struct bisect_course *c, const struct answer *a)
{
	json_auto_t *answer = answer_json(a, &c->exam);
	struct rig_err err;
	int r = answer_save(answer, &c->exam, &err);

	progress_end(&c->progress);
	print(answer, c->options->json);
	if (r < 0)
		return command_fail(&err);
	fprintf(stderr, "hotrig: the whole answer is in '%s'\n", journal_dir(c->journal));
	return json_array_size(a->between) ? 1 : 0;
}

int bisect_course_fail(struct bisect_course *c, const struct rig_err *err)
{
	int status;

	progress_end(&c->progress);
	status = command_fail(err);
	if (err->cause != RIG_USAGE && c->journal)
		fprintf(stderr, "hotrig: the same command goes on from '%s'\n", journal_dir(c->journal));
	/* an end that is served no more is no kernel that lacks something */
	return status == EXIT_SKIPPED ? EXIT_ERROR : status;
}
