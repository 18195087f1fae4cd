// SPDX-License-Identifier: GPL-2.0-or-later
#include "base/clean.h"
#include "base/mem.h"
#include "bisect/git_build.h"
#include "kernel/built.h"

int git_build(const struct build_request *how, const struct worktree *w, const char *tree, struct kernel **ret,
	      struct rig_err *err)
{
	struct build_request request = *how;
	AUTO_FREE char *key = NULL, *spec = NULL;
	bool new;
	int r;

	request.tree = w->dir;
	request.clean = tree;
	r = build_kernel(&request, &key, &new, err);
	if (r < 0)
		return r;
	spec = xasprintf(BUILT_PREFIX "%s", key);
	return kernel_resolve(spec, &request.options, ret, err);
}
