// SPDX-License-Identifier: GPL-2.0-or-later
#include <ctype.h>
#include <errno.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "base/clean.h"
#include "base/mem.h"
#include "history/history_run.h"
#include "record/fields.h"

#define TEXT_MAX 400	/* bytes; the whole text is in the record */
#define MS_MAX (30ull * 24 * 3600 * 1000)

/* One line that fits, cut between characters; caller frees. */
static char *short_line(const char *text)
{
	size_t len = strnlen(text, TEXT_MAX + 1);
	char *line;

	if (len > TEXT_MAX)
		for (len = TEXT_MAX; len && ((unsigned char)text[len] & 0xc0) == 0x80; len--)
			;
	line = xstrndup(text, len);
	for (char *p = line; *p; p++)
		if ((unsigned char)*p < 0x20 || *p == 0x7f)
			*p = ' ';
	return line;
}

static char *line_of(const json_t *object, const char *key)
{
	return short_line(fields_text(object, key));
}

/* "WARNING in f (console line 123): whole line" of a splat is told again by "WARNING in f" */
static char *finding_sign(const json_t *finding)
{
	const char *invariant = fields_text(finding, "invariant"), *seen = fields_text(finding, "seen");
	const char *end = strstr(seen, " (console line ");
	AUTO_FREE char *whole = NULL;

	if (strncmp(invariant, "splat.", 6) || !*seen)
		return short_line(invariant);
	whole = end ? xasprintf("%s: %.*s", invariant, (int)(end - seen), seen) : xasprintf("%s: %s", invariant, seen);
	return short_line(whole);
}

static char *error_sign(const json_t *o)
{
	const json_t *error = json_object_get(o, "error");
	AUTO_FREE char *whole = NULL;

	if (!json_is_object(error))
		return line_of(o, "error");
	whole = xasprintf("%s: %s", fields_text(error, "cause"), fields_text(error, "text"));
	return short_line(whole);
}

static char *sign(enum outcome outcome, const json_t *o)
{
	const json_t *finding;

	switch (outcome) {
	case OUTCOME_FAIL:
	case OUTCOME_XFAIL:
		finding = json_object_get(o, "finding");	/* of a merged record, which has but one */
		return finding_sign(finding ? finding : fields_worst_finding(o));
	case OUTCOME_ERROR:
		return error_sign(o);
	case OUTCOME_SKIP:
		return line_of(o, "skip_reason");
	case OUTCOME_PASS:
	case OUTCOME_XPASS:
		break;
	}
	return xstrdup("");
}

/* what both forms have */
static int read_common(const char *folder, const json_t *o, struct history_run *run, struct rig_err *err)
{
	const char *base = strrchr(folder, '/') ? strrchr(folder, '/') + 1 : folder;
	const char *outcome = fields_text(o, "outcome");
	AUTO_FREE char *bugs = fields_bugs(o);

	if (!outcome_find(outcome, &run->outcome))
		return rig_err_set(err, RIG_HOST, EINVAL, "'%s' has no outcome", base);
	if (!fail_kind_find(fields_text(o, "fail_kind"), &run->kind))
		return rig_err_set(err, RIG_HOST, EINVAL, "'%s' has no kind of failure '%.40s'", base,
				   fields_text(o, "fail_kind"));
	run->folder = xstrdup(base);
	run->accel = line_of(o, "accel");
	run->sign = sign(run->outcome, o);
	run->bugs = short_line(bugs);
	return 0;
}

static bool is_shaped(const char *text, const char *shape)
{
	for (; *shape; shape++, text++)
		if (*shape == '0' ? !isdigit((unsigned char)*text) : *text != *shape)
			return false;
	return !*text;
}

static bool is_utf8(const char *text)
{
	json_auto_t *value = json_string(text);

	return value;
}

