// SPDX-License-Identifier: GPL-2.0-or-later
/* The file of known bugs, read strictly. */
#include <limits.h>
#include <stdlib.h>
#include <string.h>

#include "base/clean.h"
#include "base/mem.h"
#include "kernel/release.h"
#include "known/known.h"
#include "model/invariant.h"
#include "scenario/scenario_doc.h"

#define DIGITS "0123456789"
#define HEX DIGITS "abcdef"
#define LETTERS "abcdefghijklmnopqrstuvwxyz" "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
#define MIN_COMMIT 12		/* as in a Fixes: tag */
#define SPLAT "splat."

static const struct doc_word word_commit = {
	.what = "commit", .first = HEX, .rest = HEX, .max_bytes = 40, .shape = "12 to 40 digits of 0-9 and a-f",
};

static const struct doc_word word_version = {
	.what = "mainline release", .first = DIGITS, .rest = DIGITS ".", .max_bytes = 16,
	.shape = "its number, such as '6.7'",
};

/* The characters of a scenario's name, and those of fnmatch(3). */
static const struct doc_word word_scenario = {
	.what = "scenario", .first = LETTERS DIGITS "*?[", .rest = LETTERS DIGITS "._-/" "*?[]!", .max_bytes = 200,
	.shape = "a name or a pattern, such as 'dimm/*'",
};

static void sign_deinit(struct known_sign *sign)
{
	free(sign->invariant);
	free(sign->title);
}

static void bug_deinit(struct known_bug *bug)
{
	free(bug->fix);
	free(bug->subject);
	free(bug->origin);
	free(bug->summary);
	free(bug->introduced);
	free(bug->mainline);
	for (size_t i = 0; i < bug->nr_series; i++) {
		free(bug->series[i].series);
		free(bug->series[i].first_good);
	}
	free(bug->series);
	strings_free(bug->scenarios);
	sign_deinit(&bug->symptom);
	for (size_t i = 0; i < bug->nr_also; i++)
		sign_deinit(&bug->also[i]);
	free(bug->also);
}

void known_destroy(struct known *known)
{
	if (!known)
		return;
	for (size_t i = 0; i < known->nr; i++)
		bug_deinit(&known->bug[i]);
	free(known->bug);
	free(known->path);
	free(known);
}

static void known_clean(struct known **known)
{
	known_destroy(*known);
}

static size_t nr_children(const struct doc_node *node)
{
	size_t nr = 0;

	for (const struct doc_node *c = node->child; c; c = c->next)
		nr++;
	return nr;
}

static int read_commit(const struct doc_node *node, char **ret, struct rig_err *err)
{
	AUTO_FREE char *text = NULL;
	int r = doc_read_word(node, &word_commit, &text, err);

	if (r < 0)
		return r;
	if (strlen(text) < MIN_COMMIT)
		return doc_err(node, err, "'%s' is too short for a commit: use %s", text, word_commit.shape);
	*ret = TAKE_PTR(text);
	return 0;
}

static int read_version(const struct doc_node *node, char **ret, struct rig_err *err)
{
	return doc_read_word(node, &word_version, ret, err);
}

static int read_scenario(const struct doc_node *node, char **ret, struct rig_err *err)
{
	return doc_read_word(node, &word_scenario, ret, err);
}

/* "page.refcount", or "splat.warning: TITLE" */
static int read_sign(const struct doc_node *node, struct known_sign *ret, struct rig_err *err)
{
	AUTO_FREE char *text = NULL;
	bool is_splat;
	char *title;
	int r = doc_read_line(node, &text, err);

	if (r < 0)
		return r;
	title = strstr(text, ": ");
	if (title)
		*title = '\0';
	if (!invariant_find(text))
		return doc_err(node, err, "'%.*s' is no invariant; 'hotrig explain' lists them", doc_clip(text), text);
	is_splat = !strncmp(text, SPLAT, strlen(SPLAT));
	if (is_splat && (!title || !title[2]))
		return doc_err(node, err, "'%s' needs the title of the splat: '%s: TITLE'", text, text);
	if (!is_splat && title)
		return doc_err(node, err, "'%s' is no splat, so it has no title", text);
	ret->title = title ? xstrdup(title + 2) : NULL;
	ret->invariant = TAKE_PTR(text);
	return 0;
}

static int read_also(const struct doc_node *node, struct known_bug *bug, struct rig_err *err)
{
	int r = doc_check_type(node, JSON_ARRAY, err);

	if (r < 0)
		return r;
	bug->also = xcalloc(nr_children(node) + 1, sizeof(*bug->also));
	for (const struct doc_node *c = node->child; c && !r; c = c->next) {
		r = read_sign(c, &bug->also[bug->nr_also], err);
		bug->nr_also += r == 0;
	}
	return r;
}

static bool is_series(const char *text)
{
	size_t major = strspn(text, DIGITS), minor = text[major] == '.' ? strspn(text + major + 1, DIGITS) : 0;

	return major && minor && !text[major + 1 + minor];
}

