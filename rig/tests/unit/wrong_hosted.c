// SPDX-License-Identifier: GPL-2.0-or-later
/* Blocks that hold their own memmap. */
#include <string.h>

#include "base/clean.h"
#include "sample_devices.h"
#include "wrong_details.h"

#define D0 SAMPLE_D0_PFN

/* As if they were like all others: whoever gets one overwrites the memmap. */
static void freed(const struct sample *s, struct snapshot *w)
{
	struct page_map chunk = { 0 };
	struct page_writer to = page_writer_begin(&s->layout, &chunk, D0, "Movable");

	to.online = true;
	page_writer_put_chunk(&to, 9);
	sample_page_remove(w, D0, 512);
	sample_page_replace(w, &chunk.run[0]);
	sample_page_replace(w, &chunk.run[1]);
	page_map_deinit(&chunk);
}

static void managed_whole(const struct sample *s, struct snapshot *w)
{
	(void)s;
	sample_zone(w, 0, "Movable")->managed = 0x8000;
}

static void counted(const struct sample *s, struct snapshot *w)
{
	(void)s;
	w->mem_total_kib += 2048;
}

#define ROW(what, state, only, page, ...) { what, SAMPLE_HOSTED_##state, BY_COMPARE, only, page, NULL, __VA_ARGS__ }
#define SPOILT(what, spoil, ...) { what, SAMPLE_HOSTED_ONLINE, BY_COMPARE, 0, { 0 }, spoil, __VA_ARGS__ }
#define EDIT(...) { __VA_ARGS__ }

const struct wrong_detail wrong_hosted[] = {
	SPOILT("freed", freed, "page.flags page.type page.refcount", D0, 1, NULL, "type=buddy"),
	SPOILT("managed", managed_whole, "zone.managed", 0, 0, "node 0 zone Movable (zoneinfo): 32256", "32768 (+512)"),
	SPOILT("part of the total", counted, "meminfo.total", 0, 0, NULL, "(+2048)"),
	ROW("no reference", ONLINE, 0, EDIT(WORD_REFCOUNT, D0 + 511, 1, NULL, 0),
	    "page.refcount", 0, 0, "self-hosted page: refcount=1", "refcount=0"),
	ROW("mark lost", ONLINE, ON_6_12, EDIT(WORD_FLAG, D0, 512, "owner_priv_1", 0),
	    "page.flags", 0, 0, "self-hosted page: flags=owner_priv_1", "flags=none"),
	ROW("mark lost", ONLINE, ON_6_1, EDIT(WORD_FLAG, D0, 512, "owner_priv_1", 0),
	    "page.flags", 0, 0, "self-hosted page: flags=reserved,owner_priv_1", "reserved"),
	ROW("not reserved", ONLINE, ON_6_1, EDIT(WORD_FLAG, D0 + 3, 1, "reserved", 0),
	    "page.flags", 0, 0, "self-hosted page: flags=reserved,owner_priv_1", "owner_priv_1"),
	ROW("reserved", ONLINE, ON_6_12, EDIT(WORD_FLAG, D0 + 3, 1, "reserved", 0),
	    "page.flags page.reserved", 0, 0, "self-hosted page: flags=owner_priv_1", "reserved"),
	ROW("PageOffline", ONLINE, 0, EDIT(WORD_TYPE, D0 + 1, 1, "offline", 0),
	    "page.type page.offline", 0, 0, "self-hosted page: type=none", "type=offline"),
	ROW("in another zone", ONLINE, 0, EDIT(WORD_ZONE, D0 + 1, 1, "Normal", 0),
	    "page.zone", 0, 0, "self-hosted page: zone=Movable", "zone=Normal"),
	ROW("a marked page behind them", ONLINE, 0, EDIT(WORD_FLAG, D0 + 513, 1, "owner_priv_1", 0),
	    "page.flags", 0, 0, "online page: no flags inside a free chunk", "owner_priv_1"),
	ROW("mark lost by offlining", OFFLINED, ON_6_12, EDIT(WORD_FLAG, D0, 512, "owner_priv_1", 0),
	    "page.flags", 0, 0, "self-hosted page: flags=owner_priv_1", "flags=none"),
	ROW("reference lost by offlining", OFFLINED, 0, EDIT(WORD_REFCOUNT, D0 + 7, 1, NULL, 0),
	    "page.refcount", 0, 0, "self-hosted page: refcount=1", "refcount=0"),
	ROW("written to before it was onlined", ADDED, 0, EDIT(WORD_FILL, D0 + 9, 1, NULL, 0),
	    "page.added", 0, 0, "added page: all bytes 0xa5, as the memory that it lies in", "never initialised"),
	ROW("of the second block", EACH, ON_6_12, EDIT(WORD_REFCOUNT, D0 + 0x8000, 512, NULL, 2),
	    "page.refcount", 0, 0, "self-hosted page: refcount=1", "refcount=2"),
	{ "managed", SAMPLE_HOSTED_ONLINE, BY_BALANCE, 0, { 0 }, managed_whole, "zone.balance", 0, 0, NULL,
	  "512 pages too few" },
};

const size_t nr_wrong_hosted = ARRAY_SIZE(wrong_hosted);
