// SPDX-License-Identifier: GPL-2.0-or-later
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/clean.h"
#include "scenario/scenario_step.h"

#define UPPER "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
#define LOWER "abcdefghijklmnopqrstuvwxyz"
#define DIGITS "0123456789"

static const struct doc_word word_class = {
	.what = "error class", .first = UPPER, .rest = UPPER LOWER DIGITS, .max_bytes = 64,
	.shape = "QMP's own name, such as 'GenericError'",
};

void expect_deinit(struct expect *expect)
{
	free(expect->qmp_class);
	free(expect->qmp_desc);
	free(expect->output);
}

int errno_read(const struct doc_node *node, int *ret, struct rig_err *err)
{
	const char *text;
	int eno, r;

	r = doc_check_type(node, JSON_STRING, err);
	if (r < 0)
		return r;
	text = json_string_value(node->value);
	eno = errno_from_name(text);
	if (!eno)
		return doc_err(node, err, "'%.*s' is no errno: use a name such as 'EBUSY'",
			       doc_clip(text), text);
	*ret = eno;
	return 0;
}

int ost_status_read(const struct doc_node *node, unsigned int *ret, struct rig_err *err)
{
	const char *text;
	uint64_t value;
	int r;

	r = doc_check_type(node, JSON_STRING, err);
	if (r < 0)
		return r;
	text = json_string_value(node->value);
	if (!ost_status_from_name(text, ret))
		return 0;
	if (strncmp(text, "0x", 2))
		return doc_err(node, err, "'%.*s' is no OST status: use success, failure, not-supported, in-use, busy, dependency-busy, in-progress or a number such as '0x90'",
			       doc_clip(text), text);
	r = doc_read_hex(node, UINT32_MAX, &value, err);
	if (r < 0)
		return r;
	*ret = (unsigned int)value;
	return 0;
}

static int read_qmp_error(const struct doc_node *node, struct expect *expect, struct rig_err *err)
{
	static const char *const keys[] = { "class", "desc", NULL };
	const struct doc_node *n;
	int r;

	r = doc_check_keys(node, keys, err);
	if (!r)
		r = doc_need(node, "class", &n, err);
	if (!r)
		r = doc_read_word(n, &word_class, &expect->qmp_class, err);
	n = doc_get(node, "desc");
	if (!r && n)
		r = doc_read_line(n, &expect->qmp_desc, err);
	expect->has_qmp = true;
	return r;
}

/* The word says what else is right, so that no reader has to guess what a "true" would mean. */
static int read_or(const struct doc_node *node, struct expect *expect, struct rig_err *err)
{
	static const char *const words[] = { "success", NULL };
	unsigned int word;
	int r = doc_read_choice(node, words, &word, err);

	if (!r && !doc_get(node->parent, "qmp_error") && !doc_get(node->parent, "errno") &&
	    !doc_get(node->parent, "unfinished"))
		return doc_err(node, err, "'or' needs 'qmp_error', 'errno' or 'unfinished' beside it");
	expect->or_success = true;
	return r;
}

static int read_unfinished(const struct doc_node *node, struct expect *expect, struct rig_err *err)
{
	int r = doc_read_bool(node, &expect->unfinished, err);

	if (!r && !expect->unfinished)
		return doc_err(node, err, "leave out 'expect': what is asked for is done unless it says otherwise");
	return r;
}

static int read_key(const struct doc_node *n, struct expect *expect, struct rig_err *err)
{
	unsigned int code;
	int r;

	if (!strcmp(n->key, "errno")) {
		expect->has_errno = true;
		return errno_read(n, &expect->eno, err);
	}
	if (!strcmp(n->key, "qmp_error"))
		return read_qmp_error(n, expect, err);
	if (!strcmp(n->key, "ost")) {
		expect->has_ost = true;
		r = ost_status_read(n, &expect->ost_status, err);
		if (!r && !expect->ost_status)
			return doc_err(n, err, "success is no refusal; leave out 'expect'");
		return r;
	}
	if (!strcmp(n->key, "output"))
		return doc_read_text(n, &expect->output, err);
	if (!strcmp(n->key, "or"))
		return read_or(n, expect, err);
	if (!strcmp(n->key, "unfinished"))
		return read_unfinished(n, expect, err);
	r = doc_read_uint(n, 0, 255, &code, err);
	if (r < 0)
		return r;
	expect->has_exit = true;
	expect->exit_code = (int)code;
	return 0;
}

/* Two refusals at once cannot both happen. */
static int check_one_refusal(const struct doc_node *node, struct rig_err *err)
{
	static const char *const refusals[] = { "errno", "qmp_error", "ost", "unfinished" };
	const char *first = NULL;

	for (size_t i = 0; i < ARRAY_SIZE(refusals); i++) {
		if (!doc_get(node, refusals[i]))
			continue;
		if (first)
			return doc_err(node, err, "'%s' and '%s' cannot both happen; keep one",
				       first, refusals[i]);
		first = refusals[i];
	}
	if (first && (doc_get(node, "exit") || doc_get(node, "output")))
		return doc_err(node, err, "a program that cannot be started ('errno') has no 'exit' or 'output'");
	return 0;
}

int expect_read(const struct doc_node *node, const char *kind, unsigned int may,
		struct expect *ret, struct rig_err *err)
{
	static const char *const keys[] = {
		"errno", "qmp_error", "ost", "exit", "output", "or", "unfinished", NULL
	};
	static const unsigned int needs[] = {
		REFUSE_ERRNO, REFUSE_QMP, REFUSE_OST, REFUSE_RUN, REFUSE_RUN, REFUSE_OR, REFUSE_END,
	};
	int r;

	if (!may)
		return doc_err(node, err, "'expect' does not apply to %s", kind);
	r = doc_check_keys(node, keys, err);
	if (r < 0)
		return r;
	if (!node->child)
		return doc_err(node, err, "must not be empty");
	for (size_t i = 0; keys[i]; i++)
		if (doc_get(node, keys[i]) && !(may & needs[i]))
			return doc_err(doc_get(node, keys[i]), err, "'%s' does not apply to %s",
				       keys[i], kind);
	r = check_one_refusal(node, err);
	for (const struct doc_node *n = node->child; n && !r; n = n->next)
		r = read_key(n, ret, err);
	return r;
}
