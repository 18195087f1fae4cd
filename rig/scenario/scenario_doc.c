// SPDX-License-Identifier: GPL-2.0-or-later
#include <assert.h>
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "base/clean.h"
#include "base/io.h"
#include "base/mem.h"
#include "scenario/scenario_doc.h"

#define MAX_QUOTE_BYTES 60
#define MAX_POINTER_BYTES 300	/* in a message; a hostile key must not push the reason out */

struct scan {
	const char *p, *end;
	unsigned int line;
	struct rig_err *err;
};

static void node_destroy(struct doc_node *node)
{
	while (node) {
		struct doc_node *next = node->next;

		node_destroy(node->child);
		free(node->key);
		free(node);
		node = next;
	}
}

void doc_destroy(struct doc *doc)
{
	if (!doc)
		return;
	node_destroy(doc->root);
	json_decref(doc->json);
	free(doc->path);
	free(doc);
}

static void print_pointer(const struct doc_node *node, FILE *out)
{
	if (!node->parent)
		return;
	print_pointer(node->parent, out);
	fputc('/', out);
	if (!node->key)
		fprintf(out, "%zu", node->index);
	for (const char *p = node->key; p && *p; p++) {
		if (*p == '~' || *p == '/')	/* RFC 6901 */
			fprintf(out, "~%c", *p == '~' ? '0' : '1');
		else
			fputc(*p, out);
	}
}

char *doc_pointer(const struct doc_node *node)
{
	char *text = NULL;
	size_t len;
	FILE *out = open_memstream(&text, &len);

	if (!out)
		return xstrdup("");
	print_pointer(node, out);
	fclose(out);
	return text;
}

/* Never in the middle of a UTF-8 sequence: messages go into JSON records. */
static size_t clipped(const char *text, size_t max)
{
	size_t len = strlen(text);

	if (len <= max)
		return len;
	while (max && ((unsigned char)text[max] & 0xc0) == 0x80)
		max--;
	return max;
}

static void clip(char *text, size_t max)
{
	if (strlen(text) > max)
		memcpy(text + clipped(text, max - 3), "...", 4);
}

int doc_clip(const char *text)
{
	return (int)clipped(text, MAX_QUOTE_BYTES);
}

int doc_err(const struct doc_node *node, struct rig_err *err, const char *fmt, ...)
{
	AUTO_FREE char *pointer = doc_pointer(node);
	char text[600];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	clip(pointer, MAX_POINTER_BYTES);
	clip(text, sizeof(text) - 2);
	rig_err_set(err, RIG_USAGE, EINVAL, "%s:%u: %s%s%s", node->doc->path, node->line, pointer,
		    *pointer ? ": " : "", text);
	/* a key or value of the file must not move the cursor of a terminal */
	for (char *p = err->text; *p; p++)
		if ((unsigned char)*p < ' ' || *p == 0x7f)
			*p = '?';
	return -EINVAL;
}

/* The scanner: only over text that jansson accepted, so what comes next is never in doubt. */

static char peek(const struct scan *s)
{
	return s->p < s->end ? *s->p : '\0';
}

static void skip_space(struct scan *s)
{
	for (; s->p < s->end && strchr(" \t\r\n", *s->p); s->p++)
		if (*s->p == '\n')
			s->line++;
}

static void skip_string(struct scan *s)
{
	assert(peek(s) == '"');
	for (s->p++; s->p < s->end && *s->p != '"'; s->p++)
		if (*s->p == '\\')
			s->p++;
	s->p++;
}

static void skip_scalar(struct scan *s)
{
	while (s->p < s->end && !strchr(",]} \t\r\n", *s->p))
		s->p++;
}

/* jansson itself decodes the escapes of a key */
static char *scan_key(struct scan *s)
{
	const char *start = s->p;
	json_auto_t *key = NULL;

	skip_string(s);
	key = json_loadb(start, (size_t)(s->p - start), JSON_DECODE_ANY, NULL);
	assert(json_is_string(key));
	return xstrdup(json_string_value(key));
}

static struct doc_node *add_child(struct doc_node *parent, struct doc_node **last)
{
	struct doc_node *node = xcalloc(1, sizeof(*node));

