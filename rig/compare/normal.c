// SPDX-License-Identifier: GPL-2.0-or-later
#include <ctype.h>
#include <fnmatch.h>
#include <string.h>

#include "base/clean.h"
#include "base/mem.h"
#include "compare/normal.h"

#define HEX_DIGITS	4u	/* a word of so many hexadecimal digits, one of them decimal, is a number */

bool normal_counts(const char *line)
{
	static const char *const unsteady[] = {
		"hotrig: *",			/* ours */
		/* time: how fast the host was */
		"*hogged CPU for*", "*took too long*", "*interrupt took*", "clocksource: *", "sched_clock: *",
		"random: *", "workqueue: *", "*callbacks suppressed", "rcu: *", "TSC *", "tsc: *",
		/* which page did not move, and who had it, one line each of what dump_page() says */
		"page: *", "page:0*", "page:f*", "head: *", "head:f*", "flags: *", "raw: *", "page_type: *", "aops:*",
		"page dumped because: *", "migrating pfn *", "failed to isolate pfn *", "*PFNs busy*", "anon flags: *",
		"memcg:*", "page last *", "page owner *",
	};

	for (size_t i = 0; i < ARRAY_SIZE(unsteady); i++)
		if (!fnmatch(unsteady[i], line, 0))
			return false;
	return true;
}

/* How many bytes at @at are a number; @in_word: something that is no number stands before them. */
static size_t number_length(const char *at, bool in_word)
{
	size_t digits = strspn(at, "0123456789"), hex = in_word ? 0 : strspn(at, "0123456789abcdef");

	if (!strncmp(at, "0x", 2) && isxdigit((unsigned char)at[2]))
		return 2 + strspn(at + 2, "0123456789abcdefABCDEF");
	if (hex >= HEX_DIGITS && !isalnum((unsigned char)at[hex]) && strcspn(at, "0123456789") < hex)
		return hex;
	return digits;
}

char *normal_line(const char *line)
{
	char *ret = xstrdup(line), *to = ret;

	for (const char *at = line; *at; ) {
		size_t len = number_length(at, at > line && isalnum((unsigned char)at[-1]));

		if (len)
			*to++ = '#';
		else
			*to++ = isspace((unsigned char)*at) ? ' ' : *at;
		at += len ? len : 1;
	}
	while (to > ret && to[-1] == ' ')
		to--;
	*to = '\0';
	return ret;
}

char *normal_device(const char *name)
{
	static const char *const patterns[] = { "namespace[0-9]*.[0-9]*", "dax[0-9]*.[0-9]*", "btt[0-9]*.[0-9]*",
						"pfn[0-9]*.[0-9]*" };
	const char *dot = strrchr(name, '.');

	for (size_t i = 0; i < ARRAY_SIZE(patterns); i++)
		if (!fnmatch(patterns[i], name, 0))
			return xasprintf("%.*s.#", (int)(dot - name), name);
	return xstrdup(name);
}
