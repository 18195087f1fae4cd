// SPDX-License-Identifier: GPL-2.0-or-later
#include <stdlib.h>

#include "base/clean.h"
#include "base/mem.h"
#include "base/tree.h"
#include "kernel/build.h"
#include "kernel/built.h"
#include "matrix/supply.h"

static void on_progress(void *arg, const char *text)
{
	progress_text(arg, text);
}

static void add_all(struct strv *to, char *const *list)
{
	for (; list && *list; list++)
		strv_add(to, *list);
}

/* Names it "built:KEY" */
static int build(const struct supply_entry *e, const struct kernel_resolve_options *how, char **ret,
		 struct rig_err *err)
{
	AUTO_FREE char *fragments_dir = tree_path("kernels"), *key = NULL;
	AUTO_STRV struct strv fragments = { 0 };
	struct build_request request;
	bool is_new;
	int r;

	add_all(&fragments, e->of->config);
	add_all(&fragments, e->variant ? e->variant->config : NULL);
	request = (struct build_request){
		.tree = e->of->source, .fragments_dir = fragments_dir, .fragments = fragments.v,
		.nr_fragments = fragments.n, .series = e->of->apply, .options = *how,
	};
	r = build_kernel(&request, &key, &is_new, err);
	if (!r)
		*ret = xasprintf(BUILT_PREFIX "%s", key);
	return r;
}

static void make_ready(struct supply *s, struct supply_entry *e)
{
	const struct kernel_resolve_options how = {
		.may_fetch = true, .progress = on_progress, .progress_arg = s->progress,
	};
	AUTO_FREE char *spec = e->of->spec ? xstrdup(e->of->spec) : NULL;
	int r = spec ? 0 : build(e, &how, &spec, &e->trouble);

	if (!r)
		r = kernel_resolve(spec, &how, &e->kernel, &e->trouble);
	if (r < 0)
		rig_err_wrap(&e->trouble, "no kernel '%s'", e->of->name);
}

int supply_get(struct supply *s, const struct matrix_kernel *k, const struct matrix_variant *v,
	       const struct supply_entry **ret, struct rig_err *err)
{
	const struct matrix_variant *own = v->config ? v : NULL;
	struct supply_entry *e;

	for (size_t i = 0; i < s->nr; i++)
		if (s->entry[i].of == k && s->entry[i].variant == own) {
			*ret = &s->entry[i];
			return 0;
		}
	GROW(s->entry, s->nr, s->cap);
	e = &s->entry[s->nr++];
	*e = (struct supply_entry){ .of = k, .variant = own };
	make_ready(s, e);
	if (!e->kernel && e->trouble.cause == RIG_INTERRUPTED) {
		*err = e->trouble;
		return -err->eno;
	}
	if (!e->kernel)
		progress_text(s->progress, e->trouble.text);
	*ret = e;
	return 0;
}

void supply_deinit(struct supply *s)
{
	for (size_t i = 0; i < s->nr; i++)
		kernel_destroy(s->entry[i].kernel);
	free(s->entry);
	*s = (struct supply){ 0 };
}
