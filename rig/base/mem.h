/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * mem: allocation for the host program.  Level 0.
 *
 * Running out of memory on the host ends the program with a message and exit code 3: there is
 * nothing useful left to do, QEMU dies with us and the next run sweeps.
 */
#ifndef RIG_MEM_H
#define RIG_MEM_H

#include <stdarg.h>
#include <stddef.h>

void *xcalloc(size_t n, size_t size) __attribute__((malloc, returns_nonnull));
void *xrealloc(void *p, size_t n, size_t size) __attribute__((returns_nonnull));
char *xstrdup(const char *s) __attribute__((malloc, returns_nonnull));
char *xstrndup(const char *s, size_t n) __attribute__((malloc, returns_nonnull));
char *xasprintf(const char *fmt, ...) __attribute__((format(printf, 1, 2), malloc, returns_nonnull));

/**
 * GROW() - make room for one more element in array @a of @n elements, capacity @cap
 * @cap counts elements; starts at 0 with @a NULL.
 */
#define GROW(a, n, cap)									\
	do {										\
		if ((n) == (cap)) {							\
			(cap) = (cap) ? (cap) * 2 : 16;					\
			(a) = xrealloc((a), (cap), sizeof(*(a)));			\
		}									\
	} while (0)

/*
 * strv: a growing NULL-terminated array of strings that it owns (argv, file lists).
 * { 0 } is the empty one.
 */
struct strv {
	char **v;		/* NULL-terminated once something was added; else NULL */
	size_t n, cap;
};

void strv_add(struct strv *s, const char *text);
void strv_addf(struct strv *s, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
void strv_deinit(struct strv *s);
#define AUTO_STRV __attribute__((cleanup(strv_deinit)))

/** strings_free() - a NULL-terminated array of strings and all of them; NULL allowed */
void strings_free(char **v);

#endif
