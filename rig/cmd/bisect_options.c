// SPDX-License-Identifier: GPL-2.0-or-later
#include <ctype.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "base/clean.h"
#include "bisect/verdict.h"
#include "cmd/bisect_options.h"
#include "cmd/cmd.h"

void bisect_options_init(struct bisect_options *o)
{
	*o = (struct bisect_options){ 0 };
	how_options_init(&o->common);
}

void bisect_options_deinit(struct bisect_options *o)
{
	how_options_deinit(&o->common);
	*o = (struct bisect_options){ 0 };
}

int bisect_option(struct bisect_options *o, int c, const char *value)
{
	switch (c) {
	case BISECT_OPTION_GOOD: o->good = value; break;
	case BISECT_OPTION_BAD: o->bad = value; break;
	case BISECT_OPTION_TARGET: o->target = value; break;
	case BISECT_OPTION_FLAKY: o->flaky = true; break;
	case BISECT_OPTION_TERM_OLD: o->term_old = value; break;
	case BISECT_OPTION_TERM_NEW: o->term_new = value; break;
	case BISECT_OPTION_ANEW: o->anew = true; break;
	case 'j': o->json = true; break;
	case 'h': o->help = true; break;
	default:
		return how_option(&o->common, c, value);
	}
	return 1;
}

/* git refuses the same words, and some more: they are commands of git bisect */
static bool is_term(const char *term)
{
	static const char *const taken[] = { "help", "start", "skip", "next", "reset", "visualize", "view", "replay", "log",
					     "run", "terms", "trouble" };

	for (const char *p = term; *p; p++)
		if (!isalnum((unsigned char)*p) && !strchr("-_", *p))
			return false;
	for (size_t i = 0; i < ARRAY_SIZE(taken); i++)
		if (!strcmp(term, taken[i]))
			return false;
	return *term && *term != '-';
}

int bisect_options_check(const struct bisect_options *o, struct rig_err *err)
{
	const char *const terms[] = { o->term_old, o->term_new };

	if (!o->good || !o->bad)
		return rig_err_set(err, RIG_USAGE, EINVAL, "bisect: give both ends: --good and --bad");
	for (size_t i = 0; i < ARRAY_SIZE(terms); i++)
		if (terms[i] && !is_term(terms[i]))
			return rig_err_set(err, RIG_USAGE, EINVAL, "bisect: '%s' can be no term: use letters, digits, '-' and '_', "
					   "and no command of git bisect", terms[i]);
	if (!o->term_old != !o->term_new || (o->term_old && !strcmp(o->term_old, o->term_new)))
		return rig_err_set(err, RIG_USAGE, EINVAL, "bisect: --term-old and --term-new go together and differ");
	return how_options_check(&o->common, err);
}

int bisect_usage(const char *command, int c, const char *argv, const char *value)
{
	if (c == ':' || c == '?')
		fprintf(stderr, "hotrig: bisect %s: %s '%s'; see 'hotrig bisect --help'\n", command,
			c == ':' ? "no value for option" : "unknown option", argv);
	else
		fprintf(stderr, "hotrig: bisect %s: bad value '%s'; see 'hotrig bisect --help'\n", command, value);
	return EXIT_USAGE;
}
