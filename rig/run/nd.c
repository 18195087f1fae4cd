// SPDX-License-Identifier: GPL-2.0-or-later
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/clean.h"
#include "base/mem.h"
#include "run/nd.h"

static bool well_formed(const json_t *list)
{
	const json_t *entry, *value;
	const char *key;
	size_t i;

	if (!json_is_array(list))
		return false;
	json_array_foreach(list, i, entry) {
		if (!json_is_string(json_object_get(entry, "name")))
			return false;
		json_object_foreach((json_t *)entry, key, value)
			if (!json_is_string(value))
				return false;
	}
	return true;
}

int nd_look(struct guest *g, uint64_t until_ns, struct nd_view *ret, struct rig_err *err)
{
	json_auto_t *answer = NULL;
	int r = qmp_call(g->link, "query-namespaces", NULL, until_ns, &answer, NULL, err);

	if (r < 0)
		return r;
	if (!well_formed(json_object_get(answer, "nd")) || !well_formed(json_object_get(answer, "dax")))
		return rig_err_set(err, RIG_AGENT, EBADMSG, "the agent's answer is malformed: query-namespaces");
	*ret = (struct nd_view){ json_incref(json_object_get(answer, "nd")),
				 json_incref(json_object_get(answer, "dax")) };
	return 0;
}

void nd_view_deinit(struct nd_view *v)
{
	json_decref(v->nd);
	json_decref(v->dax);
	*v = (struct nd_view){ 0 };
}

const char *nd_text(const json_t *entry, const char *attribute)
{
	return json_string_value(json_object_get(entry, attribute));
}

bool nd_number(const json_t *entry, const char *attribute, uint64_t *ret)
{
	const char *text = nd_text(entry, attribute);
	unsigned long long value;
	char *end;

	if (!text || !*text || *text == '-')
		return false;
	errno = 0;
	value = strtoull(text, &end, 0);
	if (errno || *end)
		return false;
	*ret = value;
	return true;
}

const json_t *nd_find(const json_t *list, const char *name)
{
	const json_t *entry;
	size_t i;

	json_array_foreach(list, i, entry)
		if (!strcmp(nd_text(entry, "name"), name))
			return entry;
	return NULL;
}

char *nd_region_dimm(const json_t *region)
{
	const char *mapping = nd_text(region, "mapping0");

	return mapping ? xstrndup(mapping, strcspn(mapping, ",")) : NULL;
}

static const json_t *find_at(const struct nd_view *v, const char *kind, uint64_t addr)
{
	const json_t *entry;
	uint64_t start;
	size_t i;

	json_array_foreach(v->nd, i, entry)
		if (!strncmp(nd_text(entry, "name"), kind, strlen(kind)) && nd_number(entry, "resource", &start) &&
		    start == addr)
			return entry;
	return NULL;
}

const json_t *nd_region_at(const struct nd_view *v, uint64_t addr)
{
	return find_at(v, "region", addr);
}

const json_t *nd_namespace_at(const struct nd_view *v, uint64_t addr)
{
	return find_at(v, "namespace", addr);
}
