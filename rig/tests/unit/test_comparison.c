// SPDX-License-Identifier: GPL-2.0-or-later
/* Two records made by hand: equal but for what two boots differ in, then spoiled in one detail. */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/clean.h"
#include "base/io.h"
#include "base/mem.h"
#include "cmd/compare_text.h"
#include "compare/comparison.h"
#include "sample_record.h"

struct two {
	char *results;
	struct sample_record base, patched;
};

static int set_up(void **state)
{
	char template[] = "/tmp/hotrig-test-XXXXXX";
	struct two *t = xcalloc(1, sizeof(*t));

	if (!mkdtemp(template))
		return -1;
	t->results = xstrdup(template);
	sample_record_init(&t->base);
	sample_record_init(&t->patched);
	*state = t;
	return 0;
}

static int tear_down(void **state)
{
	struct two *t = *state;
	struct rig_err err;
	int r = io_remove_tree(t->results, &err);

	sample_record_deinit(&t->base);
	sample_record_deinit(&t->patched);
	free(t->results);
	free(t);
	return r;
}

static int try(struct two *t, json_t **ret, struct rig_err *err)
{
	AUTO_STRV struct strv base = { 0 }, patched = { 0 };
	AUTO_FREE char *b = sample_record_put(&t->base, t->results, "base");
	AUTO_FREE char *p = sample_record_put(&t->patched, t->results, "patched");

	strv_add(&base, b);
	strv_add(&patched, p);
	return comparison_make(&base, &patched, ret, err);
}

static json_t *compare(struct two *t)
{
	struct rig_err err;
	json_t *ret = NULL;

	if (try(t, &ret, &err) < 0)
		fail_msg("%s", err.text);
	return ret;
}

static void expect_same(struct two *t)
{
	json_auto_t *c = compare(t);
	AUTO_FREE char *text = json_dumps(json_object_get(c, "differences"), 0);

	assert_string_equal(text, "[]");
	assert_int_equal(comparison_verdict(c), COMPARE_SAME);
}

/* Just one difference of this kind, and none of another; NULL: it is not there. */
static void expect_only(struct two *t, const char *kind, const char *step, const char *base, const char *patched)
{
	json_auto_t *c = compare(t);
	const json_t *list = json_object_get(c, "differences"), *d = json_array_get(list, 0);
	const char *b = json_string_value(json_object_get(d, "base"));
	const char *p = json_string_value(json_object_get(d, "patched"));

	assert_int_equal(comparison_verdict(c), COMPARE_DIFFERENT);
	if (json_array_size(list) != 1)
		fail_msg("%s", json_dumps(list, JSON_INDENT(1)));
	assert_string_equal(json_string_value(json_object_get(d, "kind")), kind);
	assert_string_equal(json_string_value(json_object_get(d, "step")), step);
	assert_true(!b == !base && !p == !patched);
	if (base)
		assert_string_equal(b, base);
	if (patched)
		assert_string_equal(p, patched);
}

static json_t *after(struct sample_record *r, const char *list, size_t i)
{
	return json_array_get(json_object_get(r->state[1], list), i);
}

static void set_text(json_t *o, const char *key, const char *text)
{
	json_object_set_new(o, key, json_string(text));
}

static void test_same(void **state)
{
	expect_same(*state);
}

/* It is 0 in kpagecount for one, and not for the other. */
static void test_counted(void **state)
{
	struct two *t = *state;

	sample_record_offline(&t->base, "none", "none", "0x100000");
	sample_record_offline(&t->patched, "none", "none", "0x100000");
	json_object_set_new(after(&t->patched, "pages", 0), "counted", json_true());
	expect_only(t, "page", "1 online d0", "nothing more", "counted");
}

/* What another boot of the same kernel shows. */
static void test_another_boot(void **state)
{
	struct two *t = *state;
	struct sample_record *p = &t->patched;

	/* another page is used, the kernel lies elsewhere, and boot memory has some pages more */
	set_text(after(p, "pages", 0), "flags", "none");
	json_object_set_new(after(p, "pages", 0), "refcount", json_integer(0));
	for (size_t i = 0; i < 3; i++) {
		set_text(json_array_get(json_object_get(p->state[i], "iomem"), 1), "start", "0x2000000");
		json_object_set_new(json_array_get(json_object_get(p->state[i], "zones"), 0), "managed",
				    json_integer(480007));
	}
	sample_record_event(p, NULL, "workqueue: vmstat_shepherd hogged CPU for >10000us 4 times");
	json_array_remove(p->events, 1);
	sample_record_event(p, NULL, "Built 1 zonelists, mobility grouping on.  Total pages: 504777");
	p->latency_ns = 9000000;
	expect_same(t);
}

