// SPDX-License-Identifier: GPL-2.0-or-later
#include <stdlib.h>

#include "base/clean.h"
#include "base/mem.h"
#include "cmd/report.h"
#include "record/report_ktap.h"

void report_init(struct report *r, FILE *out, bool json, size_t nr_runs)
{
	*r = (struct report){
		.out = out, .json = json, .nr_runs = nr_runs,
		.ended = xcalloc(nr_runs, sizeof(*r->ended)),
		.record = xcalloc(nr_runs, sizeof(*r->record)),
		.outcome = xcalloc(nr_runs, sizeof(*r->outcome)),
	};
}

void report_deinit(struct report *r)
{
	for (size_t i = r->next; i < r->nr_runs; i++)
		json_decref(r->record[i]);
	free(r->ended);
	free(r->record);
	free(r->outcome);
	*r = (struct report){ 0 };
}

void report_plan(struct report *r)
{
	if (!r->json)
		ktap_begin(r->out, r->nr_runs);
	fflush(r->out);
}

static void print(const struct report *r, size_t run)
{
	if (r->json) {
		json_dumpf(r->record[run], r->out, JSON_COMPACT);
		putc('\n', r->out);
	} else {
		ktap_result(r->out, run + 1, r->record[run]);
	}
	fflush(r->out);
}

void report_take(struct report *r, size_t run, enum outcome outcome, json_t *record)
{
	r->ended[run] = true;
	r->record[run] = record;
	if (record)
		r->outcome[r->nr_outcomes++] = outcome;
	for (; r->next < r->nr_runs && r->ended[r->next]; r->next++) {
		if (!r->record[r->next])
			continue;
		print(r, r->next);
		json_decref(TAKE_PTR(r->record[r->next]));
	}
}

char *report_count(const struct report *r)
{
	size_t count[OUTCOME_FAIL + 1] = { 0 };
	char *text = xasprintf("%zu run%s:", r->nr_outcomes, r->nr_outcomes == 1 ? "" : "s");

	for (size_t i = 0; i < r->nr_outcomes; i++)
		count[r->outcome[i]]++;
	for (int o = OUTCOME_PASS; o <= OUTCOME_FAIL; o++) {
		char *more = count[o] ? xasprintf("%s %zu %s", text, count[o], outcome_name((enum outcome)o)) : NULL;

		if (!more)
			continue;
		free(text);
		text = more;
	}
	return text;
}

int report_exit_code(const struct report *r)
{
	return outcome_run_exit_code(r->outcome, (unsigned int)r->nr_outcomes);
}
