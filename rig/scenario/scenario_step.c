// SPDX-License-Identifier: GPL-2.0-or-later
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clean.h"
#include "base/mem.h"
#include "scenario/scenario_step.h"

struct step_rule {
	bool background;
	unsigned int may;	/* REFUSE_* */
};

static const struct step_rule rules[] = {
	[STEP_PLUG] = { true, REFUSE_QMP | REFUSE_OST | REFUSE_END },
	[STEP_UNPLUG] = { true, REFUSE_QMP | REFUSE_OST | REFUSE_OR },
	[STEP_RESIZE] = { true, REFUSE_QMP | REFUSE_END | REFUSE_OR },
	[STEP_ONLINE] = { true, REFUSE_ERRNO },
	[STEP_OFFLINE] = { true, REFUSE_ERRNO | REFUSE_END | REFUSE_OR },
	[STEP_FILL] = { true, 0 },
	[STEP_DEVMEM] = { false, REFUSE_ERRNO },
	[STEP_POISON] = { false, REFUSE_ERRNO },
	[STEP_RUN] = { true, REFUSE_ERRNO | REFUSE_RUN },
	[STEP_WRITE] = { false, REFUSE_ERRNO },
	[STEP_NAMESPACE] = { false, REFUSE_RUN },
	[STEP_DISABLE] = { false, REFUSE_RUN },
	[STEP_ENABLE] = { false, REFUSE_RUN },
	[STEP_DESTROY] = { false, REFUSE_RUN },
	[STEP_CONVERT] = { false, REFUSE_RUN },
	[STEP_REPEAT] = { false, 0 },	/* the last one, gives the table its length */
};

/* Where in the unrolled list a step stands: names are made from it. */
struct place {
	unsigned int outer;	/* of the repeat, from 1; 0: not in a repeat */
	unsigned int number;	/* in its own list, from 1 */
	unsigned int round, rounds;
};

static void step_deinit(struct step *step)
{
	free(step->name);
	free(step->pointer);
	free(step->background);
	expect_deinit(&step->expect);
	free(step->plug.id);
	free(step->namespace.id);
	free(step->device);
	free(step->blocks.index);
	free(step->fill.id);
	free(step->fill.namespace);
	free(step->walk.id);
	strings_free(step->walk.files);
	free(step->inject_event);
	free(step->policy);
	strings_free(step->argv);
	free(step->write_file);
	free(step->write_text);
	free(step->await_kmsg);
	free(step->await_event);
	free(step->join);
}

void step_list_deinit(struct step_list *list)
{
	for (size_t i = 0; i < list->n; i++)
		step_deinit(&list->v[i]);
	free(list->v);
	*list = (struct step_list){ 0 };
}

/* The action of a step: the one key that names a kind. */
static int find_action(const struct doc_node *node, const struct doc_node **ret,
		       enum step_kind *kind, struct rig_err *err)
{
	static const char *const keys[] = {
		"plug", "unplug", "resize", "online", "offline", "fill", "check", "release", "walk", "devmem", "poison",
		"inject", "policy", "run", "write", "leaks", "await", "join", "namespace", "disable", "enable",
		"destroy", "convert", "repeat",
		"name", "expect", "background", "deadline", NULL
	};
	const struct doc_node *found = NULL;
	int r;

	r = doc_check_keys(node, keys, err);
	if (r < 0)
		return r;
	for (enum step_kind k = STEP_PLUG; k <= STEP_REPEAT; k++) {
		const struct doc_node *n = doc_get(node, step_kind_name(k));

		if (n && found)
			return doc_err(node, err, "a step has one action, not both '%s' and '%s'",
				       found->key, n->key);
		if (n) {
			found = n;
			*kind = k;
		}
	}
	if (!found)
		return doc_err(node, err, "a step needs an action: plug, unplug, resize, online, offline, fill, check, release, walk, devmem, poison, inject, policy, run, write, leaks, await, join, namespace, disable, enable, destroy, convert or repeat");
	*ret = found;
	return 0;
}

/* Names go into log records and KTAP. */
static const char *plain_word(const char *text)
{
	return text[strspn(text, word_name.rest)] ? NULL : text;
}

/* What a step is about, for its made name; NULL when nothing short says it. */
static const char *step_object(const struct step *step)
{
	switch (step->kind) {
	case STEP_PLUG:
		return step->plug.id;
	case STEP_UNPLUG:
	case STEP_RESIZE:
	case STEP_ONLINE:
	case STEP_OFFLINE:
	case STEP_DISABLE:
	case STEP_ENABLE:
	case STEP_DESTROY:
	case STEP_CONVERT:
	case STEP_POISON:
	case STEP_LEAKS:
		return step->device;
	case STEP_NAMESPACE:
		return step->namespace.id;
	case STEP_FILL:
	case STEP_CHECK:
	case STEP_RELEASE:
		return step->fill.id;
	case STEP_WALK:
		return step->walk.id;
	case STEP_DEVMEM:
		return step->device;
	case STEP_INJECT:
		return step->inject_event;
	case STEP_POLICY:
		return step->policy;
	case STEP_AWAIT:
		return step->device ? step->device : step->await_event ? step->await_event : "kmsg";
	case STEP_JOIN:
		return step->join;
	case STEP_WRITE:
		return plain_word(step->write_text);
	case STEP_RUN:
		return plain_word(step->argv[0]);
	case STEP_REPEAT:
		break;
	}
	return NULL;
}

