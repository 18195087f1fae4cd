// SPDX-License-Identifier: GPL-2.0-or-later
/* Units of virtio-mem: what a look tells of them, and what must be true then. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "base/clean.h"
#include "model/compare.h"
#include "sample_devices.h"

struct fixture {
	struct sample s;
	struct snapshot seen;
	struct findings out;
	struct page_writer w;		/* of seen */
};

static void begin(struct fixture *f, uint64_t unit_bytes, unsigned int node)
{
	*f = (struct fixture){ .seen = { .raw = true } };
	sample_init(&f->s, SAMPLE_6_12, true);
	sample_plug_virtio_mem(&f->s, unit_bytes, node);
	f->w = page_writer_begin(&f->s.layout, &f->seen.pages, SAMPLE_V0_PFN, "Movable");
	f->w.online = true;
}

static void end(struct fixture *f)
{
	findings_deinit(&f->out);
	snapshot_deinit(&f->seen);
	sample_deinit(&f->s);
}

static enum unit_state unit(const struct fixture *f, size_t block, size_t i)
{
	return f->s.model.device[0].block[block].unit[i];
}

/* A block whose upper half is not plugged. */
static void half_plugged(struct fixture *f)
{
	sample_resize(&f->s, 64, 1);
	model_online(&f->s.model, SAMPLE_V0_BLOCK, ZONE_MOVABLE);
	page_writer_put_used(&f->w, 0x4000);
	page_writer_put_plain(&f->w, 0x4000, 1, "dirty", "offline");
	model_learn(&f->s.model, &f->seen);
}

/* one page of a unit that was not plugged has lost PageOffline: it is the page that is wrong, not the unit */
static void one_page_of_a_unit_is_wrong(void **state)
{
	struct fixture f;

	(void)state;
	begin(&f, MIB(2), 0);
	sample_resize(&f.s, 192, 2);
	model_online(&f.s.model, 40, ZONE_MOVABLE);
	model_online(&f.s.model, 41, ZONE_MOVABLE);
	page_writer_put_used(&f.w, 0xc000);
	page_writer_put_plain(&f.w, 0x123, 1, "dirty", "offline");
	page_writer_put_plain(&f.w, 1, 1, "dirty", NULL);
	page_writer_put_plain(&f.w, 0x4000 - 0x124, 1, "dirty", "offline");
	model_learn(&f.s.model, &f.seen);
	compare_pages(&f.s.model, &f.seen.pages, false, "s", &f.out);
	assert_int_equal(f.out.nr, 1);
	assert_string_equal(f.out.f[0].invariant, "page.offline");
	assert_int_equal(f.out.f[0].first_pfn, SAMPLE_V0_PFN + 0xc123);
	assert_int_equal(f.out.f[0].nr_pfns, 1);
	assert_int_equal(unit(&f, 1, 32), UNIT_NEVER_ONLINE);
	end(&f);
}

/* plugged and unplugged again with no look between: it cannot be told whether it is dirty */
static void up_and_down_without_a_look(void **state)
{
	struct fixture f;

	(void)state;
	begin(&f, MIB(2), 0);
	half_plugged(&f);
	assert_int_equal(unit(&f, 0, 40), UNIT_NEVER_ONLINE);
	sample_resize(&f.s, 128, 1);
	sample_resize(&f.s, 64, 1);
	model_learn(&f.s.model, &f.seen);
	assert_int_equal(unit(&f, 0, 40), UNIT_UNTOLD);
	end(&f);
}

/*
 * What a unit is after each look; steps: + grew, - shrank, ? neither nor, each followed by a look at which
 * it is p(lugged) or o(ffline).
 */
static const struct course {
	const char *steps;
	enum unit_state state;
} courses[] = {
	{ "?p", UNIT_PLUGGED },
	{ "?o", UNIT_NEVER_ONLINE },
	{ "?o?o", UNIT_NEVER_ONLINE },
	{ "?o+o", UNIT_NEVER_ONLINE },	/* another one was plugged */
	{ "?o-o", UNIT_NEVER_ONLINE },
	{ "?o+p", UNIT_PLUGGED },
	{ "?p-o", UNIT_UNPLUGGED },
	{ "?p-o?o", UNIT_UNPLUGGED },
	{ "?p-o+o", UNIT_UNPLUGGED },
	{ "?p-o+p", UNIT_PLUGGED },
	{ "?o+-o", UNIT_UNTOLD },
	{ "?o+-o?o", UNIT_UNTOLD },
	{ "?o+-p", UNIT_PLUGGED },
	{ "+-o", UNIT_UNTOLD },
	{ "+-p-o", UNIT_UNPLUGGED },
	{ "?o+-o+p-o", UNIT_UNPLUGGED },
};