static void test_page(void **state)
{
	struct two *t = *state;

	sample_record_offline(&t->base, "none", "none", "0x100000");
	sample_record_offline(&t->patched, "hwpoison", "none", "0x180000");
	expect_only(t, "page", "1 online d0", "flags=none", "flags=hwpoison");
}

static void test_page_zone(void **state)
{
	struct two *t = *state;

	set_text(after(&t->patched, "pages", 1), "zone", "Normal");
	expect_only(t, "page", "1 online d0", "zone=Movable", "zone=Normal");
}

/* Flags are numbered differently, and told in the order of their numbers. */
static void test_flag_order(void **state)
{
	struct two *t = *state;

	sample_record_offline(&t->base, "reserved|head", "none", "0x100000");
	sample_record_offline(&t->patched, "head|reserved", "none", "0x100000");
	expect_same(t);
}

/* What virtio-mem takes out of online memory may lie anywhere; how much, and its state, are the kernel's. */
static void test_unplugged(void **state)
{
	struct two *t = *state;
	struct sample_record *both[] = { &t->base, &t->patched };

	for (size_t i = 0; i < 2; i++) {
		json_t *page = json_deep_copy(after(both[i], "pages", 1));

		json_object_set_new(after(both[i], "pages", 1), "nr", json_integer(512 + 1024 * (json_int_t)i));
		set_text(page, "pfn", i ? "0x100601" : "0x100201");
		json_object_set_new(page, "nr", json_integer(512));
		set_text(page, "type", "offline");
		json_array_append_new(json_object_get(both[i]->state[1], "pages"), page);
	}
	set_text(after(&t->base, "pages", 1), "pfn", "0x100001");
	json_array_append_new(json_object_get(t->base.state[1], "pages"), json_deep_copy(after(&t->base, "pages", 1)));
	set_text(after(&t->base, "pages", 3), "pfn", "0x100401");
	json_object_set_new(after(&t->base, "pages", 3), "nr", json_integer(1024));
	expect_same(t);
	json_object_set_new(after(&t->patched, "pages", 2), "refcount", json_integer(1));
	json_object_set_new(after(&t->base, "pages", 2), "refcount", json_integer(1));
	expect_same(t);
	json_object_set_new(after(&t->base, "pages", 3), "nr", json_integer(1025));
	json_object_set_new(after(&t->patched, "pages", 2), "nr", json_integer(513));
	expect_only(t, "counter", "1 online d0", "512", "513");
}

static void test_no_memmap(void **state)
{
	struct two *t = *state;

	sample_record_offline(&t->base, "none", "none", "0x100000");
	sample_record_offline(&t->patched, "none", "none", "0x100000");
	json_object_set_new(after(&t->patched, "pages", 0), "nr", json_integer(32000));
	expect_only(t, "page", "1 online d0", "flags=none type=none refcount=1 mapcount=0 zone=Movable node=0",
		    "no memmap");
}

static void test_pageblock(void **state)
{
	struct two *t = *state;

	set_text(after(&t->patched, "pageblocks", 0), "type", "isolate");
	expect_only(t, "pageblock", "1 online d0", "movable", "isolate");
}

static void test_section(void **state)
{
	struct two *t = *state;

	set_text(after(&t->patched, "sections", 1), "subsections", "0x7f");
	expect_only(t, "section", "1 online d0", "marks=0x7 sub-sections=0xff", "marks=0x7 sub-sections=0x7f");
}

static void test_block(void **state)
{
	struct two *t = *state;

	set_text(after(&t->patched, "blocks", 0), "zones", "none");
	expect_only(t, "block", "1 online d0", "online, zones DMA32, nodes [0], removable 1",
		    "online, zones none, nodes [0], removable 1");
}

static void test_range(void **state)
{
	struct two *t = *state;

	json_array_append_new(json_object_get(t->patched.state[2], "iomem"),
			      json_pack("{ss ss si ss}", "start", "0x100000000", "end", "0x107ffffff", "depth", 0,
					"name", "System RAM"));
	expect_only(t, "range", "end", NULL, "System RAM (level 0)");
}

