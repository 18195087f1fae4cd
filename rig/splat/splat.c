// SPDX-License-Identifier: GPL-2.0-or-later
#include <assert.h>
#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include "base/clean.h"
#include "base/mem.h"
#include "splat/splat.h"
#include "splat/splat_judge.h"

#define LINE_BYTES	1024	/* printk's own limit is below this */
#define TORN_KEEP	32	/* a timestamp that straddles the end of a full buffer fits in */
#define SPLATS_MAX	4096	/* a guest that never stops complaining must not fill the host */

enum escape { PLAIN, ESCAPE, CSI, OSC, CHARSET };

/* One stream of bytes on its way to lines. */
struct stream {
	char buf[LINE_BYTES + 1];
	size_t len;
	enum escape escape;
	bool torn;		/* the buffer does not start where a line started */
	uint64_t line;
	struct splat_judge judge;
};

struct entry {
	struct splat splat;
	bool seen_console, seen_log;
};

struct splat_scanner {
	struct stream console, log;
	struct entry *entries;
	size_t nr_entries, cap;
	bool saw_any, saw_banner, banner_stamped;
};

struct splat_scanner *splat_scanner_create(void)
{
	struct splat_scanner *s = xcalloc(1, sizeof(*s));

	s->console.line = 1;
	return s;
}

void splat_scanner_destroy(struct splat_scanner *s)
{
	if (!s)
		return;
	free(s->entries);
	free(s);
}

/*
 * Console and log carry the same events.  A splat whose title the other witness has reported more
 * often than this one is that event again.
 */
static void report(struct splat_scanner *s, bool from_console, const struct splat *found)
{
	struct entry *e;

	for (size_t i = 0; i < s->nr_entries; i++) {
		bool *seen;

		e = &s->entries[i];
		seen = from_console ? &e->seen_console : &e->seen_log;
		if (*seen || strcmp(e->splat.title, found->title))
			continue;
		*seen = true;
		return;
	}
	if (s->nr_entries == SPLATS_MAX)
		return;
	GROW(s->entries, s->nr_entries, s->cap);
	e = &s->entries[s->nr_entries++];
	*e = (struct entry){
		.splat = *found, .seen_console = from_console, .seen_log = !from_console,
	};
	e->splat.from_console = from_console;
}

/*
 * The kernel prints its banner once.  Where its lines carry a time, a banner without one is
 * somebody's "cat /proc/version".
 */
static void see_banner(struct splat_scanner *s, const char *text, bool stamped)
{
	struct splat found[SPLAT_JUDGE_MAX], restart = {
		.kind = SPLAT_RESTART, .title = "machine restarted", .line = s->console.line,
	};
	size_t n;

	if (!s->saw_banner) {
		s->saw_banner = true;
		s->banner_stamped = stamped;
		return;
	}
	if (s->banner_stamped && !stamped)
		return;
	n = splat_judge_end(&s->console.judge, found);
	for (size_t i = 0; i < n; i++)
		report(s, true, &found[i]);
	s->console.judge = (struct splat_judge){ 0 };
	strncat(restart.first_line, text, sizeof(restart.first_line) - 1);
	report(s, true, &restart);
}

/* "[   12.345678]" at the start: its length; 0: there is none */
static size_t stamp_len(const char *text)
{
	const char *p = text;
	size_t nr;

	if (*p++ != '[')
		return 0;
	p += strspn(p, " ");
	nr = strspn(p, "0123456789");
	if (!nr || p[nr] != '.')
		return 0;
	p += nr + 1;
	return strspn(p, "0123456789") == 6 && p[6] == ']' ? (size_t)(p + 7 - text) : 0;
}

/* "[    T123]" or "[    C0]" of CONFIG_PRINTK_CALLER */
static size_t caller_len(const char *text)
{
	const char *p = text;
	size_t nr;

	if (*p++ != '[')
		return 0;
	p += strspn(p, " ");
	if (*p != 'T' && *p != 'C')
		return 0;
	nr = strspn(++p, "0123456789");
	return nr && p[nr] == ']' ? (size_t)(p + nr + 1 - text) : 0;
}

static void judge_line(struct splat_scanner *s, struct stream *st)
{
	bool from_console = st == &s->console;
	struct splat found[SPLAT_JUDGE_MAX];
	const char *text = st->buf;
	size_t n;

	if (st->torn)
		return;
	st->buf[st->len] = '\0';
	while (st->len && st->buf[st->len - 1] == ' ')
		st->buf[--st->len] = '\0';
	if (text[0] == '<' && isdigit((unsigned char)text[1]) && text[2] == '>')
		text += 3;
	n = stamp_len(text);
	text += n;
	if (n && *text == ' ')
		text++;
	if (n && caller_len(text)) {
		text += caller_len(text);
		text += *text == ' ';
	}
	if (from_console && !strncmp(text, "Linux version ", 14) &&
	    isdigit((unsigned char)text[14]))
		see_banner(s, text, n != 0);
	n = splat_judge_line(&st->judge, text, st->line, found);
	for (size_t i = 0; i < n; i++)
		report(s, from_console, &found[i]);
}

