// SPDX-License-Identifier: GPL-2.0-or-later
/* What the kernel says of persistent memory: the devices of libnvdimm and of device-dax, as sysfs has them. */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clean.h"
#include "base/io.h"
#include "base/mem.h"
#include "guest_agent/agent.h"
#include "guest_agent/attribute.h"

/* Of where the link @path leads to, the last name, or that of the folder it is in; NULL: there is none. */
static json_t *link_name(int dir, const char *path, bool parent)
{
	char target[PATH_MAX];
	ssize_t n = readlinkat(dir, path, target, sizeof(target) - 1);
	char *slash;

	if (n < 0)
		return NULL;
	target[n] = '\0';
	slash = strrchr(target, '/');
	if (parent && !slash)
		return NULL;
	if (parent) {
		*slash = '\0';
		slash = strrchr(target, '/');
	}
	return json_string(slash ? slash + 1 : target);
}

static json_t *entry_json(int dir, const char *entry)
{
	static const char *const names[] = {
		"provider", "devtype", "nstype", "mode", "holder", "namespace", "uuid", "resource", "size",
		"align", "numa_node", "target_node", "max_available_extent", "mapping0", "memmap_on_memory",
		"available_slots",
	};
	AUTO_FREE char *driver = xasprintf("%s/driver", entry);
	json_t *o = json_pack("{ss so* so*}", "name", entry, "parent", link_name(dir, entry, true), "driver",
			      link_name(dir, driver, false));

	for (size_t i = 0; i < ARRAY_SIZE(names); i++) {
		json_t *value = attribute_json(dir, entry, names[i]);

		if (value)
			json_object_set_new(o, names[i], value);
	}
	return o;
}

static json_t *bus_json(const char *path)
{
	json_t *list = json_array();
	struct dirent *e;
	DIR *d = opendir(path);

	while (d && (e = readdir(d)))
		if (e->d_name[0] != '.')
			json_array_append_new(list, entry_json(dirfd(d), e->d_name));
	if (d)
		closedir(d);
	return list;
}

/* Namespaces are probed by kernel threads; reading wait_probe returns when none is left to probe. */
static void settle(void)
{
	DIR *d = opendir("/sys/bus/nd/devices");
	struct dirent *e;

	while (d && (e = readdir(d)))
		if (!strncmp(e->d_name, "ndbus", 5))
			json_decref(attribute_json(dirfd(d), e->d_name, "wait_probe"));
	if (d)
		closedir(d);
}

/* A kernel without the drivers has no such bus: then the list is empty. */
int cmd_query_namespaces(const struct request *req, json_t **ret, struct rig_err *err)
{
	(void)req;
	(void)err;
	settle();
	*ret = json_pack("{so so}", "nd", bus_json("/sys/bus/nd/devices"), "dax",
			 bus_json("/sys/bus/dax/devices"));
	return 0;
}
