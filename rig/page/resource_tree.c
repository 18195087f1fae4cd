// SPDX-License-Identifier: GPL-2.0-or-later
#include <errno.h>
#include <stdlib.h>

#include "base/clean.h"
#include "base/mem.h"
#include "page/resource_tree.h"

bool resource_tree_known(const struct page_layout *l)
{
	const struct layout_field *needed[] = {
		&l->resource.start, &l->resource.end, &l->resource.flags, &l->resource.desc, &l->resource.sibling,
		&l->resource.child,
	};

	for (size_t i = 0; i < ARRAY_SIZE(needed); i++)
		if (!needed[i]->has || needed[i]->size != 8)
			return false;
	return true;
}

struct tree {
	const struct kernel_memory *memory;
	const struct layout_resource *layout;
	struct resource *resource;
	size_t nr, cap;
};

static int read_word(const struct tree *t, uint64_t at, const struct layout_field *f, uint64_t *ret)
{
	return kernel_memory_copy(t->memory, at + f->offset, ret, sizeof(*ret));
}

static int read_one(struct tree *t, uint64_t at, unsigned int depth)
{
	struct resource r = { .depth = depth };
	int e;

	if ((e = read_word(t, at, &t->layout->start, &r.start)) < 0 || (e = read_word(t, at, &t->layout->end, &r.end)) < 0 ||
	    (e = read_word(t, at, &t->layout->flags, &r.flags)) < 0 || (e = read_word(t, at, &t->layout->desc, &r.desc)) < 0)
		return e;
	GROW(t->resource, t->nr, t->cap);
	t->resource[t->nr++] = r;
	return 0;
}

static int read_children(struct tree *t, uint64_t parent, unsigned int depth)
{
	uint64_t at;
	int e = read_word(t, parent, &t->layout->child, &at);

	while (e == 0 && at) {
		if (depth >= RESOURCE_TREE_DEPTH || t->nr >= RESOURCE_TREE_MAX)
			return -EFAULT;
		e = read_one(t, at, depth);
		if (e == 0)
			e = read_children(t, at, depth + 1);
		if (e == 0)
			e = read_word(t, at, &t->layout->sibling, &at);
	}
	return e;
}

int resource_tree_read(const struct kernel_memory *memory, const struct page_layout *l, uint64_t root,
		       struct resource **ret, size_t *ret_nr)
{
	struct tree t = { .memory = memory, .layout = &l->resource };
	int e = read_children(&t, root, 0);

	if (e < 0) {
		free(t.resource);
		return e;
	}
	*ret = t.resource;
	*ret_nr = t.nr;
	return 0;
}
