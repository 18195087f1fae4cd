// SPDX-License-Identifier: GPL-2.0-or-later
#include <limits.h>
#include <string.h>

#include "base/clean.h"
#include "base/mem.h"
#include "base/tree.h"

char *tree_path(const char *below)
{
	const char *data = getenv("HOTRIG_DATA");
	char self[PATH_MAX];
	ssize_t n;

	if (data && *data)
		return xasprintf("%s/%s", data, below);
	n = readlink("/proc/self/exe", self, sizeof(self) - 1);
	self[n > 0 ? n : 0] = '\0';
	if (strrchr(self, '/'))
		*strrchr(self, '/') = '\0';
	return xasprintf("%s/%s", self, below);
}
