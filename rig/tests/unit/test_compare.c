// SPDX-License-Identifier: GPL-2.0-or-later
/* Each invariant can fail: one wrong detail in a right snapshot is exactly its findings. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <cmocka.h>

#include "base/clean.h"
#include "base/mem.h"
#include "model/invariant.h"
#include "sample_devices.h"
#include "wrong_details.h"

static void judge(struct sample *s, const struct snapshot *seen, enum wrong_judge by,
		  struct findings *out)
{
	if (by == BY_COMPARE) {
		model_learn(&s->model, seen);
		model_compare(&s->model, seen, SAMPLE_STEP, out);
	}
	if (by == BY_BALANCE)
		model_balance(&s->model, seen, SAMPLE_STEP, out);
	if (by == BY_BOOT)
		model_compare_boot(&s->model, &s->base, seen, SAMPLE_STEP, out);
	if (by == BY_LEFTOVERS)
		model_compare_leftovers(&s->model, seen, SAMPLE_STEP, out);
	if (by == BY_PASSING)
		model_compare_passing(&s->model, "d0", seen, seen, SAMPLE_STEP, out);
	if (by == BY_AGREE) {
		struct page_layout l = s->layout;

		sample_know_zones(&l);
		model_agree(&l, seen, SAMPLE_STEP, out);
	}
}

/* @names: "page.zone node.present" */
static bool is_first(const char *names, const char *name)
{
	size_t len = strcspn(names, " ");

	return len == strlen(name) && !strncmp(names, name, len);
}

static bool is_among(const char *names, const char *name)
{
	while (*names && !is_first(names, name)) {
		names += strcspn(names, " ");
		names += *names == ' ';
	}
	return *names;
}

static bool as_it_must_be(const struct wrong_detail *w, const struct finding *f)
{
	uint64_t first = w->page.nr ? w->page.pfn : w->first_pfn,
		 nr = w->page.nr ? w->page.nr : w->nr_pfns;

	return is_first(w->invariant, f->invariant) && f->kind == FAIL_INVARIANT &&
	       !strcmp(f->step, SAMPLE_STEP) && f->has_pfn == (nr > 0) &&
	       (!nr || (f->first_pfn == first && f->nr_pfns == nr)) &&
	       (!w->expected || !strcmp(f->expected, w->expected)) &&
	       (!w->seen || strstr(f->seen, w->seen));
}

/* Exactly those invariants break; a second witness (kpageflags beside the struct page) may say it again. */
static int count_errors(const struct wrong_detail *w, const struct findings *out)
{
	const struct invariant *v;
	int missing = 1, errors = 0;

	for (size_t i = 0; i < out->nr; i++)
		if (as_it_must_be(w, &out->f[i]))
			missing = 0;
	for (size_t k = 0; (v = invariant_at(k)); k++) {
		bool broken = false;

		for (size_t i = 0; i < out->nr; i++)
			broken |= !strcmp(out->f[i].invariant, v->name);
		errors += broken != is_among(w->invariant, v->name);
	}
	return errors + missing;
}

/* Returns the number of errors. */
static int one_detail(const struct wrong_detail *w, enum sample_kernel kernel)
{
	struct findings out = { 0 };
	struct snapshot seen;
	struct sample s;
	int errors = 0;

	sample_init(&s, kernel, !(w->only & WITHOUT_RAW));
	sample_enter(&s, w->state);
	sample_right(&s, &seen);
	if (w->judge == BY_AGREE)
		sample_see_outside(&seen);
	judge(&s, &seen, w->judge, &out);
	errors += out.nr != 0;
	wrong_detail_apply(w, &s, &seen);
	judge(&s, &seen, w->judge, &out);
	errors += count_errors(w, &out);
	for (size_t i = 0; errors && i < out.nr; i++)
		print_error("  kernel %d: %s: %s 0x%llx+%llu: '%s': '%s'\n", (int)kernel, w->what,
			    out.f[i].invariant, (unsigned long long)out.f[i].first_pfn,
			    (unsigned long long)out.f[i].nr_pfns, out.f[i].expected, out.f[i].seen);
	if (errors)
		print_error("kernel %d: %s: no finding %s as it must be\n", (int)kernel, w->what,
			    w->invariant);
	findings_deinit(&out);
	snapshot_deinit(&seen);
	sample_deinit(&s);
	return errors;
}

