/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * bisect_options: what `hotrig bisect packages` and `git` are both asked.  Level 8.
 *
 * A command puts BISECT_LONG and HOW_LONG into its table, and hands what getopt_long(3) returns to bisect_option().
 */
#ifndef RIG_CMD_BISECT_OPTIONS_H
#define RIG_CMD_BISECT_OPTIONS_H

#include <stdbool.h>

#include "cmd/how_options.h"

enum {
	BISECT_OPTION_GOOD = 0x300, BISECT_OPTION_BAD, BISECT_OPTION_TARGET, BISECT_OPTION_FLAKY, BISECT_OPTION_TERM_OLD,
	BISECT_OPTION_TERM_NEW, BISECT_OPTION_ANEW,
};

#define BISECT_SHORT HOW_SHORT "jh"
#define BISECT_LONG								\
	{ "good", required_argument, NULL, BISECT_OPTION_GOOD },		\
	{ "bad", required_argument, NULL, BISECT_OPTION_BAD },			\
	{ "target", required_argument, NULL, BISECT_OPTION_TARGET },		\
	{ "flaky", no_argument, NULL, BISECT_OPTION_FLAKY },			\
	{ "term-old", required_argument, NULL, BISECT_OPTION_TERM_OLD },	\
	{ "term-new", required_argument, NULL, BISECT_OPTION_TERM_NEW },	\
	{ "anew", no_argument, NULL, BISECT_OPTION_ANEW },			\
	{ "json", no_argument, NULL, 'j' },					\
	{ "help", no_argument, NULL, 'h' }

struct bisect_options {
	struct how_options common;
	const char *good, *bad;			/* as the user named them; NULL: not given */
	const char *target;			/* NULL: what the bad end shows */
	const char *term_old, *term_new;	/* NULL: "good" and "bad", as time runs */
	bool flaky, anew, json, help;
};

void bisect_options_init(struct bisect_options *o);
void bisect_options_deinit(struct bisect_options *o);

/** bisect_option() - take option @c with its value; 1: taken, 0: not one of these, -1: bad value */
int bisect_option(struct bisect_options *o, int c, const char *value);

/** bisect_options_check() - both ends, and words that can be told apart; RIG_USAGE, RIG_HOST */
int bisect_options_check(const struct bisect_options *o, struct rig_err *err) RIG_CHECKED;

/** bisect_usage() - say on stderr what is wrong with option @c of `bisect @command`; the exit code
 *  @argv: where getopt_long(3) stopped, for one that is not known; @value: of one that is */
int bisect_usage(const char *command, int c, const char *argv, const char *value);

#endif