static int read_one_series(const struct doc_node *node, struct known_series *ret, struct rig_err *err)
{
	AUTO_FREE char *first_good = NULL;
	size_t len = strlen(node->key);
	int r;

	if (!is_series(node->key))
		return doc_err(node, err, "no series: use two numbers, such as '6.1'");
	if (!json_is_null(node->value)) {
		r = doc_read_line(node, &first_good, err);
		if (r < 0)
			return r;
		if (!release_is_bare(first_good) || strncmp(first_good, node->key, len) || first_good[len] != '.')
			return doc_err(node, err, "'%.*s' is no release of %s without its flavour, such as '6.1.0-53'; "
				       "null when none is good", doc_clip(first_good), first_good, node->key);
	}
	ret->series = xstrdup(node->key);
	ret->first_good = TAKE_PTR(first_good);
	return 0;
}

static int read_first_good(const struct doc_node *node, struct known_bug *bug, struct rig_err *err)
{
	int r = doc_check_type(node, JSON_OBJECT, err);

	if (r < 0)
		return r;
	if (!node->child)
		return doc_err(node, err, "must name a series, or the bug is in no release");
	bug->series = xcalloc(nr_children(node), sizeof(*bug->series));
	for (const struct doc_node *c = node->child; c && !r; c = c->next) {
		r = read_one_series(c, &bug->series[bug->nr_series], err);
		bug->nr_series += r == 0;
	}
	return r;
}

static int read_texts(const struct doc_node *node, struct known_bug *bug, struct rig_err *err)
{
	const struct {
		const char *key;
		doc_read_fn *read;
		char **to;
		bool optional;
	} texts[] = {
		{ "fix", read_commit, &bug->fix, false },
		{ "subject", doc_read_line, &bug->subject, false },
		{ "origin", doc_read_line, &bug->origin, false },
		{ "summary", doc_read_line, &bug->summary, false },
		{ "introduced", doc_read_line, &bug->introduced, true },
		{ "mainline", read_version, &bug->mainline, false },
	};

	for (size_t i = 0; i < ARRAY_SIZE(texts); i++) {
		const struct doc_node *n = doc_get(node, texts[i].key);
		int r = n || texts[i].optional ? 0 : doc_need(node, texts[i].key, &n, err);

		if (!r && n)
			r = texts[i].read(n, texts[i].to, err);
		if (r < 0)
			return r;
	}
	return 0;
}

static int read_bug(const struct doc_node *node, struct known_bug *bug, struct rig_err *err)
{
	static const char *const keys[] = {
		"fix", "subject", "origin", "summary", "introduced", "mainline", "first_good", "scenarios",
		"race", "cpus", "symptom", "also", NULL
	};
	const struct doc_node *n;
	int r = doc_check_keys(node, keys, err);

	bug->line = node->line;
	if (!r)
		r = read_texts(node, bug, err);
	if (!r)
		r = doc_need(node, "first_good", &n, err);
	if (!r)
		r = read_first_good(n, bug, err);
	if (!r)
		r = doc_need(node, "scenarios", &n, err);
	if (!r)
		r = doc_read_strings(n, read_scenario, &bug->scenarios, err);
	if (!r && (n = doc_get(node, "race")))
		r = doc_read_bool(n, &bug->race, err);
	if (!r && (n = doc_get(node, "cpus")))
		r = doc_read_uint(n, 1, UINT_MAX, &bug->cpus, err);
	if (!r)
		r = doc_need(node, "symptom", &n, err);
	if (!r)
		r = read_sign(n, &bug->symptom, err);
	n = doc_get(node, "also");
	return r || !n ? r : read_also(n, bug, err);
}

int known_parse(const char *path, const char *text, size_t len, struct known **ret, struct rig_err *err)
{
	static const char *const keys[] = { "bugs", NULL };
	__attribute__((cleanup(known_clean))) struct known *known = NULL;
	AUTO_DOC struct doc *doc = NULL;
	const struct doc_node *bugs;
	int r = doc_parse(path, text, len, &doc, err);

	if (!r)
		r = doc_check_keys(doc->root, keys, err);
	if (!r)
		r = doc_need(doc->root, "bugs", &bugs, err);
	if (!r)
		r = doc_check_type(bugs, JSON_ARRAY, err);
	if (r < 0)
		return r;
	known = xcalloc(1, sizeof(*known));
	known->path = xstrdup(path);
	known->bug = xcalloc(nr_children(bugs) + 1, sizeof(*known->bug));
	for (const struct doc_node *n = bugs->child; n; n = n->next) {
		r = read_bug(n, &known->bug[known->nr++], err);
		if (r < 0)
			return r;
	}
	*ret = TAKE_PTR(known);
	return 0;
}

int known_load(const char *path, struct known **ret, struct rig_err *err)
{
	AUTO_FREE char *text = NULL;
	size_t len;
	int r = doc_read_file(path, &text, &len, err);

	return r < 0 ? r : known_parse(path, text, len, ret, err);
}
