// SPDX-License-Identifier: GPL-2.0-or-later
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clean.h"
#include "base/mem.h"
#include "record/fields.h"
#include "record/report_text.h"

#define LINE_MAX_BYTES	300
#define VALUE_MAX	1000	/* of what one finding expected or saw */
#define DETAILS_MAX	16000	/* KCIDB takes 16384 characters */

/* Length of the UTF-8 sequence at @p, 0: it is none.  Strict: no overlong forms, no surrogates. */
static size_t decode(const unsigned char *p, uint32_t *ret)
{
	static const uint32_t least[] = { 0, 0, 0x80, 0x800, 0x10000 };
	size_t len = *p < 0x80 ? 1 : *p < 0xc0 ? 0 : *p < 0xe0 ? 2 : *p < 0xf0 ? 3 : *p < 0xf8 ? 4 : 0;
	uint32_t c;

	if (len < 2) {
		*ret = *p;
		return len;
	}
	c = *p & (0x7fu >> len);
	for (size_t i = 1; i < len; i++) {
		if ((p[i] & 0xc0) != 0x80)
			return 0;
		c = c << 6 | (p[i] & 0x3f);
	}
	*ret = c;
	return c >= least[len] && c <= 0x10ffff && (c < 0xd800 || c > 0xdfff) ? len : 0;
}

/* What XML 1.0 calls a Char, without the controls that it only discourages, and what some take for a line's end. */
static bool can_stand(uint32_t c)
{
	if (c == 0x2028 || c == 0x2029 || (c & 0xfffe) == 0xfffe)
		return false;
	return c == '\t' || c == '\n' || (c >= 0x20 && c < 0x7f) || c >= 0xa0;
}

char *report_text(const char *text, size_t max)
{
	char *out = NULL;
	size_t len = 0, used;
	FILE *f = open_memstream(&out, &len);
	uint32_t c;

	if (!f)
		return xstrdup("");
	for (const unsigned char *p = (const unsigned char *)(text ? text : ""); *p; p += used ? used : 1) {
		used = decode(p, &c);
		if ((size_t)ftell(f) + 10 > max) {
			fputs("...", f);
			break;
		}
		if (!used)
			fprintf(f, "\\x%02x", *p);
		else if (can_stand(c))
			fwrite(p, 1, used, f);
		else
			fprintf(f, c < 0x100 ? "\\x%02x" : "\\u%04x", c);
	}
	fclose(f);
	return out ? out : xstrdup("");
}

char *report_line(const char *text, size_t max)
{
	char *line = report_text(text, max), *to = line;

	for (const char *p = line; *p; p++) {
		bool blank = *p == ' ' || *p == '\t' || *p == '\n';

		if (!blank)
			*to++ = *p;
		else if (to > line && to[-1] != ' ')
			*to++ = ' ';
	}
	if (to > line && to[-1] == ' ')
		to--;
	*to = '\0';
	return line;
}

static char *finding_summary(const json_t *result)
{
	const json_t *finding = fields_worst_finding(result);
	const char *step = fields_text(finding, "step");

	if (!strncmp(fields_text(finding, "invariant"), "splat.", 6) && *fields_text(finding, "seen"))
		return xstrdup(fields_text(finding, "seen"));
	return xasprintf("%s%s%s%s", *fields_text(finding, "invariant") ? fields_text(finding, "invariant") :
			 "finding without invariant", *step ? " in step '" : "", step, *step ? "'" : "");
}

char *report_summary(const json_t *result)
{
	AUTO_FREE char *bugs = fields_bugs(result), *whole = NULL;

	switch (fields_outcome(result)) {
	case OUTCOME_PASS:
		return xstrdup("");
	case OUTCOME_XFAIL:
		whole = xasprintf("XFAIL %s", *bugs ? bugs : "a known bug");
		break;
	case OUTCOME_XPASS:
		whole = xasprintf("XPASS: %s did not show", *bugs ? bugs : "a known bug");
		break;
	case OUTCOME_SKIP:
		whole = xstrdup(fields_text(result, "skip_reason"));
		break;
	case OUTCOME_ERROR:
		whole = xstrdup(fields_error(result));
		break;
	case OUTCOME_FAIL:
		whole = finding_summary(result);
		break;
	}
	return report_line(whole, LINE_MAX_BYTES);
}

static char *value_text(const json_t *value)
{
	AUTO_FREE char *dumped = json_is_string(value) ? NULL : json_dumps(value, JSON_COMPACT | JSON_ENCODE_ANY);

	return report_text(dumped ? dumped : json_string_value(value), VALUE_MAX);
}

static void print_finding(FILE *out, const json_t *finding)
{
	static const char *const keys[] = { "expected", "seen", "why" };
	const char *invariant = fields_text(finding, "invariant"), *step = fields_text(finding, "step");
	json_int_t nr = json_integer_value(json_object_get(finding, "nr_pfns"));

	fprintf(out, "%s%s%s%s", *invariant ? invariant : "finding without invariant", *step ? " in step '" : "", step,
		*step ? "'" : "");
	if (nr > 0)
		fprintf(out, ", %lld page%s, the first is pfn 0x%llx", (long long)nr, nr == 1 ? "" : "s",
			(long long)json_integer_value(json_object_get(finding, "first_pfn")));
	fputc('\n', out);
	for (size_t i = 0; i < ARRAY_SIZE(keys); i++) {
		AUTO_FREE char *value = value_text(json_object_get(finding, keys[i]));

		if (*value)
			fprintf(out, "  %s: %s\n", keys[i], value);
	}
}

char *report_details(const json_t *result)
{
	const json_t *findings = json_object_get(result, "findings"), *finding;
	AUTO_FREE char *whole = NULL, *bugs = fields_bugs(result);
	const char *class = fields_text(result, "class"), *error = fields_text(json_object_get(result, "error"), "text");
	size_t i, len;
	FILE *out = open_memstream(&whole, &len);

	if (!out)
		return xstrdup("");
	if (*class)
		fprintf(out, "%s: %s\n", class, fields_text(result, "class_why"));
	if (*bugs)
		fprintf(out, "known bugs: %s\n", bugs);
	if (*error)
		fprintf(out, "%s: %s\n", fields_text(json_object_get(result, "error"), "cause"), error);
	json_array_foreach(findings, i, finding) {
		print_finding(out, finding);
		if (ftell(out) > DETAILS_MAX)
			break;
	}
	fclose(out);
	return report_text(whole, DETAILS_MAX);
}
