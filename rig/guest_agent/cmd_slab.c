// SPDX-License-Identifier: GPL-2.0-or-later
/* Who in the kernel holds how many slab objects, where the kernel notes it (slub_debug=U). */
#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clean.h"
#include "base/mem.h"
#include "guest_agent/agent.h"

#define SLAB_DIR "/sys/kernel/debug/slab"

/* "   12 do_thing+0x1b/0x30 age=1/2/3 pid=1-30 ..."; the stacks below it begin with letters. */
static void take_line(char *line, const char *cache, json_t *sites)
{
	char *count = line + strspn(line, " "), *where, *end;
	AUTO_FREE char *name = NULL;
	long long nr;

	nr = strtoll(count, &end, 10);
	if (end == count || *end != ' ')
		return;
	where = end + strspn(end, " ");
	where[strcspn(where, " \n")] = '\0';
	name = xasprintf("%s %s", cache, where);
	nr += json_integer_value(json_object_get(sites, name));
	json_object_set_new(sites, name, json_integer(nr));
}

static void take_cache(const char *cache, json_t *sites)
{
	AUTO_FREE char *path = xasprintf(SLAB_DIR "/%s/alloc_traces", cache), *line = NULL;
	AUTO_FCLOSE FILE *f = fopen(path, "re");
	size_t size = 0;

	while (f && getline(&line, &size, f) > 0)
		take_line(line, cache, sites);

}

/* {}: {sites: {"CACHE FUNCTION": objects}}; no site at all when the kernel does not note them */
int cmd_query_call_sites(const struct request *req, json_t **ret, struct rig_err *err)
{
	DIR *d = opendir(SLAB_DIR);
	json_t *sites = json_object();
	struct dirent *e;

	(void)req;
	(void)err;
	while (d && (e = readdir(d)))
		if (*e->d_name != '.')
			take_cache(e->d_name, sites);
	if (d)
		closedir(d);
	*ret = json_pack("{so}", "sites", sites);
	return 0;
}
