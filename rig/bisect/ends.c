// SPDX-License-Identifier: GPL-2.0-or-later
#include <errno.h>
#include <string.h>

#include "base/clean.h"
#include "base/mem.h"
#include "bisect/ends.h"

static const char *reason_of(const json_t *line)
{
	const char *reason = json_string_value(json_object_get(line, "reason"));

	return reason ? reason : "";
}

static int check_bad(struct exam *e, const char *bad, struct rig_err *err)
{
	const json_t *line;
	int r = exam_take(e, bad, true, &line, err);

	/* only of a journal: whatever the good end did would be it */
	if (!r && exam_verdict(line) == VERDICT_BAD && e->target.kind == TARGET_OPEN)
		return rig_err_set(err, RIG_HOST, EBADMSG, "the journal does not say what is looked for, only that '%s' is "
				   "bad: begin with --anew", bad);
	if (r < 0 || exam_verdict(line) == VERDICT_BAD)
		return r;
	return rig_err_set(err, RIG_USAGE, EINVAL, exam_verdict(line) == VERDICT_GOOD ?
			   "the bad end '%s' is not bad: %s" :
			   "the bad end '%s' does not show what is looked for: %s", bad, reason_of(line));
}

static int check_good(struct exam *e, const char *good, struct rig_err *err)
{
	AUTO_FREE char *target = target_text(&e->target);
	const json_t *line;
	int r = exam_take(e, good, false, &line, err);

	if (r < 0 || exam_verdict(line) == VERDICT_GOOD)
		return r;
	return rig_err_set(err, RIG_USAGE, EINVAL, exam_verdict(line) == VERDICT_BAD ?
			   "the good end '%s' is bad, too (%s): %s" :
			   "the good end '%s' cannot tell whether it has what is looked for (%s): %s", good, target,
			   reason_of(line));
}

int ends_check(struct exam *e, const char *good, const char *bad, struct rig_err *err)
{
	int r = check_bad(e, bad, err);

	return r < 0 ? r : check_good(e, good, err);
}