static void each_wrong_detail_is_its_finding(void **state)
{
	const struct wrong_detail *w;
	int errors = 0;

	(void)state;
	for (size_t i = 0; (w = wrong_detail_at(i)); i++)
		for (int kernel = 0; kernel < SAMPLE_NR_KERNELS; kernel++)
			if (!(w->only & (ON_6_1 | ON_6_12)) || w->only & 1u << kernel)
				errors += one_detail(w, (enum sample_kernel)kernel);
	assert_int_equal(errors, 0);
}

/* What a running guest alone can break; tests of steps, splats and uevents, and the last one here, speak of these. */
static bool needs_a_guest(const char *name)
{
	static const char *const names[] = {
		"block.uevent", "change.result", "driver.blocks", "driver.offline", "fill.content", "fill.residue",
		"leak.callsite", "leak.pages", "leak.percpu", "nd.attributes", "nd.labels", "nd.persistent", "ost.sequence",
		"policy.parameter", "step.progress",
		"walker.content", "walker.error",
	};

	for (size_t i = 0; i < ARRAY_SIZE(names); i++)
		if (!strcmp(name, names[i]))
			return true;
	return !strncmp(name, "splat.", 6);
}

static void each_invariant_has_a_wrong_detail(void **state)
{
	const struct invariant *v;
	int missing = 0;

	(void)state;
	for (size_t i = 0; (v = invariant_at(i)); i++) {
		const struct wrong_detail *w;
		size_t k = 0;

		while ((w = wrong_detail_at(k)) && !is_first(w->invariant, v->name))
			k++;
		if (w || needs_a_guest(v->name))
			continue;
		print_error("nothing trips %s\n", v->name);
		missing++;
	}
	assert_int_equal(missing, 0);
}

struct fill_case {
	enum memmap_fill fill;
	bool poisons_removed;
	enum sample_state state;
	int byte;          /* what the first page reads; -1: as the right one */
	uint64_t findings; /* pages that page.added speaks of */
};

/* What nobody has initialised reads zero, 0xff or anything, by the kernel's config. */
static void an_uninitialised_memmap_is_as_it_was_allocated(void **state)
{
	static const struct fill_case cases[] = {
		{ FILL_ZERO, false, SAMPLE_ADDED, 0xff, 1 },
		{ FILL_UNKNOWN, false, SAMPLE_ADDED, 0xff, 0 },
		{ FILL_ONES, true, SAMPLE_ADDED, 0xff, 0xffff },
		{ FILL_ONES, true, SAMPLE_VETOED, 0xff, 0xffff },
		{ FILL_ONES, true, SAMPLE_OFFLINED, -1, 0x10000 },
		{ FILL_ONES, true, SAMPLE_OFFLINED, 0xff, 0xffff },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		const struct wrong_detail w = { .page = { WORD_FILL, SAMPLE_D0_PFN, 1, NULL,
							  cases[i].byte } };
		struct findings out = { 0 };
		struct snapshot seen;
		struct sample s;
		uint64_t pages = 0;

		sample_init(&s, SAMPLE_6_12, true);
		s.model.fill = cases[i].fill;
		s.model.poisons_removed = cases[i].poisons_removed;
		sample_enter(&s, cases[i].state);
		sample_right(&s, &seen);
		if (cases[i].byte >= 0)
			wrong_detail_apply(&w, &s, &seen);
		model_compare(&s.model, &seen, SAMPLE_STEP, &out);
		for (size_t k = 0; k < out.nr; k++) {
			assert_string_equal(out.f[k].invariant, "page.added");
			pages += out.f[k].nr_pfns;
		}
		assert_int_equal(pages, cases[i].findings);
		findings_deinit(&out);
		snapshot_deinit(&seen);
		sample_deinit(&s);
	}
}