	node->doc = parent->doc;
	node->parent = parent;
	if (*last)
		(*last)->next = node;
	else
		parent->child = node;
	*last = node;
	return node;
}

static int scan_value(struct scan *s, struct doc_node *node);

static int scan_object(struct scan *s, struct doc_node *object)
{
	json_auto_t *seen = json_object();	/* a hash, so that many keys stay cheap */
	struct doc_node *last = NULL;
	int ret;

	for (s->p++, skip_space(s); peek(s) != '}'; skip_space(s)) {
		struct doc_node *node = add_child(object, &last);

		node->line = s->line;
		node->key = scan_key(s);
		if (json_object_get(seen, node->key))
			return doc_err(node, s->err, "duplicate key; keep one of them");
		json_object_set_new(seen, node->key, json_true());
		node->value = json_object_get(object->value, node->key);
		skip_space(s);
		s->p++;		/* ':' */
		skip_space(s);
		ret = scan_value(s, node);
		if (ret < 0)
			return ret;
		skip_space(s);
		if (peek(s) == ',')
			s->p++;
	}
	s->p++;
	return 0;
}

static int scan_array(struct scan *s, struct doc_node *array)
{
	struct doc_node *last = NULL;
	size_t index = 0;
	int ret;

	for (s->p++, skip_space(s); peek(s) != ']'; skip_space(s)) {
		struct doc_node *node = add_child(array, &last);

		node->line = s->line;
		node->index = index++;
		node->value = json_array_get(array->value, node->index);
		ret = scan_value(s, node);
		if (ret < 0)
			return ret;
		skip_space(s);
		if (peek(s) == ',')
			s->p++;
	}
	s->p++;
	return 0;
}

/* As deep as jansson went, which is limited (2048). */
static int scan_value(struct scan *s, struct doc_node *node)
{
	assert(s->p < s->end);
	switch (peek(s)) {
	case '{':
		return scan_object(s, node);
	case '[':
		return scan_array(s, node);
	case '"':
		skip_string(s);
		return 0;
	default:
		skip_scalar(s);
		return 0;
	}
}

int doc_read_file(const char *path, char **ret, size_t *ret_len, struct rig_err *err)
{
	int r = io_read_file(path, DOC_MAX_BYTES, ret, ret_len, err);

	if (r < 0)
		err->cause = RIG_USAGE;
	return r;
}

int doc_parse(const char *path, const char *text, size_t len, struct doc **ret,
	      struct rig_err *err)
{
	AUTO_DOC struct doc *doc = NULL;
	struct scan scan = { text, text + len, 1, err };
	json_error_t jerr;
	json_t *json;
	int r;

	if (len > DOC_MAX_BYTES)
		return rig_err_set(err, RIG_USAGE, EFBIG, "%s: larger than %d bytes", path,
				   DOC_MAX_BYTES);
	json = json_loadb(text, len, 0, &jerr);
	if (!json)
		return rig_err_set(err, RIG_USAGE, EINVAL, "%s:%d:%d: %s", path, jerr.line,
				   jerr.column, jerr.text);
	doc = xcalloc(1, sizeof(*doc));
	doc->path = xstrdup(path);
	doc->json = json;
	doc->root = xcalloc(1, sizeof(*doc->root));
	doc->root->doc = doc;
	doc->root->value = json;
	skip_space(&scan);
	doc->root->line = scan.line;
	r = scan_value(&scan, doc->root);
	if (r < 0)
		return r;
	*ret = TAKE_PTR(doc);
	return 0;
}

const struct doc_node *doc_get(const struct doc_node *node, const char *key)
{
	for (const struct doc_node *c = node->child; c; c = c->next)
		if (c->key && !strcmp(c->key, key))
			return c;
	return NULL;
}

int doc_need(const struct doc_node *node, const char *key, const struct doc_node **ret,
	     struct rig_err *err)
{
	const struct doc_node *found = doc_get(node, key);

	if (!found)
		return doc_err(node, err, "key '%s' is missing", key);
	*ret = found;
	return 0;
}
