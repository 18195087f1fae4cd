// SPDX-License-Identifier: GPL-2.0-or-later
#include <inttypes.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "base/clean.h"
#include "base/mem.h"
#include "cmd/compare_text.h"
#include "cmd/wrap.h"
#include "compare/comparison.h"
#include "record/fields.h"

#define WIDTH		75u
#define DIGEST		12	/* digits of an image's digest: enough to tell two apart */

static json_int_t number_of(const json_t *o, const char *key)
{
	return json_integer_value(json_object_get(o, key));
}

static const char *plural(size_t n)
{
	return n == 1 ? "" : "s";
}

/* --- who and what ------------------------------------------------------------------------------ */

static void kernel_line(FILE *out, const char *name, const json_t *side)
{
	const json_t *kernel = json_object_get(side, "kernel");

	fprintf(out, "%-8s %s, image %.*s\n", name, fields_or_unknown(kernel, "release"), DIGEST,
		fields_or_unknown(kernel, "image_sha256"));
}

static size_t count_verdict(const json_t *all, enum compare_verdict verdict)
{
	const json_t *c;
	size_t i, n = 0;

	json_array_foreach(all, i, c)
		n += comparison_verdict(c) == verdict;
	return n;
}

/* --- what is the same in all ------------------------------------------------------------------- */

static bool same_text(const json_t *a, const json_t *b, const char *key)
{
	const json_t *x = json_object_get(a, key), *y = json_object_get(b, key);

	return x == y || json_equal(x, y);
}

static bool same_difference(const json_t *a, const json_t *b)
{
	return same_text(a, b, "kind") && same_text(a, b, "what") && same_text(a, b, "base") &&
	       same_text(a, b, "patched");
}

static bool has_difference(const json_t *comparison, const json_t *d)
{
	const json_t *e;
	size_t i;

	json_array_foreach(json_object_get(comparison, "differences"), i, e)
		if (same_text(d, e, "step") && same_difference(d, e))
			return true;
	return false;
}

/* Whether each scenario that was compared begins with this difference; of one alone nothing is common. */
static bool is_common(const json_t *all, const json_t *d)
{
	size_t compared = count_verdict(all, COMPARE_SAME) + count_verdict(all, COMPARE_DIFFERENT), n = 0, i;
	const json_t *c;

	if (strcmp(fields_or_unknown(d, "step"), "start") || compared < 2)
		return false;
	json_array_foreach(all, i, c)
		n += has_difference(c, d);
	return n == compared;
}

/* Whether it has a difference of its own, or fails where the other does not. */
static bool has_own(const json_t *all, const json_t *comparison)
{
	const json_t *list = json_object_get(comparison, "differences"), *d;
	size_t i;

	if (comparison_verdict(comparison) != COMPARE_DIFFERENT)
		return false;
	json_array_foreach(list, i, d)
		if (!is_common(all, d))
			return true;
	return !json_array_size(list);
}

static size_t count_own(const json_t *all)
{
	const json_t *c;
	size_t i, n = 0;

	json_array_foreach(all, i, c)
		n += has_own(all, c);
	return n;
}

static void counts(FILE *out, const json_t *report, const json_t *all)
{
	size_t left = count_verdict(all, COMPARE_SKIPPED) + count_verdict(all, COMPARE_TROUBLE);
	size_t nr = json_array_size(all);
	size_t own = count_own(all), same = count_verdict(all, COMPARE_SAME);
	json_int_t repeat = number_of(report, "repeat");

	fprintf(out, "%zu scenario%s, run ", nr, plural(nr));
	if (repeat == 1)
		fputs("once", out);
	else
		fprintf(out, "%" JSON_INTEGER_FORMAT " times", repeat);
	fprintf(out, " on either kernel (%s):\n%zu same, ",
		fields_or_unknown(json_object_get(json_array_get(all, 0), "base"), "accel"), same);
	if (nr - left - own - same)
		fprintf(out, "%zu same but for the start, ", nr - left - own - same);
	fprintf(out, "%zu different", own);
	if (left)
		fprintf(out, ", %zu not compared", left);
	fputc('\n', out);
}

