// SPDX-License-Identifier: GPL-2.0-or-later
#include <jansson.h>
#include <string.h>

#include "base/clean.h"
#include "base/mem.h"
#include "cmd/claim_list.h"
#include "cmd/wrap.h"

#define BOLD	"\033[1m"
#define RED	"\033[31m"
#define GREEN	"\033[32m"
#define YELLOW	"\033[33m"

#define INDENT	5		/* behind the longest id, "C14" */
#define NAME	34		/* where outcomes begin, behind most names */

static bool shows(const struct scenario *s, const char *claim)
{
	for (char *const *id = s->claims; *id; id++)
		if (!strcmp(*id, claim))
			return true;
	return false;
}

/* The first one at or behind @i that shows it, else c->nr. */
static size_t next_showing(const struct catalogue *c, const char *claim, size_t i)
{
	while (i < c->nr && !shows(c->scenario[i], claim))
		i++;
	return i;
}

static const char *outcome_color(const char *outcome)
{
	if (!strcmp(outcome, "PASS"))
		return GREEN;
	return !strcmp(outcome, "FAIL") || !strcmp(outcome, "XPASS") ? RED : YELLOW;
}

/* "PASS 6.1.0-56-cloud-amd64 6.12.117": an outcome stands for all releases behind it */
static void print_runs(const struct claim_list *l, const char *scenario, bool color, struct wrap *w)
{
	const char *before = "";

	for (size_t i = 0; i < l->runs->nr; i++) {
		const struct last_run *r = &l->runs->run[i];
		AUTO_FREE char *how = NULL;

		if (strcmp(r->scenario, scenario))
			continue;
		how = r->kind ? xasprintf("%s(%s)", r->outcome, r->kind) : xstrdup(r->outcome);
		if (strcmp(r->outcome, before) || r->kind)
			wrap_word(w, how, color ? outcome_color(r->outcome) : NULL);
		before = r->kind ? "" : r->outcome;
		wrap_word(w, r->release, NULL);
	}
	if (!*before && w->column <= NAME)
		wrap_word(w, "no record", NULL);
}

static void print_scenarios(const struct claim_list *l, const struct claim *claim, bool color, struct wrap *w)
{
	const struct catalogue *c = l->catalogue;
	size_t i = next_showing(c, claim->id, 0);

	if (i == c->nr) {
		wrap_word(w, "none:", color ? YELLOW : NULL);
		wrap_words(w, claim->why_none ? claim->why_none : "nobody says why");
		wrap_end(w);
	}
	for (; i < c->nr; i = next_showing(c, claim->id, i + 1)) {
		wrap_word(w, c->scenario[i]->name, NULL);
		wrap_pad(w, NAME - 1);
		w->indent = NAME;
		print_runs(l, c->scenario[i]->name, color, w);
		wrap_end(w);
		w->indent = INDENT;
	}
}

void claim_list_print(const struct claim_list *l, size_t width, bool color, FILE *out)
{
	const struct claims *claims = l->catalogue->claims;
	struct wrap w = { .out = out, .width = width, .indent = INDENT };
	size_t thread = claims->nr_threads;

	for (size_t i = 0; i < claims->nr_claims; i++) {
		const struct claim *claim = &claims->claim[i];

		if (claim->thread != thread) {
			const struct claim_thread *t = &claims->thread[claim->thread];

			fputs(i ? "\n" : "", out);
			w.column = (size_t)fprintf(out, "thread %s:", t->id);
			wrap_words(&w, t->subject);
			wrap_end(&w);
			thread = claim->thread;
		}
		fprintf(out, "%s%s%s", color ? BOLD : "", claim->id, color ? "\033[0m" : "");
		w.column = strlen(claim->id);
		wrap_words(&w, claim->text);
		wrap_end(&w);
		if (claim->sides) {
			wrap_words(&w, "sides:");
			wrap_words(&w, claim->sides);
			wrap_end(&w);
		}
		print_scenarios(l, claim, color, &w);
	}
}

static json_t *runs_json(const struct claim_list *l, const char *scenario)
{
	json_t *array = json_array();

	for (size_t i = 0; i < l->runs->nr; i++) {
		const struct last_run *r = &l->runs->run[i];

		if (!strcmp(r->scenario, scenario))
			json_array_append_new(array, json_pack("{ss ss ss* ss ss}", "kernel", r->release,
				"outcome", r->outcome, "fail_kind", r->kind, "date", r->date, "record",
				r->folder));
	}
	return array;
}

void claim_list_json(const struct claim_list *l, FILE *out)
{
	const struct catalogue *c = l->catalogue;

	for (size_t i = 0; i < c->claims->nr_claims; i++) {
		const struct claim *claim = &c->claims->claim[i];
		const struct claim_thread *t = &c->claims->thread[claim->thread];
		json_t *scenarios = json_array();
		json_auto_t *o = json_pack("{ss ss ss ss ss* ss* so}", "id", claim->id, "thread", t->id,
					   "subject", t->subject, "claim", claim->text, "sides",
					   claim->sides, "why_none", claim->why_none, "scenarios", scenarios);

		for (size_t k = 0; (k = next_showing(c, claim->id, k)) < c->nr; k++)
			json_array_append_new(scenarios, json_pack("{ss so}", "name", c->scenario[k]->name,
				"runs", runs_json(l, c->scenario[k]->name)));
		json_dumpf(o, out, JSON_COMPACT);
		fputc('\n', out);
	}
}

char *claim_list_count(const struct claim_list *l)
{
	const struct catalogue *c = l->catalogue;
	size_t shown = 0;

	for (size_t i = 0; i < c->claims->nr_claims; i++)
		shown += next_showing(c, c->claims->claim[i].id, 0) < c->nr;
	return xasprintf("%zu claims: %zu with a scenario, %zu without", c->claims->nr_claims, shown,
			 c->claims->nr_claims - shown);
}
