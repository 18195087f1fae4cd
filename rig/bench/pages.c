// SPDX-License-Identifier: GPL-2.0-or-later
/* The page readers: the agent against the kernel's exported files, the witness against memcpy(). */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "base/clean.h"
#include "base/clock.h"
#include "base/mem.h"
#include "bench/bench.h"
#include "kernel/kernel_layout.h"
#include "witness/witness.h"

#define BENCH_MS 300000u
#define GIB	 (1ull << 30)

struct range {
	const char *name, *what;
	uint64_t start, end; /* pages */
};

/* Median of million pages per second of one way. */
static int add_way(struct bench *b, const struct range *range, const char *way,
		   const json_t *answer, struct rig_err *err)
{
	const json_t *o = json_object_get(answer, way), *ns = json_object_get(o, "ns");
	json_int_t pages = json_integer_value(json_object_get(o, "pages"));
	AUTO_FREE double *speed = xcalloc(b->rounds, sizeof(*speed));
	char name[32], what[96];

	if (json_array_size(ns) != b->rounds || pages != (json_int_t)(range->end - range->start))
		return rig_err_set(err, RIG_AGENT, EBADMSG,
				   "bench-pages: %s read %lld pages of %s instead of %lld", way,
				   (long long)pages, range->what,
				   (long long)(range->end - range->start));
	for (unsigned int i = 0; i < b->rounds; i++) {
		json_int_t one = json_integer_value(json_array_get(ns, i));

		if (one <= 0)
			return rig_err_set(err, RIG_AGENT, EBADMSG,
					   "bench-pages: a round took no time");
		speed[i] = (double)pages * 1000 / (double)one;
	}
	snprintf(name, sizeof(name), "%s-%s", range->name, way);
	snprintf(what, sizeof(what), "%s, %lld runs", range->what,
		 (long long)json_integer_value(json_object_get(o, "runs")));
	table_add(&b->table, name, what, "Mpage/s", speed, b->rounds);
	return 0;
}

static double speed_of(const struct bench *b, const struct range *range, const char *way)
{
	AUTO_FREE char *name = xasprintf("%s-%s", range->name, way);

	return table_value(&b->table, name);
}

static int one_range(struct bench *b, struct machine *m, const struct range *range,
		     struct rig_err *err)
{
	static const char *const ways[] = { "raw", "raw-and-kpageflags", "exported" };
	AUTO_FREE char *ratio = xasprintf("%s-ratio", range->name);
	json_auto_t *answer = NULL;
	int r = qmp_call(vm_agent(m->vm), "bench-pages",
			 json_pack("{sI sI si}", "start", (json_int_t)range->start, "end",
				   (json_int_t)range->end, "rounds", (int)b->rounds),
			 clock_in_ms(BENCH_MS), &answer, NULL, err);

	for (size_t i = 0; i < ARRAY_SIZE(ways) && !r; i++)
		r = add_way(b, range, ways[i], answer, err);
	if (!r)
		table_add_one(&b->table, ratio, "raw / exported (kpageflags and kpagecount)", "",
			      speed_of(b, range, "raw") / speed_of(b, range, "exported"),
			      TARGET_AT_LEAST, 4);
	return r;
}

/* Reading and decoding from outside, and a plain copy of as many bytes in this process. */
static int outside_once(struct machine *m, struct witness *w, const struct range *range, double *pages_s,
			double *copy_s, struct rig_err *err)
{
	size_t bytes = (size_t)(range->end - range->start) * witness_layout(w)->page_bytes;
	AUTO_FREE char *from = xcalloc(1, bytes), *to = xcalloc(1, bytes);
	struct page_map pages = { 0 }, faults = { 0 };
	uint64_t start_ns, end_ns, count;
	int r = vm_pause(m->vm, clock_in_ms(BENCH_MS), err);

	if (r < 0)
		return r;
	start_ns = clock_ns();
	r = witness_pages(w, range->start, range->end, &pages, &faults, err);
	end_ns = clock_ns();
	count = page_map_pages(&pages, range->start, range->end);
	page_map_deinit(&pages);
	page_map_deinit(&faults);
	if (r < 0 || (r = vm_continue(m->vm, clock_in_ms(BENCH_MS), err)) < 0)
		return r;
	*pages_s = (double)count * 1000 / (double)(end_ns - start_ns);
	memset(from, 0x5a, bytes);
	memset(to, 0xa5, bytes);
	start_ns = clock_ns();
	memcpy(to, from, bytes);
	/* else the compiler sees that nobody looks at it */
	__asm__ volatile("" : : "r"(to) : "memory");
	*copy_s = (double)count * 1000 / (double)(clock_ns() - start_ns);
	return 0;
}

static int outside(struct bench *b, struct machine *m, const struct range *range, struct rig_err *err)
{
	AUTO_FREE double *speed = xcalloc(b->rounds * 2ul, sizeof(*speed));
	AUTO_FREE char *name = xasprintf("%s-outside", range->name), *copy = xasprintf("%s-memcpy", range->name);
	AUTO_FREE char *ratio = xasprintf("%s-outside-ratio", range->name);
	struct page_layout layout;
	struct witness_config config = { .pid = vm_pid(m->vm), .qmp = vm_qmp(m->vm), .layout = &layout,
					 .config = b->kernel->config };
	struct witness *w;
	int r = kernel_layout(b->kernel, &layout, &config.layout_source, err);

	if (r < 0 || (r = witness_open(&config, clock_in_ms(BENCH_MS), &w, err)) < 0)
		return r;
	/* once unmeasured: memory that QEMU never touched is made present by the first look */
	for (unsigned int i = 0; i <= b->rounds && !r; i++)
		r = outside_once(m, w, range, &speed[i ? i - 1 : 0], &speed[b->rounds + (i ? i - 1 : 0)], err);
	witness_close(w);
	if (r < 0)
		return r;
	table_add(&b->table, name, "read and decoded from outside", "Mpage/s", speed, b->rounds);
	table_add(&b->table, copy, "memcpy() of the same bytes", "Mpage/s", speed + b->rounds, b->rounds);
	table_add_one(&b->table, ratio, "outside / memcpy", "", table_value(&b->table, name) /
		      table_value(&b->table, copy), TARGET_AT_LEAST, 1.0 / 3);
	return 0;
}

int bench_pages(struct bench *b, struct rig_err *err)
{
	struct range boot = { .name = "boot", .what = "boot memory" };
	struct range dimm = { .name = "dimm", .what = "an online DIMM of 1 GiB" };
	struct machine m = { 0 };
	int r = machine_boot(b, "rig/bench/scenarios/big.json", &m, err);

	if (r < 0)
		return r;
	/* q35 puts 2 GiB below the hole for devices, from 0 */
	boot.end = machine_find(m.scenario->machine)->memory_bytes / 4096;
	r = machine_plug(&m, "d0", GIB, &dimm.start, &dimm.end, err);
	if (!r)
		r = one_range(b, &m, &dimm, err);
	if (!r)
		r = one_range(b, &m, &boot, err);
	if (!r)
		r = outside(b, &m, &dimm, err);
	if (!r)
		r = outside(b, &m, &boot, err);
	machine_deinit(&m);
	return r;
}
