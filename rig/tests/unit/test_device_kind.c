// SPDX-License-Identifier: GPL-2.0-or-later
/* What kinds of devices need of a kernel. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "base/mem.h"
#include "run/device_kind.h"

static void modules_are_loaded_once_and_only_where_they_are_modules(void **state)
{
	static const char *const loaded[] = { "virtio_pmem", "libnvdimm", "device_dax", "kmem" };
	struct kernel k = { .config = (char *)"CONFIG_VIRTIO_PMEM=m\nCONFIG_LIBNVDIMM=m\nCONFIG_BLK_DEV_PMEM=y\n"
			    "CONFIG_DEV_DAX=m\n# CONFIG_DEV_DAX_PMEM is not set\nCONFIG_DEV_DAX_KMEM=m\n" };
	AUTO_STRV struct strv load = { 0 };

	(void)state;
	for (int i = 0; i < 2; i++)
		kernel_needs_load(device_kind(DEVICE_VIRTIO_PMEM)->needs, &k, &load);
	assert_int_equal(load.n, 4);
	for (size_t i = 0; i < load.n; i++)
		assert_string_equal(load.v[i], loaded[i]);
}

static void what_is_missing_is_named(void **state)
{
	struct kernel k = { .config = (char *)"CONFIG_ACPI_HOTPLUG_MEMORY=y\n# CONFIG_ACPI_NFIT is not set\n" };
	struct kernel unknown = { 0 };

	(void)state;
	assert_null(device_kind_lacks(DEVICE_DIMM, &k));
	assert_string_equal(device_kind_lacks(DEVICE_NVDIMM, &k), "ACPI_NFIT");
	assert_null(device_kind_lacks(DEVICE_NVDIMM, &unknown));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(modules_are_loaded_once_and_only_where_they_are_modules),
		cmocka_unit_test(what_is_missing_is_named),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