static void test_counter(void **state)
{
	struct two *t = *state;

	json_object_set_new(t->patched.state[1], "mem_total_kib", json_integer(2131076));
	expect_only(t, "counter", "1 online d0", "+131072", "+131076");
}

/* A kernel without a counter has it in no step, and is told so once. */
static void test_no_counter(void **state)
{
	struct two *t = *state;

	for (size_t i = 0; i < 3; i++)
		json_object_set_new(t->base.state[i], "memmap_pages", json_null());
	expect_only(t, "counter", "start", NULL, "+0");
}

/* It follows from the managed pages, so that it tells nothing where those differ. */
static void test_watermark(void **state)
{
	struct two *t = *state;

	t->patched.watermark = 11175;
	expect_only(t, "derived", "1 online d0", "11174", "11175");
	for (size_t i = 0; i < 3; i++)
		json_object_set_new(json_array_get(json_object_get(t->patched.state[i], "zones"), 0), "managed",
				    json_integer(480007));
	expect_same(t);
}

static void test_kernel_zone(void **state)
{
	struct two *t = *state;

	json_object_set_new(after(&t->patched, "nodes", 0), "nr_zones", json_integer(4));
	expect_only(t, "zone", "1 online d0", "2", "4");
}

static void test_event(void **state)
{
	struct two *t = *state;

	json_array_remove(t->patched.events, 0);
	expect_only(t, "event", "1 online d0", "once", NULL);
}

static void test_event_twice(void **state)
{
	struct two *t = *state;

	sample_record_event(&t->patched, "online", NULL);
	expect_only(t, "event", "1 online d0", "once", "2 times");
}

static void test_event_order(void **state)
{
	struct two *t = *state;

	sample_record_event(&t->base, "change", NULL);
	json_array_insert_new(t->patched.events, 0, json_deep_copy(json_array_get(t->base.events, 2)));
	expect_only(t, "order", "1 online d0", "online memory32, change memory32", "change memory32, online memory32");
}

static void test_log(void **state)
{
	struct two *t = *state;

	sample_record_event(&t->patched, NULL, "offline_pages: page 0x12345 has refcount 3");
	expect_only(t, "log", "1 online d0", NULL, "said");
}

static void test_finding(void **state)
{
	struct two *t = *state;

	set_text(t->patched.result, "outcome", "FAIL");
	json_object_set_new(t->patched.result, "findings",
			    json_pack("[{ss ss ss ss}]", "invariant", "zone.managed", "step", "1 online d0", "expected",
				      "512", "seen", "511"));
	expect_only(t, "finding", "1 online d0", NULL, "511, expected 512");
}

static void test_latency(void **state)
{
	struct two *t = *state;
	json_auto_t *c = NULL;
	const json_t *l;

	t->patched.latency_ns = 9000000;
	c = compare(t);
	l = json_array_get(json_object_get(c, "latencies"), 0);
	assert_int_equal(json_integer_value(json_object_get(l, "base_ns")), 5000000);
	assert_int_equal(json_integer_value(json_object_get(l, "patched_ns")), 9000000);
	assert_int_equal(comparison_verdict(c), COMPARE_SAME);
}

/* @nr runs of either kernel: the first takes @base_us or @patched_us, each other 10 us more than the one before. */
static json_t *compare_latencies(struct two *t, unsigned int nr, bool one_boot, long long base_us, long long patched_us)
{
	AUTO_STRV struct strv base = { 0 }, patched = { 0 };
	struct rig_err err;
	json_t *ret = NULL;

	for (unsigned int i = 0; i < 2 * nr; i++) {
		struct sample_record *r = i < nr ? &t->base : &t->patched;
		AUTO_FREE char *name = xasprintf("%s%u", i < nr ? "base" : "patched", i % nr);
		AUTO_FREE char *boot = xasprintf("%016x-%u", i < nr, one_boot ? 0 : i % nr);
		AUTO_FREE char *folder = NULL;

		r->latency_ns = ((i < nr ? base_us : patched_us) + 10 * (i % nr)) * 1000;
		set_text(r->result, "template", boot);
		folder = sample_record_put(r, t->results, name);
		strv_add(i < nr ? &base : &patched, folder);
	}
	if (comparison_make(&base, &patched, &ret, &err) < 0)
		fail_msg("%s", err.text);
	return ret;
}

