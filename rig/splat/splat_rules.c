// SPDX-License-Identifier: GPL-2.0-or-later
#include <stdio.h>
#include <string.h>

#include "base/clean.h"
#include "splat/splat_rules.h"

/*
 * The first that matches counts.  Lines are matched from their start: "BUG" inside a command line,
 * a firmware's "[Firmware Bug]:" or "DEBUG" must not count.
 */
static const struct splat_rule rules[] = {
	{ "Kernel panic - not syncing: kernel: ", NULL, SPLAT_PANIC, TITLE_REST, "panic: ", 0 },
	{ "Kernel panic - not syncing: ", NULL, SPLAT_PANIC, TITLE_REST, "panic: ", 0 },
	{ "PANIC: early exception", NULL, SPLAT_PANIC, TITLE_FIXED, "panic: early exception", 0 },

	{ "PANIC: double fault", NULL, SPLAT_OOPS, TITLE_FUNCTION, "double fault", RULE_OPENS_DIE },
	{ "BUG: kernel NULL pointer dereference", NULL, SPLAT_OOPS, TITLE_FUNCTION,
	  "BUG: kernel NULL pointer dereference", RULE_OPENS_DIE },
	{ "BUG: unable to handle kernel NULL pointer dereference", NULL, SPLAT_OOPS, TITLE_FUNCTION,
	  "BUG: kernel NULL pointer dereference", RULE_OPENS_DIE },
	{ "BUG: unable to handle ", NULL, SPLAT_OOPS, TITLE_FUNCTION,
	  "BUG: unable to handle page fault", RULE_OPENS_DIE },
	{ "BUG: ", "stack guard page was hit", SPLAT_OOPS, TITLE_FUNCTION,
	  "BUG: stack guard page was hit", RULE_OPENS_DIE },
	{ "Unable to handle kernel NULL pointer dereference", NULL, SPLAT_OOPS, TITLE_FUNCTION,
	  "BUG: kernel NULL pointer dereference", RULE_OPENS_DIE },
	{ "Unable to handle kernel ", NULL, SPLAT_OOPS, TITLE_FUNCTION,
	  "BUG: unable to handle page fault", RULE_OPENS_DIE },

	{ "kernel BUG at ", NULL, SPLAT_BUG, TITLE_BUG_AT,
	  "kernel BUG", RULE_OPENS_DIE | RULE_FOLLOWS },
	{ "Kernel BUG at ", NULL, SPLAT_BUG, TITLE_BUG_AT,
	  "kernel BUG", RULE_OPENS_DIE | RULE_FOLLOWS },

	{ "list_add ", NULL, SPLAT_BUG, TITLE_FIXED, "list_add corruption", RULE_HEADLINE },
	{ "list_del corruption", NULL, SPLAT_BUG, TITLE_FIXED,
	  "list_del corruption", RULE_HEADLINE },
	{ "refcount_t: ", NULL, SPLAT_WARNING, TITLE_REST, "refcount_t: ", RULE_HEADLINE },
	{ "percpu ref (", ") <= 0 (", SPLAT_WARNING, TITLE_FIXED,
	  "percpu_ref underflow", RULE_HEADLINE },
	{ "", ": percpu_ref underflow", SPLAT_WARNING, TITLE_FIXED,
	  "percpu_ref underflow", RULE_HEADLINE },
	{ "ODEBUG: ", " object type: ", SPLAT_WARNING, TITLE_ODEBUG, "ODEBUG: ", RULE_HEADLINE },

	{ "WARNING: CPU: ", " at ", SPLAT_WARNING, TITLE_WARN_AT, "WARNING", RULE_FOLLOWS },
	{ "WARNING: ", ".c:", SPLAT_WARNING, TITLE_WARN_AT, "WARNING", RULE_FOLLOWS },
	{ "WARNING: ", ".h:", SPLAT_WARNING, TITLE_WARN_AT, "WARNING", RULE_FOLLOWS },
	{ "WARNING: at ", NULL, SPLAT_WARNING, TITLE_WARN_AT, "WARNING", RULE_FOLLOWS },

	{ "BUG: Bad page state", NULL, SPLAT_BAD_PAGE, TITLE_FIXED, "BUG: Bad page state", 0 },
	{ "BUG: Bad page map", NULL, SPLAT_BAD_PAGE, TITLE_FIXED, "BUG: Bad page map", 0 },
	{ "BUG: Bad page cache", NULL, SPLAT_BAD_PAGE, TITLE_FIXED, "BUG: Bad page cache", 0 },
	{ "BUG: Bad rss-counter", NULL, SPLAT_BAD_PAGE, TITLE_FIXED,
	  "BUG: Bad rss-counter state", 0 },
	{ "BUG: non-zero pgtables_bytes", NULL, SPLAT_BAD_PAGE, TITLE_FIXED,
	  "BUG: non-zero pgtables_bytes on freeing mm", 0 },
	{ "", ": bad pmd ", SPLAT_BAD_PAGE, TITLE_FIXED, "bad pmd", 0 },
	{ "", ": bad pud ", SPLAT_BAD_PAGE, TITLE_FIXED, "bad pud", 0 },
	{ "", ": bad p4d ", SPLAT_BAD_PAGE, TITLE_FIXED, "bad p4d", 0 },
	{ "", ": bad pgd ", SPLAT_BAD_PAGE, TITLE_FIXED, "bad pgd", 0 },
	{ "pagealloc: memory corruption", NULL, SPLAT_BAD_PAGE, TITLE_FIXED,
	  "pagealloc: memory corruption", 0 },
	{ "pagealloc: single bit error", NULL, SPLAT_BAD_PAGE, TITLE_FIXED,
	  "pagealloc: single bit error", 0 },

	{ "BUG: KASAN: ", NULL, SPLAT_SANITIZER, TITLE_REST, "KASAN: ", 0 },
	{ "BUG: KCSAN: ", NULL, SPLAT_SANITIZER, TITLE_REST, "KCSAN: ", 0 },
	{ "BUG: KMSAN: ", NULL, SPLAT_SANITIZER, TITLE_REST, "KMSAN: ", 0 },
	{ "BUG: KFENCE: ", NULL, SPLAT_SANITIZER, TITLE_REST, "KFENCE: ", 0 },
	{ "UBSAN: ", " in ", SPLAT_SANITIZER, TITLE_REST, "UBSAN: ", 0 },

	{ "WARNING: possible ", " detected", SPLAT_LOCKDEP, TITLE_REST, "WARNING: possible ", 0 },
	{ "WARNING: ", " lock order detected", SPLAT_LOCKDEP, TITLE_REST, "WARNING: ", 0 },
	{ "WARNING: inconsistent lock state", NULL, SPLAT_LOCKDEP, TITLE_FIXED,
	  "WARNING: inconsistent lock state", 0 },
	{ "WARNING: suspicious RCU usage", NULL, SPLAT_LOCKDEP, TITLE_FIXED,
	  "WARNING: suspicious RCU usage", 0 },
	{ "WARNING: bad unlock balance", NULL, SPLAT_LOCKDEP, TITLE_FIXED,
	  "WARNING: bad unlock balance", 0 },
	{ "WARNING: bad contention", NULL, SPLAT_LOCKDEP, TITLE_FIXED,
	  "WARNING: bad contention", 0 },
	{ "WARNING: held lock freed", NULL, SPLAT_LOCKDEP, TITLE_FIXED,
	  "WARNING: held lock freed", 0 },
	{ "WARNING: lock held when returning", NULL, SPLAT_LOCKDEP, TITLE_FIXED,
	  "WARNING: lock held when returning to user space", 0 },
	{ "WARNING: ", " still has locks held", SPLAT_LOCKDEP, TITLE_FIXED,
	  "WARNING: task still has locks held", 0 },
	{ "WARNING: Nested lock was not taken", NULL, SPLAT_LOCKDEP, TITLE_FIXED,
	  "WARNING: Nested lock was not taken", 0 },
	{ "[ BUG: ", " ]", SPLAT_LOCKDEP, TITLE_REST, "BUG: ", 0 },
	{ "INFO: trying to register non-static key", NULL, SPLAT_LOCKDEP, TITLE_FIXED,
	  "INFO: trying to register non-static key", 0 },
	{ "BUG: MAX_LOCK", NULL, SPLAT_LOCKDEP, TITLE_REST, "BUG: MAX_LOCK", 0 },
	{ "BUG: sleeping function called ", NULL, SPLAT_LOCKDEP, TITLE_REST,
	  "BUG: sleeping function called ", 0 },
	{ "BUG: scheduling while atomic", NULL, SPLAT_LOCKDEP, TITLE_FIXED,
	  "BUG: scheduling while atomic", 0 },
	{ "BUG: workqueue leaked", NULL, SPLAT_LOCKDEP, TITLE_FIXED,
	  "BUG: workqueue leaked lock or atomic", 0 },
	{ "BUG: using ", " in preemptible", SPLAT_LOCKDEP, TITLE_FIXED,
	  "BUG: using per-cpu data in preemptible code", 0 },

	{ "INFO: rcu", "self-detected stall", SPLAT_LOST_TIME, TITLE_FIXED,
	  "rcu stall: self-detected", 0 },
	{ "INFO: rcu", "detected expedited stalls", SPLAT_LOST_TIME, TITLE_FIXED,
	  "rcu stall: expedited", 0 },
	{ "INFO: rcu", "detected stalls on", SPLAT_LOST_TIME, TITLE_FIXED,
	  "rcu stall: detected", 0 },
	{ "BUG: soft lockup", NULL, SPLAT_LOST_TIME, TITLE_FIXED, "BUG: soft lockup", 0 },
	{ "BUG: workqueue lockup", NULL, SPLAT_LOST_TIME, TITLE_FIXED, "BUG: workqueue lockup", 0 },
	{ "", "Watchdog detected hard LOCKUP", SPLAT_LOST_TIME, TITLE_FIXED, "hard lockup", 0 },
	{ "INFO: task ", " blocked for more than ", SPLAT_LOST_TIME, TITLE_TASK, "hung task: ", 0 },
	{ "INFO: task ", " blocked in I/O wait ", SPLAT_LOST_TIME, TITLE_TASK, "hung task: ", 0 },

	{ "Slab corruption ", NULL, SPLAT_BUG, TITLE_FIXED, "Slab corruption", 0 },
	{ "BUG ", "): ", SPLAT_BUG, TITLE_SLAB, "BUG ", 0 },
	{ "BUG: ", NULL, SPLAT_BUG, TITLE_REST, "BUG: ", 0 },
};