/* An era that is not known is that of the first page; the other one is a mixture then. */
static void an_unknown_era_is_learned(void **state)
{
	(void)state;
	for (int kernel = 0; kernel < SAMPLE_NR_KERNELS; kernel++) {
		struct findings out = { 0 };
		struct snapshot seen;
		struct sample s;

		sample_init(&s, (enum sample_kernel)kernel, true);
		s.model.era = ERA_UNKNOWN;
		sample_enter(&s, SAMPLE_VETOED);
		sample_right(&s, &seen);
		model_compare(&s.model, &seen, SAMPLE_STEP, &out);
		assert_int_equal(out.nr, 0);
		assert_int_equal(s.model.era,
				 kernel == SAMPLE_6_1 ? ERA_PG_RESERVED : ERA_PAGE_OFFLINE);
		/* the other one from now on, as with a forced era, is a mixture on every page */
		s.model.era = kernel == SAMPLE_6_1 ? ERA_PAGE_OFFLINE : ERA_PG_RESERVED;
		model_compare(&s.model, &seen, SAMPLE_STEP, &out);
		assert_int_equal(out.nr, 1);
		assert_string_equal(out.f[0].invariant, "era.mixed");
		assert_int_equal(out.f[0].nr_pfns, SAMPLE_BLOCK_PAGES);
		findings_deinit(&out);
		snapshot_deinit(&seen);
		sample_deinit(&s);
	}
}

/* @nr: memory blocks of virtio-mem added, of which @online were onlined and @offlined again */
static size_t too_much_added(uint64_t unit_bytes, size_t nr, size_t online, size_t offlined)
{
	uint32_t block[16];
	struct findings out = { 0 };
	struct snapshot seen;
	struct sample s;
	size_t found = 0;

	for (uint32_t i = 0; i < ARRAY_SIZE(block); i++)
		block[i] = SAMPLE_V0_BLOCK + i;
	sample_init(&s, SAMPLE_6_12, true);
	sample_enter(&s, SAMPLE_BOOT);
	sample_right(&s, &seen);
	model_plug(&s.model, &(struct model_plug){
		.id = "v0", .kind = MODEL_VIRTIO_MEM, .addr = SAMPLE_V0_PFN * 4096, .size_bytes = 2ull << 30, .slot = -1,
		.unit_bytes = unit_bytes });
	model_resize(&s.model, "v0", nr * (128ull << 20), nr * (128ull << 20), block, nr);
	for (size_t i = 0; i < online; i++)
		model_online(&s.model, block[i], ZONE_MOVABLE);
	for (size_t i = 0; i < offlined; i++)
		model_offline(&s.model, block[i]);
	model_compare(&s.model, &seen, SAMPLE_STEP, &out);
	for (size_t i = 0; i < out.nr; i++)
		found += !strcmp(out.f[i].invariant, "driver.offline") && strstr(out.f[i].expected, "'v0': ");
	findings_deinit(&out);
	snapshot_deinit(&seen);
	sample_deinit(&s);
	return found;
}

static void a_driver_adds_only_so_much(void **state)
{
	(void)state;
	assert_int_equal(too_much_added(2u << 20, 8, 0, 0), 0);
	assert_int_equal(too_much_added(2u << 20, 9, 0, 0), 1);
	assert_int_equal(too_much_added(2u << 20, 9, 1, 0), 0);
	assert_int_equal(too_much_added(2u << 20, 12, 4, 4), 0);	/* these were taken offline */
	assert_int_equal(too_much_added(2u << 20, 13, 4, 4), 1);
	assert_int_equal(too_much_added(1u << 30, 16, 0, 0), 0);	/* two units */
}

/* Blocks of 128M, of which @mib are plugged in all; how many there were before. */
static size_t needless_blocks(uint64_t mib, size_t nr, size_t was)
{
	const uint32_t block[] = { SAMPLE_V0_BLOCK, SAMPLE_V0_BLOCK + 1, SAMPLE_V0_BLOCK + 2 };
	struct findings out = { 0 };
	struct sample s;
	size_t found;

	sample_init(&s, SAMPLE_6_12, true);
	sample_plug_virtio_mem(&s, MIB(2), 0);
	model_resize(&s.model, "v0", MIB(mib), MIB(mib), block, nr);
	model_compare_growth(&s.model, model_device_find(&s.model, "v0"), was, SAMPLE_STEP, &out);
	found = out.nr;
	if (found)
		assert_string_equal(out.f[0].invariant, "driver.blocks");
	findings_deinit(&out);
	sample_deinit(&s);
	return found;
}

