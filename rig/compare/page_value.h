/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * page_value: what a page says, as an account keeps it.  Level 5, pure.
 *
 * An object with some of a state's keys, see hotrig-results(5); NULL: there is no memmap.  What only one
 * of two readers could see, such as the exported flags, does not tell two pages apart.
 */
#ifndef RIG_COMPARE_PAGE_VALUE_H
#define RIG_COMPARE_PAGE_VALUE_H

#include <jansson.h>
#include <stdbool.h>

bool page_value_equal(const json_t *a, const json_t *b);

/** page_value_text() - what @a says and @b does not, "flags=reserved type=none"; caller frees */
char *page_value_text(const json_t *a, const json_t *b);

/**
 * page_value_by_era() - whether the two differ as the change of eras says, and in nothing else
 * Until 503b158fc30f ("mm/memory_hotplug: initialize memmap of !ZONE_DEVICE with PageOffline() instead of
 * PageReserved()", v6.11) the memmap of memory was PG_reserved until it was handed to the buddy, and that of
 * a block that holds its own memmap for as long as it is there.
 * @reserved: of the kernel of era pg-reserved; @offline: of the one of era page-offline
 */
bool page_value_by_era(const json_t *reserved, const json_t *offline);

#endif
