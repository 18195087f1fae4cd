// SPDX-License-Identifier: GPL-2.0-or-later
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/clean.h"
#include "base/mem.h"
#include "scenario/scenario_step.h"

#define UPPER "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
#define LOWER "abcdefghijklmnopqrstuvwxyz"
#define DIGITS "0123456789"

static const struct doc_word word_machine = {
	.what = "machine", .first = LOWER DIGITS "-", .rest = LOWER DIGITS "-", .max_bytes = 64,
	.shape = "a name of a-z, 0-9 and '-'",
};

static const struct doc_word word_config = {
	.what = "CONFIG name", .first = UPPER LOWER DIGITS, .rest = UPPER LOWER DIGITS "_",
	.max_bytes = 64, .shape = "letters, digits and '_'",
};

static const struct doc_word word_module = {
	.what = "module", .first = UPPER LOWER DIGITS, .rest = UPPER LOWER DIGITS "_-",
	.max_bytes = 64, .shape = "a name of letters, digits, '_' and '-', without '.ko'",
};

static const struct doc_word word_claim = {
	.what = "claim", .first = UPPER, .rest = DIGITS, .max_bytes = 3,
	.shape = "a letter and a number, such as 'A1'",
};

static void scenario_clean(struct scenario **s)
{
	scenario_destroy(*s);
}
#define AUTO_SCENARIO __attribute__((cleanup(scenario_clean)))

void scenario_destroy(struct scenario *s)
{
	struct step_list steps;

	if (!s)
		return;
	steps = (struct step_list){ s->steps, s->nr_steps, s->nr_steps };
	step_list_deinit(&steps);
	free(s->name);
	free(s->path);
	free(s->summary);
	free(s->origin);
	strings_free(s->claims);
	free(s->why);
	free(s->machine);
	strings_free(s->kernel_args);
	free(s->online_policy);
	strings_free(s->needs);
	strings_free(s->modules);
	for (size_t i = 0; i < s->nr_pmem; i++)
		free(s->pmem[i].id);
	free(s->pmem);
	free(s);
}

static int read_config(const struct doc_node *node, char **ret, struct rig_err *err)
{
	const char *text = json_string_value(node->value);

	if (text && !strncmp(text, "CONFIG_", 7))
		return doc_err(node, err, "leave out the prefix 'CONFIG_'");
	return doc_read_word(node, &word_config, ret, err);
}

static int read_module(const struct doc_node *node, char **ret, struct rig_err *err)
{
	return doc_read_word(node, &word_module, ret, err);
}

int claim_id_read(const struct doc_node *node, char **ret, struct rig_err *err)
{
	return doc_read_word(node, &word_claim, ret, err);
}

/* Users may walk a list without asking whether it is there. */
static int read_list(const struct doc_node *root, const char *key, doc_read_fn *read, char ***ret,
		     struct rig_err *err)
{
	const struct doc_node *n = doc_get(root, key);

	if (n)
		return doc_read_strings(n, read, ret, err);
	*ret = xcalloc(1, sizeof(**ret));
	return 0;
}

static int check_unique(const struct doc_node *root, const char *key, struct rig_err *err)
{
	json_auto_t *seen = json_object();
	const struct doc_node *list = doc_get(root, key);

	for (const struct doc_node *n = list ? list->child : NULL; n; n = n->next) {
		const char *text = json_string_value(n->value);

		if (json_object_get(seen, text))
			return doc_err(n, err, "'%s' is listed twice", text);
		json_object_set_new(seen, text, json_true());
	}
	return 0;
}

static int read_texts(const struct doc_node *root, struct scenario *s, struct rig_err *err)
{
	const struct doc_node *n;
	int r;

	r = doc_need(root, "summary", &n, err);
	if (!r)
		r = doc_read_line(n, &s->summary, err);
	if (!r)
		r = doc_need(root, "origin", &n, err);
	if (!r)
		r = doc_read_line(n, &s->origin, err);
	n = doc_get(root, "why");
	if (!r && n)
		r = doc_read_line(n, &s->why, err);
	return r;
}

static int read_claims(const struct doc_node *root, struct scenario *s, struct rig_err *err)
{
	const struct doc_node *n = doc_get(root, "claims");
	int r;

	s->claims_line = n ? n->line : 0;
	r = read_list(root, "claims", claim_id_read, &s->claims, err);
	return r ? r : check_unique(root, "claims", err);
}

static int read_machine(const struct doc_node *root, struct scenario *s, struct rig_err *err)
{
	const struct doc_node *n;
	int r;

	r = doc_need(root, "machine", &n, err);
	if (!r)
		r = doc_read_word(n, &word_machine, &s->machine, err);
	if (!r)
		r = read_list(root, "kernel_args", doc_read_line, &s->kernel_args, err);
	if (r < 0)
		return r;
	n = doc_get(root, "online_policy");
	if (n)
		r = policy_read(n, &s->online_policy, err);
	else
		s->online_policy = xstrdup("offline");
	return r;
}

/* Whoever reads a scenario later must not have to guess why it is not plain. */
static int check_why(const struct doc_node *root, const struct scenario *s, struct rig_err *err)
{
	if (s->why)
		return 0;
	if (*s->kernel_args)
		return doc_err(root, err, "key 'why' is missing: say what 'kernel_args' is for");
	if (strcmp(s->online_policy, "offline"))
		return doc_err(root, err, "key 'why' is missing: say what 'online_policy' is for");
	return 0;
}

static int read_needs(const struct doc_node *root, struct scenario *s, struct rig_err *err)
{
	const struct doc_node *n;
	int r;

	r = read_list(root, "needs", read_config, &s->needs, err);
	if (!r)
		r = check_unique(root, "needs", err);
	if (!r)
		r = read_list(root, "modules", read_module, &s->modules, err);
	if (!r)
		r = check_unique(root, "modules", err);
	n = doc_get(root, "pmem");
	if (!r && n)
		r = pmem_ranges_read(n, &s->pmem, &s->nr_pmem, err);
	n = doc_get(root, "core");
	if (!r && n)
		r = doc_read_bool(n, &s->core, err);
	return r;
}

static int read_scenario(const struct doc_node *root, struct scenario *s, struct rig_err *err)
{
	static const char *const keys[] = {
		"summary", "origin", "claims", "why", "machine", "kernel_args", "online_policy", "needs",
		"modules", "pmem", "core", "steps", NULL
	};
	struct step_list list = { 0 };
	const struct doc_node *n;
	int r;

	r = doc_check_keys(root, keys, err);
	if (!r)
		r = read_texts(root, s, err);
	if (!r)
		r = read_claims(root, s, err);
	if (!r)
		r = read_machine(root, s, err);
	if (!r)
		r = check_why(root, s, err);
	if (!r)
		r = read_needs(root, s, err);
	if (!r)
		r = doc_need(root, "steps", &n, err);
	if (!r)
		r = step_list_read(n, &list, err);
	s->steps = list.v;
	s->nr_steps = list.n;
	return r;
}

int scenario_parse(const char *name, const char *path, const char *text, size_t len,
		   struct scenario **ret, struct rig_err *err)
{
	AUTO_SCENARIO struct scenario *s = NULL;
	AUTO_DOC struct doc *doc = NULL;
	int r;

	r = doc_parse(path, text, len, &doc, err);
	if (r < 0)
		return r;
	s = xcalloc(1, sizeof(*s));
	s->name = xstrdup(name);
	s->path = xstrdup(path);
	r = read_scenario(doc->root, s, err);
	if (!r)
		r = scenario_check_flow(s, err);
	if (r < 0)
		return r;
	*ret = TAKE_PTR(s);
	return 0;
}