static void a_driver_fills_what_it_has(void **state)
{
	(void)state;
	assert_int_equal(needless_blocks(256, 2, 2), 0);
	assert_int_equal(needless_blocks(256, 3, 2), 1);	/* 2M of it in the third, and a hole in the first */
	assert_int_equal(needless_blocks(258, 3, 2), 0);
	assert_int_equal(needless_blocks(2, 3, 3), 0);		/* those that could not be emptied */
	assert_int_equal(needless_blocks(0, 0, 0), 0);
	assert_int_equal(needless_blocks(128, 2, 0), 1);
}

/* A guest that was not quiet says nothing of its lists, a part of memory nothing of its zones. */
static void balance_judges_only_what_was_seen_whole(void **state)
{
	struct findings out = { 0 };
	struct snapshot seen;
	struct sample s;

	(void)state;
	sample_init(&s, SAMPLE_6_12, true);
	sample_enter(&s, SAMPLE_ONLINE);
	sample_right(&s, &seen);
	sample_zone(&seen, 0, "Movable")->free -= 5;
	sample_zone(&seen, 0, "Movable")->quiet = false;
	sample_zone(&seen, 0, "DMA32")->managed -= 5;
	seen.whole = false;
	model_balance(&s.model, &seen, SAMPLE_STEP, &out);
	assert_int_equal(out.nr, 0);
	/* pages of a higher-order allocation have no reference either: more is no error there */
	seen.whole = true;
	sample_zone(&seen, 0, "DMA32")->managed += 5;
	sample_zone(&seen, 0, "DMA32")->pcp -= 3;
	model_balance(&s.model, &seen, SAMPLE_STEP, &out);
	assert_int_equal(out.nr, 0);
	findings_deinit(&out);
	snapshot_deinit(&seen);
	sample_deinit(&s);
}

static size_t misplaced(struct sample *s, const struct snapshot *seen)
{
	struct findings out = { 0 };
	size_t nr;

	model_compare(&s->model, seen, SAMPLE_STEP, &out);
	nr = out.nr;
	findings_deinit(&out);
	return nr;
}

/* A node that was full, or is now, may have had no room; and later nobody can tell what it had. */
static void a_memmap_may_be_elsewhere(void **state)
{
	const struct page_run run = {
		.pfn = SAMPLE_BOOT_PCP + 8, .nr = 512,
		.state = { .type = PAGE_TYPE_NONE, .order = PAGE_NO_ORDER, .head_pfn = PAGE_NO_HEAD, .node = 1 },
	};
	struct snapshot seen;
	struct sample s;
	uint64_t roomy;

	(void)state;
	sample_init(&s, SAMPLE_6_12, true);
	sample_enter(&s, SAMPLE_ADDED);
	sample_right(&s, &seen);
	seen.holders = xcalloc(1, sizeof(*seen.holders));
	seen.nr_holders = 1;
	seen.holders->block = 32;
	page_map_append(&seen.holders->pages, &run);
	assert_int_equal(misplaced(&s, &seen), 1);
	roomy = s.model.roomy;
	s.model.roomy = 0;
	assert_int_equal(misplaced(&s, &seen), 0);
	s.model.roomy = roomy;
	for (size_t i = 0; i < seen.node[0].nr; i++)
		seen.node[0].zone[i].areas.isolated = 1;
	seen.nr_holders = 0;
	model_judged(&s.model, &seen);
	assert_int_equal(s.model.roomy, 0);
	seen.nr_holders = 1;
	s.model.roomy = roomy;
	for (size_t i = 0; i < seen.node[0].nr; i++)
		seen.node[0].zone[i].areas.isolated = 0;
	assert_int_equal(misplaced(&s, &seen), 1);
	model_judged(&s.model, &seen);
	assert_int_equal(misplaced(&s, &seen), 0);
	snapshot_deinit(&seen);
	sample_deinit(&s);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_wrong_detail_is_its_finding),
		cmocka_unit_test(each_invariant_has_a_wrong_detail),
		cmocka_unit_test(an_uninitialised_memmap_is_as_it_was_allocated),
		cmocka_unit_test(an_unknown_era_is_learned),
		cmocka_unit_test(balance_judges_only_what_was_seen_whole),
		cmocka_unit_test(a_driver_adds_only_so_much),
		cmocka_unit_test(a_driver_fills_what_it_has),
		cmocka_unit_test(a_memmap_may_be_elsewhere),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
