// SPDX-License-Identifier: GPL-2.0-or-later
/* Typed reading of nodes: each kind of value has one parser, which takes the whole value or none. */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "base/clean.h"
#include "base/mem.h"
#include "scenario/scenario_doc.h"

#define MAX_DURATION_MS (24ull * 60 * 60 * 1000)
#define DIGITS "0123456789"

static const char *type_name(json_type type)
{
	switch (type) {
	case JSON_OBJECT:
		return "an object";
	case JSON_ARRAY:
		return "an array";
	case JSON_STRING:
		return "a string";
	case JSON_INTEGER:
		return "an integer";
	case JSON_REAL:
		return "a real number";
	case JSON_TRUE:
	case JSON_FALSE:
		return "true or false";
	case JSON_NULL:
		break;
	}
	return "null";
}

int doc_check_type(const struct doc_node *node, json_type want, struct rig_err *err)
{
	if (json_typeof(node->value) == want)
		return 0;
	return doc_err(node, err, "must be %s, not %s", type_name(want),
		       type_name(json_typeof(node->value)));
}

static char *join_names(const char *const *names)
{
	AUTO_STRV struct strv list = { 0 };
	size_t len = 1;
	char *text, *p;

	for (; *names; names++) {
		strv_add(&list, *names);
		len += strlen(*names) + 2;
	}
	text = p = xcalloc(1, len);
	for (size_t i = 0; i < list.n; i++)
		p += sprintf(p, "%s%s", i ? ", " : "", list.v[i]);
	return text;
}

static bool is_among(const char *text, const char *const *names, unsigned int *ret)
{
	for (unsigned int i = 0; names[i]; i++) {
		if (!strcmp(text, names[i])) {
			*ret = i;
			return true;
		}
	}
	return false;
}

int doc_check_keys(const struct doc_node *node, const char *const *known, struct rig_err *err)
{
	unsigned int i;
	int ret;

	ret = doc_check_type(node, JSON_OBJECT, err);
	if (ret < 0)
		return ret;
	for (const struct doc_node *c = node->child; c; c = c->next) {
		if (!is_among(c->key, known, &i)) {
			AUTO_FREE char *names = join_names(known);

			return doc_err(c, err, "unknown key; use one of %s", names);
		}
	}
	return 0;
}

int doc_read_text(const struct doc_node *node, char **ret, struct rig_err *err)
{
	const char *text;
	int r;

	r = doc_check_type(node, JSON_STRING, err);
	if (r < 0)
		return r;
	text = json_string_value(node->value);
	if (!text[strspn(text, " \t\r\n\v\f")])
		return doc_err(node, err, "must not be empty");
	*ret = xstrdup(text);
	return 0;
}

int doc_read_line(const struct doc_node *node, char **ret, struct rig_err *err)
{
	AUTO_FREE char *text = NULL;
	int r;

	r = doc_read_text(node, &text, err);
	if (r < 0)
		return r;
	for (const char *p = text; *p; p++)
		if ((unsigned char)*p < ' ' || *p == 0x7f)
			return doc_err(node, err, "must be one line without control characters");
	*ret = TAKE_PTR(text);
	return 0;
}

int doc_read_word(const struct doc_node *node, const struct doc_word *word, char **ret,
		  struct rig_err *err)
{
	const char *text;
	size_t len;
	int r;

	r = doc_check_type(node, JSON_STRING, err);
	if (r < 0)
		return r;
	text = json_string_value(node->value);
	len = strlen(text);
	if (!len || len > word->max_bytes || !strchr(word->first, *text) ||
	    1 + strspn(text + 1, word->rest) != len)
		return doc_err(node, err, "'%.*s' is no %s: use %s", doc_clip(text), text,
			       word->what, word->shape);
	*ret = xstrdup(text);
	return 0;
}

int doc_read_choice(const struct doc_node *node, const char *const *names, unsigned int *ret,
		    struct rig_err *err)
{
	const char *text;
	int r;

	r = doc_check_type(node, JSON_STRING, err);
	if (r < 0)
		return r;
	text = json_string_value(node->value);
	if (!is_among(text, names, ret)) {
		AUTO_FREE char *list = join_names(names);

		return doc_err(node, err, "'%.*s' is not known here; use one of %s",
			       doc_clip(text), text, list);
	}
	return 0;
}

int doc_read_bool(const struct doc_node *node, bool *ret, struct rig_err *err)
{
	if (!json_is_boolean(node->value))
		return doc_err(node, err, "must be true or false, not %s",
			       type_name(json_typeof(node->value)));
	*ret = json_is_true(node->value);
	return 0;
}