const struct splat_rule *splat_rule_find(const char *text)
{
	for (size_t i = 0; i < ARRAY_SIZE(rules); i++) {
		size_t len = strlen(rules[i].start);

		if (strncmp(text, rules[i].start, len))
			continue;
		if (!rules[i].has || strstr(text + len, rules[i].has))
			return &rules[i];
	}
	return NULL;
}

/*
 * "WARNING: CPU: 0 PID: 1 at mm/x.c:12 foo+0x1/0x2 [mod]", without the file where the kernel does
 * not carry it; newer: "WARNING: mm/x.c:12 at foo+0x1/0x2, CPU#0: sh/12".
 */
static void title_warning(struct splat *s, const char *text)
{
	const char *at = strstr(text, " at ");
	char name[sizeof(s->title)];

	for (const char *p = at; p; p = strchr(p + 1, ' '))
		if (splat_symbol(p + 1, name, sizeof(name))) {
			snprintf(s->title, sizeof(s->title), "WARNING in %.200s", name);
			return;
		}
	if (!at)
		return;
	snprintf(s->title, sizeof(s->title), "WARNING at ");
	if (!strncmp(text, "WARNING: CPU: ", 14))
		text = at + strlen(" at ");
	else
		text += strlen("WARNING: ");
	snprintf(name, sizeof(name), "%.*s", (int)strcspn(text, " "), text);
	splat_title_stable(s->title, sizeof(s->title), name);
}

