/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * splat_rules: the table of lines that a kernel prints when it is unwell, and what such a line is
 * called.  Level 1, pure; only for splat_judge.c.
 */
#ifndef RIG_SPLAT_RULES_H
#define RIG_SPLAT_RULES_H

#include "splat/splat.h"

enum splat_title_form {
	TITLE_FIXED,		/* title */
	TITLE_REST,		/* title, then the rest of the line */
	TITLE_FUNCTION,		/* title, then " in <function>" from the RIP line */
	TITLE_BUG_AT,		/* like TITLE_FUNCTION; the source file when there is no RIP line */
	TITLE_WARN_AT,		/* "WARNING in <function>", which stands in the line */
	TITLE_SLAB,		/* "BUG <cache> (<taint>): <what>" */
	TITLE_TASK,		/* "INFO: task <comm>:<pid> blocked ..." */
	TITLE_ODEBUG,		/* "ODEBUG: <what> (...) object: ... object type: <type> ..." */
};

enum splat_rule_flags {
	RULE_OPENS_DIE = 1,	/* "...: 0000 [#1]" belongs to it */
	RULE_HEADLINE = 2,	/* a WARNING or a kernel BUG that follows belongs to it */
	RULE_FOLLOWS = 4,	/* this is such a WARNING or kernel BUG */
};

struct splat_rule {
	const char *start;	/* the line starts with it */
	const char *has;	/* and contains this behind; NULL: anything */
	enum splat_kind kind;
	enum splat_title_form form;
	const char *title;
	unsigned int flags;
};

/** splat_rule_find() - the rule for a line without timestamp and prefix; NULL: an ordinary line */
const struct splat_rule *splat_rule_find(const char *text);

/** splat_rule_title() - @s->title for a line that @rule was found for */
void splat_rule_title(struct splat *s, const struct splat_rule *rule, const char *text);

/** splat_title_stable() - append @text to @title without what differs from run to run: offsets,
 *  addresses, numbers, file positions, module names */
void splat_title_stable(char *title, size_t size, const char *text);

/** splat_symbol() - @text starts with a kernel symbol and its offset: its name without compiler
 *  suffixes (".isra.0"), else false */
bool splat_symbol(const char *text, char *name, size_t size);

#endif
