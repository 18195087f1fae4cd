// SPDX-License-Identifier: GPL-2.0-or-later
#include <ctype.h>
#include <stdio.h>
#include <string.h>

#include "splat/splat_rules.h"

/* Kernel text is bytes, not the host's locale. */
static bool is_word(char c)
{
	return isalnum((unsigned char)c) || c == '_';
}

/* "foo.isra.0+0x12/0x34": length of "foo.isra.0"; 0 when that is not what stands there */
static size_t symbol_len(const char *text)
{
	size_t n = 0;

	while (is_word(text[n]) || text[n] == '.' || text[n] == '$')
		n++;
	if (n == 0 || isdigit((unsigned char)text[0]) || strncmp(text + n, "+0x", 3))
		return 0;
	return n;
}

/* what the compiler appended differs between builds of the same source */
static int base_len(const char *symbol, size_t len)
{
	const char *dot = memchr(symbol + 1, '.', len - 1);

	return (int)(dot ? (size_t)(dot - symbol) : len);
}

bool splat_symbol(const char *text, char *name, size_t size)
{
	size_t len = symbol_len(text);

	if (!len)
		return false;
	snprintf(name, size, "%.*s", base_len(text, len), text);
	return true;
}

static void append(char *title, size_t size, const char *text, size_t len)
{
	size_t used = strlen(title);

	snprintf(title + used, size - used, "%.*s", (int)len, text);
}

/*
 * Is the run of word characters a number that another run would print differently?  A decimal
 * behind a hyphen is part of a name ("kmalloc-64").
 */
static bool is_volatile(const char *run, size_t len, char before)
{
	size_t nr_digits = 0;

	if (len > 2 && !strncmp(run, "0x", 2))
		return true;
	for (size_t i = 0; i < len; i++) {
		if (!isxdigit((unsigned char)run[i]))
			return false;
		nr_digits += isdigit((unsigned char)run[i]) != 0;
	}
	if (nr_digits == len)
		return before != '-';
	return len >= 8 && nr_digits > 0;
}

/* "mm/sparse.c:12:3" and "mm/sparse.c:12!": where ":12" starts inside the word; NULL: nowhere */
static const char *file_position(const char *word, size_t len)
{
	for (const char *p = memchr(word, ':', len); p;
	     p = memchr(p + 1, ':', len - (size_t)(p + 1 - word))) {
		bool is_file = p - word > 2 && p[-2] == '.' && strchr("chS", p[-1]);

		if (is_file && isdigit((unsigned char)p[1]))
			return p;
	}
	return NULL;
}

static void append_word(char *title, size_t size, const char *word, size_t len)
{
	size_t symbol = symbol_len(word);
	const char *position = file_position(word, len);

	if (symbol) {
		append(title, size, word, (size_t)base_len(word, symbol));
		return;
	}
	if (position)
		len = (size_t)(position - word);
	for (size_t i = 0, n; i < len; i += n) {
		n = 1;
		if (is_word(word[i]))
			while (i + n < len && is_word(word[i + n]))
				n++;
		if (is_word(word[i]) && is_volatile(word + i, n, i ? word[i - 1] : ' '))
			append(title, size, "N", 1);
		else
			append(title, size, word + i, n);
	}
}

/* "[nfit]", "[sh:12]", "[0x10-0x20]"; "exitcode=0x9" */
static bool is_noise(const char *word, size_t len)
{
	const char *eq = memchr(word, '=', len);

	if (word[0] == '[' && word[len - 1] == ']')
		return true;
	return word[0] == ']' || (eq && isdigit((unsigned char)eq[1]));
}

void splat_title_stable(char *title, size_t size, const char *text)
{
	size_t used = strlen(title), start = used;

	for (size_t len; *(text += strspn(text, " ")); text += len) {
		len = strcspn(text, " ");
		if (is_noise(text, len))
			continue;
		if (used > start)
			append(title, size, " ", 1);
		append_word(title, size, text, len);
		used = strlen(title);
	}
	while (used && strchr(" .:,", title[used - 1]))
		title[--used] = '\0';
}
