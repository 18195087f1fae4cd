// SPDX-License-Identifier: GPL-2.0-or-later
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/clean.h"
#include "base/mem.h"
#include "scenario/claims.h"
#include "scenario/scenario_doc.h"
#include "scenario/scenario_step.h"

static const struct doc_word word_thread = {
	.what = "thread", .first = "0123456789", .rest = "0123456789", .max_bytes = 3,
	.shape = "its number, such as '000'",
};

void claims_destroy(struct claims *c)
{
	if (!c)
		return;
	for (size_t i = 0; i < c->nr_threads; i++) {
		free(c->thread[i].id);
		free(c->thread[i].subject);
	}
	for (size_t i = 0; i < c->nr_claims; i++) {
		free(c->claim[i].id);
		free(c->claim[i].text);
		free(c->claim[i].sides);
		free(c->claim[i].why_none);
	}
	free(c->thread);
	free(c->claim);
	free(c);
}

const struct claim *claims_find(const struct claims *c, const char *id)
{
	for (size_t i = 0; i < c->nr_claims; i++)
		if (!strcmp(c->claim[i].id, id))
			return &c->claim[i];
	return NULL;
}

static int read_claim(const struct doc_node *node, struct claims *c, struct rig_err *err)
{
	static const char *const keys[] = { "id", "claim", "sides", "why_none", NULL };
	const struct doc_node *id = NULL, *n = NULL;
	struct claim *claim;
	int r;

	GROW(c->claim, c->nr_claims, c->cap_claims);
	claim = &c->claim[c->nr_claims];
	*claim = (struct claim){ .thread = c->nr_threads - 1 };
	r = doc_check_keys(node, keys, err);
	if (!r)
		r = doc_need(node, "id", &id, err);
	if (!r && json_is_string(id->value) && claims_find(c, json_string_value(id->value)))
		r = doc_err(id, err, "there is a claim '%s' already", json_string_value(id->value));
	c->nr_claims++;		/* from here on the list owns what is read, also on failure */
	if (!r)
		r = claim_id_read(id, &claim->id, err);
	if (!r)
		r = doc_need(node, "claim", &n, err);
	if (!r)
		r = doc_read_line(n, &claim->text, err);
	n = doc_get(node, "sides");
	if (!r && n)
		r = doc_read_line(n, &claim->sides, err);
	n = doc_get(node, "why_none");
	if (!r && n)
		r = doc_read_line(n, &claim->why_none, err);
	return r;
}

static int read_thread(const struct doc_node *node, struct claims *c, struct rig_err *err)
{
	static const char *const keys[] = { "thread", "subject", "claims", NULL };
	struct claim_thread *thread = &c->thread[c->nr_threads++];
	const struct doc_node *n = NULL;
	int r;

	r = doc_check_keys(node, keys, err);
	if (!r)
		r = doc_need(node, "thread", &n, err);
	if (!r)
		r = doc_read_word(n, &word_thread, &thread->id, err);
	if (!r)
		r = doc_need(node, "subject", &n, err);
	if (!r)
		r = doc_read_line(n, &thread->subject, err);
	if (!r)
		r = doc_need(node, "claims", &n, err);
	if (!r)
		r = doc_check_type(n, JSON_ARRAY, err);
	for (n = r ? NULL : n->child; n && !r; n = n->next)
		r = read_claim(n, c, err);
	return r;
}

static int read_claims(const struct doc_node *root, struct claims *c, struct rig_err *err)
{
	static const char *const keys[] = { "threads", NULL };
	const struct doc_node *threads = NULL;
	int r;

	r = doc_check_keys(root, keys, err);
	if (!r)
		r = doc_need(root, "threads", &threads, err);
	if (!r)
		r = doc_check_type(threads, JSON_ARRAY, err);
	if (r < 0)
		return r;
	c->thread = xcalloc(json_array_size(threads->value) + 1, sizeof(*c->thread));
	for (const struct doc_node *n = threads->child; n && !r; n = n->next)
		r = read_thread(n, c, err);
	return r;
}

int claims_parse(const char *path, const char *text, size_t len, struct claims **ret,
		 struct rig_err *err)
{
	AUTO_CLAIMS struct claims *c = NULL;
	AUTO_DOC struct doc *doc = NULL;
	int r;

	r = doc_parse(path, text, len, &doc, err);
	if (r < 0)
		return r;
	c = xcalloc(1, sizeof(*c));
	r = read_claims(doc->root, c, err);
	if (r < 0)
		return r;
	*ret = TAKE_PTR(c);
	return 0;
}

int claims_load(const char *root, struct claims **ret, struct rig_err *err)
{
	AUTO_FREE char *path = xasprintf("%s/" CLAIMS_FILE, root), *text = NULL;
	size_t len;
	int r = doc_read_file(path, &text, &len, err);

	return r < 0 ? r : claims_parse(path, text, len, ret, err);
}

int claims_check(const struct claims *c, const struct scenario *s, struct rig_err *err)
{
	for (char *const *id = s->claims; *id; id++)
		if (!claims_find(c, *id))
			return rig_err_set(err, RIG_USAGE, EINVAL,
					   "%s:%u: /claims: there is no claim '%s'; 'hotrig list --claims' shows them",
					   s->path, s->claims_line, *id);
	return 0;
}
