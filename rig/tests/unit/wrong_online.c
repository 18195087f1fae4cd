// SPDX-License-Identifier: GPL-2.0-or-later
/* Pages of online memory: in use, on per-cpu lists, at the head of a free chunk, inside of one. */
#include "base/clean.h"
#include "wrong_details.h"

#define D0       SAMPLE_D0_PFN
#define B33      (SAMPLE_D0_PFN + SAMPLE_BLOCK_PAGES)
#define D1       SAMPLE_D1_PFN
#define IN_CHUNK (D0 + SAMPLE_BUDDY10 + 500)
#define ONLINE   SAMPLE_ONLINE

#define ROW(what, state, only, ...) \
	{ \
		what, state, BY_COMPARE, only, __VA_ARGS__ \
	}

/* the mirror of a tail's head that is no head: the head itself has lost its flag */
static void head_without_flag(const struct sample *s, struct snapshot *w)
{
	const struct page_edit edit = { WORD_FLAG, B33, 1, "head", 0 };
	const struct wrong_detail d = { .page = edit };

	wrong_detail_apply(&d, s, w);
}

const struct wrong_detail wrong_online[] = {
	ROW("never initialised", ONLINE, 0, { WORD_FILL, D0 + 5, 1, NULL, 0 }, NULL, "page.flags",
	    0, 0, "online page: an initialised page", "never initialised"),
	ROW("poisoned", ONLINE, 0, { WORD_FILL, B33 + 0x7fff, 1, NULL, 0xff }, NULL, "page.flags",
	    0, 0, "online page: an initialised page", "all bytes 0xff"),
	ROW("first page reserved", ONLINE, 0, { WORD_FLAG, D0, 1, "reserved", 0 }, NULL,
	    "page.reserved", 0, 0, "online page: not reserved", "reserved"),
	ROW("reserved in a free chunk", ONLINE, 0, { WORD_FLAG, IN_CHUNK, 2, "reserved", 0 }, NULL,
	    "page.reserved", 0, 0, "online page: not reserved", "reserved"),
	ROW("reserved in the second device", SAMPLE_TWO, 0, { WORD_FLAG, D1 + 4, 1, "reserved", 0 },
	    NULL, "page.reserved", 0, 0, "online page: not reserved", "reserved"),
	ROW("last page reserved, seen by kpageflags", ONLINE, WITHOUT_RAW,
	    { WORD_KPAGEFLAGS, B33 + 0x7fff, 1, NULL, 32 }, NULL, "page.reserved", 0, 0,
	    "online page: kpageflags without RESERVED", "kpageflags=0x1000004"),
	ROW("poisoned by hardware", ONLINE, 0, { WORD_FLAG, D0 + 4, 1, "hwpoison", 0 }, NULL,
	    "page.flags", 0, 0, "online page: not hwpoison", "hwpoison"),
	ROW("flag in a free head", ONLINE, 0, { WORD_FLAG, D0 + SAMPLE_BUDDY3, 1, "lru", 0 }, NULL,
	    "page.flags", 0, 0, "online page: no flags in the buddy", "flags=lru"),
	ROW("flag inside a free chunk", ONLINE, 0, { WORD_FLAG, IN_CHUNK, 1, "dirty", 0 }, NULL,
	    "page.flags", 0, 0, "online page: no flags inside a free chunk", "flags=dirty"),
	ROW("flag on a per-cpu page", ONLINE, 0, { WORD_FLAG, D0 + SAMPLE_PCP, 2, "lru", 0 }, NULL,
	    "page.flags", 0, 0, "online page: no flags on a page that nobody holds", "flags=lru"),
	ROW("offline page online", ONLINE, 0, { WORD_TYPE, D0 + SAMPLE_PCP, 1, "offline", 0 }, NULL,
	    "page.offline", 0, 0, "online page: not type=offline", "type=offline"),
	ROW("offline page in a free chunk", ONLINE, 0, { WORD_TYPE, IN_CHUNK, 12, "offline", 0 },
	    NULL, "page.offline", 0, 0, "online page: not type=offline", "type=offline"),
	ROW("offline shown", SAMPLE_TWO, WITHOUT_RAW, { WORD_KPAGEFLAGS, D1, 1, NULL, 23 }, NULL,
	    "page.offline", 0, 0, "online page: kpageflags without OFFLINE", "kpageflags=0x800000"),
	ROW("no such type", ONLINE, ON_6_12, { WORD_RAW_TYPE, D0 + 5, 1, NULL, 0xfd000000 }, NULL,
	    "page.type", 0, 0, "online page: a type that this kernel has",
	    "type=unknown(0xfd000000)"),
	ROW("no such type bit", ONLINE, ON_6_1, { WORD_RAW_TYPE, D0 + 5, 1, NULL, 0xffffefff },
	    NULL, "page.type", 0, 0, "online page: a type that this kernel has",
	    "type=unknown(0xffffefff)"),
	ROW("mapcount below 0", ONLINE, 0, { WORD_RAW_TYPE, D0 + 5, 1, NULL, 0xfffffffe }, NULL,
	    "page.type", 0, 0, "online page: mapcount of at least 0", "mapcount=-1"),
	ROW("mapped inside a free chunk", ONLINE, 0, { WORD_RAW_TYPE, IN_CHUNK, 1, NULL, 0 }, NULL,
	    "page.type", 0, 0, "online page: type=none mapcount=0 inside a free chunk",
	    "mapcount=1"),
	ROW("page table inside a free chunk", SAMPLE_TWO, 0,
	    { WORD_TYPE, D1 + 2000, 1, "table", 0 }, NULL, "page.type", 0, 0,
	    "online page: type=none mapcount=0 inside a free chunk", "type=table"),
	ROW("mapped on a per-cpu list", ONLINE, 0, { WORD_RAW_TYPE, D0 + SAMPLE_PCP, 1, NULL, 0 },
	    NULL, "page.type", 0, 0, "online page: mapcount=0 on a page that nobody holds",
	    "mapcount=1"),
	ROW("buddy and offline at once", ONLINE, ON_6_1,
	    { WORD_RAW_TYPE, B33 + 1024, 1, NULL, 0xfffffe7f }, NULL, "page.type", 0, 0,
	    "online page: type=buddy and nothing else in its word", "type=buddy"),
	ROW("bits behind buddy", ONLINE, ON_6_12,
	    { WORD_RAW_TYPE, B33 + 1024, 1, NULL, 0xf0000100 }, NULL, "page.type", 0, 0,
	    "online page: type=buddy and nothing else in its word", "type=buddy"),
	ROW("reference below 0", ONLINE, 0, { WORD_REFCOUNT, D0 + 5, 1, NULL, -1 }, NULL,
	    "page.refcount", 0, 0, "online page: refcount of at least 0", "refcount=-1"),
	ROW("reference in a free head", ONLINE, 0,
	    { WORD_REFCOUNT, B33 + SAMPLE_BUDDY3, 1, NULL, 1 }, NULL, "page.refcount", 0, 0,
	    "online page: refcount=0 in the buddy", "refcount=1"),
	ROW("reference inside a free chunk", ONLINE, 0, { WORD_REFCOUNT, IN_CHUNK, 1, NULL, 1 },
	    NULL, "page.refcount", 0, 0, "online page: refcount=0 inside a free chunk",
	    "refcount=1"),
	ROW("reference on the last page", SAMPLE_TWO, 0, { WORD_REFCOUNT, D1 + 0xffff, 1, NULL, 1 },
	    NULL, "page.refcount", 0, 0, "online page: refcount=0 inside a free chunk",
	    "refcount=1"),
	ROW("reference in a tail", ONLINE, 0, { WORD_REFCOUNT, D0 + 1, 3, NULL, 1 }, NULL,
	    "page.refcount", 0, 0, "online page: refcount=0 in a compound tail", "refcount=1"),
	ROW("head behind its tail", ONLINE, 0, { WORD_HEAD, D0 + 1, 1, NULL, (int64_t)D0 + 4 },
	    NULL, "page.compound", 0, 0, "online page: a tail of a head in front of it",
	    "tail-of=0x100004"),
	ROW("head that is none", ONLINE, 0, { WORD_HEAD, B33 + 3, 1, NULL, (int64_t)D0 + 4 }, NULL,
	    "page.compound", 0, 0, "online page: a tail of a head in front of it",
	    "tail-of=0x100004"),
	ROW("head without its flag", ONLINE, 0, { 0 }, head_without_flag, "page.compound", B33 + 1,
	    3, "online page: a tail of a head in front of it", "tail-of=0x108000"),
	ROW("head below memory", ONLINE, 0, { WORD_HEAD, D0 + 2, 1, NULL, -4 }, NULL,
	    "page.compound", 0, 0, "online page: a tail of a head in front of it", "tail-of="),
	ROW("tail inside a free chunk", ONLINE, 0, { WORD_HEAD, IN_CHUNK, 1, NULL, (int64_t)D0 },
	    NULL, "page.compound", 0, 0, "online page: no compound page inside a free chunk",
	    "tail-of=0x100000"),
	ROW("order too high", ONLINE, 0, { WORD_ORDER, B33 + SAMPLE_BUDDY10, 1, NULL, 11 }, NULL,
	    "page.buddy", 0, 0, "online page: order of at most 10, aligned to it", "order=11"),
	ROW("not aligned to its order", SAMPLE_TWO, 0,
	    { WORD_ORDER, D1 + SAMPLE_BUDDY3, 1, NULL, 4 }, NULL, "page.buddy", 0, 0,
	    "online page: order of at most 10, aligned to it", "order=4"),
	ROW("chunk inside a chunk", ONLINE, 0, { WORD_ORDER, IN_CHUNK, 1, NULL, 2 }, NULL,
	    "page.buddy", 0, 0, "online page: no free chunk inside another", "order=2"),
	ROW("page table in Movable", ONLINE, 0, { WORD_TYPE, D0 + 5, 1, "table", 0 }, NULL,
	    "page.movable", 0, 0, "online page: no slab and no page table", "type=table"),
	ROW("slab in Movable", ONLINE, ON_6_12, { WORD_TYPE, B33 + 5, 1, "slab", 0 }, NULL,
	    "page.movable", 0, 0, "online page: no slab and no page table", "type=slab"),
	ROW("slab flag in Movable", ONLINE, ON_6_1, { WORD_FLAG, B33 + 5, 1, "slab", 0 }, NULL,
	    "page.movable", 0, 0, "online page: no slab and no page table", "slab"),
	ROW("first page in another zone", ONLINE, 0, { WORD_ZONE, D0, 1, "Normal", 0 }, NULL,
	    "page.zone", 0, 0, "online page: zone=Movable", "zone=Normal"),
	ROW("second device in the first one's zone", SAMPLE_TWO, 0,
	    { WORD_ZONE, D1 + 4, 2, "Movable", 0 }, NULL, "page.zone", 0, 0,
	    "online page: zone=Normal", "zone=Movable"),
	ROW("page inside a chunk in another zone", SAMPLE_HALF, 0,
	    { WORD_ZONE, IN_CHUNK, 1, "DMA32", 0 }, NULL, "page.zone", 0, 0,
	    "online page: zone=Normal", "zone=DMA32"),
	ROW("wrong node", SAMPLE_TWO, 0, { WORD_NODE, D1, 1, NULL, 0 }, NULL, "page.node", 0, 0,
	    "online page: node=1", "node=0"),
	ROW("last page on the wrong node", ONLINE, 0, { WORD_NODE, B33 + 0x7fff, 1, NULL, 1 }, NULL,
	    "page.node", 0, 0, "online page: node=0", "node=1"),
	ROW("kpageflags without a flag", ONLINE, 0, { WORD_KPAGEFLAGS, D0 + 4, 2, NULL, 5 }, NULL,
	    "kpageflags.agree", 0, 0, "online page: the same flags in kpageflags and struct page",
	    "lru"),
	ROW("kpageflags with a flag", SAMPLE_TWO, 0, { WORD_KPAGEFLAGS, D1 + 6, 1, NULL, 4 }, NULL,
	    "kpageflags.agree", 0, 0, "online page: the same flags in kpageflags and struct page",
	    "kpageflags=0x10"),
	ROW("kpageflags without BUDDY", ONLINE, 0,
	    { WORD_KPAGEFLAGS, D0 + SAMPLE_BUDDY3, 1, NULL, 10 }, NULL, "kpageflags.agree", 0, 0,
	    "online page: kpageflags with BUDDY", "type=buddy"),
};

const size_t nr_wrong_online = ARRAY_SIZE(wrong_online);
