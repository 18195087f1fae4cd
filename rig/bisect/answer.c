// SPDX-License-Identifier: GPL-2.0-or-later
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clean.h"
#include "base/io.h"
#include "base/mem.h"
#include "bisect/answer.h"
#include "record/fields.h"

#define FORMAT 1

const char *answer_term(const struct answer *a, enum verdict v)
{
	bool is_new = (v == VERDICT_BAD) == a->bad_is_new;
	const char *own = is_new ? a->term_new : a->term_old;

	return v != VERDICT_GOOD && v != VERDICT_BAD ? verdict_name(v) : own ? own : verdict_name(v);
}

/* --- JSON ------------------------------------------------------------------------------------ */

static json_t *side(const struct answer *a, const struct exam *e, const char *name)
{
	const json_t *line = journal_tested(e->journal, name);
	json_t *o = json_pack("{ss ss}", "name", name, "term", answer_term(a, exam_verdict(line)));

	json_object_update_missing(o, (json_t *)line);
	json_object_del(o, "tested");
	return o;
}

static json_t *tested_json(const struct answer *a, const struct exam *e, json_int_t *runs)
{
	json_t *list = json_array();

	*runs = 0;
	for (size_t i = 0; i < journal_size(e->journal); i++) {
		const json_t *line = journal_line(e->journal, i);
		json_t *own;

		if (!json_object_get(line, "tested"))
			continue;
		own = json_copy((json_t *)line);
		json_object_set_new(own, "term", json_string(answer_term(a, exam_verdict(line))));
		json_array_append_new(list, own);
		*runs += (json_int_t)json_array_size(json_object_get(line, "records"));
	}
	return list;
}

/* The scenario that shows it, or all that were asked for */
static char *scenarios_text(const struct answer *a, const struct exam *e)
{
	char *text = xstrdup(e->target.scenario ? e->target.scenario : "");

	for (char *const *s = a->scenarios; !e->target.scenario && s && *s; s++) {
		char *longer = xasprintf("%s%s%s", text, *text ? " " : "", *s);

		free(text);
		text = longer;
	}
	return text;
}

/* All that asked for another result than the defaults would give */
static char *options_text(const struct batch_how *how)
{
	AUTO_FREE char *era = how->era ? xasprintf(" --memmap-era %s", memmap_era_name(how->era)) : xstrdup("");
	AUTO_FREE char *qemu = how->qemu ? xasprintf(" --qemu '%s'", how->qemu) : xstrdup("");
	AUTO_FREE char *boot = how->boot_s ? xasprintf(" --boot-deadline %u", how->boot_s) : xstrdup("");

	return xasprintf("%s%s%s%s", how->accel == ACCEL_KVM ? " --accel kvm" : how->accel == ACCEL_TCG ? " --accel tcg" : "",
			 era, qemu, boot);
}

static json_t *reproduce_json(const struct answer *a, const struct exam *e)
{
	AUTO_FREE char *scenarios = scenarios_text(a, e), *options = options_text(e->trial.how);
	const char *const names[] = { a->last, a->first };
	json_t *list = json_array();

	for (size_t i = 0; i < ARRAY_SIZE(names); i++) {
		const char *kernel = fields_text(journal_tested(e->journal, names[i]), "kernel");
		AUTO_FREE char *command = xasprintf("hotrig run --no-known --kernel %s%s %s", kernel, options, scenarios);

		if (*kernel)
			json_array_append_new(list, json_string(command));
	}
	return list;
}

json_t *answer_json(const struct answer *a, const struct exam *e)
{
	bool exact = !json_array_size(a->between);
	json_int_t runs;
	json_t *tested = tested_json(a, e, &runs);
	json_t *o = json_pack("{si ss ss ss ss ss sb so so so sO sO* so sI so}", "format", FORMAT, "bisect",
			      journal_key(e->journal), "noun", a->noun, "good", a->good, "bad", a->bad, "wanted",
			      a->bad_is_new ? "bad" : "good", "exact", exact, "target", target_json(&e->target),
			      "first", side(a, e, a->first), "last", side(a, e, a->last), "between", a->between,
			      "gaps", a->gaps, "tested", tested, "runs", runs, "reproduce", reproduce_json(a, e));

	if (e->flaky)
		json_object_set_new(o, "confidence", json_real(odds_confidence(&e->odds)));
	if (a->about)
		json_object_set_new(o, "about", journal_text(a->about));
	if (a->log)
		json_object_set_new(o, "log", journal_text(a->log));
	return o;
}