static void end_line(struct splat_scanner *s, struct stream *st)
{
	if (st->len)
		judge_line(s, st);
	st->len = 0;
	st->torn = false;
	st->escape = PLAIN;
}

/*
 * A program's half line may stand in front of what the kernel says ("sh# [   1.234567] BUG: ..."),
 * so a timestamp starts a line wherever it stands.
 */
static void split_at_stamp(struct splat_scanner *s, struct stream *st)
{
	char stamp[TORN_KEEP];
	size_t start = st->len;

	st->buf[st->len] = '\0';
	while (start && st->len - start < TORN_KEEP - 1 && st->buf[start] != '[')
		start--;
	if (!start || !stamp_len(st->buf + start))
		return;
	memcpy(stamp, st->buf + start, st->len - start);
	stamp[st->len - start] = '\0';
	st->len = start;
	judge_line(s, st);
	st->torn = false;
	st->len = strlen(stamp);
	memcpy(st->buf, stamp, st->len);
}

/* The line does not end: judge its start, and of the rest look only for a timestamp. */
static void tear(struct splat_scanner *s, struct stream *st)
{
	char tail[TORN_KEEP];

	memcpy(tail, st->buf + st->len - TORN_KEEP, TORN_KEEP);
	judge_line(s, st);
	memcpy(st->buf, tail, TORN_KEEP);
	st->len = TORN_KEEP;
	st->torn = true;
}

/* Terminal control sequences carry no text; true: the byte was part of one. */
static bool eat_escape(struct stream *st, unsigned char c)
{
	switch (st->escape) {
	case PLAIN:
		if (c != 0x1b)
			return false;
		st->escape = ESCAPE;
		return true;
	case ESCAPE:
		if (c == '[')
			st->escape = CSI;
		else if (c == ']')
			st->escape = OSC;
		else if (c && strchr("()*+#%", c))
			st->escape = CHARSET;
		else
			st->escape = PLAIN;
		return true;
	case CSI:
		if (c < 0x20 || c >= 0x40)
			st->escape = PLAIN;
		return true;
	case OSC:
		if (c == '\a')
			st->escape = PLAIN;
		else if (c == 0x1b)
			st->escape = ESCAPE;	/* the terminator is ESC and a backslash */
		return true;
	case CHARSET:
		st->escape = PLAIN;
		return true;
	}
	return false;
}

static void feed_byte(struct splat_scanner *s, struct stream *st, unsigned char c)
{
	if (c == '\n' || c == '\r') {
		end_line(s, st);
		return;
	}
	if (eat_escape(st, c) || c == '\0')
		return;
	if (c == '\t')
		c = ' ';
	if (st->len == LINE_BYTES)
		tear(s, st);
	/* titles and lines go into JSON and KTAP */
	st->buf[st->len++] = c >= 0x20 && c < 0x7f ? (char)c : '?';
	if (c == ']')
		split_at_stamp(s, st);
}

void splat_feed_console(struct splat_scanner *s, const char *data, size_t len)
{
	if (len)
		s->saw_any = true;
	for (size_t i = 0; i < len; i++) {
		feed_byte(s, &s->console, (unsigned char)data[i]);
		if (data[i] == '\n')
			s->console.line++;
	}
}

void splat_feed_record(struct splat_scanner *s, uint64_t seq, const char *text, size_t len)
{
	s->log.line = seq;
	for (size_t i = 0; i < len; i++)
		feed_byte(s, &s->log, (unsigned char)text[i]);
	end_line(s, &s->log);
}

void splat_flush(struct splat_scanner *s)
{
	struct splat found[SPLAT_JUDGE_MAX];
	struct stream *streams[] = { &s->console, &s->log };

	for (size_t i = 0; i < ARRAY_SIZE(streams); i++) {
		size_t n;

		end_line(s, streams[i]);
		n = splat_judge_end(&streams[i]->judge, found);
		for (size_t k = 0; k < n; k++)
			report(s, streams[i] == &s->console, &found[k]);
	}
}

size_t splat_count(const struct splat_scanner *s)
{
	return s->nr_entries;
}

const struct splat *splat_at(const struct splat_scanner *s, size_t i)
{
	assert(i < s->nr_entries);
	return &s->entries[i].splat;
}

bool splat_saw_banner(const struct splat_scanner *s)
{
	return s->saw_banner;
}

bool splat_saw_any(const struct splat_scanner *s)
{
	return s->saw_any;
}

const char *splat_kind_name(enum splat_kind kind)
{
	static const char *const names[] = {
		[SPLAT_PANIC] = "panic",	[SPLAT_OOPS] = "oops",
		[SPLAT_BUG] = "bug",		[SPLAT_WARNING] = "warning",
		[SPLAT_BAD_PAGE] = "bad-page",	[SPLAT_LOCKDEP] = "lockdep",
		[SPLAT_SANITIZER] = "sanitizer", [SPLAT_LOST_TIME] = "lost-time",
		[SPLAT_OOM] = "oom",		[SPLAT_RESTART] = "restart",
	};

	assert((size_t)kind < ARRAY_SIZE(names));
	return names[kind];
}
