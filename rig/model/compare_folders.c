// SPDX-License-Identifier: GPL-2.0-or-later
/* /sys/devices/system/node/nodeN: the names in it, but for those of its blocks, CPUs and access classes. */
#include <stdio.h>
#include <string.h>

#include "base/clean.h"
#include "base/mem.h"
#include "model/compare.h"
#include "model/counters.h"

static const char *folder_of(const struct snapshot *s, unsigned int node)
{
	char file[64];

	snprintf(file, sizeof(file), "folder/sys/devices/system/node/node%u", node);
	return counters_find(&s->counters, file, "");
}

/* Whether @name, up to the next blank, is one of @names. */
static bool is_among(const char *names, const char *name)
{
	size_t len = strcspn(name, " ");

	for (; *names; names += strcspn(names, " "), names += *names == ' ')
		if (strcspn(names, " ") == len && !strncmp(names, name, len))
			return true;
	return false;
}

static void report(const struct check *c, unsigned int node, const char *boot, const char *names, const char *than,
		   const char *what)
{
	for (; *names; names += strcspn(names, " "), names += *names == ' ') {
		char expected[96];

		if (is_among(than, names))
			continue;
		snprintf(expected, sizeof(expected), "node%u: the same entries as node%s at boot", node, boot);
		finding_addf(c->out, c->step, "node.folder", expected, "%s %.*s", what, (int)strcspn(names, " "), names);
	}
}

/* Before a4a00b451ef5 ("mm: hugetlb: eliminate memory-less nodes handling", v6.1) only those with memory had hugepages. */
void compare_folders(const struct check *c)
{
	const char *was = NULL;
	char boot[16] = "";

	for (size_t i = 0; i < c->m->base->nr_links && !was; i++) {
		was = folder_of(c->m->base, c->m->base->links[i].node);
		snprintf(boot, sizeof(boot), "%u", c->m->base->links[i].node);
	}
	for (unsigned int node = 0; node < 64 && was; node++) {
		const char *is = model_nodes_with_memory(c->m) >> node & 1 ? folder_of(c->s, node) : NULL;

		if (is) {
			report(c, node, boot, was, is, "without");
			report(c, node, boot, is, was, "with");
		}
	}
}