/* --- text ------------------------------------------------------------------------------------ */

static void __attribute__((format(printf, 2, 3))) add(char **text, const char *fmt, ...)
{
	AUTO_FREE char *more = NULL;
	char *longer;
	va_list ap;

	va_start(ap, fmt);
	if (vasprintf(&more, fmt, ap) < 0)
		more = xstrdup("");
	va_end(ap);
	longer = xasprintf("%s%s", *text, more);
	free(*text);
	*text = longer;
}

static void add_head(char **text, const json_t *answer)
{
	const json_t *first = json_object_get(answer, "first"), *between = json_object_get(answer, "between"), *one;
	const char *noun = fields_text(answer, "noun"), *term = fields_text(first, "term");
	size_t i;

	if (json_is_true(json_object_get(answer, "exact"))) {
		add(text, "%s is the first %s %s\n", fields_text(first, "name"), term, noun);
		return;
	}
	add(text, "the first %s %s is one of %zu:\n", term, noun, json_array_size(between) + 1);
	json_array_foreach(between, i, one)
		add(text, "    %s: %s\n", fields_text(one, "name"), fields_text(one, "reason"));
	add(text, "    %s\n", fields_text(first, "name"));
}

static void add_side(char **text, const json_t *side, const char *which)
{
	AUTO_FREE char *what = xasprintf("%s %s", which, fields_text(side, "term"));

	add(text, "%-13s %s: %s\n", what, fields_text(side, "name"), fields_text(side, "reason"));
}

static void add_tested(char **text, const json_t *answer)
{
	const json_t *tested = json_object_get(answer, "tested"), *one;
	size_t i;

	json_array_foreach(tested, i, one)
		add(text, "%-13s %s %s%s\n", i ? "" : "tested", fields_text(one, "term"), fields_text(one, "tested"),
		    json_object_get(one, "same_as") ? " (same image as another)" : "");
}

static void add_gaps(char **text, const json_t *answer)
{
	const json_t *gaps = json_object_get(answer, "gaps"), *one;
	size_t i;

	json_array_foreach(gaps, i, one)
		add(text, "%-13s %s: %s\n", i ? "" : "gap", fields_text(one, "name"), fields_text(one, "reason"));
}

static void add_commands(char **text, const json_t *answer)
{
	const json_t *commands = json_object_get(answer, "reproduce"), *one;
	size_t i;

	json_array_foreach(commands, i, one)
		add(text, "%-13s %s\n", i ? "" : "reproduce", json_string_value(one));
}

char *answer_text(const json_t *answer)
{
	const json_t *target = json_object_get(answer, "target"), *confidence = json_object_get(answer, "confidence");
	const char *about = fields_text(answer, "about"), *log = fields_text(answer, "log");
	char *text = xstrdup("");

	add_head(&text, answer);
	if (*about)
		add(&text, "\n%s\n", about);
	add(&text, "\n%-13s %s%s%s\n", "target", fields_text(target, "what"),
	    json_object_get(target, "scenario") ? " in " : "", fields_text(target, "scenario"));
	add_side(&text, json_object_get(answer, "last"), "last");
	add_side(&text, json_object_get(answer, "first"), "first");
	add_gaps(&text, answer);
	add_tested(&text, answer);
	add(&text, "%-13s %" JSON_INTEGER_FORMAT "\n", "runs", json_integer_value(json_object_get(answer, "runs")));
	/* cut, not rounded: 0.99 is what it is, or it is not */
	if (confidence)
		add(&text, "%-13s %.4f\n", "confidence", (double)(long)(json_number_value(confidence) * 1e4) / 1e4);
	add_commands(&text, answer);
	if (*log)
		add(&text, "\n%s", log);
	return text;
}

static int save(const char *dir, const char *name, const char *text, struct rig_err *err)
{
	AUTO_FREE char *path = xasprintf("%s/%s", dir, name);

	return io_write_file(path, text, strlen(text), err);
}

int answer_save(const json_t *answer, const struct exam *e, struct rig_err *err)
{
	AUTO_FREE char *text = answer_text(answer), *dumped = json_dumps(answer, JSON_INDENT(2));
	AUTO_FREE char *json = xasprintf("%s\n", dumped ? dumped : "{}");
	int r = save(journal_dir(e->journal), "answer.json", json, err);

	return r < 0 ? r : save(journal_dir(e->journal), "answer.txt", text, err);
}