static void title_slab(struct splat *s, const char *rest)
{
	snprintf(s->title, sizeof(s->title), "BUG %.*s: ", (int)strcspn(rest, " "), rest);
	splat_title_stable(s->title, sizeof(s->title), strstr(rest, "): ") + strlen("): "));
}

/* A worker's name has CPU and pool in it: "kworker/0:1". */
static void title_task(struct splat *s, const char *rest)
{
	size_t len = strcspn(rest, "/:");
	const char *blocked = strstr(rest, " blocked ");

	if (len > (size_t)(blocked - rest))
		len = (size_t)(blocked - rest);
	snprintf(s->title, sizeof(s->title), "hung task: %.*s", (int)len, rest);
}

static void title_odebug(struct splat *s, const char *rest)
{
	const char *type = strstr(rest, " object type: ") + strlen(" object type: ");
	char words[sizeof(s->title)];

	snprintf(words, sizeof(words), "%.*s %.*s", (int)strcspn(rest, "("), rest,
		 (int)strcspn(type, " "), type);
	splat_title_stable(s->title, sizeof(s->title), words);
}

void splat_rule_title(struct splat *s, const struct splat_rule *rule, const char *text)
{
	const char *rest = text + strlen(rule->start);
	char symbol[sizeof(s->title)];

	snprintf(s->title, sizeof(s->title), "%s", rule->title);
	switch (rule->form) {
	case TITLE_FIXED:
	case TITLE_FUNCTION:
		break;
	case TITLE_REST:
		splat_title_stable(s->title, sizeof(s->title), rest);
		break;
	case TITLE_BUG_AT:
		snprintf(s->title, sizeof(s->title), "%s %s ", rule->title,
			 splat_symbol(rest, symbol, sizeof(symbol)) ? "in" : "at");
		splat_title_stable(s->title, sizeof(s->title), rest);
		break;
	case TITLE_WARN_AT:
		title_warning(s, text);
		break;
	case TITLE_SLAB:
		title_slab(s, rest);
		break;
	case TITLE_TASK:
		title_task(s, rest);
		break;
	case TITLE_ODEBUG:
		title_odebug(s, rest);
		break;
	}
}
