// SPDX-License-Identifier: GPL-2.0-or-later
/* Programs in the guest that walk over all pages while other steps are done. */
#include <errno.h>
#include <inttypes.h>
#include <string.h>

#include "base/clean.h"
#include "base/mem.h"
#include "run/evidence.h"
#include "run/steps.h"

/* One walker as the agent tells of it. */
struct walked {
	const char *file, *wrong;	/* borrowed from the answer */
	int64_t rounds, bytes, offset;
	int eno, sig;
};

/* Fills and walks share their names, and the latest one to have been begun is the one that is meant. */
bool step_is_of_walk(const struct run *run, const struct step *step)
{
	const char *id = step->fill.id;

	for (const struct step *s = step; s-- > run->scenario->steps; ) {
		if (s->kind == STEP_WALK && !strcmp(s->walk.id, id))
			return true;
		if (s->kind == STEP_FILL && !strcmp(s->fill.id, id))
			return false;
	}
	return false;
}

static int walk_finish(struct run *run, struct active_step *a, struct rig_err *err)
{
	json_t *args = json_pack("{ss}", "id", a->step->walk.id);
	json_auto_t *answer = NULL;
	const char *absent;
	int r;

	for (char **file = a->step->walk.files; file && *file; file++) {
		if (file == a->step->walk.files)
			json_object_set_new(args, "files", json_array());
		json_array_append_new(json_object_get(args, "files"), json_string(*file));
	}
	r = qmp_call(run->guest.link, "walk", args, a->until_ns, &answer, NULL, err);
	if (r < 0)
		return r;
	absent = json_string_value(json_object_get(answer, "absent"));
	if (!absent)
		return rig_err_set(err, RIG_AGENT, EBADMSG, "the agent's answer is malformed: absent");
	/* what kcore shows is of the time at which somebody opened it, and now others do */
	run->model.kcore.shared = true;
	return *absent ? rig_err_set(err, RIG_MISSING, ENOENT, "the kernel has no '%s'", absent) : 0;
}

static int parse(const json_t *o, struct walked *ret, struct rig_err *err)
{
	json_t *json = (json_t *)o;	/* jansson unpacks without touching */

	if (json_unpack(json, "{ss sI sI si sI ss si}", "file", &ret->file, "rounds", &ret->rounds, "bytes",
			&ret->bytes, "errno", &ret->eno, "offset", &ret->offset, "wrong", &ret->wrong, "signal",
			&ret->sig) < 0 || ret->eno < 0 || ret->eno > 4095)
		return rig_err_set(err, RIG_AGENT, EBADMSG, "the agent's answer is malformed: walker");
	return 0;
}

static void judge(struct run *run, const struct walked *w)
{
	static const char never_ends[] = "reads from end to end for ever";

	if (*w->wrong)
		run_finding(run, "walker.content", "flags of a page, or NOPAGE alone", "%s", w->wrong);
	if (w->eno)
		run_finding(run, "walker.error", never_ends, "%s: %s at offset 0x%" PRIx64, w->file,
			    errno_text(w->eno), (uint64_t)w->offset);
	if (w->sig)
		run_finding(run, "walker.error", never_ends, "%s: killed by signal %d", w->file, w->sig);
}

static void note(struct run *run, const struct walked *w)
{
	AUTO_FREE char *text = xasprintf("%s was walked %" PRId64 " times, %" PRId64 " bytes", w->file, w->rounds,
					 w->bytes);

	evidence_note(run, text);
}

static int ask(struct run *run, struct active_step *a, const char *command, bool last, struct rig_err *err)
{
	json_auto_t *answer = NULL;
	const json_t *list, *o;
	struct walked w;
	size_t i;
	int r = qmp_call(run->guest.link, command, json_pack("{ss}", "id", a->step->fill.id), a->until_ns, &answer,
			 NULL, err);

	if (r < 0)
		return r;
	list = json_object_get(answer, "walkers");
	if (!json_array_size(list))
		return rig_err_set(err, RIG_AGENT, EBADMSG, "the agent's answer is malformed: no walkers");
	json_array_foreach(list, i, o) {
		if ((r = parse(o, &w, err)) < 0)
			return r;
		judge(run, &w);
		if (last)
			note(run, &w);
	}
	return 0;
}

int walk_check(struct run *run, struct active_step *a, struct rig_err *err)
{
	return ask(run, a, "check-walk", false, err);
}

int walk_release(struct run *run, struct active_step *a, struct rig_err *err)
{
	return ask(run, a, "release-walk", true, err);
}

const struct step_ops walk_ops = { .deadline_ms = 60000, .finish = walk_finish };
