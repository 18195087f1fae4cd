// SPDX-License-Identifier: GPL-2.0-or-later
#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clean.h"
#include "kernel/fragment.h"

#define PREFIX		"CONFIG_"
#define NOT_SET		" is not set"

/* One line taken apart; points into it */
struct option_line {
	const char *name, *value;
	size_t name_len, value_len;
};

void wanted_deinit(struct wanted *w)
{
	for (size_t i = 0; i < w->n; i++) {
		free(w->v[i].name);
		free(w->v[i].value);
		free(w->v[i].from);
	}
	free(w->v);
	*w = (struct wanted){ 0 };
}

static size_t symbol_length(const char *s)
{
	size_t n = strlen(PREFIX);

	if (strncmp(s, PREFIX, n))
		return 0;
	while (isalnum((unsigned char)s[n]) || s[n] == '_')
		n++;
	return n > strlen(PREFIX) ? n : 0;
}

/* 1: says something; 0: comment or blank; -1: neither */
static int split_line(const char *line, size_t len, struct option_line *ret)
{
	const char *name = line;
	size_t n;

	while (len && isspace((unsigned char)line[len - 1]))
		len--;
	if (!len)
		return 0;
	if (*line == '#') {
		name += strspn(line + 1, " ") + 1;
		n = symbol_length(name);
		if (!n || name + n + strlen(NOT_SET) != line + len ||
		    strncmp(name + n, NOT_SET, strlen(NOT_SET)))
			return 0;
		*ret = (struct option_line){ name, "n", n, 1 };
		return 1;
	}
	n = symbol_length(line);
	if (!n || line[n] != '=' || n + 1 >= len)
		return -1;
	*ret = (struct option_line){ line, line + n + 1, n, len - n - 1 };
	return 1;
}

static struct wanted_option *find(const struct wanted *w, const struct option_line *line)
{
	for (size_t i = 0; i < w->n; i++)
		if (strlen(w->v[i].name) == line->name_len &&
		    !memcmp(w->v[i].name, line->name, line->name_len))
			return &w->v[i];
	return NULL;
}

static void want(struct wanted *w, const struct option_line *line, const char *from)
{
	struct wanted_option *o = find(w, line);

	if (!o) {
		GROW(w->v, w->n, w->cap);
		o = &w->v[w->n++];
		*o = (struct wanted_option){ .name = xstrndup(line->name, line->name_len) };
	}
	free(o->value);
	free(o->from);
	o->value = xstrndup(line->value, line->value_len);
	o->from = xstrdup(from);
}

int wanted_add(struct wanted *w, const char *from, const char *text, struct rig_err *err)
{
	size_t number = 1;

	for (const char *line = text; *line; number++) {
		size_t len = strcspn(line, "\n");
		struct option_line option;
		int is = split_line(line, len, &option);

		if (is < 0)
			return rig_err_set(err, RIG_USAGE, EINVAL,
					   "fragment '%s', line %zu: '%.*s' is no config: "
					   "write CONFIG_X=value or '# CONFIG_X is not set'",
					   from, number, (int)(len < 80 ? len : 80), line);
		if (is && option.value_len == 1 && *option.value == 'm')
			return rig_err_set(err, RIG_USAGE, EINVAL,
					   "fragment '%s', line %zu: asks for a module, but "
					   "kernels are built without: write '%.*s=y'",
					   from, number, (int)option.name_len, option.name);
		if (is)
			want(w, &option, from);
		line += len + (line[len] == '\n');
	}
	return 0;
}

char *wanted_text(const struct wanted *w)
{
	char *text = NULL;
	size_t len;
	FILE *f = open_memstream(&text, &len);

	for (size_t i = 0; f && i < w->n; i++) {
		if (!strcmp(w->v[i].value, "n"))
			fprintf(f, "# %s" NOT_SET "\n", w->v[i].name);
		else
			fprintf(f, "%s=%s\n", w->v[i].name, w->v[i].value);
	}
	if (f)
		fclose(f);
	return text ? text : xstrdup("");
}

char *config_value(const char *config, const char *name)
{
	struct option_line option, last = { .value = "n", .value_len = 1 };

	for (const char *line = config; *line;) {
		size_t len = strcspn(line, "\n");

		if (split_line(line, len, &option) == 1 && option.name_len == strlen(name) &&
		    !memcmp(option.name, name, option.name_len))
			last = option;
		line += len + (line[len] == '\n');
	}
	return xstrndup(last.value, last.value_len);
}

size_t wanted_check(const struct wanted *w, const char *config, const char *base, struct strv *lost)
{
	size_t of_others = 0;

	for (size_t i = 0; i < w->n; i++) {
		const struct wanted_option *o = &w->v[i];
		AUTO_FREE char *is = config_value(config, o->name);

		if (!strcmp(is, o->value))
			continue;
		if (!strcmp(is, "n"))
			strv_addf(lost, "%s=%s (%s) is not set", o->name, o->value, o->from);
		else
			strv_addf(lost, "%s=%s (%s) became %s", o->name, o->value, o->from, is);
		of_others += strcmp(o->from, base) != 0;
	}
	return of_others;
}
