// SPDX-License-Identifier: GPL-2.0-or-later
/* What the format calls things. */
#include <errno.h>
#include <string.h>

#include "base/clean.h"
#include "scenario/scenario.h"

#define MAX_ERRNO 4095		/* what a kernel can return */

const char *step_kind_name(enum step_kind kind)
{
	static const char *const names[] = {
		[STEP_PLUG] = "plug",		[STEP_UNPLUG] = "unplug",
		[STEP_RESIZE] = "resize",
		[STEP_ONLINE] = "online",	[STEP_OFFLINE] = "offline",
		[STEP_FILL] = "fill",		[STEP_CHECK] = "check",
		[STEP_RELEASE] = "release",	[STEP_WALK] = "walk",
		[STEP_DEVMEM] = "devmem",	[STEP_POISON] = "poison",
		[STEP_INJECT] = "inject",
		[STEP_POLICY] = "policy",	[STEP_RUN] = "run",
		[STEP_WRITE] = "write",
		[STEP_LEAKS] = "leaks",
		[STEP_AWAIT] = "await",		[STEP_JOIN] = "join",
		[STEP_NAMESPACE] = "namespace",	[STEP_DISABLE] = "disable",
		[STEP_ENABLE] = "enable",	[STEP_DESTROY] = "destroy",
		[STEP_CONVERT] = "convert",	[STEP_REPEAT] = "repeat",
	};

	return names[kind];
}

const char *online_zone_state(enum online_zone zone)
{
	static const char *const names[] = {
		[ZONE_AUTO] = "online",
		[ZONE_KERNEL] = "online_kernel",
		[ZONE_MOVABLE] = "online_movable",
	};

	return names[zone];
}

const char *namespace_mode_name(enum namespace_mode mode)
{
	static const char *const names[] = {
		[NAMESPACE_RAW] = "raw", [NAMESPACE_FSDAX] = "fsdax", [NAMESPACE_DEVDAX] = "devdax",
	};

	return names[mode];
}

const char *fill_kind_name(enum fill_kind kind)
{
	static const char *const names[] = {
		[FILL_ANON] = "anon",		[FILL_THP] = "thp",
		[FILL_HUGETLB] = "hugetlb",	[FILL_PAGECACHE] = "pagecache",
		[FILL_MLOCK] = "mlock",		[FILL_PINNED] = "pinned",
		[FILL_UNMOVABLE] = "unmovable",	[FILL_DEVDAX] = "devdax",
		[FILL_DAX_FILE] = "dax-file",
	};

	return names[kind];
}

int fill_kind_mode(enum fill_kind kind, enum namespace_mode *ret)
{
	if (kind != FILL_DEVDAX && kind != FILL_DAX_FILE)
		return -ENOENT;
	*ret = kind == FILL_DEVDAX ? NAMESPACE_DEVDAX : NAMESPACE_FSDAX;
	return 0;
}

/* Source: ACPI 6.5, table 6.39 "OSPM ejection status"; below 0x80 the same for every source. */
static const struct {
	unsigned int status;
	const char *name;
} ost_names[] = {
	{ 0x00, "success" },	{ 0x01, "failure" },	{ 0x80, "not-supported" },
	{ 0x81, "in-use" },	{ 0x82, "busy" },	{ 0x83, "dependency-busy" },
	{ 0x84, "in-progress" },
};

const char *ost_status_name(unsigned int status)
{
	for (size_t i = 0; i < ARRAY_SIZE(ost_names); i++)
		if (ost_names[i].status == status)
			return ost_names[i].name;
	return NULL;
}

int ost_status_from_name(const char *name, unsigned int *ret)
{
	for (size_t i = 0; i < ARRAY_SIZE(ost_names); i++) {
		if (!strcmp(ost_names[i].name, name)) {
			*ret = ost_names[i].status;
			return 0;
		}
	}
	return -ENOENT;
}

const char *errno_text(int eno)
{
	const char *name = strerrorname_np(eno);

	return !eno ? "success" : name ? name : "unknown errno";
}

int errno_from_name(const char *name)
{
	for (int eno = 1; eno <= MAX_ERRNO; eno++) {
		const char *known = strerrorname_np(eno);

		if (known && !strcmp(known, name))
			return eno;
	}
	return 0;
}
