// SPDX-License-Identifier: GPL-2.0-or-later
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/clean.h"
#include "base/mem.h"
#include "bisect/target.h"
#include "model/invariant.h"
#include "model/outcome.h"
#include "record/fields.h"

/* In the order of the enum; those that take a title end in a colon. */
static const struct {
	const char *text;
	enum target_kind kind;
} words[] = {
	{ "splat:", TARGET_SPLAT }, { "crash:", TARGET_CRASH }, { "crash", TARGET_CRASH },
	{ "hang", TARGET_HANG }, { "boot", TARGET_BOOT }, { "any", TARGET_ANY },
};

int target_parse(const char *text, struct target *ret, struct rig_err *err)
{
	for (size_t i = 0; i < ARRAY_SIZE(words); i++) {
		size_t len = strlen(words[i].text);
		bool takes_title = words[i].text[len - 1] == ':';

		if (takes_title ? strncmp(text, words[i].text, len) != 0 || !text[len] : strcmp(text, words[i].text) != 0)
			continue;
		*ret = (struct target){ .kind = words[i].kind, .what = takes_title ? xstrdup(text + len) : NULL };
		return 0;
	}
	if (!invariant_find(text))
		return rig_err_set(err, RIG_USAGE, EINVAL, "no target '%s': give an invariant ('hotrig explain' lists them), "
				   "splat:TITLE, crash:TITLE, crash, hang, boot or any", text);
	*ret = (struct target){ .kind = TARGET_INVARIANT, .what = xstrdup(text) };
	return 0;
}

void target_deinit(struct target *t)
{
	free(t->what);
	free(t->scenario);
	*t = (struct target){ 0 };
}

char *target_text(const struct target *t)
{
	if (t->kind == TARGET_INVARIANT)
		return xstrdup(t->what);
	for (size_t i = 0; i < ARRAY_SIZE(words); i++)
		if (words[i].kind == t->kind && (strchr(words[i].text, ':') != NULL) == (t->what != NULL))
			return xasprintf("%s%s", words[i].text, t->what ? t->what : "");
	return xstrdup("");
}

static bool has_kind(const json_t *o, const char *key, enum fail_kind kind)
{
	return !strcmp(fields_text(o, key), fail_kind_name(kind));
}

/* "TITLE (console line 274): ...": where it stood and the line itself differ from run to run. */
static char *title_of(const json_t *finding)
{
	static const char *const places[] = { " (console line ", " (kernel log record " };
	const char *seen = fields_text(finding, "seen"), *end = NULL;

	for (size_t i = 0; i < ARRAY_SIZE(places) && !end; i++)
		end = strstr(seen, places[i]);
	return end ? xstrndup(seen, (size_t)(end - seen)) : NULL;
}

static bool has_title(const json_t *finding, const char *title)
{
	AUTO_FREE char *own = title_of(finding);

	return !title || (own && !strcmp(own, title));
}

static bool is_target(const struct target *t, const json_t *finding)
{
	bool boot = has_kind(finding, "kind", FAIL_BOOT);

	switch (t->kind) {
	case TARGET_OPEN: return true;
	case TARGET_INVARIANT: return !boot && !strcmp(fields_text(finding, "invariant"), t->what);
	case TARGET_SPLAT: return !boot && has_title(finding, t->what);
	case TARGET_CRASH: return has_kind(finding, "kind", FAIL_CRASH) && has_title(finding, t->what);
	case TARGET_HANG: return has_kind(finding, "kind", FAIL_HANG);
	case TARGET_BOOT: return boot;
	case TARGET_ANY: return !boot;
	}
	return false;
}

const json_t *target_finding(const struct target *t, const json_t *record)
{
	const json_t *findings = json_object_get(record, "findings"), *finding;
	size_t i;

	if (t->scenario && strcmp(t->scenario, fields_text(record, "scenario")))
		return NULL;
	/* the guest never got as far as the scenario */
	if (has_kind(record, "fail_kind", FAIL_BOOT) && t->kind != TARGET_BOOT && t->kind != TARGET_OPEN)
		return NULL;
	json_array_foreach(findings, i, finding)
		if (is_target(t, finding))
			return finding;
	return NULL;
}

int target_choose(const json_t *record, struct target *ret, struct rig_err *err)
{
	const json_t *first = json_array_get(json_object_get(record, "findings"), 0);
	struct target t = { .kind = TARGET_ANY };

	if (has_kind(record, "fail_kind", FAIL_BOOT))
		return rig_err_set(err, RIG_USAGE, EINVAL, "the kernel does not come up: %s; when that is what you look for, "
				   "say '--target boot'", fields_text(first, "seen"));
	if (has_kind(first, "kind", FAIL_HANG)) {
		t.kind = TARGET_HANG;
	} else if (has_kind(first, "kind", FAIL_CRASH)) {
		t.kind = TARGET_CRASH;
		t.what = title_of(first);
	} else if (has_kind(first, "kind", FAIL_SPLAT) && (t.what = title_of(first))) {
		t.kind = TARGET_SPLAT;
	} else if (invariant_find(fields_text(first, "invariant"))) {
		t.kind = TARGET_INVARIANT;
		t.what = xstrdup(fields_text(first, "invariant"));
	}
	t.scenario = xstrdup(fields_text(record, "scenario"));
	*ret = t;
	return 0;
}

json_t *target_json(const struct target *t)
{
	AUTO_FREE char *text = target_text(t);

	return json_pack("{ss ss*}", "what", text, "scenario", t->scenario);
}

bool target_from_json(const json_t *o, struct target *ret)
{
	const char *scenario = json_string_value(json_object_get(o, "scenario"));
	struct rig_err ignored;

	if (target_parse(fields_text(o, "what"), ret, &ignored) < 0)
		return false;
	ret->scenario = scenario ? xstrdup(scenario) : NULL;
	return true;
}
