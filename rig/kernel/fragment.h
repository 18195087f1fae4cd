/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * fragment: pieces of kernel config laid over each other, and what became of them.  Level 2, pure.
 *
 * A fragment has lines as .config has them: CONFIG_X=value, "# CONFIG_X is not set", comments.
 * Later ones win.  Kconfig drops what it does not know or whose needs are not met, without a word:
 * hence the check.
 */
#ifndef RIG_KERNEL_FRAGMENT_H
#define RIG_KERNEL_FRAGMENT_H

#include <stddef.h>

#include "base/err.h"
#include "base/mem.h"

struct wanted_option {
	char *name;		/* "CONFIG_PVH" */
	char *value;		/* "y", "64", "\"text\""; "n" where it must not be set */
	char *from;		/* name of the fragment that spoke last */
};

struct wanted {
	struct wanted_option *v;	/* in order of first mention */
	size_t n, cap;
};

void wanted_deinit(struct wanted *w);

/**
 * wanted_add() - lay fragment @text, called @from, over what is there
 * Errors: RIG_USAGE -EINVAL: a line that is no config, or asks for a module, naming the line.
 */
int wanted_add(struct wanted *w, const char *from, const char *text, struct rig_err *err)
	RIG_CHECKED;

/** wanted_text() - all of it as one config; caller frees */
char *wanted_text(const struct wanted *w);

/** wanted_check() - add to @lost a "CONFIG_X=y (base) is not set" for each that is not so in @config
 *  Returns how many of them come from another fragment than @base. */
size_t wanted_check(const struct wanted *w, const char *config, const char *base,
		    struct strv *lost);

/** config_value() - of @name, the last one, as .config writes it; "n" when not set.  Caller frees. */
char *config_value(const char *config, const char *name);

#endif
