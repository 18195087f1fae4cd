// SPDX-License-Identifier: GPL-2.0-or-later
#include <errno.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/clean.h"
#include "base/mem.h"
#include "qmp_client.h"
#include "qmp/qmp_line.h"

#define READ_BYTES	(64 * 1024)	/* a socket seldom holds more */
#define KEEP_BYTES	(1024 * 1024)	/* an empty buffer above this is given back */
#define EXCERPT_BYTES	100

void qmp_line_deinit(struct qmp_line *l)
{
	free(l->buf);
	*l = (struct qmp_line){ .max_bytes = l->max_bytes };
}

char *qmp_line_room(struct qmp_line *l, size_t *room)
{
	if (l->start == l->end && l->cap > KEEP_BYTES)
		qmp_line_deinit(l);
	if (l->start) {
		/* bytes move at most once: what stays behind starts at 0 from now on */
		memmove(l->buf, l->buf + l->start, l->end - l->start);
		l->end -= l->start;
		l->scanned -= l->start;
		l->start = 0;
	}
	if (l->cap - l->end < READ_BYTES) {
		l->cap = l->cap ? l->cap * 2 : 2 * READ_BYTES;
		l->buf = xrealloc(l->buf, l->cap, 1);
	}
	*room = l->cap - l->end;
	return l->buf + l->end;
}

void qmp_line_fill(struct qmp_line *l, size_t n)
{
	l->end += n;
}

/* a blank line as JSON sees it, whole or the beginning of one */
static void skip_space(struct qmp_line *l)
{
	while (l->start < l->end && memchr(" \t\r\n", l->buf[l->start], 4))
		l->start++;
	if (l->scanned < l->start)
		l->scanned = l->start;
}

int qmp_line_next(struct qmp_line *l, const char **line, size_t *len)
{
	const char *first, *nl;
	size_t n;

	skip_space(l);
	if (l->scanned == l->end)
		return 0;
	first = l->buf + l->start;
	nl = memchr(l->buf + l->scanned, '\n', l->end - l->scanned);
	if (!nl) {
		l->scanned = l->end;
		/* the last byte may be the CR of a line that just fits */
		return l->end - l->start > l->max_bytes + 1 ? -EMSGSIZE : 0;
	}
	n = (size_t)(nl - first);
	if (n && first[n - 1] == '\r')
		n--;
	if (n > l->max_bytes)
		return -EMSGSIZE;
	*line = first;
	*len = n;
	l->start = l->scanned = (size_t)(nl - l->buf) + 1;
	return 1;
}

size_t qmp_line_rest(struct qmp_line *l, const char **rest)
{
	size_t n = l->end - l->start;

	*rest = n ? l->buf + l->start : "";
	l->start = l->scanned = l->end;
	return n;
}

void qmp_line_copy(char *dst, size_t size, const char *utf8)
{
	size_t n = strnlen(utf8, size);

	if (n == size) {
		n--;
		while (n && ((unsigned char)utf8[n] & 0xc0) == 0x80)
			n--;
	}
	memcpy(dst, utf8, n);
	dst[n] = '\0';
}

void qmp_line_quote(char *dst, size_t size, const char *utf8)
{
	qmp_line_copy(dst, size, utf8);
	for (; *dst; dst++)
		if ((unsigned char)*dst < 0x20 || *dst == 0x7f)
			*dst = '?';
}

/* The bytes may be anything here, so only ASCII gets into the message. */
static int refuse(const struct qmp_config *config, const char *line, size_t len, const char *why,
		  struct rig_err *err)
{
	char excerpt[EXCERPT_BYTES + 1];
	size_t n = len < EXCERPT_BYTES ? len : EXCERPT_BYTES;

	for (size_t i = 0; i < n; i++)
		excerpt[i] = line[i] >= 0x20 && line[i] < 0x7f ? line[i] : '?';
	excerpt[n] = '\0';
	return rig_err_set(err, config->blame, EBADMSG,
			   "'%s' broke the protocol: %s, in '%s%s'; see the record of its wire",
			   config->name, why, excerpt, n < len ? "..." : "");
}

static bool is_string_array(const json_t *array)
{
	if (!json_is_array(array))
		return false;
	for (size_t i = 0; i < json_array_size(array); i++)
		if (!json_is_string(json_array_get(array, i)))
			return false;
	return true;
}

static const char *check_greeting(const struct qmp_message *m)
{
	const json_t *capabilities = json_object_get(m->value, "capabilities");

	if (!json_is_object(m->value))
		return "greeting is not an object";
	if (!json_is_object(json_object_get(m->value, "version")))
		return "greeting without an object 'version'";
	if (capabilities && !is_string_array(capabilities))
		return "'capabilities' is not an array of strings";
	return NULL;
}

static const char *check_event(const struct qmp_message *m)
{
	const json_t *data = json_object_get(m->root, "data");

	if (!json_string_length(m->value))
		return "name of an event is not a string";
	if (data && !json_is_object(data))
		return "data of an event is not an object";
	return NULL;
}

static const char *check_return(const struct qmp_message *m)
{
	return m->has_id ? NULL : "return without id";
}

static const char *check_error(const struct qmp_message *m)
{
	if (!json_is_string(json_object_get(m->value, "class")) ||
	    !json_is_string(json_object_get(m->value, "desc")))
		return "error without strings 'class' and 'desc'";
	return NULL;
}

static void read_id(struct qmp_message *m)
{
	const json_t *id = json_object_get(m->root, "id");

	m->has_id = id;
	m->id = json_is_integer(id) && json_integer_value(id) >= 0 ? json_integer_value(id) : -1;
}

/* what kind it is; new members beside the one that makes the kind are allowed by the protocol */
static const char *classify(const struct qmp_config *config, struct qmp_message *m)
{
	const struct {
		const char *key;
		const char *(*check)(const struct qmp_message *m);
	} kinds[] = {
		[QMP_GREETING] = { config->greeting_key, check_greeting },
		[QMP_EVENT] = { "event", check_event },
		[QMP_RETURN] = { "return", check_return },
		[QMP_ERROR] = { "error", check_error },
	};
	size_t found = 0;

	if (!json_is_object(m->root))
		return "JSON, but not an object";
	for (size_t i = 0; i < ARRAY_SIZE(kinds); i++) {
		json_t *value = json_object_get(m->root, kinds[i].key);

		if (!value)
			continue;
		m->kind = (enum qmp_kind)i;
		m->value = value;
		found++;
	}
	if (!found)
		return "neither greeting, event, return nor error";
	if (found > 1)
		return "more than one of greeting, event, return and error";
	read_id(m);
	return kinds[m->kind].check(m);
}

int qmp_line_parse(const struct qmp_config *config, const char *line, size_t len,
		   struct qmp_message *ret, struct rig_err *err)
{
	struct qmp_message m = { 0 };
	json_error_t bad;
	const char *why;

	/* jansson itself refuses bytes that are not UTF-8, integers beyond 64 bits, deep nesting */
	m.root = json_loadb(line, len, JSON_REJECT_DUPLICATES, &bad);
	if (!m.root) {
		char text[JSON_ERROR_TEXT_LENGTH + 16] = "not JSON: ";
		size_t n = strlen(text);

		qmp_line_quote(text + n, sizeof(text) - n, bad.text);
		return refuse(config, line, len, text, err);
	}
	why = classify(config, &m);
	if (why) {
		json_decref(m.root);
		return refuse(config, line, len, why, err);
	}
	*ret = m;
	return 0;
}