/* Those that have nothing of their own to tell. */
static void same_ones(FILE *out, const json_t *all)
{
	struct wrap w = { .out = out, .width = WIDTH, .indent = 2 };
	bool told = false;
	const json_t *c;
	size_t i;

	json_array_foreach(all, i, c) {
		enum compare_verdict verdict = comparison_verdict(c);

		if (verdict != COMPARE_SAME && (verdict != COMPARE_DIFFERENT || has_own(all, c)))
			continue;
		if (!told)
			fprintf(out, "\nSame%s\n", verdict == COMPARE_SAME ? "" : " but for that");
		told = true;
		wrap_word(&w, fields_or_unknown(c, "scenario"), NULL);
	}
	wrap_end(&w);
}

/* --- differences ------------------------------------------------------------------------------- */

static void indented(FILE *out, size_t indent, const char *head, const char *text)
{
	struct wrap w = { .out = out, .width = WIDTH, .indent = indent };

	wrap_word(&w, head, NULL);
	w.indent = indent + 10;
	wrap_pad(&w, w.indent);
	wrap_words(&w, text);
	wrap_end(&w);
}

static void difference(FILE *out, const json_t *d)
{
	const char *base = json_string_value(json_object_get(d, "base"));
	const char *patched = json_string_value(json_object_get(d, "patched"));
	const char *absent = !strcmp(fields_or_unknown(d, "kind"), "log") ? "not said" : "-";
	json_int_t nr = number_of(d, "nr_pfns");
	AUTO_FREE char *what = nr ? xasprintf("%s, %" JSON_INTEGER_FORMAT " page%s", fields_or_unknown(d, "what"), nr,
					      plural((size_t)nr)) : xstrdup(fields_or_unknown(d, "what"));

	indented(out, 4, fields_or_unknown(d, "kind"), what);
	indented(out, 6, "base", base ? base : absent);
	indented(out, 6, "patched", patched ? patched : absent);
}

/* Whether a step only keeps what an earlier one told. */
static bool was_told(const json_t *list, size_t i)
{
	const json_t *d = json_array_get(list, i);

	for (size_t k = 0; k < i; k++)
		if (same_difference(d, json_array_get(list, k)))
			return true;
	return false;
}

/* The first of its step and kind that is worth telling. */
static bool is_first(const json_t *all, const json_t *list, size_t i)
{
	const json_t *d = json_array_get(list, i);

	for (size_t k = i; k--; ) {
		const json_t *e = json_array_get(list, k);

		if (!same_text(d, e, "step"))
			return true;
		if (same_text(d, e, "kind") && !was_told(list, k) && !is_common(all, e))
			return false;
	}
	return true;
}

static void differences(FILE *out, const json_t *all, const json_t *list)
{
	const char *step = "";
	size_t i, more = 0;
	const json_t *d;

	json_array_foreach(list, i, d) {
		if (is_common(all, d))
			continue;
		if (was_told(list, i) || !is_first(all, list, i)) {
			more++;
			continue;
		}
		if (strcmp(step, fields_or_unknown(d, "step")))
			fprintf(out, "  %s\n", fields_or_unknown(d, "step"));
		step = fields_or_unknown(d, "step");
		difference(out, d);
	}
	if (more)
		fprintf(out, "  and %zu more, see --json\n", more);
}

static void outcomes(FILE *out, const char *name, const json_t *side)
{
	const json_t *list = json_object_get(side, "outcomes"), *o;
	size_t i, fails = 0;

	json_array_foreach(list, i, o)
		fails += !strcmp(json_string_value(o), "FAIL") || !strcmp(json_string_value(o), "XFAIL");
	if (!fails)
		return;
	fprintf(out, "  %s fails (%s)", name, fields_or_unknown(side, "fail_kind"));
	if (json_array_size(list) > 1)
		fprintf(out, " in %zu of %zu runs", fails, json_array_size(list));
	fputc('\n', out);
}

static void common_ones(FILE *out, const json_t *all)
{
	const json_t *first = NULL, *c, *d;
	bool told = false;
	size_t i;

	json_array_foreach(all, i, c)
		if (!first && comparison_verdict(c) == COMPARE_DIFFERENT)
			first = c;
	json_array_foreach(json_object_get(first, "differences"), i, d) {
		if (!is_common(all, d))
			continue;
		if (!told)
			fputs("\nAt the start of every scenario\n", out);
		told = true;
		difference(out, d);
	}
}

