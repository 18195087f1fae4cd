// SPDX-License-Identifier: GPL-2.0-or-later
#include <errno.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/clean.h"
#include "base/io.h"
#include "base/mem.h"
#include "record/fields.h"
#include "record/report_input.h"

#define MAX_INPUT (256u << 20)

static int load(const char *path, json_t **ret, struct rig_err *err)
{
	AUTO_FREE char *text = NULL;
	json_error_t jerr;
	json_t *value;
	size_t len;
	int r = io_read_file(path, MAX_INPUT, &text, &len, err);

	if (r < 0) {
		err->cause = RIG_USAGE;
		return r;
	}
	value = json_loadb(text, len, 0, &jerr);
	if (!value)
		return rig_err_set(err, RIG_USAGE, EINVAL, "'%s' is damaged: line %d: %s", path, jerr.line, jerr.text);
	*ret = value;
	return 0;
}

static bool is_result(const json_t *value)
{
	return *fields_text(value, "scenario") && *fields_text(value, "outcome") &&
	       json_is_object(json_object_get(value, "kernel"));
}

static char *name_of(const char *folder)
{
	AUTO_FREE char *real = realpath(folder, NULL);	/* "latest" is a link */
	const char *path = real ? real : folder;

	return xstrdup(strrchr(path, '/') ? strrchr(path, '/') + 1 : path);
}

/* @result: stolen */
static int add_result(const char *path, const char *folder, json_t *result, json_t *results, struct rig_err *err)
{
	AUTO_FREE char *name = folder ? name_of(folder) : NULL;

	if (!is_result(result)) {
		json_decref(result);
		return rig_err_set(err, RIG_USAGE, EINVAL,
				   "'%s' is neither a record nor the merged record of a matrix", path);
	}
	if (name)
		json_object_set_new(result, "folder", json_string(name));
	json_array_append_new(results, result);
	return 0;
}

/* The record of @run, if it lies in @beside and is the one that is meant; NULL: not.  New reference */
static json_t *load_own(const char *beside, const json_t *cell, const json_t *run)
{
	const char *folder = fields_text(run, "folder");
	AUTO_FREE char *path = xasprintf("%s/%s/result.json", beside, folder);
	json_t *result = NULL;
	struct rig_err ignored;

	if (!*folder || strchr(folder, '/') || load(path, &result, &ignored) < 0)
		return NULL;
	if (is_result(result) && !strcmp(fields_text(result, "scenario"), fields_text(cell, "scenario")) &&
	    !strcmp(fields_text(result, "outcome"), fields_text(run, "outcome")))
		return result;
	json_decref(result);
	return NULL;
}

static void copy(json_t *to, const char *key, const json_t *from, const char *from_key)
{
	json_t *value = json_object_get(from, from_key);

	if (value)
		json_object_set(to, key, value);
}

/* A run as its own record would say it, as far as the merged record knows. */
static json_t *make_result(const json_t *run)
{
	static const char *const same[] = { "outcome", "fail_kind", "date", "accel", "known_bugs", "skip_reason", "error",
					    "began" };
	double seconds = json_number_value(json_object_get(run, "seconds"));
	json_t *result = json_object(), *kernel = json_object();

	for (size_t i = 0; i < ARRAY_SIZE(same); i++)
		copy(result, same[i], run, same[i]);
	copy(kernel, "release", run, "release");
	copy(kernel, "image_sha256", run, "image_sha256");
	json_object_set_new(result, "kernel", kernel);
	if (*fields_text(run, "qemu"))
		json_object_set_new(result, "qemu", json_pack("{sO}", "version", json_object_get(run, "qemu")));
	if (json_object_get(run, "finding"))
		json_object_set_new(result, "findings", json_pack("[O]", json_object_get(run, "finding")));
	if (seconds > 0 && seconds < 1e9)
		json_object_set_new(result, "timings", json_pack("{sI}", "total_ns", (json_int_t)(seconds * 1e9)));
	return result;
}

/* Takes @result: what the cell says of it holds, so that a run is of the same cell with and without its record. */
static void add_run(const json_t *cell, const json_t *run, json_t *result, json_t *results)
{
	json_t *kernel = json_object_get(result, "kernel");

	copy(result, "scenario", cell, "scenario");
	copy(kernel, "spec", cell, "kernel");
	if (*fields_text(cell, "variant"))
		json_object_set_new(result, "variant", json_pack("{sO}", "name", json_object_get(cell, "variant")));
	copy(result, "class", cell, "class");
	copy(result, "class_why", cell, "class_why");
	copy(result, "folder", run, "folder");
	json_array_append_new(results, result);
}

/* A cell that has no run: @why it has none */
static void add_unrun(const json_t *merged, const json_t *cell, const char *why, json_t *results)
{
	json_t *result = json_pack("{ss s{ss ss} s{}}", "outcome", "ERROR", "error", "cause", "host", "text", why, "kernel");

	copy(result, "date", merged, "date");
	add_run(cell, NULL, result, results);
}

static void add_cell(const char *beside, const json_t *merged, const json_t *cell, json_t *results)
{
	const json_t *runs = json_object_get(cell, "runs"), *run;
	const char *why = fields_text(cell, "reason");
	size_t i;

	if (!json_array_size(runs))
		add_unrun(merged, cell, *why ? why : "it was not run", results);
	json_array_foreach(runs, i, run) {
		json_t *own = load_own(beside, cell, run);

		add_run(cell, run, own ? own : make_result(run), results);
	}
}

/* "KERNEL/VARIANT/SCENARIO", of which only the last may have a slash */
static void add_missing(const json_t *merged, const char *name, json_t *results)
{
	const char *variant = strchr(name, '/'), *scenario = variant ? strchr(variant + 1, '/') : NULL;
	json_auto_t *cell = json_object();

	if (scenario) {
		json_object_set_new(cell, "kernel", json_stringn(name, (size_t)(variant - name)));
		json_object_set_new(cell, "variant", json_stringn(variant + 1, (size_t)(scenario - variant - 1)));
	}
	json_object_set_new(cell, "scenario", json_string(scenario ? scenario + 1 : name));
	add_unrun(merged, cell, "it was not run, or its shard is missing", results);
}

static void add_merged(const char *path, const json_t *merged, json_t *results)
{
	const json_t *cell;
	AUTO_FREE char *beside = xstrdup(path);
	char *slash = strrchr(beside, '/');
	size_t i;

	strcpy(slash ? slash : beside, slash ? "" : ".");
	json_array_foreach(json_object_get(merged, "cells"), i, cell)
		add_cell(beside, merged, cell, results);
	json_array_foreach(json_object_get(merged, "missing"), i, cell)
		if (json_is_string(cell))
			add_missing(merged, json_string_value(cell), results);
}

int report_input_add(const char *path, json_t *results, struct rig_err *err)
{
	AUTO_FREE char *inside = xasprintf("%s/result.json", path);
	json_t *value = NULL;
	struct stat st;
	bool is_folder = stat(path, &st) == 0 && S_ISDIR(st.st_mode);
	int r = load(is_folder ? inside : path, &value, err);

	if (r < 0)
		return r;
	if (is_folder || !json_is_array(json_object_get(value, "cells")))
		return add_result(path, is_folder ? path : NULL, value, results, err);
	add_merged(path, value, results);
	json_decref(value);
	return 0;
}
