// SPDX-License-Identifier: GPL-2.0-or-later
#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clean.h"
#include "splat/splat_judge.h"
#include "splat/splat_rules.h"

/* How long an event may talk before it says the next thing we wait for. */
#define OOPS_LINES	64	/* page table walk and module list stand before RIP */
#define HEADLINE_LINES	6	/* "refcount_t: ..." to WARNING, "list_add ..." to kernel BUG */

/* Subsystems put their name in front, and which one changed over time. */
static const char *skip_prefixes(const char *text)
{
	static const char *const prefixes[] = { "NMI ", "watchdog: ", "traps: ", "rcu: " };

	for (size_t i = 0; i < ARRAY_SIZE(prefixes); i++)
		if (!strncmp(text, prefixes[i], strlen(prefixes[i])))
			text += strlen(prefixes[i]);
	return text;
}

/*
 * The line of die(): "general protection fault, probably for ...: 0000 [#1] PREEMPT SMP", newer
 * with "Oops: " in front of all of them; arm64: "Internal error: Oops: 96000004 [#1]".
 */
static bool is_die_line(const char *text, char *title, size_t size)
{
	const char *number = strstr(text, " [#"), *p = number;
	size_t nr_hex = 0;

	if (!number || !isdigit((unsigned char)number[3]))
		return false;
	while (p > text && isxdigit((unsigned char)p[-1])) {
		p--;
		nr_hex++;
	}
	if (!nr_hex || p - text < 3 || strncmp(p - 2, ": ", 2) || !isalpha((unsigned char)*text))
		return false;
	if (!strncmp(text, "Internal error: ", 16))
		text += 16;
	while (!strncmp(text, "Oops: ", 6) && text + 6 < p)
		text += 6;
	if (text == p || !isalpha((unsigned char)*text))
		snprintf(title, size, "Oops");
	else
		snprintf(title, size, "%.*s", (int)strcspn(text, ",:"), text);
	return true;
}

static size_t take_pending(struct splat_judge *j, struct splat *out)
{
	if (!j->pending_lines)
		return 0;
	*out = j->pending;
	j->pending_lines = 0;
	return 1;
}

/* "RIP: 0010:foo+0x12/0x34", in kernel mode; arm64: "pc : foo+0x12/0x34" */
static bool is_rip_line(const char *text, char *name, size_t size)
{
	char *end;

	name[0] = '\0';
	if (!strncmp(text, "RIP: ", 5)) {
		unsigned long cs = strtoul(text + 5, &end, 16);

		if (*end != ':' || cs & 3)
			return false;
		splat_symbol(end + 1, name, size);
		return true;
	}
	return !strncmp(text, "pc : ", 5) && splat_symbol(text + 5, name, size);
}

static size_t follow_pending(struct splat_judge *j, const char *text, struct splat *out)
{
	char name[sizeof(j->pending.title)];

	if (!j->pending_lines)
		return 0;
	if (is_rip_line(text, name, sizeof(name))) {
		/* a jump to nowhere has no function, and no later RIP line would be its own */
		if (name[0])
			snprintf(j->pending.title + j->pending_base,
				 sizeof(j->pending.title) - j->pending_base, " in %s", name);
		return take_pending(j, out);
	}
	if (!strncmp(text, "---[ end ", 9) || j->pending_lines == 1)
		return take_pending(j, out);
	j->pending_lines--;
	return 0;
}

static void count_down(unsigned int *lines)
{
	if (*lines)
		--*lines;
}

/* part of an event that was reported by an earlier line? */
static bool is_old_news(struct splat_judge *j, const struct splat_rule *rule)
{
	if (!(rule->flags & RULE_FOLLOWS) || !j->headline_lines)
		return false;
	j->headline_lines = 0;
	if (rule->flags & RULE_OPENS_DIE)
		j->die_lines = OOPS_LINES;
	return true;
}

/*
 * The header is a warning and the verdict an error, so a quiet console has only the second: either
 * must give the same splat.
 */
static bool is_oom(struct splat_judge *j, const char *text)
{
	bool killed = !strncmp(text, "Out of memory", 13) ||
		      !strncmp(text, "Memory cgroup out of memory", 27);
	bool first = !j->oom_open;

	if (strstr(text, " invoked oom-killer: ")) {
		j->oom_open = true;
		return true;
	}
	if (!killed)
		return false;
	j->oom_open = false;
	return first;
}

static void fill(struct splat *s, enum splat_kind kind, const char *text, uint64_t number)
{
	s->kind = kind;
	s->line = number;
	snprintf(s->first_line, sizeof(s->first_line), "%s", text);
}

size_t splat_judge_line(struct splat_judge *j, const char *text, uint64_t number,
			struct splat out[SPLAT_JUDGE_MAX])
{
	size_t n = follow_pending(j, text, out);
	const char *body = skip_prefixes(text);
	const struct splat_rule *rule = NULL;
	struct splat s = { 0 };

	count_down(&j->die_lines);
	count_down(&j->headline_lines);
	if (is_oom(j, body)) {
		fill(&s, SPLAT_OOM, text, number);
		snprintf(s.title, sizeof(s.title), "out of memory");
		n += take_pending(j, out + n);
		out[n++] = s;
		return n;
	}
	if (is_die_line(body, s.title, sizeof(s.title))) {
		if (j->die_lines) {
			j->die_lines = 0;
			return n;
		}
	} else {
		rule = splat_rule_find(body);
		if (!rule || is_old_news(j, rule))
			return n;
		splat_rule_title(&s, rule, body);
	}
	n += take_pending(j, out + n);
	fill(&s, rule ? rule->kind : SPLAT_OOPS, text, number);
	if (rule && rule->flags & RULE_OPENS_DIE)
		j->die_lines = OOPS_LINES;
	if (rule && rule->flags & RULE_HEADLINE)
		j->headline_lines = HEADLINE_LINES;
	if (rule && rule->form != TITLE_FUNCTION && rule->form != TITLE_BUG_AT) {
		out[n++] = s;
		return n;
	}
	j->pending = s;
	j->pending_base = strlen(rule ? rule->title : s.title);
	j->pending_lines = OOPS_LINES;
	return n;
}

size_t splat_judge_end(struct splat_judge *j, struct splat out[SPLAT_JUDGE_MAX])
{
	return take_pending(j, out);
}
