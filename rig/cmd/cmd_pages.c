// SPDX-License-Identifier: GPL-2.0-or-later
/* hotrig pages: a map of a machine's pages, from a record or out of a guest that runs.  Level 8. */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include "base/clean.h"
#include "base/io.h"
#include "base/mem.h"
#include "cmd/cmd.h"
#include "cmd/live_map.h"
#include "cmd/live_run.h"
#include "cmd/page_table.h"
#include "cmd/pages_options.h"
#include "record/fields.h"
#include "record/state_file.h"
#include "base/terminal.h"
#include "base/tree.h"

#define MAX_RESULT_BYTES (64u << 20)

/* What is to be shown. */
struct map {
	json_t *about;		/* where it comes from, for the heading and for --json */
	json_t *state;
};

static int failed(const struct rig_err *err)
{
	fprintf(stderr, "hotrig: pages: %s\n", err->text);
	return err->cause == RIG_USAGE ? EXIT_USAGE : EXIT_ERROR;
}

static void print_json(const json_t *o)
{
	json_dumpf(o, stdout, JSON_COMPACT);
	putchar('\n');
}

static int list(const struct pages_options *o, const char *results)
{
	struct live_run *runs;
	AUTO_FREE char *damaged = NULL;
	struct rig_err err;
	size_t nr;

	if (live_run_list(results, &runs, &nr, &damaged, &err) < 0)
		return failed(&err);
	if (nr && !o->json)
		printf("%-24s %8s  %-40s %s\n", "RUN", "QEMU", "KERNEL", "SCENARIO");
	for (size_t i = 0; i < nr; i++) {
		const struct live_run *r = &runs[i];
		json_auto_t *json = json_pack("{ss si ss ss ss}", "run", r->name, "qemu_pid", (int)r->qemu_pid,
					      "scenario", r->scenario, "release", r->release, "kernel", r->kernel);

		if (o->json)
			print_json(json);
		else
			printf("%-24s %8d  %-40s %s\n", r->name, (int)r->qemu_pid, r->release, r->scenario);
	}
	if (!nr && !o->json)
		fprintf(stderr, "hotrig: pages: no run goes on in '%s'\n", results);
	if (damaged)
		fprintf(stderr, "hotrig: pages: %s\n", damaged);
	live_run_list_free(runs, nr);
	return damaged ? EXIT_ERROR : 0;
}

static bool is_folder(const char *path)
{
	struct stat st;

	return stat(path, &st) == 0 && S_ISDIR(st.st_mode);
}

/* A name is one below the results before it is one below here. */
static int find_folder(const char *run, const char *results, char **ret, struct rig_err *err)
{
	AUTO_FREE char *below = strchr(run, '/') ? NULL : xasprintf("%s/%s", results, run);

	if (below && is_folder(below))
		*ret = TAKE_PTR(below);
	else if (is_folder(run))
		*ret = xstrdup(run);
	else
		return rig_err_set(err, RIG_USAGE, ENOENT,
				   "no record and no run '%s'%s%s%s; 'hotrig pages' lists those that go on", run,
				   below ? " in '" : "", below ? results : "", below ? "'" : "");
	return 0;
}

/* A record of an older rig, or one that is damaged, still has its maps. */
static json_t *about_record(const char *folder, const char *state)
{
	AUTO_FREE char *path = xasprintf("%s/result.json", folder), *text = NULL;
	json_auto_t *result = NULL;
	struct rig_err ignored;

	if (io_read_file(path, MAX_RESULT_BYTES, &text, NULL, &ignored) == 0)
		result = json_loads(text, 0, NULL);
	return json_pack("{ss ss ss ss}", "run", folder, "scenario", fields_or_unknown(result, "scenario"), "release",
			 fields_or_unknown(json_object_get(result, "kernel"), "release"), "state", state);
}

static int map_record(const struct pages_options *o, const char *folder, struct map *ret, struct rig_err *err)
{
	AUTO_FREE char *name = NULL, *result = xasprintf("%s/result.json", folder);
	int r;

	if (o->stop || o->kernel)
		return rig_err_set(err, RIG_USAGE, EINVAL,
				   "'%s' is a record: --stop and --kernel are for guests that run", folder);
	if (!io_exists(result))
		return rig_err_set(err, RIG_USAGE, ENOENT, "'%s' is no record: it has no result.json", folder);
	r = state_file_find(folder, o->state, &name, err);
	if (r == 0)
		r = state_file_read(folder, name, &ret->state, err);
	if (r == 0)
		ret->about = about_record(folder, name);
	return r;
}

static int map_live(const struct pages_options *o, const struct live_run *run, struct map *ret,
		    struct rig_err *err)
{
	AUTO_FREE char *monitor = live_run_monitor(run);
	const struct live_map_request request = {
		.pid = run->qemu_pid, .monitor = monitor, .kernel = o->kernel ? o->kernel : run->kernel,
		.image_sha256 = run->image_sha256, .stop = o->stop, .range = o->range,
	};
	int r = live_map_take(&request, &ret->about, &ret->state, err);