int doc_read_uint(const struct doc_node *node, unsigned int min, unsigned int max,
		  unsigned int *ret, struct rig_err *err)
{
	json_int_t value;
	int r;

	r = doc_check_type(node, JSON_INTEGER, err);
	if (r < 0)
		return r;
	value = json_integer_value(node->value);
	if (value < min || value > max)
		return doc_err(node, err, "%" JSON_INTEGER_FORMAT " is outside %u to %u", value,
			       min, max);
	*ret = (unsigned int)value;
	return 0;
}

/* Decimal, no sign, no leading zero, not 0.  @unit: what follows.  False: malformed. */
static bool split_number(const char *text, unsigned long long *number, const char **unit)
{
	char *end;

	if (*text < '1' || *text > '9')
		return false;
	errno = 0;
	*number = strtoull(text, &end, 10);	/* ULLONG_MAX when out of range */
	*unit = end;
	return true;
}

int doc_read_size(const struct doc_node *node, uint64_t *ret_bytes, struct rig_err *err)
{
	static const char units[] = "KMGT";
	unsigned long long number;
	const char *text, *unit;
	unsigned int shift;
	int r;

	r = doc_check_type(node, JSON_STRING, err);
	if (r < 0)
		return r;
	text = json_string_value(node->value);
	if (!split_number(text, &number, &unit) || !*unit || !strchr(units, *unit) || unit[1])
		return doc_err(node, err, "'%.*s' is no size: use an integer above 0 and K, M, G or T, such as '256M'",
			       doc_clip(text), text);
	shift = 10 * (unsigned int)(strchr(units, *unit) - units + 1);
	if (number > UINT64_MAX >> shift)
		return doc_err(node, err, "'%.*s' is too large for 64 bits", doc_clip(text), text);
	*ret_bytes = (uint64_t)number << shift;
	return 0;
}

int doc_read_size_or_zero(const struct doc_node *node, uint64_t *ret_bytes, struct rig_err *err)
{
	if (json_is_string(node->value) && !strcmp(json_string_value(node->value), "0")) {
		*ret_bytes = 0;
		return 0;
	}
	return doc_read_size(node, ret_bytes, err);
}

int doc_read_hex(const struct doc_node *node, uint64_t max, uint64_t *ret, struct rig_err *err)
{
	unsigned long long value;
	const char *text;
	int r;

	r = doc_check_type(node, JSON_STRING, err);
	if (r < 0)
		return r;
	text = json_string_value(node->value);
	if (strncmp(text, "0x", 2) || !text[2] ||
	    text[2 + strspn(text + 2, DIGITS "abcdefABCDEF")])
		return doc_err(node, err, "'%.*s' is no hexadecimal number: use '0x' and digits, such as '0xa5'",
			       doc_clip(text), text);
	errno = 0;
	value = strtoull(text + 2, NULL, 16);
	if (errno == ERANGE || value > max)
		return doc_err(node, err, "'%.*s' is larger than 0x%llx", doc_clip(text), text,
			       (unsigned long long)max);
	*ret = value;
	return 0;
}

int doc_read_duration(const struct doc_node *node, uint64_t *ret_ms, struct rig_err *err)
{
	static const struct {
		const char *unit;
		unsigned int ms;
	} units[] = { { "ms", 1 }, { "s", 1000 }, { "m", 60 * 1000 } };
	unsigned long long number = 0;
	const char *text, *unit = "";
	int r;

	r = doc_check_type(node, JSON_STRING, err);
	if (r < 0)
		return r;
	text = json_string_value(node->value);
	if (!split_number(text, &number, &unit))
		unit = "";
	for (size_t i = 0; i < ARRAY_SIZE(units); i++) {
		if (strcmp(unit, units[i].unit))
			continue;
		if (number > MAX_DURATION_MS / units[i].ms)
			return doc_err(node, err, "'%.*s' is longer than a day", doc_clip(text), text);
		*ret_ms = number * units[i].ms;
		return 0;
	}
	return doc_err(node, err, "'%.*s' is no duration: use an integer above 0 and ms, s or m, such as '30s'",
		       doc_clip(text), text);
}

int doc_check_list(const struct doc_node *node, struct rig_err *err)
{
	int r = doc_check_type(node, JSON_ARRAY, err);

	return r < 0 || node->child ? r : doc_err(node, err, "must not be empty");
}

int doc_read_strings(const struct doc_node *node, doc_read_fn *read, char ***ret,
		     struct rig_err *err)
{
	AUTO_STRV struct strv list = { 0 };
	int r;

	r = doc_check_list(node, err);
	if (r < 0)
		return r;
	for (const struct doc_node *c = node->child; c; c = c->next) {
		AUTO_FREE char *text = NULL;

		r = read(c, &text, err);
		if (r < 0)
			return r;
		strv_add(&list, text);
	}
	*ret = TAKE_PTR(list.v);
	list = (struct strv){ 0 };
	return 0;
}