static void expect_latencies(const json_t *c, int boots, bool judged, bool differ)
{
	const json_t *l = json_array_get(json_object_get(c, "latencies"), 0);
	const json_t *list = json_object_get(c, "differences"), *d = json_array_get(list, 0);

	assert_int_equal(json_array_size(json_object_get(c, "latencies")), 1);
	assert_int_equal(json_integer_value(json_object_get(l, "base_boots")), boots);
	assert_int_equal(json_integer_value(json_object_get(l, "patched_boots")), boots);
	assert_int_equal(json_is_true(json_object_get(l, "judged")), judged);
	assert_int_equal(json_array_size(list), differ);
	assert_int_equal(comparison_verdict(c), differ ? COMPARE_DIFFERENT : COMPARE_SAME);
	if (differ)
		assert_string_equal(json_string_value(json_object_get(d, "kind")), "latency");
}

/* Boots of which each is slower; then the fastest of one side is as fast as the slowest of the other. */
static void test_latency_differs(void **state)
{
	struct two *t = *state;
	json_auto_t *apart = compare_latencies(t, 10, false, 5000, 5100);
	json_auto_t *faster = compare_latencies(t, 10, false, 5100, 5000);
	json_auto_t *touch = compare_latencies(t, 10, false, 5000, 5090);
	const json_t *d = json_array_get(json_object_get(apart, "differences"), 0);

	expect_latencies(apart, 10, true, true);
	assert_string_equal(json_string_value(json_object_get(d, "step")), "1 online d0");
	assert_string_equal(json_string_value(json_object_get(d, "base")), "5.0 ms, 5.0 to 5.1 in 10 boots");
	expect_latencies(faster, 10, true, true);
	expect_latencies(touch, 10, true, false);
}

/* However far apart: a few boots may be so by chance, and runs of one boot are no boots. */
static void test_latency_not_judged(void **state)
{
	struct two *t = *state;
	json_auto_t *few = compare_latencies(t, 5, false, 5000, 50000);
	json_auto_t *one_boot = compare_latencies(t, 10, true, 5000, 50000);

	expect_latencies(few, 5, false, false);
	expect_latencies(one_boot, 1, false, false);
}

static void make_eras(struct two *t, const char *flags, const char *type, const char *kpageflags)
{
	set_text(json_object_get(t->base.result, "memmap"), "era", "pg-reserved");
	sample_record_offline(&t->base, "reserved", "none", "0x100000");
	sample_record_offline(&t->patched, flags, type, kpageflags);
}

static void test_era(void **state)
{
	struct two *t = *state;
	json_auto_t *c = NULL;

	make_eras(t, "none", "offline", "0x100000");
	c = compare(t);
	assert_int_equal(json_array_size(json_object_get(c, "differences")), 0);
	assert_int_equal(json_array_size(json_object_get(c, "explained")), 1);
	assert_int_equal(comparison_verdict(c), COMPARE_SAME);
}

static void test_era_and_more(void **state)
{
	struct two *t = *state;

	/* the mark is gone, and nothing has come in its place */
	make_eras(t, "none", "none", "0x100000");
	expect_only(t, "page", "1 online d0", "flags=reserved", "flags=none");
}

/* The same pages, but no change of eras between the two kernels. */
static void test_no_era(void **state)
{
	struct two *t = *state;

	make_eras(t, "none", "offline", "0x100000");
	set_text(json_object_get(t->base.result, "memmap"), "era", "page-offline");
	expect_only(t, "page", "1 online d0", "flags=reserved type=none", "flags=none type=offline");
}

static void test_skip_and_error(void **state)
{
	struct two *t = *state;
	json_auto_t *skipped = NULL, *trouble = NULL;

	set_text(t->base.result, "outcome", "SKIP");
	set_text(t->base.result, "skip_reason", "CONFIG_X");
	skipped = compare(t);
	assert_int_equal(comparison_verdict(skipped), COMPARE_SKIPPED);
	set_text(t->patched.result, "outcome", "ERROR");
	trouble = compare(t);
	assert_int_equal(comparison_verdict(trouble), COMPARE_TROUBLE);
	assert_int_equal(json_array_size(json_object_get(trouble, "left_out")), 2);
}