static void a_unit_is_what_its_course_says(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(courses); i++) {
		struct fixture f;
		struct model_device *d;

		begin(&f, MIB(64), 0);
		sample_resize(&f.s, 64, 1);
		model_online(&f.s.model, SAMPLE_V0_BLOCK, ZONE_MOVABLE);
		d = &f.s.model.device[0];
		d->grew = d->shrank = false;
		for (const char *p = courses[i].steps; *p; p++) {
			d->grew |= *p == '+';
			d->shrank |= *p == '-';
			if (*p != 'p' && *p != 'o')
				continue;
			page_map_deinit(&f.seen.pages);
			f.seen.pages = (struct page_map){ 0 };
			f.w.pfn = SAMPLE_V0_PFN;
			page_writer_put_plain(&f.w, 0x8000, 1, "", *p == 'o' ? "offline" : NULL);
			model_learn(&f.s.model, &f.seen);
		}
		if (unit(&f, 0, 1) != courses[i].state)
			fail_msg("'%s' ends in %d", courses[i].steps, (int)unit(&f, 0, 1));
		end(&f);
	}
}

/* a block that was offlined and comes online again has units of which nothing is known */
static void units_begin_afresh_with_their_block(void **state)
{
	struct fixture f;

	(void)state;
	begin(&f, MIB(2), 0);
	half_plugged(&f);
	model_offline(&f.s.model, SAMPLE_V0_BLOCK);
	assert_int_equal(unit(&f, 0, 40), UNIT_NEVER_ONLINE);
	model_online(&f.s.model, SAMPLE_V0_BLOCK, ZONE_MOVABLE);
	assert_int_equal(unit(&f, 0, 0), UNIT_FRESH);
	assert_int_equal(unit(&f, 0, 40), UNIT_FRESH);
	end(&f);
}

/* a block that came online and went offline between two looks keeps what was not plugged PageOffline */
static void online_and_offline_without_a_look(void **state)
{
	struct fixture f;

	(void)state;
	begin(&f, MIB(2), 0);
	sample_resize(&f.s, 64, 1);
	model_online(&f.s.model, SAMPLE_V0_BLOCK, ZONE_MOVABLE);
	model_offline(&f.s.model, SAMPLE_V0_BLOCK);
	page_writer_put_plain(&f.w, 0x4000, 0, "", NULL);
	page_writer_put_plain(&f.w, 0x4000, 0, "dirty", "offline");
	model_learn(&f.s.model, &f.seen);
	compare_pages(&f.s.model, &f.seen.pages, false, "s", &f.out);
	assert_int_equal(f.out.nr, 0);
	end(&f);
}

/* a unit of two blocks (block-size=256M): two blocks that are not online are one unit, not two */
static void units_larger_than_blocks(void **state)
{
	struct host_device host = { .id = "v0", .addr = SAMPLE_V0_PFN * 4096, .size_bytes = MIB(256), .slot = -1 };
	struct fixture f;
	struct check c = { .m = &f.s.model, .s = &f.seen, .step = "s", .out = &f.out };

	(void)state;
	begin(&f, MIB(256), 0);
	f.seen.memfd_bytes = MIB(1024);
	f.seen.device = &host;
	f.seen.nr_devices = 1;
	sample_resize(&f.s, 256, 2);
	compare_host(&c);
	f.seen.device = NULL;
	assert_int_equal(f.out.nr, 0);
	end(&f);
}

/* a device without memory blocks does not bring its node online */
static void no_blocks_no_node(void **state)
{
	struct fixture f;
	struct check c = { .m = &f.s.model, .s = &f.s.base, .step = "s", .out = &f.out };

	(void)state;
	begin(&f, MIB(2), 1);
	compare_node_lists(&c);
	assert_int_equal(f.out.nr, 0);
	sample_resize(&f.s, 128, 1);
	compare_node_lists(&c);
	assert_int_equal(f.out.nr, 1);
	assert_string_equal(f.out.f[0].invariant, "node.online");
	end(&f);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(one_page_of_a_unit_is_wrong),
		cmocka_unit_test(up_and_down_without_a_look),
		cmocka_unit_test(a_unit_is_what_its_course_says),
		cmocka_unit_test(units_begin_afresh_with_their_block),
		cmocka_unit_test(online_and_offline_without_a_look),
		cmocka_unit_test(units_larger_than_blocks),
		cmocka_unit_test(no_blocks_no_node),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
