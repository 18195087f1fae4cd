// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The corpus: tests/fixtures/console/NAME.console is what a kernel prints, NAME.expect the splats
 * in it, one "kind<TAB>title" per line.
 */
#include <dirent.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

#include "base/clean.h"
#include "base/io.h"
#include "base/mem.h"
#include "splat/splat.h"

#ifndef FIXTURES
#define FIXTURES "rig/tests/fixtures/console"	/* units run at the top of the tree */
#endif

struct sample {
	char *name, *text, *expect;
	size_t len;
};

struct corpus {
	struct sample *samples;
	size_t n, cap;
};

static char *read_sample(const char *name, const char *suffix, size_t *len)
{
	AUTO_FREE char *path = xasprintf("%s/%s%s", FIXTURES, name, suffix);
	struct rig_err err;
	char *text = NULL;

	if (io_read_file(path, 1 << 20, &text, len, &err) < 0)
		fail_msg("%s", err.text);
	return text;
}

static int load_corpus(void **state)
{
	struct corpus *c = xcalloc(1, sizeof(*c));
	DIR *d = opendir(FIXTURES);

	assert_non_null(d);
	for (struct dirent *e; (e = readdir(d)); ) {
		char *dot = strrchr(e->d_name, '.');
		struct sample s = { 0 };

		if (!dot || strcmp(dot, ".console"))
			continue;
		s.name = xstrndup(e->d_name, (size_t)(dot - e->d_name));
		s.text = read_sample(s.name, ".console", &s.len);
		s.expect = read_sample(s.name, ".expect", NULL);
		GROW(c->samples, c->n, c->cap);
		c->samples[c->n++] = s;
	}
	closedir(d);
	assert_true(c->n > 40);
	*state = c;
	return 0;
}

static int free_corpus(void **state)
{
	struct corpus *c = *state;

	for (size_t i = 0; i < c->n; i++) {
		free(c->samples[i].name);
		free(c->samples[i].text);
		free(c->samples[i].expect);
	}
	free(c->samples);
	free(c);
	return 0;
}

/* what the scanner found, in the form of the .expect files; ends its stream */
static char *found(struct splat_scanner *s)
{
	char *text = xstrdup("");

	splat_flush(s);
	for (size_t i = 0; i < splat_count(s); i++) {
		const struct splat *p = splat_at(s, i);
		char *more = xasprintf("%s%s\t%s\n", text, splat_kind_name(p->kind), p->title);

		free(text);
		text = more;
	}
	return text;
}

static void check(struct splat_scanner *s, const char *expect, const char *name, const char *how)
{
	AUTO_FREE char *seen = found(s);

	if (strcmp(seen, expect))
		fail_msg("%s, %s:\nexpected:\n%sseen:\n%s", name, how, expect, seen);
	splat_scanner_destroy(s);
}

static struct splat_scanner *fed(const char *text, size_t len)
{
	struct splat_scanner *s = splat_scanner_create();

	splat_feed_console(s, text, len);
	return s;
}

static struct splat_scanner *fed_text(const char *text)
{
	return fed(text, strlen(text));
}

/* the lines of a console as the kernel log has them: one record each, without stamp */
static void feed_records(struct splat_scanner *s, const char *text)
{
	uint64_t seq = 0;

	while (*text) {
		size_t len = strcspn(text, "\n");
		const char *body = text, *end = text + len;

		for (int i = 0; i < 2 && *body == '['; i++) {
			const char *close = memchr(body, ']', (size_t)(end - body));

			if (!close || body + 1 + strspn(body + 1, " .0123456789TC") < close)
				break;
			body = close + 1 + (close + 1 < end && close[1] == ' ');
		}
		splat_feed_record(s, seq++, body, (size_t)(end - body));
		text = end + (*end == '\n');
	}
}

static void corpus_on_console(void **state)
{
	const struct corpus *c = *state;

	for (size_t i = 0; i < c->n; i++) {
		const struct sample *p = &c->samples[i];

		check(fed(p->text, p->len), p->expect, p->name, "in one piece");
	}
}

