/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * splat: recognise what a kernel says when it is unwell.  Level 1, pure: bytes in, splats out.
 *
 * Fed with console bytes as they come, or with whole kernel log records; both go through the same
 * rules.  Knows nothing of guests, scenarios or files.
 */
#ifndef RIG_SPLAT_H
#define RIG_SPLAT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum splat_kind {
	SPLAT_PANIC,		/* "Kernel panic - not syncing: ..." */
	SPLAT_OOPS,		/* page fault, GPF, double fault, "Oops: ..." */
	SPLAT_BUG,		/* "kernel BUG at ...", "BUG: ..." not named below */
	SPLAT_WARNING,		/* "WARNING: CPU: ... at ..." */
	SPLAT_BAD_PAGE,		/* "BUG: Bad page state / Bad rss-counter / Bad page map" */
	SPLAT_LOCKDEP,		/* "possible circular locking", "suspicious RCU usage", ... */
	SPLAT_SANITIZER,	/* KASAN, KCSAN, UBSAN, KFENCE, KMSAN */
	SPLAT_LOST_TIME,	/* RCU stall, soft/hard lockup, hung task, workqueue lockup */
	SPLAT_OOM,		/* the OOM killer ran */
	SPLAT_RESTART,		/* a second "Linux version" banner: the machine restarted silently */
	SPLAT_NR_KINDS
};

struct splat {
	enum splat_kind kind;
	char title[256];	/* stable across runs: no addresses, pids, CPU numbers, offsets */
	char first_line[512];	/* as it stood there, without timestamp */
	uint64_t line;		/* 1-based line of the console, or the kernel log's sequence number */
	bool from_console;
};

struct splat_scanner;

struct splat_scanner *splat_scanner_create(void);
void splat_scanner_destroy(struct splat_scanner *s);

/**
 * splat_feed_console() - bytes of the serial console, any split, any bytes
 * Handles \r\n, ANSI sequences, NULs, lines without end (bounded), and "[   1.234567]" stamps.
 */
void splat_feed_console(struct splat_scanner *s, const char *data, size_t len);

/** splat_feed_record() - one record of /dev/kmsg, text only, may hold several lines */
void splat_feed_record(struct splat_scanner *s, uint64_t seq, const char *text, size_t len);

/** splat_flush() - the stream has ended: judge what is still half a line */
void splat_flush(struct splat_scanner *s);

/**
 * Splats found so far, in order.  The same splat seen on console and in the log counts once
 * (same title; each witness may report it as often as the other before it counts again).
 */
size_t splat_count(const struct splat_scanner *s);
const struct splat *splat_at(const struct splat_scanner *s, size_t i);

/** splat_saw_banner() - "Linux version ..." was on the console: this kernel ran */
bool splat_saw_banner(const struct splat_scanner *s);
/** splat_saw_any() - any byte at all was on the console */
bool splat_saw_any(const struct splat_scanner *s);

/** splat_kind_name() - "panic", "bad-page" ...; as "splat.<name>" it is the finding's invariant */
const char *splat_kind_name(enum splat_kind kind);

#endif
