// SPDX-License-Identifier: GPL-2.0-or-later
#include <ctype.h>
#include <errno.h>
#include <inttypes.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "base/clean.h"
#include "cmd/page_rows.h"
#include "model/snapshot.h"

/* Not octal: nobody writes page frames so, and a leading zero would say something else than it seems. */
static bool take_number(const char **p, uint64_t *ret)
{
	bool hex = (*p)[0] == '0' && ((*p)[1] == 'x' || (*p)[1] == 'X');
	const char *digits = *p + (hex ? 2 : 0);
	char *end;

	if (hex ? !isxdigit((unsigned char)*digits) : !isdigit((unsigned char)*digits))
		return false;
	errno = 0;
	*ret = strtoull(digits, &end, hex ? 16 : 10);
	*p = end;
	return !errno && *ret < SNAPSHOT_MAX_PFN;
}

int pfn_range_parse(const char *text, struct pfn_range *ret, struct rig_err *err)
{
	const char *p = text;
	uint64_t first, last;

	if (!take_number(&p, &first))
		goto malformed;
	last = first;
	if (*p == '-') {
		p++;
		if (!take_number(&p, &last))
			goto malformed;
	}
	if (*p)
		goto malformed;
	if (last < first)
		return rig_err_set(err, RIG_USAGE, EINVAL, "range '%s' ends before it starts", text);
	*ret = (struct pfn_range){ first, last + 1 };
	return 0;
malformed:
	return rig_err_set(err, RIG_USAGE, EINVAL,
			   "range '%s' is not two page frame numbers, such as 0x100000-0x107fff", text);
}

/* The state has been checked: rows were made of it before. */
static json_t *cut_list(const json_t *list, const struct pfn_range *range)
{
	json_t *ret = json_array(), *run;
	size_t i;

	json_array_foreach((json_t *)list, i, run) {
		uint64_t pfn = strtoull(json_string_value(json_object_get(run, "pfn")), NULL, 16);
		uint64_t end = pfn + (uint64_t)json_integer_value(json_object_get(run, "nr"));
		uint64_t from = pfn > range->start ? pfn : range->start;
		uint64_t to = end < range->end ? end : range->end;

		if (from >= to)
			continue;
		json_object_set_new(run, "pfn", json_sprintf("0x%" PRIx64, from));
		json_object_set_new(run, "nr", json_integer((json_int_t)(to - from)));
		json_array_append(ret, run);
	}
	return ret;
}

void pfn_range_cut(json_t *state, const struct pfn_range *range)
{
	static const char *const lists[] = { "pages", "faults" };

	for (size_t i = 0; i < ARRAY_SIZE(lists); i++)
		json_object_set_new(state, lists[i], cut_list(json_object_get(state, lists[i]), range));
}