int history_run_check(const struct history_run *run, struct rig_err *err)
{
	const char *const must[] = { run->folder, run->cell, run->scenario };
	const char *const texts[] = { run->folder, run->cell, run->scenario, run->variant, run->spec, run->release,
				      run->image_sha256, run->accel, run->qemu, run->matrix, run->sign, run->bugs };

	for (size_t i = 0; i < ARRAY_SIZE(must); i++)
		if (!*must[i])
			return rig_err_set(err, RIG_HOST, EINVAL, "'%.80s' lacks its folder, cell or scenario", run->folder);
	for (size_t i = 0; i < ARRAY_SIZE(texts); i++)
		if (strlen(texts[i]) > TEXT_MAX || !is_utf8(texts[i]))
			return rig_err_set(err, RIG_HOST, EINVAL, "a text of '%.80s' is too long, or no UTF-8", run->folder);
	if (!is_shaped(run->date, "0000-00-00T00:00:00Z"))
		return rig_err_set(err, RIG_HOST, EINVAL, "'%.80s' has no date", run->folder);
	if ((run->outcome == OUTCOME_FAIL || run->outcome == OUTCOME_XFAIL) && !*run->sign)
		return rig_err_set(err, RIG_HOST, EINVAL, "'%.80s' failed without a finding", run->folder);
	if (run->ms > MS_MAX)
		return rig_err_set(err, RIG_HOST, EINVAL, "'%.80s' lasted for more than a month", run->folder);
	return 0;
}

static char *cell_name(const json_t *result, const struct history_run *run)
{
	const char *cell = fields_text(json_object_get(result, "part_of"), "cell");
	AUTO_FREE char *own = xasprintf("%s/%s/%s", run->spec, *run->variant ? run->variant : "-", run->scenario);

	return short_line(*cell ? cell : own);
}

/* Hands @run out if it is good; @r: what making it gave. */
static int finish(int r, struct history_run *run, struct history_run *ret, struct rig_err *err)
{
	if (!r)
		r = history_run_check(run, err);
	if (r < 0)
		history_run_deinit(run);
	else
		*ret = *run;
	return r;
}

int history_run_of_record(const char *folder, const json_t *result, struct history_run *ret, struct rig_err *err)
{
	const json_t *kernel = json_object_get(result, "kernel");
	json_int_t ns = json_integer_value(json_object_get(json_object_get(result, "timings"), "total_ns"));
	struct history_run run = { 0 };
	int r = read_common(folder, result, &run, err);

	if (r < 0)
		return r;
	run.date = line_of(result, "date");
	run.scenario = line_of(result, "scenario");
	run.variant = line_of(json_object_get(result, "variant"), "name");
	run.spec = line_of(kernel, "spec");
	run.release = line_of(kernel, "release");
	run.image_sha256 = line_of(kernel, "image_sha256");
	run.qemu = line_of(json_object_get(result, "qemu"), "version");
	run.matrix = line_of(json_object_get(result, "part_of"), "matrix");
	run.cell = cell_name(result, &run);
	run.ms = ns > 0 ? (uint64_t)ns / 1000000 : 0;
	return finish(0, &run, ret, err);
}

/* "20261121T034049Z-..." tells when it began */
static char *date_of_folder(const char *folder, const char *otherwise)
{
	AUTO_FREE char *stamp = xstrndup(folder, strlen("20261121T034049Z"));

	if (!is_shaped(stamp, "00000000T000000Z"))
		return xstrdup(otherwise);
	return xasprintf("%.4s-%.2s-%.2sT%.2s:%.2s:%.2sZ", stamp, stamp + 4, stamp + 6, stamp + 9, stamp + 11,
			 stamp + 13);
}

int history_run_of_cell(const json_t *cell, const json_t *from, const char *matrix, const char *date,
			struct history_run *ret, struct rig_err *err)
{
	double seconds = json_number_value(json_object_get(from, "seconds"));
	struct history_run run = { 0 };
	int r = read_common(fields_text(from, "folder"), from, &run, err);

	if (r < 0)
		return r;
	run.date = *fields_text(from, "date") ? line_of(from, "date") : date_of_folder(run.folder, date);
	run.cell = line_of(cell, "cell");
	run.scenario = line_of(cell, "scenario");
	run.variant = line_of(cell, "variant");
	run.spec = line_of(cell, "kernel");
	run.release = line_of(from, "release");
	run.image_sha256 = line_of(from, "image_sha256");
	run.qemu = line_of(from, "qemu");
	run.matrix = short_line(matrix);
	run.ms = seconds > 0 && seconds < MS_MAX ? (uint64_t)(seconds * 1000) : 0;
	return finish(0, &run, ret, err);
}

void history_run_deinit(struct history_run *run)
{
	char **const texts[] = { &run->folder, &run->date, &run->cell, &run->scenario, &run->variant, &run->spec,
				 &run->release, &run->image_sha256, &run->accel, &run->qemu, &run->matrix, &run->sign,
				 &run->bugs };

	for (size_t i = 0; i < ARRAY_SIZE(texts); i++)
		free(*texts[i]);
	*run = (struct history_run){ 0 };
}
