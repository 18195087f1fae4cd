// SPDX-License-Identifier: GPL-2.0-or-later
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "base/clean.h"
#include "base/mem.h"
#include "compare/page_value.h"
#include "page/state.h"

/* As they are told; the exported flags say in other words what stands before them. */
static const char *const keys[] = {
	"flags", "type", "type_word", "refcount", "mapcount", "zone", "node", "head", "bytes", "counted",
	"kpageflags",
};
#define EXPORTED (ARRAY_SIZE(keys) - 1)
#define COUNTED (ARRAY_SIZE(keys) - 2)

/* Only what /proc/kpageflags and its like say. */
static bool is_exported_only(const json_t *o)
{
	for (size_t i = 0; i < COUNTED; i++)
		if (json_object_get(o, keys[i]))
			return false;
	return true;
}

static bool key_equal(const json_t *a, const json_t *b, size_t key)
{
	const json_t *x = json_object_get(a, keys[key]), *y = json_object_get(b, keys[key]);

	/* of a page that changed meanwhile it is not known */
	if (key >= COUNTED && (!json_object_get(a, keys[EXPORTED]) || !json_object_get(b, keys[EXPORTED])))
		return true;
	return x == y || json_equal(x, y);
}

bool page_value_equal(const json_t *a, const json_t *b)
{
	if (!a || !b)
		return a == b;
	if (is_exported_only(a) || is_exported_only(b))
		return key_equal(a, b, EXPORTED) && key_equal(a, b, COUNTED);
	for (size_t i = 0; i < ARRAY_SIZE(keys); i++)
		if (!key_equal(a, b, i))
			return false;
	return true;
}

/* @text is freed */
static char *append(char *text, const char *key, const json_t *value)
{
	const char *space = *text ? " " : "";
	char *longer;

	if (json_is_true(value))
		longer = xasprintf("%s%s%s", text, space, key);
	else if (json_is_string(value))
		longer = xasprintf("%s%s%s=%s", text, space, key, json_string_value(value));
	else
		longer = xasprintf("%s%s%s=%" JSON_INTEGER_FORMAT, text, space, key, json_integer_value(value));
	free(text);
	return longer;
}

char *page_value_text(const json_t *a, const json_t *b)
{
	char *text = xstrdup("");

	if (!a) {
		free(text);
		return xstrdup("no memmap");
	}
	for (size_t i = 0; i < ARRAY_SIZE(keys); i++) {
		const json_t *value = json_object_get(a, keys[i]);

		if (value && !(b && key_equal(a, b, i)) && !(i == EXPORTED && *text))
			text = append(text, keys[i], value);
	}
	if (!*text) {
		free(text);
		return xstrdup(json_object_get(a, "flags") ? "nothing more" : "with the allocator");
	}
	return text;
}

/* @flags without "reserved", "none" when there is nothing else; caller frees */
static char *without_reserved(const char *flags)
{
	AUTO_FREE char *copy = xstrdup(flags);
	char *rest = NULL, *ret = xstrdup("");

	for (char *flag = strtok_r(copy, "|", &rest); flag; flag = strtok_r(NULL, "|", &rest)) {
		char *both = strcmp(flag, "reserved") ? xasprintf("%s%s%s", ret, *ret ? "|" : "", flag) : xstrdup(ret);

		free(ret);
		ret = both;
	}
	if (!*ret) {
		free(ret);
		return xstrdup("none");
	}
	return ret;
}

/* @page of the old era, as the new one has it; new reference */
static json_t *translate(const json_t *page, const char *flags)
{
	const char *exported = json_string_value(json_object_get(page, "kpageflags"));
	AUTO_FREE char *left = without_reserved(flags);
	json_t *o = json_copy((json_t *)page);
	bool offline = !strcmp(left, "none");

	json_object_set_new(o, "flags", json_string(left));
	/* a page that holds memmap is in use: it only lost its mark */
	if (offline)
		json_object_set_new(o, "type", json_string("offline"));
	if (exported) {
		uint64_t bits = strtoull(exported, NULL, 16);

		if (bits & 1ull << KPF_RESERVED && offline)
			bits |= 1ull << KPF_OFFLINE;
		bits &= ~(1ull << KPF_RESERVED);
		json_object_set_new(o, "kpageflags", json_sprintf("0x%" PRIx64, bits));
	}
	return o;
}

bool page_value_by_era(const json_t *reserved, const json_t *offline)
{
	const char *flags = json_string_value(json_object_get(reserved, "flags"));
	const char *type = json_string_value(json_object_get(reserved, "type"));
	const char *zone = json_string_value(json_object_get(reserved, "zone"));
	json_auto_t *now = NULL;

	/* ZONE_DEVICE is reserved in both */
	if (!flags || !type || !zone || !offline || !strstr(flags, "reserved") || strcmp(type, "none") ||
	    !strcmp(zone, "Device"))
		return false;
	now = translate(reserved, flags);
	return page_value_equal(now, offline);
}
