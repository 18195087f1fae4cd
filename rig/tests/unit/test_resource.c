// SPDX-License-Identifier: GPL-2.0-or-later
/* What /proc/iomem must list of each kind of device. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <cmocka.h>

#include "base/clean.h"
#include "model/resource.h"
#include "sample_devices.h"

struct expected {
	uint64_t start, end;
	const char *name;
};

static void expect(const struct sample *s, const struct expected *e, size_t nr)
{
	struct range_list must = { 0 }, gone = { 0 }, ram = { 0 };

	model_resources(&s->model, &must, &gone, &ram);
	assert_int_equal(must.n, nr);
	for (size_t i = 0; i < nr; i++) {
		assert_int_equal(must.v[i].start, e[i].start);
		assert_int_equal(must.v[i].end, e[i].end);
		assert_string_equal(must.v[i].name, e[i].name);
	}
	free(must.v);
	free(gone.v);
	free(ram.v);
}

/* measured: 0x44000000-0x441fffff : namespace0.0, 0x44200000-0x4fffffff : dax0.0 */
static void a_devdax_claims_its_head_and_its_data(void **state)
{
	static const struct expected dax[] = {
		{ 0x44000000, 0x441fffff, "namespace#.#" },
		{ 0x44200000, 0x4fffffff, "dax#.#" },
	}, fs = { 0x44000000, 0x4fffffff, "namespace#.#" };
	struct model_namespace ns = sample_devdax(SAMPLE_E820_PFN, SAMPLE_E820_PAGES, false);
	struct sample s;

	(void)state;
	sample_init(&s, SAMPLE_6_12, true);
	model_namespace_set(&s.model, &ns);
	expect(&s, dax, 2);
	ns.mode = MODEL_FSDAX;
	model_namespace_set(&s.model, &ns);
	expect(&s, &fs, 1);
	ns.enabled = false;
	model_namespace_set(&s.model, &ns);
	expect(&s, NULL, 0);
	sample_deinit(&s);
}

/* neighbours are merged, whether they came at once or one by one */
static void blocks_of_virtio_mem_are_merged(void **state)
{
	static const struct expected right[] = {
		{ 0x140000000, 0x17fffffff, "virtio#" },
		{ 0x140000000, 0x14fffffff, "System RAM (virtio_mem)" },
		{ 0x158000000, 0x15fffffff, "System RAM (virtio_mem)" },
	};
	struct sample s;

	(void)state;
	sample_init(&s, SAMPLE_6_12, true);
	sample_plug_virtio_mem(&s, MIB(2), 0);
	expect(&s, right, 1);
	model_resize(&s.model, "v0", MIB(384), MIB(384), (const uint32_t[]){ 40, 41, 43 }, 3);
	expect(&s, right, 3);
	sample_deinit(&s);
}

/* whole memory blocks alone; the namespace keeps its head */
static void system_ram_of_a_dax_device(void **state)
{
	static const struct expected right[] = {
		{ 0x188000000, 0x18fffffff, "dax#.#" },
		{ 0x188000000, 0x18fffffff, "System RAM (kmem)" },
		{ 0x180000000, 0x1801fffff, "namespace#.#" },
	};
	struct model_namespace ns = sample_devdax(SAMPLE_P0_PFN, 0x10000, false);
	struct sample s;

	(void)state;
	sample_init(&s, SAMPLE_6_12, true);
	ns.system_ram = true;
	model_namespace_set(&s.model, &ns);
	model_plug(&s.model, &(struct model_plug){ .id = "n", .kind = MODEL_KMEM, .slot = -1,
		   .addr = SAMPLE_P0_PFN * 4096 + MIB(128), .size_bytes = MIB(128) });
	expect(&s, right, 3);
	sample_deinit(&s);
}

static void refused_devices_claim_nothing(void **state)
{
	struct sample s;

	(void)state;
	sample_init(&s, SAMPLE_6_12, true);
	sample_plug_dimm(&s.model, "d0", SAMPLE_D0_PFN * 4096, MIB(256), 0, 0, true);
	expect(&s, NULL, 0);
	sample_deinit(&s);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_devdax_claims_its_head_and_its_data),
		cmocka_unit_test(blocks_of_virtio_mem_are_merged),
		cmocka_unit_test(system_ram_of_a_dax_device),
		cmocka_unit_test(refused_devices_claim_nothing),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
