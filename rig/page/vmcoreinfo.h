/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * vmcoreinfo: what a kernel tells crash tools of itself, "KEY=value" by lines.  Level 1, pure.
 *
 * The text comes from a guest, so nothing in it is believed: a line counts only when the whole of
 * its value is what was asked for.  Of two lines with the same key the first counts.  Keys are
 * written in full: "SYMBOL(init_top_pgt)", "OFFSET(page.flags)", "OSRELEASE".
 */
#ifndef RIG_PAGE_VMCOREINFO_H
#define RIG_PAGE_VMCOREINFO_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define VMCOREINFO_MAX_BYTES 4096u	/* the kernel keeps it in one page */

/**
 * vmcoreinfo_find() - the text among ELF notes, as at vmcoreinfo_note or in the header of /proc/kcore
 * @notes, @len: the notes; what is behind the first note that does not fit is not looked at
 * Returns a NUL-terminated copy up to the first NUL, at most VMCOREINFO_MAX_BYTES long, or NULL.
 * Caller frees.
 */
char *vmcoreinfo_find(const void *notes, size_t len);

/** vmcoreinfo_address() - a value in hexadecimal, as of SYMBOL() and KERNELOFFSET; false: no such
 *  line, or something else stands there, and @ret is untouched */
bool vmcoreinfo_address(const char *text, const char *key, uint64_t *ret);

/** vmcoreinfo_number() - a value in decimal, as of NUMBER(), SIZE(), OFFSET(), LENGTH() */
bool vmcoreinfo_number(const char *text, const char *key, int64_t *ret);

/** vmcoreinfo_text() - a value as it stands into @buf; false also when it is empty, does not fit
 *  into @len bytes or is not printable ASCII */
bool vmcoreinfo_text(const char *text, const char *key, char *buf, size_t len);

#endif
