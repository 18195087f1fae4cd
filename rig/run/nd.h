/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * nd: persistent memory as the guest's kernel describes it in sysfs: regions and namespaces of
 * libnvdimm, their pfn and dax layers, and the devices of device-dax.  Level 5.
 *
 * Entries are objects of strings, named after the attributes; an attribute that the kernel does not
 * show at the moment is not there.  The guest is not trusted: nd_look() refuses what has another shape.
 */
#ifndef RIG_ND_H
#define RIG_ND_H

#include <jansson.h>
#include <stdbool.h>
#include <stdint.h>

#include "run/guest.h"

struct nd_view {
	json_t *nd, *dax;	/* arrays of entries */
};

/** nd_look() - ask, once all of it has been probed */
int nd_look(struct guest *g, uint64_t until_ns, struct nd_view *ret, struct rig_err *err) RIG_CHECKED;
void nd_view_deinit(struct nd_view *v);
#define AUTO_ND __attribute__((cleanup(nd_view_deinit)))

/** nd_text() - an attribute; NULL when it is not there */
const char *nd_text(const json_t *entry, const char *attribute);
/** nd_number() - an attribute that is one number, decimal or with 0x; false when it is none */
bool nd_number(const json_t *entry, const char *attribute, uint64_t *ret);
/** nd_find() - the entry of @list by name; NULL when there is none */
const json_t *nd_find(const json_t *list, const char *name);
/** nd_region_dimm() - name of the NVDIMM that a region is on, caller frees; NULL when there is none */
char *nd_region_dimm(const json_t *region);
/** nd_region_at() - the region that begins at @addr; NULL when there is none */
const json_t *nd_region_at(const struct nd_view *v, uint64_t addr);
/** nd_namespace_at() - the namespace that begins there */
const json_t *nd_namespace_at(const struct nd_view *v, uint64_t addr);

#endif