static char *round_suffix(const struct place *place)
{
	if (!place->outer)
		return xstrdup("");
	return xasprintf(" (%u/%u)", place->round, place->rounds);
}

static int read_name(const struct doc_node *node, const struct place *place, struct step *step,
		     struct rig_err *err)
{
	AUTO_FREE char *suffix = round_suffix(place), *given = NULL, *number = NULL;
	const struct doc_node *n = doc_get(node, "name");
	const char *object = step_object(step);
	int r;

	if (n) {
		r = doc_read_word(n, &word_name, &given, err);
		if (r < 0)
			return r;
		step->name = xasprintf("%s%s", given, suffix);
		return 0;
	}
	if (place->outer)
		number = xasprintf("%u.%u", place->outer, place->number);
	else
		number = xasprintf("%u", place->number);
	step->name = xasprintf("%s %s%s%.80s%s", number, step_kind_name(step->kind),
			       object ? " " : "", object ? object : "", suffix);
	return 0;
}

/* In a repeat every round has background names of its own. */
static void add_suffix(char **text, const struct place *place)
{
	AUTO_FREE char *suffix = round_suffix(place), *bare = *text;

	*text = bare ? xasprintf("%s%s", bare, suffix) : NULL;
}

/* Only a DIMM answers by _OST, and only virtio-mem has a size to reach. */
static int check_device_expect(const struct doc_node *node, const struct step *step, struct rig_err *err)
{
	if (step->kind != STEP_PLUG)
		return 0;
	if (step->expect.has_ost && step->plug.device != DEVICE_DIMM)
		return doc_err(node, err, "'ost' applies to a dimm only");
	if (step->expect.unfinished && step->plug.device != DEVICE_VIRTIO_MEM)
		return doc_err(node, err, "'unfinished' applies to a virtio-mem only");
	return 0;
}

static int read_common(const struct doc_node *node, struct step *step, struct rig_err *err)
{
	const struct step_rule *rule = &rules[step->kind];
	const char *kind = step_kind_name(step->kind);
	const struct doc_node *n;
	int r = 0;

	n = doc_get(node, "expect");
	if (n)
		r = expect_read(n, kind, rule->may, &step->expect, err);
	if (!r && n)
		r = check_device_expect(n, step, err);
	n = doc_get(node, "background");
	if (!r && n && !rule->background)
		return doc_err(n, err, "'background' does not apply to %s", kind);
	if (!r && n)
		r = doc_read_word(n, &word_name, &step->background, err);
	n = doc_get(node, "deadline");
	if (!r && n)
		r = doc_read_duration(n, &step->deadline_ms, err);
	return r;
}

static int read_step(const struct doc_node *node, const struct doc_node *action,
		     const struct place *place, struct step *step, struct rig_err *err)
{
	int r;

	step->pointer = doc_pointer(node);
	step->line = node->line;
	r = action_read(action, step, err);
	if (!r)
		r = read_name(node, place, step, err);
	if (!r)
		r = read_common(node, step, err);
	add_suffix(&step->background, place);
	add_suffix(&step->join, place);
	return r;
}

static int read_steps(const struct doc_node *node, struct place place, struct step_list *list,
		      struct rig_err *err);

static int read_repeat(const struct doc_node *node, const struct doc_node *repeat,
		       const struct place *place, struct step_list *list, struct rig_err *err)
{
	static const char *const keys[] = { "times", "steps", NULL };
	static const char *const common[] = { "name", "expect", "background", "deadline" };
	struct place inner = { .outer = place->number };
	const struct doc_node *times, *steps = NULL;
	int r;

	if (place->outer)
		return doc_err(repeat, err, "a repeat cannot stand in a repeat");
	for (size_t i = 0; i < ARRAY_SIZE(common); i++)
		if (doc_get(node, common[i]))
			return doc_err(doc_get(node, common[i]), err, "'%s' does not apply to repeat",
				       common[i]);
	r = doc_check_keys(repeat, keys, err);
	if (!r)
		r = doc_need(repeat, "times", &times, err);
	if (!r)
		r = doc_read_uint(times, 1, MAX_REPEAT, &inner.rounds, err);
	if (!r)
		r = doc_need(repeat, "steps", &steps, err);
	for (inner.round = 1; !r && inner.round <= inner.rounds; inner.round++)
		r = read_steps(steps, inner, list, err);
	return r;
}

static int read_steps(const struct doc_node *node, struct place place, struct step_list *list,
		      struct rig_err *err)
{
	int r;

	r = doc_check_list(node, err);
	if (r < 0)
		return r;
	for (const struct doc_node *n = node->child; n; n = n->next) {
		const struct doc_node *action = NULL;
		enum step_kind kind = STEP_REPEAT;

		place.number++;
		r = find_action(n, &action, &kind, err);
		if (!r && kind == STEP_REPEAT) {
			r = read_repeat(n, action, &place, list, err);
		} else if (!r) {
			if (list->n == MAX_STEPS)
				return doc_err(n, err, "more than %d steps when repeats are unrolled",
					       MAX_STEPS);
			GROW(list->v, list->n, list->cap);
			list->v[list->n] = (struct step){ .kind = kind };
			r = read_step(n, action, &place, &list->v[list->n++], err);
		}
		if (r < 0)
			return r;
	}
	return 0;
}

int step_list_read(const struct doc_node *node, struct step_list *list, struct rig_err *err)
{
	return read_steps(node, (struct place){ 0 }, list, err);
}