static void corpus_with_crlf_and_colours(void **state)
{
	const struct corpus *c = *state;

	for (size_t i = 0; i < c->n; i++) {
		const struct sample *p = &c->samples[i];
		struct splat_scanner *s = splat_scanner_create();

		for (size_t k = 0; k < p->len; k++) {
			if (p->text[k] == '\n')
				splat_feed_console(s, "\033[0m\r", 5);
			splat_feed_console(s, &p->text[k], 1);
			if (p->text[k] == '\n')
				splat_feed_console(s, "\033(B\033[1;31m\033]0;x\a\0", 17);
		}
		check(s, p->expect, p->name, "with CRLF, colours and NULs");
	}
}

static void corpus_split_at_every_byte(void **state)
{
	const struct corpus *c = *state;

	for (size_t i = 0; i < c->n; i++) {
		const struct sample *p = &c->samples[i];

		for (size_t at = 1; at < p->len; at++) {
			struct splat_scanner *s = fed(p->text, at);

			splat_feed_console(s, p->text + at, p->len - at);
			check(s, p->expect, p->name, "split");
		}
	}
}

static void corpus_as_records(void **state)
{
	const struct corpus *c = *state;

	for (size_t i = 0; i < c->n; i++) {
		const struct sample *p = &c->samples[i];
		struct splat_scanner *s = splat_scanner_create();

		if (!strcmp(p->name, "restart")) {
			/* a log that is read again repeats the banner: only the console tells */
			feed_records(s, p->text);
			check(s, "", p->name, "as records");
			continue;
		}
		feed_records(s, p->text);
		check(s, p->expect, p->name, "as records");
	}
}

static void corpus_from_both_counts_once(void **state)
{
	const struct corpus *c = *state;

	for (size_t i = 0; i < c->n; i++) {
		const struct sample *p = &c->samples[i];
		struct splat_scanner *s = splat_scanner_create();

		feed_records(s, p->text);
		splat_flush(s);
		splat_feed_console(s, p->text, p->len);
		check(s, p->expect, p->name, "log, then console");
		s = fed(p->text, p->len);
		splat_flush(s);
		feed_records(s, p->text);
		check(s, p->expect, p->name, "console, then log");
	}
}

static void each_witness_counts_as_often_as_the_other(void **state)
{
	static const char warning[] = "WARNING: CPU: 0 PID: 1 at mm/x.c:1 foo+0x1/0x2\n";
	struct splat_scanner *s = splat_scanner_create();

	(void)state;
	splat_feed_console(s, warning, strlen(warning));
	splat_feed_console(s, warning, strlen(warning));
	splat_feed_record(s, 7, warning, strlen(warning));
	assert_int_equal(splat_count(s), 2);
	splat_feed_record(s, 8, warning, strlen(warning));
	assert_int_equal(splat_count(s), 2);
	splat_feed_record(s, 9, warning, strlen(warning));
	assert_int_equal(splat_count(s), 3);
	assert_true(splat_at(s, 0)->from_console);
	assert_int_equal(splat_at(s, 1)->line, 2);
	assert_false(splat_at(s, 2)->from_console);
	assert_int_equal(splat_at(s, 2)->line, 9);
	splat_feed_console(s, warning, strlen(warning));
	assert_int_equal(splat_count(s), 3);
	splat_scanner_destroy(s);
}

static void a_record_may_hold_several_lines(void **state)
{
	static const char text[] = "something\nBUG: Bad page state in process sh  pfn:12\n more";
	struct splat_scanner *s = splat_scanner_create();

	(void)state;
	splat_feed_record(s, 42, text, strlen(text));
	assert_int_equal(splat_count(s), 1);
	assert_int_equal(splat_at(s, 0)->line, 42);
	assert_string_equal(splat_at(s, 0)->first_line,
			    "BUG: Bad page state in process sh  pfn:12");
	assert_false(splat_saw_any(s));
	splat_scanner_destroy(s);
}

static void first_line_has_no_stamp(void **state)
{
	struct splat_scanner *s = fed_text("\n<3>[    1.234567][   T12] watchdog: BUG: soft lockup"
					   " - CPU#0 stuck for 22s! [sh:12]\r\n");

	(void)state;
	assert_int_equal(splat_count(s), 1);
	assert_int_equal(splat_at(s, 0)->line, 2);
	assert_string_equal(splat_at(s, 0)->first_line,
			    "watchdog: BUG: soft lockup - CPU#0 stuck for 22s! [sh:12]");
	splat_scanner_destroy(s);
}