/* What a kernel that crashed did not do any more is no difference; that it crashed is. */
static void test_stopped(void **state)
{
	struct two *t = *state;
	json_auto_t *c = NULL;

	set_text(t->patched.result, "outcome", "FAIL");
	set_text(json_array_get(json_object_get(t->patched.result, "steps"), 0), "outcome", "FAIL");
	set_text(json_array_get(json_object_get(t->patched.result, "steps"), 1), "outcome", "SKIP");
	json_object_set_new(t->patched.state[2], "mem_total_kib", json_integer(7));
	c = compare(t);
	assert_int_equal(json_array_size(json_object_get(c, "differences")), 1);
	assert_int_equal(json_integer_value(json_object_get(c, "steps_compared")), 1);
	assert_int_equal(json_integer_value(json_object_get(c, "steps")), 2);
}

/* One of three runs did not boot: the others are compared to the end. */
static void test_one_stopped(void **state)
{
	struct two *t = *state;
	AUTO_STRV struct strv base = { 0 }, patched = { 0 };
	json_auto_t *c = NULL, *whole = json_deep_copy(t->base.result);
	AUTO_FREE char *last = NULL;
	const json_t *d;
	struct rig_err err;

	for (int i = 0; i < 3; i++) {
		AUTO_FREE char *name = xasprintf("base%d", i), *folder = NULL;

		json_object_update(t->base.result, whole);
		if (!i) {
			set_text(t->base.result, "outcome", "FAIL");
			json_object_set_new(t->base.result, "steps", json_array());
		}
		folder = sample_record_put(&t->base, t->results, name);
		strv_add(&base, folder);
	}
	sample_record_event(&t->patched, NULL, "offline_pages: page 0x12345 has refcount 3");
	last = sample_record_put(&t->patched, t->results, "patched");
	strv_add(&patched, last);
	if (comparison_make(&base, &patched, &c, &err) < 0)
		fail_msg("%s", err.text);
	d = json_array_get(json_object_get(c, "differences"), 0);
	assert_int_equal(json_array_size(json_object_get(c, "differences")), 1);
	assert_string_equal(json_string_value(json_object_get(d, "kind")), "log");
	assert_int_equal(json_integer_value(json_object_get(c, "steps_compared")), 2);
	assert_int_equal(json_integer_value(json_object_get(c, "steps")), 2);
}

/* Two runs each: what one kernel does only at times is told as a count. */
static void test_unsteady(void **state)
{
	struct two *t = *state;
	AUTO_STRV struct strv base = { 0 }, patched = { 0 };
	struct rig_err err;
	json_auto_t *c = NULL;

	for (int i = 0; i < 4; i++) {
		AUTO_FREE char *name = xasprintf("run%d", i), *folder = NULL;

		if (i == 3)
			sample_record_event(&t->base, NULL, "a line that is rare");
		folder = sample_record_put(&t->base, t->results, name);
		strv_add(i < 2 ? &base : &patched, folder);
	}
	assert_int_equal(comparison_make(&base, &patched, &c, &err), 0);
	assert_int_equal(json_array_size(json_object_get(c, "differences")), 0);
	assert_int_equal(json_integer_value(json_object_get(c, "unsteady")), 1);
}

static void expect_refusal(struct two *t, enum rig_cause cause, const char *what)
{
	json_t *c = NULL;
	struct rig_err err;

	assert_true(try(t, &c, &err) < 0);
	assert_int_equal(err.cause, cause);
	if (!strstr(err.text, what))
		fail_msg("'%s' does not say '%s'", err.text, what);
}

static void test_other_scenario(void **state)
{
	struct two *t = *state;

	set_text(t->patched.result, "scenario", "dimm/two");
	expect_refusal(t, RIG_USAGE, "different scenarios");
}

static void test_other_steps(void **state)
{
	struct two *t = *state;

	set_text(json_array_get(json_object_get(t->patched.result, "steps"), 0), "name", "1 plug d0");
	expect_refusal(t, RIG_USAGE, "different steps");
}

static void test_damaged(void **state)
{
	struct two *t = *state;

	json_object_del(t->patched.state[1], "sections");
	expect_refusal(t, RIG_HOST, "no sections");
	json_object_set_new(t->base.state[1], "pages", json_pack("[{ss si}]", "pfn", "0x12", "nr", -1));
	expect_refusal(t, RIG_HOST, "makes no sense");
	json_object_del(t->base.result, "outcome");
	expect_refusal(t, RIG_HOST, "result.json' is damaged");
}

