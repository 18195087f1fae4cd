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

#define WIDTH		75u
#define DIGEST		12	/* digits of an image's digest: enough to tell two apart */

static const char *text_of(const json_t *o, const char *key)
{
	const char *text = json_string_value(json_object_get(o, key));

	return text ? text : "?";
}

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

	fprintf(out, "%-8s %s, image %.*s\n", name, text_of(kernel, "release"), DIGEST, text_of(kernel, "image_sha256"));
}

static size_t count_verdict(const json_t *all, enum compare_verdict verdict)
{
	const json_t *c;
	size_t i, n = 0;

	json_array_foreach(all, i, c)
		n += comparison_verdict(c) == verdict;
	return n;
}

static void counts(FILE *out, const json_t *report, const json_t *all)
{
	size_t nr = json_array_size(all), left = count_verdict(all, COMPARE_SKIPPED) + count_verdict(all, COMPARE_TROUBLE);
	json_int_t repeat = number_of(report, "repeat");

	fprintf(out, "%zu scenario%s, ", nr, plural(nr));
	if (repeat == 1)
		fprintf(out, "run once on either kernel (%s):", text_of(json_object_get(json_array_get(all, 0), "base"), "accel"));
	else
		fprintf(out, "run %" JSON_INTEGER_FORMAT " times on either kernel (%s):", repeat,
			text_of(json_object_get(json_array_get(all, 0), "base"), "accel"));
	fprintf(out, "\n%zu same, %zu different", count_verdict(all, COMPARE_SAME), count_verdict(all, COMPARE_DIFFERENT));
	if (left)
		fprintf(out, ", %zu not compared", left);
	fputc('\n', out);
}

static void same_ones(FILE *out, const json_t *all)
{
	struct wrap w = { .out = out, .width = WIDTH, .indent = 2 };
	const json_t *c;
	size_t i;

	if (!count_verdict(all, COMPARE_SAME))
		return;
	fputs("\nSame\n", out);
	json_array_foreach(all, i, c)
		if (comparison_verdict(c) == COMPARE_SAME)
			wrap_word(&w, text_of(c, "scenario"), NULL);
	wrap_end(&w);
}

/* --- differences ------------------------------------------------------------------------------- */

static void indented(FILE *out, size_t indent, const char *head, const char *text)
{
	struct wrap w = { .out = out, .width = WIDTH, .indent = indent };

	wrap_word(&w, head, NULL);
	w.indent = indent + 9;
	wrap_pad(&w, w.indent);
	wrap_words(&w, text);
	wrap_end(&w);
}

static void difference(FILE *out, const json_t *d)
{
	const char *base = json_string_value(json_object_get(d, "base"));
	const char *patched = json_string_value(json_object_get(d, "patched"));
	json_int_t nr = number_of(d, "nr_pfns");
	AUTO_FREE char *what = nr ? xasprintf("%s, %" JSON_INTEGER_FORMAT " page%s", text_of(d, "what"), nr,
					      plural((size_t)nr)) : xstrdup(text_of(d, "what"));

	indented(out, 4, text_of(d, "kind"), what);
	indented(out, 6, "base", base ? base : "-");
	indented(out, 6, "patched", patched ? patched : "-");
}

static bool same_text(const json_t *a, const json_t *b, const char *key)
{
	const json_t *x = json_object_get(a, key), *y = json_object_get(b, key);

	return x == y || json_equal(x, y);
}

/* Whether a step only keeps what an earlier one told. */
static bool was_told(const json_t *list, size_t i)
{
	const json_t *d = json_array_get(list, i);

	for (size_t k = 0; k < i; k++) {
		const json_t *e = json_array_get(list, k);

		if (same_text(d, e, "kind") && same_text(d, e, "what") && same_text(d, e, "base") &&
		    same_text(d, e, "patched"))
			return true;
	}
	return false;
}

/* The first of its step and kind. */
static bool is_first(const json_t *list, size_t i)
{
	const json_t *d = json_array_get(list, i);

	for (size_t k = i; k--; ) {
		const json_t *e = json_array_get(list, k);

		if (!same_text(d, e, "step"))
			return true;
		if (same_text(d, e, "kind") && !was_told(list, k))
			return false;
	}
	return true;
}

static void differences(FILE *out, const json_t *list)
{
	const char *step = "";
	size_t i, more = 0;
	const json_t *d;

	json_array_foreach(list, i, d) {
		if (was_told(list, i) || !is_first(list, i)) {
			more++;
			continue;
		}
		if (strcmp(step, text_of(d, "step")))
			fprintf(out, "  %s\n", text_of(d, "step"));
		step = text_of(d, "step");
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
	fprintf(out, "  %s fails (%s)", name, text_of(side, "fail_kind"));
	if (json_array_size(list) > 1)
		fprintf(out, " in %zu of %zu runs", fails, json_array_size(list));
	fputc('\n', out);
}

static void one_scenario(FILE *out, const json_t *c)
{
	json_int_t steps = number_of(c, "steps"), compared = number_of(c, "steps_compared");
	json_int_t unsteady = number_of(c, "unsteady");

	fprintf(out, "\n%s\n", text_of(c, "scenario"));
	outcomes(out, "base", json_object_get(c, "base"));
	outcomes(out, "patched", json_object_get(c, "patched"));
	differences(out, json_object_get(c, "differences"));
	if (compared < steps)
		fprintf(out, "  %" JSON_INTEGER_FORMAT " of %" JSON_INTEGER_FORMAT " steps were not done on both\n",
			steps - compared, steps);
	if (unsteady)
		fprintf(out, "  left out: %" JSON_INTEGER_FORMAT " that runs of one kernel do not agree on\n", unsteady);
}

static void left_out(FILE *out, const json_t *all)
{
	const json_t *c, *l;
	bool told = false;
	size_t i, k;

	json_array_foreach(all, i, c)
		json_array_foreach(json_object_get(c, "left_out"), k, l) {
			AUTO_FREE char *text = xasprintf("%s on %s: %s", text_of(l, "outcome"), text_of(l, "side"),
							 text_of(l, "reason"));
			struct wrap w = { .out = out, .width = WIDTH, .indent = 2 };

			if (!told)
				fputs("\nNot compared\n", out);
			told = true;
			wrap_word(&w, text_of(c, "scenario"), NULL);
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
	fprintf(out, "\nExplained by the change of eras, %s to %s:\n", text_of(json_object_get(c, "base"), "era"),
		text_of(json_object_get(c, "patched"), "era"));
	fprintf(out, "%zu in %zu scenario%s, of these kinds\n", nr, scenarios, plural(scenarios));
	json_array_foreach(all, i, c)
		json_array_foreach(json_object_get(c, "explained"), k, d)
			if (!told_before(all, i, json_object_get(c, "explained"), k)) {
				fprintf(out, "  %s, %s\n", text_of(c, "scenario"), text_of(d, "step"));
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
	same_ones(out, all);
	json_array_foreach(all, i, c)
		if (comparison_verdict(c) == COMPARE_DIFFERENT)
			one_scenario(out, c);
	left_out(out, all);
	explained(out, all);
	compare_text_latencies(all, out);
}
