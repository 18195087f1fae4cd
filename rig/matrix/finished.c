// SPDX-License-Identifier: GPL-2.0-or-later
#include <dirent.h>
#include <errno.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "base/clean.h"
#include "base/io.h"
#include "base/mem.h"
#include "matrix/finished.h"
#include "matrix/result.h"
#include "record/fields.h"

#define MAX_RESULT	(16u << 20)

struct finished {
	json_t *run;		/* key_of() to what result_run() made; later records replace earlier ones */
};

/* What must be the same for a record to count */
static char *key_of(const char *cell, json_int_t run, const char *scenario, const char *image)
{
	return xasprintf("%s\n%" JSON_INTEGER_FORMAT "\n%s\n%s", cell, run, scenario, image);
}

static bool was_cut_short(const json_t *record)
{
	const char *cause = fields_or_null(json_object_get(record, "error"), "cause");

	return cause && !strcmp(cause, rig_cause_name(RIG_INTERRUPTED));
}

static bool is_of(const json_t *part, const struct finished_of *of)
{
	const char *matrix = fields_or_null(part, "matrix"), *how = fields_or_null(part, "how_sha256"),
		   *rig = fields_or_null(part, "rig_sha256");

	return matrix && how && rig && !strcmp(matrix, of->matrix) && !strcmp(how, of->how) && !strcmp(rig, of->rig);
}

static void take(struct finished *f, const json_t *record, const struct finished_of *of, const char *folder)
{
	const json_t *part = json_object_get(record, "part_of");
	const char *cell = fields_or_null(part, "cell");
	const char *scenario = fields_or_null(part, "scenario_sha256");
	const char *image = fields_or_null(json_object_get(record, "kernel"), "image_sha256");
	json_int_t number = json_integer_value(json_object_get(part, "run"));
	AUTO_FREE char *key = NULL, *any = NULL;
	json_t *run;

	if (!is_of(part, of) || !cell || !scenario || !image || was_cut_short(record))
		return;
	key = key_of(cell, number, scenario, image);
	any = key_of(cell, number, scenario, "");
	run = result_run(record, folder);
	json_object_set(f->run, key, run);
	json_object_set_new(f->run, any, run);
}

static int is_record(const struct dirent *e)
{
	return *e->d_name >= '0' && *e->d_name <= '9';	/* begins with the time */
}

/* Most records are of something else, and are not taken apart to see that. */
static void look(struct finished *f, const char *results, const char *folder, const struct finished_of *of)
{
	AUTO_FREE char *path = xasprintf("%s/%s/result.json", results, folder), *text = NULL;
	json_auto_t *record = NULL;
	struct rig_err ignored;
	size_t len;

	if (io_read_file(path, MAX_RESULT, &text, &len, &ignored) < 0 || !strstr(text, of->matrix))
		return;
	record = json_loadb(text, len, 0, NULL);
	if (record)
		take(f, record, of, folder);
}

int finished_find(const char *results, const struct finished_of *of, struct finished **ret, struct rig_err *err)
{
	struct dirent **entry = NULL;
	struct finished *f;
	int n = scandir(results, &entry, is_record, alphasort);

	if (n < 0 && errno != ENOENT)
		return rig_err_set(err, RIG_HOST, errno, "cannot read '%s': %s", results, strerror(errno));
	f = xcalloc(1, sizeof(*f));
	f->run = json_object();
	for (int i = 0; i < n; i++) {
		look(f, results, entry[i]->d_name, of);
		free(entry[i]);
	}
	free(entry);
	*ret = f;
	return 0;
}

void finished_destroy(struct finished *f)
{
	if (!f)
		return;
	json_decref(f->run);
	free(f);
}

json_t *finished_run(const struct finished *f, const struct cell *cell, unsigned int run, const char *image)
{
	AUTO_FREE char *key = key_of(cell->name, run, cell->digest, image ? image : "");

	return json_object_get(f->run, key);
}

json_t *finished_part_of(const struct finished_of *of, const struct cell *cell, unsigned int run, const char *shard)
{
	return json_pack("{ss ss ss ss si ss ss}", "matrix", of->matrix, "how_sha256", of->how, "rig_sha256", of->rig,
			 "cell", cell->name, "run", (int)run, "shard", shard, "scenario_sha256", cell->digest);
}
