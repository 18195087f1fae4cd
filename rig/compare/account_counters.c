// SPDX-License-Identifier: GPL-2.0-or-later
#include <errno.h>
#include <fnmatch.h>
#include <string.h>

#include "base/clean.h"
#include "base/mem.h"
#include "compare/account.h"
#include "model/counters.h"

#define ZONEINFO	"/proc/zoneinfo"
#define MEMINFO		"/proc/meminfo"

/* Which of a file's counters follow from the zones' sizes; those that the kernel tunes by use do not. */
static bool is_derived(const struct counter *c)
{
	static const struct {
		const char *file, *name;
	} table[] = {
		{ ZONEINFO, "*/min" }, { ZONEINFO, "*/low" }, { ZONEINFO, "*/high" }, { ZONEINFO, "*/promo" },
		{ ZONEINFO, "*/protection" }, { MEMINFO, "CommitLimit" },
	};

	/* "0/DMA32/cpu0/high" is tuned */
	if (strstr(c->name, "/cpu"))
		return false;
	for (size_t i = 0; i < ARRAY_SIZE(table); i++)
		if (!strcmp(table[i].file, c->file) && !fnmatch(table[i].name, c->name, 0))
			return true;
	return false;
}

int account_counters(struct account *a, size_t step, const json_t *answer, struct rig_err *err)
{
	const char *zoneinfo = json_string_value(json_object_get(answer, "zoneinfo"));
	const char *meminfo = json_string_value(json_object_get(answer, "meminfo"));
	struct counters c = { 0 };
	int r;

	if (!zoneinfo || !meminfo)
		return rig_err_set(err, RIG_HOST, EBADMSG, "counters without zoneinfo or meminfo");
	r = counters_add(&c, ZONEINFO, zoneinfo, err);
	if (!r)
		r = counters_add(&c, MEMINFO, meminfo, err);
	for (size_t i = 0; i < c.nr && !r; i++)
		if (is_derived(&c.v[i]))
			detail_add(&a->details, step, DETAIL_DERIVED, xstrdup(c.v[i].name), xstrdup(c.v[i].value));
	counters_deinit(&c);
	return r;
}
