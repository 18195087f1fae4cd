// SPDX-License-Identifier: GPL-2.0-or-later
#include <ctype.h>
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <jansson.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/clean.h"
#include "record/fields.h"
#include "record/last_runs.h"
#include "record/record.h"
#include "record/result_file.h"

#define STAMP_LEN	17	/* "20261121T034049Z-" */

/* A record by the name of its folder: <stamp>-<label>-<pid>[-<n>]. */
struct folder {
	char *name;
	struct timespec ended;	/* decides among those that began in the same second */
};

struct folders {
	struct folder *v;
	size_t n, cap;
};

static void folders_deinit(struct folders *f)
{
	for (size_t i = 0; i < f->n; i++)
		free(f->v[i].name);
	free(f->v);
}

void last_runs_deinit(struct last_runs *l)
{
	for (size_t i = 0; i < l->nr; i++) {
		struct last_run *r = &l->run[i];

		free(r->scenario);
		free(r->release);
		free(r->outcome);
		free(r->kind);
		free(r->date);
		free(r->folder);
	}
	free(l->run);
	strv_deinit(&l->passed_over);
	*l = (struct last_runs){ 0 };
}

static bool is_stamped(const char *name)
{
	static const char shape[] = "00000000T000000Z-";

	for (size_t i = 0; i < STAMP_LEN; i++)
		if (shape[i] == '0' ? !isdigit((unsigned char)name[i]) : name[i] != shape[i])
			return false;
	return true;
}

/* May hold a record of one of them: "dimm/online" is also the beginning of others. */
static bool is_wanted(const char *name, char *const *labels)
{
	for (; *labels; labels++)
		if (!strncmp(name + STAMP_LEN, *labels, strlen(*labels)))
			return true;
	return false;
}

static int newest_first(const void *x, const void *y)
{
	const struct folder *a = x, *b = y;
	int order = strncmp(b->name, a->name, STAMP_LEN);

	if (!order)
		order = (b->ended.tv_sec > a->ended.tv_sec) - (b->ended.tv_sec < a->ended.tv_sec);
	if (!order)
		order = (b->ended.tv_nsec > a->ended.tv_nsec) - (b->ended.tv_nsec < a->ended.tv_nsec);
	return order ? order : strcmp(b->name, a->name);
}

static int list_folders(const char *results, char *const *labels, struct folders *ret, struct rig_err *err)
{
	DIR *dir = opendir(results);
	struct stat st;

	if (!dir && errno == ENOENT)
		return 0;
	if (!dir)
		return rig_err_set(err, RIG_HOST, errno, "cannot read '%s': %s", results, strerror(errno));
	for (struct dirent *e; (e = readdir(dir)); ) {
		if (!is_stamped(e->d_name) || !is_wanted(e->d_name, labels) ||
		    fstatat(dirfd(dir), e->d_name, &st, AT_SYMLINK_NOFOLLOW) < 0)
			continue;
		GROW(ret->v, ret->n, ret->cap);
		ret->v[ret->n++] = (struct folder){ xstrdup(e->d_name), st.st_mtim };
	}
	closedir(dir);
	if (ret->n)
		qsort(ret->v, ret->n, sizeof(*ret->v), newest_first);
	return 0;
}

/* Cuts one "-123" off the end; false when there is none. */
static bool cut_number(char *label)
{
	char *dash = strrchr(label, '-');

	if (!dash || !dash[1] || dash[1 + strspn(dash + 1, "0123456789")])
		return false;
	*dash = '\0';
	return true;
}

/* A label as long as labels may be was perhaps cut: then only the record itself tells. */
static bool is_known(const json_t *seen, const char *name)
{
	AUTO_FREE char *label = xstrdup(name + STAMP_LEN);

	for (int i = 0; i < 2 && cut_number(label); i++)
		if (strlen(label) < RECORD_LABEL_MAX && json_object_get(seen, label))
			return true;
	return false;
}

static char *dup_or_null(const char *text)
{
	return text ? xstrdup(text) : NULL;
}

static int load(const char *results, const char *name, json_t **ret, struct rig_err *err)
{
	AUTO_FREE char *folder = xasprintf("%s/%s", results, name);
	int r = result_file_read(folder, ret, err);

	if (r < 0)
		return r;
	if (fields_or_null(*ret, "scenario") && fields_or_null(*ret, "outcome") && fields_or_null(*ret, "date") &&
	    json_is_object(json_object_get(*ret, "kernel")))
		return 0;
	return rig_err_set(err, RIG_HOST, EINVAL,
			   "'%s/result.json' is damaged: it lacks scenario, outcome, date or kernel", folder);
}

/* @seen: label and "scenario\nrelease" of each run that is known */
static void take(const json_t *result, const char *name, json_t *seen, struct last_runs *l)
{
	const json_t *kernel = json_object_get(result, "kernel");
	const char *release = fields_or_null(kernel, "release"), *scenario = fields_or_null(result, "scenario");
	AUTO_FREE char *label = NULL, *key = NULL, *text = NULL;

	/* a kernel that could not be described has no release */
	if (!release)
		release = fields_or_null(kernel, "spec") ? fields_or_null(kernel, "spec") : "?";
	text = xasprintf("%s-%s", scenario, release);
	label = record_label(text);
	key = xasprintf("%s\n%s", scenario, release);
	json_object_set_new(seen, label, json_true());
	if (json_object_get(seen, key))
		return;
	json_object_set_new(seen, key, json_true());
	GROW(l->run, l->nr, l->cap);
	l->run[l->nr++] = (struct last_run){
		.scenario = xstrdup(scenario), .release = xstrdup(release),
		.outcome = xstrdup(fields_or_null(result, "outcome")), .kind = dup_or_null(fields_or_null(result, "fail_kind")),
		.date = xstrdup(fields_or_null(result, "date")), .folder = xstrdup(name),
	};
}

static int by_scenario(const void *x, const void *y)
{
	const struct last_run *a = x, *b = y;
	int order = strcmp(a->scenario, b->scenario);

	return order ? order : strverscmp(a->release, b->release);
}

int last_runs_read(const char *results, char *const *scenarios, struct last_runs *ret, struct rig_err *err)
{
	__attribute__((cleanup(folders_deinit))) struct folders folders = { 0 };
	json_auto_t *seen = json_object();
	AUTO_STRV struct strv labels = { 0 };
	struct rig_err why;
	int r;

	*ret = (struct last_runs){ 0 };
	for (; *scenarios; scenarios++) {
		AUTO_FREE char *label = record_label(*scenarios);

		strv_add(&labels, label);
	}
	r = labels.n ? list_folders(results, labels.v, &folders, err) : 0;
	if (r < 0)
		return r;
	for (size_t i = 0; i < folders.n; i++) {
		const char *name = folders.v[i].name;
		json_auto_t *result = NULL;

		if (is_known(seen, name))
			continue;
		if (load(results, name, &result, &why) < 0)
			strv_add(&ret->passed_over, why.text);
		else
			take(result, name, seen, ret);
	}
	if (ret->nr)
		qsort(ret->run, ret->nr, sizeof(*ret->run), by_scenario);
	return 0;
}