static void a_line_without_end_hides_nothing(void **state)
{
	struct splat_scanner *s = splat_scanner_create();
	char dots[777];

	(void)state;
	memset(dots, '.', sizeof(dots));
	for (int i = 0; i < 100; i++)
		splat_feed_console(s, dots, sizeof(dots));
	/* the middle of a long line is no start of a line */
	splat_feed_console(s, "BUG: not me", 11);
	splat_feed_console(s, "[    1.234567] BUG: Bad page map in process sh  pte:1\n", 54);
	check(s, "bad-page\tBUG: Bad page map\n", "endless line", "then a stamp");
}

static void every_place_of_the_stamp_in_a_full_buffer(void **state)
{
	static const char stamped[] = "[    1.234567] BUG: Bad page map in process sh  pte:1\n";

	(void)state;
	for (size_t before = 900; before < 1200; before++) {
		struct splat_scanner *s = splat_scanner_create();

		for (size_t i = 0; i < before; i++)
			splat_feed_console(s, ".", 1);
		splat_feed_console(s, stamped, strlen(stamped));
		check(s, "bad-page\tBUG: Bad page map\n", "full buffer", "then a stamp");
	}
}

static void bytes_that_are_no_text_survive_as_question_marks(void **state)
{
	struct splat_scanner *s = fed_text("BUG: \xff" "an \xc3\x28 odd\x01 thing\n");

	(void)state;
	check(s, "bug\tBUG: ?an ?( odd? thing\n", "odd bytes", "on the console");
}

static void half_a_line_is_judged_at_the_end(void **state)
{
	struct splat_scanner *s = fed_text("[    1.234567] Kernel panic - not syncing: Oh no");

	(void)state;
	assert_int_equal(splat_count(s), 0);
	check(s, "panic\tpanic: Oh no\n", "half a line", "flushed");
}

static void a_panic_counts_at_once(void **state)
{
	struct splat_scanner *s = fed_text("BUG: unable to handle page fault for address: 0\n"
					   "Kernel panic - not syncing: Fatal exception\n");

	(void)state;
	assert_int_equal(splat_count(s), 2);
	assert_int_equal(splat_at(s, 0)->kind, SPLAT_OOPS);
	assert_int_equal(splat_at(s, 1)->kind, SPLAT_PANIC);
	splat_scanner_destroy(s);
}

static void banner_and_bytes(void **state)
{
	struct splat_scanner *s = splat_scanner_create();
	static const char banner[] = "Linux version 5.10.0 (x)\n";

	(void)state;
	splat_feed_record(s, 0, banner, strlen(banner));
	assert_false(splat_saw_any(s));
	assert_false(splat_saw_banner(s));
	splat_feed_console(s, "SeaBIOS\n", 8);
	assert_true(splat_saw_any(s));
	assert_false(splat_saw_banner(s));
	splat_feed_console(s, banner, strlen(banner));
	assert_true(splat_saw_banner(s));
	assert_int_equal(splat_count(s), 0);
	/* without stamps every banner is the kernel's */
	splat_feed_console(s, banner, strlen(banner));
	check(s, "restart\tmachine restarted\n", "banner", "twice without stamps");
}

static void a_storm_is_bounded(void **state)
{
	struct splat_scanner *s = splat_scanner_create();

	(void)state;
	for (int i = 0; i < 10000; i++)
		splat_feed_console(s, "BUG: Bad page state\n", 20);
	assert_int_equal(splat_count(s), 4096);
	splat_scanner_destroy(s);
	splat_scanner_destroy(NULL);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(corpus_on_console),
		cmocka_unit_test(corpus_with_crlf_and_colours),
		cmocka_unit_test(corpus_split_at_every_byte),
		cmocka_unit_test(corpus_as_records),
		cmocka_unit_test(corpus_from_both_counts_once),
		cmocka_unit_test(each_witness_counts_as_often_as_the_other),
		cmocka_unit_test(a_record_may_hold_several_lines),
		cmocka_unit_test(first_line_has_no_stamp),
		cmocka_unit_test(a_line_without_end_hides_nothing),
		cmocka_unit_test(every_place_of_the_stamp_in_a_full_buffer),
		cmocka_unit_test(bytes_that_are_no_text_survive_as_question_marks),
		cmocka_unit_test(half_a_line_is_judged_at_the_end),
		cmocka_unit_test(a_panic_counts_at_once),
		cmocka_unit_test(banner_and_bytes),
		cmocka_unit_test(a_storm_is_bounded),
	};

	return cmocka_run_group_tests(tests, load_corpus, free_corpus);
}
