// SPDX-License-Identifier: GPL-2.0-or-later
#include <jansson.h>
#include <stdio.h>

#include "cmd/explain_coverage.h"
#include "model/coverage.h"

static const char *const titles[] = {
	[COVER_PREDICTED] = "Predicted: by these invariants, after every step",
	[COVER_BASELINE] = "Baseline: as at the start, once all that was plugged is gone",
	[COVER_EXCLUDED] = "Excluded: neither, because",
};

static void show(const struct coverage *c)
{
	printf("  %s%s%s\n      %s\n", c->file, *c->names ? ": " : "", c->names, c->why);
}

static void show_json(const struct coverage *c)
{
	json_auto_t *o = json_pack("{ssssssss}", "kind", coverage_kind_name(c->kind), "files", c->file, "names",
				   c->names, c->kind == COVER_PREDICTED ? "invariants" : "reason", c->why);

	json_dumpf(o, stdout, JSON_COMPACT);
	putchar('\n');
}

void explain_coverage(bool json)
{
	const struct coverage *c;

	for (enum coverage_kind kind = COVER_PREDICTED; kind < COVER_NR_KINDS; kind++) {
		if (!json)
			printf("%s%s\n", kind ? "\n" : "", titles[kind]);
		for (size_t i = 0; (c = coverage_at(i)); i++)
			if (c->kind == kind)
				json ? show_json(c) : show(c);
	}
}
