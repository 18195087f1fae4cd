/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * wrap: words into lines that fit.  Level 8, pure.
 *
 * Later lines of a paragraph begin at its indent.  Colour takes no room.  Write errors stay in the
 * file, see ferror(3).
 */
#ifndef RIG_WRAP_H
#define RIG_WRAP_H

#include <stddef.h>
#include <stdio.h>

struct wrap {
	FILE *out;
	size_t width;		/* columns; 0: a paragraph is one line */
	size_t indent;		/* columns */
	size_t column;		/* where it is */
};

/** wrap_word() - @color: escape sequence; NULL: none.  A word that is longer than a line stays whole. */
void wrap_word(struct wrap *w, const char *word, const char *color);
/** wrap_words() - what blanks separate */
void wrap_words(struct wrap *w, const char *text);
/** wrap_pad() - blanks up to @column; where it is there already the next word follows as usual */
void wrap_pad(struct wrap *w, size_t column);
/** wrap_end() - end of the paragraph; nothing was in it: nothing is written */
void wrap_end(struct wrap *w);

#endif