static void one_scenario(FILE *out, const json_t *all, const json_t *c)
{
	json_int_t steps = number_of(c, "steps"), compared = number_of(c, "steps_compared");
	json_int_t unsteady = number_of(c, "unsteady");

	fprintf(out, "\n%s\n", fields_or_unknown(c, "scenario"));
	outcomes(out, "base", json_object_get(c, "base"));
	outcomes(out, "patched", json_object_get(c, "patched"));
	differences(out, all, json_object_get(c, "differences"));
	if (compared < steps)
		fprintf(out, "  %" JSON_INTEGER_FORMAT " of %" JSON_INTEGER_FORMAT
			" steps not compared: one kernel did not come so far\n",
			steps - compared, steps);
	if (unsteady)
		fprintf(out, "  left out: %" JSON_INTEGER_FORMAT " that runs of one kernel do not agree on\n",
			unsteady);
}

static void left_out(FILE *out, const json_t *all)
{
	const json_t *c, *l;
	bool told = false;
	size_t i, k;

	json_array_foreach(all, i, c)
		json_array_foreach(json_object_get(c, "left_out"), k, l) {
			AUTO_FREE char *text = xasprintf("%s on %s: %s", fields_or_unknown(l, "outcome"), fields_or_unknown(l, "side"),
							 fields_or_unknown(l, "reason"));
			struct wrap w = { .out = out, .width = WIDTH, .indent = 2 };

			if (!told)
				fputs("\nNot compared\n", out);
			told = true;
			wrap_word(&w, fields_or_unknown(c, "scenario"), NULL);
			w.indent = 4;
			wrap_words(&w, text);
			wrap_end(&w);
		}
}

/* --- what the eras explain --------------------------------------------------------------------- */

static bool told_before(const json_t *all, size_t i, const json_t *list, size_t k)
{
	const json_t *d = json_array_get(list, k);

	for (size_t n = 0; n <= i; n++) {
		const json_t *before = json_object_get(json_array_get(all, n), "explained");

		for (size_t m = 0; m < json_array_size(before) && (n < i || m < k); m++)
			if (same_text(d, json_array_get(before, m), "base") &&
			    same_text(d, json_array_get(before, m), "patched"))
				return true;
	}
	return false;
}

/* Each change once, with how often it was seen. */
static void explained(FILE *out, const json_t *all)
{
	size_t i, k, nr = 0, scenarios = 0;
	const json_t *c, *d;

	json_array_foreach(all, i, c) {
		nr += json_array_size(json_object_get(c, "explained"));
		scenarios += json_array_size(json_object_get(c, "explained")) > 0;
	}
	if (!nr)
		return;
	c = json_array_get(all, 0);
	fprintf(out, "\nExplained by the change of eras, %s to %s:\n", fields_or_unknown(json_object_get(c, "base"), "era"),
		fields_or_unknown(json_object_get(c, "patched"), "era"));
	fprintf(out, "%zu in %zu scenario%s, of these kinds\n", nr, scenarios, plural(scenarios));
	json_array_foreach(all, i, c)
		json_array_foreach(json_object_get(c, "explained"), k, d)
			if (!told_before(all, i, json_object_get(c, "explained"), k)) {
				fprintf(out, "  %s, %s\n", fields_or_unknown(c, "scenario"), fields_or_unknown(d, "step"));
				difference(out, d);
			}
}

void compare_text(const json_t *report, FILE *out)
{
	const json_t *all = json_object_get(report, "scenarios"), *c = json_array_get(all, 0);
	size_t i;

	kernel_line(out, "base", json_object_get(c, "base"));
	kernel_line(out, "patched", json_object_get(c, "patched"));
	counts(out, report, all);
	common_ones(out, all);
	same_ones(out, all);
	json_array_foreach(all, i, c)
		if (has_own(all, c))
			one_scenario(out, all, c);
	left_out(out, all);
	explained(out, all);
	compare_text_latencies(all, out);
}
