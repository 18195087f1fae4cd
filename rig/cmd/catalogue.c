// SPDX-License-Identifier: GPL-2.0-or-later
#include <errno.h>
#include <stdlib.h>

#include "base/clean.h"
#include "cmd/catalogue.h"
#include "base/tree.h"
#include "vm/machine.h"

static int check_machine(const struct scenario *s, struct rig_err *err)
{
	AUTO_FREE char *known = xstrdup("");
	const struct machine_shape *shape;

	if (machine_find(s->machine))
		return 0;
	for (unsigned int i = 0; (shape = machine_at(i)); i++) {
		AUTO_FREE char *before = known;

		known = xasprintf("%s%s%s", before, i ? ", " : "", shape->name);
	}
	return rig_err_set(err, RIG_USAGE, EINVAL,
			   "%s: /machine: there is no machine '%s'; use one of %s", s->path,
			   s->machine, known);
}

int catalogue_claims(struct catalogue *c, struct rig_err *err)
{
	AUTO_FREE char *root = tree_path("scenarios");

	return c->claims ? 0 : claims_load(root, &c->claims, err);
}

int catalogue_check(struct catalogue *c, const struct scenario *s, struct rig_err *err)
{
	int r = check_machine(s, err);

	if (r < 0 || !*s->claims)
		return r;
	r = catalogue_claims(c, err);
	return r ? r : claims_check(c->claims, s, err);
}

int catalogue_load(struct catalogue *c, const char *root, struct rig_err *err)
{
	AUTO_STRV struct strv paths = { 0 };
	struct rig_err why;
	int r;

	r = scenario_list_files(root, &paths, err);
	for (size_t i = 0; i < paths.n; i++) {
		struct scenario *s = NULL;

		if (scenario_load(root, paths.v[i], &s, &why) < 0 || catalogue_check(c, s, &why) < 0) {
			strv_add(&c->mistakes, why.text);
			scenario_destroy(s);
			continue;
		}
		GROW(c->scenario, c->nr, c->cap);
		c->scenario[c->nr++] = s;
	}
	return r;
}

void catalogue_deinit(struct catalogue *c)
{
	for (size_t i = 0; i < c->nr; i++)
		scenario_destroy(c->scenario[i]);
	free(c->scenario);
	claims_destroy(c->claims);
	strv_deinit(&c->mistakes);
	*c = (struct catalogue){ 0 };
}
