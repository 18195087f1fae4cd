// SPDX-License-Identifier: GPL-2.0-or-later
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "run/tape.h"

struct tape {
	json_t *answers;	/* object of arrays, by command: [arguments, answer], ... */
	json_t *extras;
	bool plays;
};

struct tape *tape_create(void)
{
	struct tape *t = xcalloc(1, sizeof(*t));

	t->answers = json_object();
	t->extras = json_object();
	return t;
}

int tape_load(const char *text, struct tape **ret, struct rig_err *err)
{
	json_auto_t *root = json_loads(text, JSON_REJECT_DUPLICATES, NULL);
	json_t *answers = json_object_get(root, "answers"), *extras = json_object_get(root, "extras");
	struct tape *t;

	if (!json_is_object(answers) || !json_is_object(extras))
		return rig_err_set(err, RIG_HOST, EBADMSG, "the template's answers are damaged");
	t = xcalloc(1, sizeof(*t));
	*t = (struct tape){ json_incref(answers), json_incref(extras), true };
	*ret = t;
	return 0;
}

void tape_destroy(struct tape *t)
{
	if (!t)
		return;
	json_decref(t->answers);
	json_decref(t->extras);
	free(t);
}

bool tape_plays(const struct tape *t)
{
	return t->plays;
}

void tape_add(struct tape *t, const char *command, const json_t *args, json_t *answer)
{
	if (!json_object_get(t->answers, command))
		json_object_set_new(t->answers, command, json_array());
	json_array_append_new(json_object_get(t->answers, command), json_pack("[O?O]", (json_t *)args, answer));
}

static bool same_question(const json_t *a, const json_t *b)
{
	return json_is_null(a) || !a ? !b : b && json_equal(a, b);
}

int tape_next(struct tape *t, const char *command, const json_t *args, json_t **ret, struct rig_err *err)
{
	json_t *list = json_object_get(t->answers, command), *first = json_array_get(list, 0);
	json_t *answer = json_array_get(first, 1);

	if (!answer || !same_question(json_array_get(first, 0), args))
		return rig_err_set(err, RIG_HOST, ENODATA, "the template has no %sanswer to '%s'",
				   answer ? "fitting " : "", command);
	json_incref(answer);
	json_array_remove(list, 0);
	if (json_is_null(answer))
		return rig_err_set(err, RIG_AGENT, EREMOTEIO, "'agent' refused '%s'", command);
	*ret = answer;
	return 0;
}

void tape_set(struct tape *t, const char *what, json_t *value)
{
	json_object_set(t->extras, what, value);
}

const json_t *tape_get(const struct tape *t, const char *what)
{
	return json_object_get(t->extras, what);
}

char *tape_json(const struct tape *t)
{
	json_auto_t *root = json_pack("{sOsO}", "answers", t->answers, "extras", t->extras);

	return json_dumps(root, JSON_COMPACT);
}
