// SPDX-License-Identifier: GPL-2.0-or-later
#include <stdlib.h>
#include <string.h>

#include "base/clean.h"
#include "base/mem.h"
#include "cmd/history_list.h"
#include "record/fields.h"

/* A run in one character, so that a line shows a month of nights. */
static char outcome_letter(const char *outcome)
{
	static const struct {
		const char *name;
		char letter;
	} letters[] = {
		{ "PASS", '.' }, { "FAIL", 'F' }, { "XFAIL", 'x' }, { "XPASS", 'X' }, { "SKIP", 's' }, { "ERROR", 'E' },
	};

	for (size_t i = 0; i < ARRAY_SIZE(letters); i++)
		if (!strcmp(outcome, letters[i].name))
			return letters[i].letter;
	return '?';
}

static json_t *run_json(const struct history_run *run)
{
	json_t *o = json_pack("{ss ss ss ss ss sI}", "cell", run->cell, "date", run->date, "outcome",
			      outcome_name(run->outcome), "folder", run->folder, "scenario", run->scenario, "ms",
			      (json_int_t)run->ms);
	const struct {
		const char *key, *text;
	} texts[] = {
		{ "fail_kind", fail_kind_name(run->kind) }, { "sign", run->sign }, { "known_bugs", run->bugs },
		{ "kernel", run->spec }, { "release", run->release }, { "image_sha256", run->image_sha256 },
		{ "variant", run->variant }, { "accel", run->accel }, { "qemu", run->qemu }, { "matrix", run->matrix },
	};

	/* NULL: a row that is not UTF-8 */
	for (size_t i = 0; o && i < ARRAY_SIZE(texts); i++)
		if (*texts[i].text)
			json_object_set_new(o, texts[i].key, json_string(texts[i].text));
	return o;
}

/* The newest that was no PASS is what one wants to know of the others. */
static void print_last_bad(FILE *out, const json_t *runs)
{
	for (size_t i = json_array_size(runs); i-- > 0; ) {
		const json_t *run = json_array_get(runs, i);

		if (!strcmp(fields_text(run, "outcome"), "PASS"))
			continue;
		fprintf(out, "  %s %.10s%s%s", fields_text(run, "outcome"), fields_text(run, "date"),
			*fields_text(run, "sign") ? ": " : "", fields_text(run, "sign"));
		return;
	}
}

static void print_cell(const struct history_list *list)
{
	size_t nr = json_array_size(list->runs), i = nr > list->number ? nr - list->number : 0;

	if (!nr)
		return;
	fprintf(list->out, "%s  ", list->cell);
	for (; i < nr; i++)
		fputc(outcome_letter(fields_text(json_array_get(list->runs, i), "outcome")), list->out);
	fprintf(list->out, "  %.10s", fields_text(json_array_get(list->runs, nr - 1), "date"));
	print_last_bad(list->out, list->runs);
	fputc('\n', list->out);
}

static void print_json(const struct history_list *list)
{
	size_t nr = json_array_size(list->runs);

	for (size_t i = nr > list->number ? nr - list->number : 0; i < nr; i++) {
		json_dumpf(json_array_get(list->runs, i), list->out, JSON_COMPACT);
		fputc('\n', list->out);
	}
}

static void flush(struct history_list *list)
{
	if (list->json)
		print_json(list);
	else
		print_cell(list);
	json_array_clear(list->runs);
	free(TAKE_PTR(list->cell));
}

void history_list_init(struct history_list *list, FILE *out, bool json, unsigned int number)
{
	*list = (struct history_list){ .out = out, .json = json, .number = number, .runs = json_array() };
}

void history_list_deinit(struct history_list *list)
{
	flush(list);
	json_decref(list->runs);
	*list = (struct history_list){ 0 };
}

void history_list_take(void *arg, const struct history_run *run)
{
	struct history_list *list = arg;

	if (list->cell && strcmp(list->cell, run->cell))
		flush(list);
	if (!list->cell)
		list->cell = xstrdup(run->cell);
	json_array_append_new(list->runs, run_json(run));
}
