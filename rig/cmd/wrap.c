// SPDX-License-Identifier: GPL-2.0-or-later
#include <string.h>

#include "base/clean.h"
#include "base/mem.h"
#include "cmd/wrap.h"

#define PLAIN "\033[0m"

void wrap_pad(struct wrap *w, size_t column)
{
	if (w->column >= column)
		return;
	fprintf(w->out, "%*s", (int)(column - w->column), "");
	w->column = column;
}

/* Behind padding no further blank is needed: it ends at the indent, or where the next column begins. */
void wrap_word(struct wrap *w, const char *word, const char *color)
{
	size_t len = strlen(word);

	if (w->column > w->indent && w->width && w->column + 1 + len > w->width) {
		fputc('\n', w->out);
		w->column = 0;
	}
	if (w->column <= w->indent)
		wrap_pad(w, w->indent);
	else
		wrap_pad(w, w->column + 1);
	fprintf(w->out, "%s%s%s", color ? color : "", word, color ? PLAIN : "");
	w->column += len;
}

void wrap_words(struct wrap *w, const char *text)
{
	AUTO_FREE char *copy = xstrdup(text);
	char *rest = copy;

	for (char *word; (word = strsep(&rest, " ")); )
		if (*word)
			wrap_word(w, word, NULL);
}

void wrap_end(struct wrap *w)
{
	if (w->column)
		fputc('\n', w->out);
	w->column = 0;
}
