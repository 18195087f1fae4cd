// SPDX-License-Identifier: GPL-2.0-or-later
/* Pages that the kernel took out of use, and what it counts of them. */
#include "base/clean.h"
#include "sample_counters.h"
#include "wrong_details.h"

#define ON (SAMPLE_D0_PFN + 0x400)	/* of an online block */
#define OFF (SAMPLE_D0_PFN + 0xffff)	/* of one that is offline again */
#define FAILURES "/sys/devices/system/node/node0/memory_failure/"

/* Taken out of use, and still in a free chunk: the next owner gets it. */
static void given_back(const struct sample *s, struct snapshot *w)
{
	struct page_map chunk = { 0 };
	struct page_writer to = page_writer_begin(&s->layout, &chunk, ON, "Movable");

	to.online = true;
	page_writer_put_chunk(&to, 0);
	sample_page_replace(w, &chunk.run[0]);
	page_map_deinit(&chunk);
}

static void unmanaged(const struct sample *s, struct snapshot *w)
{
	(void)s;
	sample_zone(w, 0, "Movable")->managed--;
}

static void free_too(const struct sample *s, struct snapshot *w)
{
	(void)s;
	sample_zone(w, 0, "Movable")->free++;
}

static void off_the_total(const struct sample *s, struct snapshot *w)
{
	(void)s;
	w->mem_total_kib -= 4;
}

static void one_counted(const struct sample *s, struct snapshot *w)
{
	(void)s;
	sample_counter(w, "/proc/meminfo", "HardwareCorrupted", "4 kB");
}

static void failure_counted(const struct sample *s, struct snapshot *w)
{
	(void)s;
	sample_counter(w, FAILURES "total", "", "1");
}

#define ROW(what, only, page, ...) { what, SAMPLE_POISONED, BY_COMPARE, only, page, NULL, __VA_ARGS__ }
#define SPOILT(what, state, judge, spoil, ...) { what, state, judge, 0, { 0 }, spoil, __VA_ARGS__ }
#define EDIT(...) { __VA_ARGS__ }

const struct wrong_detail wrong_poisoned[] = {
	ROW("flag lost", 0, EDIT(WORD_FLAG, ON, 1, "hwpoison", 0),
	    "page.flags", 0, 0, "poisoned page: flags=hwpoison, and none that only a page in use has", "flags=none"),
	ROW("flag lost by offlining", 0, EDIT(WORD_FLAG, OFF, 1, "hwpoison", 0),
	    "page.flags", 0, 0, "poisoned page: flags=hwpoison, and none that only a page in use has", "flags=dirty"),
	ROW("another flag", 0, EDIT(WORD_FLAG, ON, 1, "lru", 0),
	    "page.flags", 0, 0, "poisoned page: flags=hwpoison, and none that only a page in use has", "lru"),
	ROW("in a list of pages in use, while offline", 0, EDIT(WORD_FLAG, OFF, 1, "lru", 0),
	    "page.flags", 0, 0, NULL, "lru"),
	ROW("no reference", 0, EDIT(WORD_REFCOUNT, ON, 1, NULL, 0),
	    "page.refcount", 0, 0, "poisoned page: refcount=1", "refcount=0"),
	ROW("one reference more for each attempt to move it", 0, EDIT(WORD_REFCOUNT, OFF, 1, NULL, 2),
	    "page.refcount", 0, 0, "poisoned page: refcount=1", "refcount=2"),
	ROW("mapped", 0, EDIT(WORD_RAW_TYPE, ON, 1, NULL, 0),
	    "page.type", 0, 0, "poisoned page: type=none mapcount=0", "mapcount=1"),
	ROW("PageOffline", 0, EDIT(WORD_TYPE, OFF, 1, "offline", 0),
	    "page.type", 0, 0, "poisoned page: type=none mapcount=0", "type=offline"),
	ROW("tail of something", 0, EDIT(WORD_HEAD, OFF, 1, NULL, SAMPLE_D0_PFN + 0xfffe),
	    "page.compound", 0, 0, "poisoned page: no compound page", "tail-of="),
	ROW("in another zone", 0, EDIT(WORD_ZONE, OFF, 1, "Normal", 0),
	    "page.zone", 0, 0, "poisoned page: zone=Movable", "zone=Normal"),
	ROW("on another node", 0, EDIT(WORD_NODE, ON, 1, NULL, 1),
	    "page.node", 0, 0, "poisoned page: node=0", "node=1"),
	ROW("its neighbour too", 0, EDIT(WORD_FLAG, OFF - 1, 1, "hwpoison", 0),
	    "page.flags", 0, 0, "offlined page: flags=none", "hwpoison"),
	ROW("hidden from kpageflags", 0, EDIT(WORD_KPAGEFLAGS, ON, 1, NULL, 19),
	    "kpageflags.agree", 0, 0, NULL, NULL),
	ROW("hidden, without struct pages", WITHOUT_RAW, EDIT(WORD_KPAGEFLAGS, ON, 1, NULL, 19),
	    "page.flags", 0, 0, "poisoned page: kpageflags with HWPOISON", NULL),
	ROW("shown of another, without struct pages", WITHOUT_RAW, EDIT(WORD_KPAGEFLAGS, ON + 1, 1, NULL, 19),
	    "page.flags", 0, 0, "online page: kpageflags without HWPOISON", NULL),
	SPOILT("given back", SAMPLE_POISONED, BY_COMPARE, given_back, "page.flags page.type page.refcount", ON, 1, NULL,
	       "type=buddy"),
	SPOILT("not managed", SAMPLE_POISONED, BY_COMPARE, unmanaged, "zone.managed", 0, 0, NULL, "32767 (-1)"),
	SPOILT("part of the total no more", SAMPLE_POISONED, BY_COMPARE, off_the_total, "meminfo.total", 0, 0, NULL, "(-4)"),
	SPOILT("not managed", SAMPLE_POISONED, BY_BALANCE, unmanaged, "zone.balance", 0, 0, NULL, "1 pages too many"),
	SPOILT("counted as free", SAMPLE_POISONED, BY_BALANCE, free_too, "zone.free", 0, 0, NULL, "1 pages too few"),
	SPOILT("one counted that is none", SAMPLE_ONLINE, BY_COMPARE, one_counted, "meminfo.poisoned", 0, 0,
	       "HardwareCorrupted in KiB: 0", "4 (+4)"),
	SPOILT("one left when its memory is gone", SAMPLE_UNPLUGGED, BY_COMPARE, one_counted, "meminfo.poisoned", 0, 0,
	       "HardwareCorrupted in KiB: 0", "4 (+4)"),
	{ "a failure that nobody reported", SAMPLE_ONLINE, BY_COMPARE, 0, { 0 }, failure_counted, "node.failures", 0, 0,
	  "node 0: memory failures, total: 0", "1 (+1)" },
};

const size_t nr_wrong_poisoned = ARRAY_SIZE(wrong_poisoned);
