// SPDX-License-Identifier: GPL-2.0-or-later
#include <stdlib.h>

#include "base/clean.h"
#include "base/io.h"
#include "base/mem.h"
#include "matrix/repertoire.h"
#include "scenario/scenario_doc.h"

static int digest_file(const char *path, char digest[65], struct rig_err *err)
{
	AUTO_FREE char *text = NULL;
	size_t len;
	int r = io_read_file(path, DOC_MAX_BYTES, &text, &len, err);

	if (!r)
		io_sha256_hex(text, len, digest);
	return r;
}

int repertoire_load(struct repertoire *ret, struct rig_err *err)
{
	struct repertoire all = { 0 };
	int r = selection_add_scenarios(&all.selection, "*", err);

	all.entry = xcalloc(all.selection.nr_scenarios + 1, sizeof(*all.entry));
	for (; all.nr < all.selection.nr_scenarios && !r; all.nr++) {
		struct repertoire_entry *e = &all.entry[all.nr];

		e->scenario = all.selection.scenario[all.nr];
		r = digest_file(e->scenario->path, e->digest, err);
	}
	if (r < 0)
		repertoire_deinit(&all);
	else
		*ret = all;
	return r;
}

void repertoire_deinit(struct repertoire *r)
{
	free(r->entry);
	selection_deinit(&r->selection);
	*r = (struct repertoire){ 0 };
}