/* Of the end one is always kept; of a step, if the other record has it. */
static void test_missing_state(void **state)
{
	static const char *const names[] = { "state-001-after", "state-002-end" };
	struct two *t = *state;

	for (size_t i = 0; i < ARRAY_SIZE(names); i++) {
		AUTO_STRV struct strv base = { 0 }, patched = { 0 };
		AUTO_FREE char *b = sample_record_put(&t->base, t->results, "base");
		AUTO_FREE char *p = sample_record_put(&t->patched, t->results, "patched");
		AUTO_FREE char *file = xasprintf("%s/%s.json.gz", p, names[i]);
		struct rig_err err;
		json_t *c = NULL;

		assert_int_equal(remove(file), 0);
		strv_add(&base, b);
		strv_add(&patched, p);
		assert_int_equal(comparison_make(&base, &patched, &c, &err), -ENOENT);
		assert_int_equal(err.cause, RIG_HOST);
		assert_non_null(strstr(err.text, i ? names[i] : "step '1 online d0'"));
	}
}

static void test_no_record(void **state)
{
	const struct two *t = *state;
	AUTO_STRV struct strv both = { 0 };
	struct rig_err err;
	json_t *c = NULL;

	strv_add(&both, t->results);
	assert_int_equal(comparison_make(&both, &both, &c, &err), -ENOENT);
	assert_int_equal(err.cause, RIG_USAGE);
}

/* What a person reads fits a letter, and has what differs. */
static void test_text(void **state)
{
	struct two *t = *state;
	AUTO_FREE char *text = NULL;
	json_auto_t *report = NULL;
	size_t len;
	FILE *out = open_memstream(&text, &len);

	sample_record_offline(&t->base, "none", "none", "0x100000");
	sample_record_offline(&t->patched, "hwpoison", "none", "0x180000");
	report = json_pack("{si s[o]}", "repeat", 1, "scenarios", compare(t));
	compare_text(report, out);
	fclose(out);
	assert_non_null(strstr(text, "base     6.12, image 0123456789ab\n"));
	assert_non_null(strstr(text, "\ndimm/one\n  1 online d0\n    page      0x100000, 32768 pages\n"
				     "      base      flags=none\n      patched   flags=hwpoison\n"));
	for (const char *line = text; *line; line += strcspn(line, "\n") + 1)
		assert_true(strcspn(line, "\n") <= 75);
}

/* More steps than fit a letter are told by what they do. */
static void test_latencies_by_action(void **state)
{
	AUTO_FREE char *text = NULL;
	json_t *latencies = json_array();
	json_auto_t *scenarios = json_pack("[{ss so}]", "scenario", "dimm/many", "latencies", latencies);
	size_t len;
	FILE *out = open_memstream(&text, &len);

	(void)state;
	for (int i = 1; i <= 30; i++)
		json_array_append_new(latencies, json_pack("{so si si}", "step",
							   json_sprintf("2.%d online d0 (%d/30)", i, i), "base_ns",
							   1000000, "patched_ns", 2000000));
	compare_text_latencies(scenarios, out);
	fclose(out);
	assert_non_null(strstr(text, "\nonline                                        30     30.0     60.0   2.00\n"));
}

int main(void)
{
#define TEST(f) cmocka_unit_test_setup_teardown(f, set_up, tear_down)
	const struct CMUnitTest tests[] = {
		TEST(test_same), TEST(test_another_boot), TEST(test_page), TEST(test_page_zone), TEST(test_flag_order),
		TEST(test_no_memmap), TEST(test_unplugged), TEST(test_pageblock), TEST(test_section), TEST(test_block), TEST(test_range),
		TEST(test_counter), TEST(test_no_counter), TEST(test_watermark), TEST(test_kernel_zone), TEST(test_event),
		TEST(test_event_twice), TEST(test_event_order), TEST(test_log), TEST(test_finding), TEST(test_latency), TEST(test_counted),
		TEST(test_latency_differs), TEST(test_latency_not_judged),
		TEST(test_era), TEST(test_era_and_more), TEST(test_no_era), TEST(test_skip_and_error), TEST(test_stopped),
		TEST(test_one_stopped), TEST(test_unsteady), TEST(test_other_scenario), TEST(test_other_steps), TEST(test_damaged),
		TEST(test_missing_state), TEST(test_no_record), TEST(test_text), TEST(test_latencies_by_action),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
