// SPDX-License-Identifier: GPL-2.0-or-later
#include <stdlib.h>
#include <string.h>

#include "base/clean.h"
#include "base/clock.h"
#include "base/mem.h"
#include "run/parameters.h"

#define NAME_CHARS "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_-"

/* '-' and '_' are the same to the kernel; files have '_' */
static bool parse(char *word, struct parameter *p)
{
	size_t module = strspn(word, NAME_CHARS), name;
	char *value;

	if (!module || word[module] != '.')
		return false;
	name = strspn(word + module + 1, NAME_CHARS);
	value = word + module + 1 + name;
	if (!name || *value != '=' || strlen(word) >= sizeof(p->name))
		return false;
	*value++ = '\0';
	for (char *c = word; *c; c++)
		*c = *c == '-' ? '_' : *c;
	snprintf(p->name, sizeof(p->name), "%s", word);
	snprintf(p->value, sizeof(p->value), "%s", value);
	snprintf(p->path, sizeof(p->path), "/sys/module/%.*s/parameters/%s", (int)module, word, word + module + 1);
	return true;
}

size_t parameters_of(const char *cmdline, struct parameter **ret)
{
	AUTO_FREE char *copy = xstrdup(cmdline);
	struct parameter *list = NULL;
	size_t n = 0, cap = 0, i;
	char *save, *word;

	for (word = strtok_r(copy, " ", &save); word; word = strtok_r(NULL, " ", &save)) {
		struct parameter p;

		if (!parse(word, &p))
			continue;
		for (i = 0; i < n && strcmp(list[i].name, p.name); i++)
			;
		if (i == n) {
			GROW(list, n, cap);
			n++;
		}
		list[i] = p;
	}
	*ret = list;
	return n;
}

/* kstrtobool(), and what param_get_bool() prints */
static int truth(const char *text)
{
	if (*text && strchr("1yYtT", *text))
		return 1;
	if (*text && strchr("0nNfF", *text))
		return 0;
	if (*text == 'o' || *text == 'O')
		return text[1] == 'n' || text[1] == 'N' ? 1 : text[1] == 'f' || text[1] == 'F' ? 0 : -1;
	return -1;
}

bool parameter_reads_as(const char *value, const char *text)
{
	size_t len = strcspn(text, "\n");

	if (strlen(value) == len && !strncmp(value, text, len))
		return true;
	/* a bool shows as one letter, whatever it was set with */
	return len == 1 && strchr("YN", *text) && truth(value) == (*text == 'Y');
}

int parameters_read(struct run *run, json_t **ret, struct rig_err *err)
{
	AUTO_FREE struct parameter *list = NULL;
	size_t n = parameters_of(run->guest.cmdline, &list);
	json_t *paths = json_array();

	for (size_t i = 0; i < n; i++)
		json_array_append_new(paths, json_string(list[i].path));
	return guest_read(&run->guest, paths, clock_in_ms(LOOK_MS), ret, err);
}

static bool is_refused(const struct parameter *p, const json_t *kmsg)
{
	AUTO_FREE char *words = xasprintf("invalid for parameter `%s'", p->name);
	json_t *data;
	size_t i;

	json_array_foreach((json_t *)kmsg, i, data) {
		const char *text = json_string_value(json_object_get(data, "text"));

		if (text && strstr(text, words))
			return true;
	}
	return false;
}

void parameters_judge(struct run *run, const json_t *files, const json_t *kmsg)
{
	AUTO_FREE struct parameter *list = NULL;
	size_t n = parameters_of(run->guest.cmdline, &list);

	for (size_t i = 0; i < n; i++) {
		const struct parameter *p = &list[i];
		const char *text = json_string_value(json_object_get(files, p->path));
		char expected[320];

		/* not every parameter has a file, nor is every module there yet */
		if (!text || parameter_reads_as(p->value, text) || is_refused(p, kmsg))
			continue;
		snprintf(expected, sizeof(expected), "%s=%s", p->name, p->value);
		run_finding(run, "policy.parameter", expected, "%.*s", (int)strcspn(text, "\n"), text);
	}
}
