// SPDX-License-Identifier: GPL-2.0-or-later
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/clean.h"
#include "base/clock.h"
#include "base/mem.h"
#include "run/program.h"

#define NO_PROGRAM 127	/* exit code, as shells have it */

int program_take(const json_t *answer, const char *name, struct program *ret, struct rig_err *err)
{
	const json_t *code = json_object_get(answer, "exit"), *signal = json_object_get(answer, "signal");
	const char *output = json_string_value(json_object_get(answer, "output"));
	json_int_t ns = json_integer_value(json_object_get(answer, "ns"));

	if (json_is_true(json_object_get(answer, "gave-up")))
		return rig_err_set(err, RIG_TIMEOUT, ETIMEDOUT, "'%s' in the guest did not end", name);
	if (!json_is_integer(code) && !json_is_integer(signal))
		return rig_err_set(err, RIG_AGENT, EBADMSG, "no exit code and no signal in the agent's answer");
	if (json_integer_value(code) == NO_PROGRAM)
		return rig_err_set(err, RIG_USAGE, ENOENT, "no program '%s' in the image", name);
	*ret = (struct program){ xstrdup(output ? output : ""), (int)json_integer_value(code),
				 (int)json_integer_value(signal), ns > 0 ? (uint64_t)ns : 0 };
	return 0;
}

int program_run(struct run *run, const char *const *argv, uint64_t until_ns, struct program *ret,
		struct rig_err *err)
{
	json_auto_t *answer = NULL;
	json_t *list = json_array();
	int r;

	for (size_t i = 0; argv[i]; i++)
		json_array_append_new(list, json_string(argv[i]));
	/* it is given up on before we are: then its answer still comes */
	r = qmp_call(run->guest.link, "run", json_pack("{sosi}", "argv", list, "deadline-ms",
						       clock_left_ms(until_ns) / 10 * 9), until_ns, &answer, NULL, err);
	return r < 0 ? r : program_take(answer, argv[0], ret, err);
}

void program_deinit(struct program *p)
{
	free(p->output);
	*p = (struct program){ 0 };
}

bool program_judge(struct run *run, const struct step *step, const struct program *p)
{
	const struct expect *x = &step->expect;
	int expected = x->has_exit ? x->exit_code : 0;
	char text[32];

	snprintf(text, sizeof(text), "exit code %d", expected);
	if (p->signal)
		run_finding(run, "change.result", "the program exits", "killed by signal %d: %.300s", p->signal,
			    p->output);
	else if (p->exit_code != expected)
		run_finding(run, "change.result", text, "%d: %.300s", p->exit_code, p->output);
	else if (x->output && !strstr(p->output, x->output))
		run_finding(run, "change.result", x->output, "%.300s", p->output);
	return !p->exit_code && !p->signal;
}
