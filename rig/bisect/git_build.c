// SPDX-License-Identifier: GPL-2.0-or-later
#include "base/clean.h"
#include "base/mem.h"
#include "bisect/git_build.h"

int git_build(void *arg, const struct worktree *w, const char *tree, struct kernel **ret, struct rig_err *err)
{
	struct build_request request = *(const struct build_request *)arg;
	AUTO_FREE char *key = NULL, *spec = NULL;
	bool new;
	int r;

	request.tree = w->dir;
	request.clean = tree;
	r = build_kernel(&request, &key, &new, err);
	if (r < 0)
		return r;
	spec = xasprintf("built:%s", key);
	return kernel_resolve(spec, &request.options, ret, err);
}