	if (r < 0)
		return rig_err_wrap(err, "run '%s'", run->name);
	json_object_set_new(ret->about, "run", json_string(run->name));
	json_object_set_new(ret->about, "scenario", json_string(run->scenario));
	return 0;
}

static int map_folder(const struct pages_options *o, const char *results, struct map *ret, struct rig_err *err)
{
	AUTO_FREE char *folder = NULL;
	struct live_run run;
	int r = find_folder(o->run, results, &folder, err);

	if (r < 0)
		return r;
	if (!live_run_is(folder))
		return map_record(o, folder, ret, err);
	if (o->state)
		return rig_err_set(err, RIG_USAGE, EINVAL, "'%s' goes on: --state is for records", o->run);
	r = live_run_read(folder, &run, err);
	if (r < 0)
		return r;
	r = map_live(o, &run, ret, err);
	live_run_deinit(&run);
	return r;
}

static int map_process(const struct pages_options *o, const char *results, struct map *ret, struct rig_err *err)
{
	const struct live_map_request foreign = { .pid = o->pid, .monitor = o->qmp, .kernel = o->kernel,
						  .stop = o->stop, .range = o->range };
	AUTO_FREE char *damaged = NULL;
	struct live_run *runs;
	size_t nr, i;
	int r;

	if (o->qmp)
		return live_map_take(&foreign, &ret->about, &ret->state, err);
	r = live_run_list(results, &runs, &nr, &damaged, err);
	if (r < 0)
		return r;
	for (i = 0; i < nr && runs[i].qemu_pid != o->pid; i++)
		;
	if (i < nr)
		r = map_live(o, &runs[i], ret, err);
	else
		r = rig_err_set(err, RIG_USAGE, ENOENT, "no run in '%s' has process %d as its QEMU: name its "
				"folder with --results, or its monitor with --qmp", results, (int)o->pid);
	live_run_list_free(runs, nr);
	return r;
}

/* On one line who and where; what may mislead goes to standard error. */
static void print_heading(const struct map *m)
{
	const json_t *pid = json_object_get(m->about, "qemu_pid");
	const json_t *unknown = json_object_get(m->about, "unknown"), *what;
	size_t i;

	if (json_object_get(m->about, "scenario"))
		printf("%s on ", fields_or_unknown(m->about, "scenario"));
	printf("%s, ", fields_or_unknown(m->about, "release"));
	if (!pid) {
		printf("state %s%s\n", fields_or_unknown(m->about, "state"),
		       json_is_true(json_object_get(m->state, "whole")) ? "" : ": only the devices");
		return;
	}
	printf("QEMU process %d (%s), struct pages as %s has them\n", (int)json_integer_value(pid),
	       fields_or_unknown(m->about, "status"), fields_or_unknown(m->about, "layout"));
	if (json_array_size(unknown))
		printf("not known of this kernel:");
	json_array_foreach((json_t *)unknown, i, what)
		printf("%s %s", i ? "," : "", json_string_value(what));
	if (json_array_size(unknown))
		putchar('\n');
}

static void warn(const struct pages_options *o, const struct map *m)
{
	if (!json_is_false(json_object_get(m->about, "one_moment")))
		return;
	fprintf(stderr, "hotrig: pages: the guest ran while it was read: not all of this is of one moment; "
		"%s\n", o->stop ? "somebody else let it go on" : "--stop makes it so");
}

static void print_object(const struct pages_options *o, const struct map *m)
{
	static const char *const keys[] = { "whole", "devices", "sections", "faults", "pages" };

	pfn_range_cut(m->state, &o->range);
	for (size_t i = 0; i < ARRAY_SIZE(keys); i++)
		json_object_set(m->about, keys[i], json_object_get(m->state, keys[i]));
	print_json(m->about);
}

static int show(const struct pages_options *o, const struct map *m)
{
	struct page_rows rows;
	struct rig_err err;

	if (page_rows_make(m->state, &o->range, &rows, &err) < 0) {
		rig_err_wrap(&err, "state file '%s/state-%s.json.gz' is damaged", fields_or_unknown(m->about, "run"),
			     fields_or_unknown(m->about, "state"));
		return failed(&err);
	}
	if (o->json) {
		print_object(o, m);
	} else {
		print_heading(m);
		(o->summary ? page_table_summary : page_table_print)(&rows, terminal_color(stdout), stdout);
		page_table_total(&rows, stdout);
	}
	warn(o, m);
	page_rows_deinit(&rows);
	return 0;
}

int cmd_pages(int argc, char **argv)
{
	AUTO_FREE char *tree_results = tree_path("results");
	const char *results = getenv("HOTRIG_RESULTS");
	struct pages_options o;
	struct map m = { 0 };
	struct rig_err err;
	int status = pages_options_parse(argc, argv, &o);

	if (status >= 0)
		return status;
	results = o.results ? o.results : results && *results ? results : tree_results;
	if (!o.run && !o.pid)
		return list(&o, results);
	if ((o.pid ? map_process : map_folder)(&o, results, &m, &err) < 0)
		return failed(&err);
	status = show(&o, &m);
	json_decref(m.about);
	json_decref(m.state);
	return status;
}
