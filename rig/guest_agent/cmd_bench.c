// SPDX-License-Identifier: GPL-2.0-or-later
/* What reading pages costs, timed where it happens: no link and no JSON in between. */
#include <errno.h>
#include <fcntl.h>
#include <string.h>

#include "base/clean.h"
#include "base/clock.h"
#include "base/mem.h"
#include "guest_agent/agent.h"
#include "guest_agent/page_scan.h"

#define MAX_PFN		(1ull << 40)
#define MAX_ROUNDS	1000u
#define CHUNK_PAGES	16384u		/* 128 KiB of each exported file: larger gains nothing */

struct tally {
	uint64_t pages, runs;
};

static int time_raw(uint64_t start, uint64_t end, bool kpageflags, struct tally *ret,
		    struct rig_err *err)
{
	struct tally t = { 0 };
	struct page_scan s;
	int r = page_scan_open(&s, kpageflags, err);

	if (r < 0)
		return r;
	for (uint64_t pfn = start; pfn < end; )
		page_scan_next(&s, &pfn, end);
	t.runs = s.pages.nr;
	for (size_t i = 0; i < s.pages.nr; i++)
		t.pages += s.pages.run[i].nr;
	page_scan_close(&s);
	*ret = t;
	return 0;
}

static int time_exported(uint64_t start, uint64_t end, struct tally *ret, struct rig_err *err)
{
	AUTO_CLOSE int flags_fd = open("/proc/kpageflags", O_RDONLY | O_CLOEXEC);
	AUTO_CLOSE int count_fd = open("/proc/kpagecount", O_RDONLY | O_CLOEXEC);
	AUTO_FREE uint64_t *flags = xcalloc(CHUNK_PAGES, 8), *count = xcalloc(CHUNK_PAGES, 8);
	uint64_t last_flags = 0, last_count = 0;
	struct tally t = { 0 };

	for (uint64_t pfn = start; pfn < end; pfn += CHUNK_PAGES) {
		size_t nr = end - pfn < CHUNK_PAGES ? (size_t)(end - pfn) : CHUNK_PAGES;

		if (pread(flags_fd, flags, nr * 8, (off_t)(pfn * 8)) != (ssize_t)(nr * 8) ||
		    pread(count_fd, count, nr * 8, (off_t)(pfn * 8)) != (ssize_t)(nr * 8))
			return rig_err_set(err, RIG_AGENT, errno ? errno : ENXIO,
					   "kpageflags and kpagecount have not all of the range");
		for (size_t i = 0; i < nr; i++) {
			t.runs += !t.runs || flags[i] != last_flags || count[i] != last_count;
			last_flags = flags[i];
			last_count = count[i];
		}
		t.pages += nr;
	}
	*ret = t;
	return 0;
}

/* By turns, so that whatever disturbs the guest disturbs all ways alike. */
enum way { RAW, RAW_AND_FLAGS, EXPORTED, NR_WAYS };

static const char *const way_name[NR_WAYS] = { "raw", "raw-and-kpageflags", "exported" };

static int time_way(enum way way, uint64_t start, uint64_t end, struct tally *ret,
		    struct rig_err *err)
{
	return way == EXPORTED ? time_exported(start, end, ret, err) :
				 time_raw(start, end, way == RAW_AND_FLAGS, ret, err);
}

static int one_round(uint64_t start, uint64_t end, json_t *answer, struct rig_err *err)
{
	for (int way = 0; way < NR_WAYS; way++) {
		json_t *o = json_object_get(answer, way_name[way]);
		uint64_t before_ns = clock_ns(), after_ns;
		struct tally t;
		int r = time_way((enum way)way, start, end, &t, err);

		if (r < 0)
			return r;
		after_ns = clock_ns();
		json_array_append_new(json_object_get(o, "ns"),
				      json_integer((json_int_t)(after_ns - before_ns)));
		json_object_set_new(o, "pages", json_integer((json_int_t)t.pages));
		json_object_set_new(o, "runs", json_integer((json_int_t)t.runs));
	}
	return 0;
}

/* {start, end, rounds}.  Answers for each way {ns: [one per round], pages, runs}. */
int cmd_bench_pages(const struct request *req, json_t **ret, struct rig_err *err)
{
	json_auto_t *answer = json_object();
	uint64_t start, end, rounds;
	struct kernel_map *map;
	int r;

	if ((r = arg_u64(req, "start", MAX_PFN, &start, err)) < 0 ||
	    (r = arg_u64(req, "end", MAX_PFN, &end, err)) < 0 ||
	    (r = arg_u64(req, "rounds", MAX_ROUNDS, &rounds, err)) < 0 ||
	    (r = kernel_map_get(&map, err)) < 0)
		return r;
	for (int way = 0; way < NR_WAYS; way++)
		json_object_set_new(answer, way_name[way], json_pack("{s[]}", "ns"));
	for (uint64_t round = 0; round < rounds; round++)
		if ((r = one_round(start, end, answer, err)) < 0)
			return r;
	*ret = TAKE_PTR(answer);
	return 0;
}
