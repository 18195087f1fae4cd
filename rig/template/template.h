/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * template: booted guests, kept so that a run can start from one.  Level 2, knows files, not guests.
 *
 * A template is a folder of the cache named by its key, a digest of all that makes one machine
 * differ from another, and a variant, which tells apart templates of one key that were booted
 * separately.  In it:
 *
 *	ram0 ...	boot memory by node; QEMU maps it private and never changes it
 *	NAME		small files of the maker: device state, console, answers of the guest
 *	manifest.json	written last: sizes, times and digests of the others
 *
 * It appears by rename, whole or not at all.  Whoever uses one holds a shared lock on its folder, so
 * that nobody drops it; the maker of a key holds <key>.lock, so that nobody else makes it as well.
 * Room for the memory is reserved before the guest boots, for a disk that is full later would kill
 * it; all templates together are kept below a limit by dropping those that were not used longest.
 */
#ifndef RIG_TEMPLATE_TEMPLATE_H
#define RIG_TEMPLATE_TEMPLATE_H

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"

#define TEMPLATE_MAX_RAM 4

struct template {
	char *dir;		/* its folder */
	char *ram;		/* the memory's path without number, for QEMU */
	json_t *about;		/* what its maker said of it */
	int lock;		/* the folder, opened and locked shared */
};

/**
 * template_open() - the template of this key, for use
 * Sizes and times of the memory and digests of everything else are checked.
 * Errors: RIG_MISSING -ENOENT: there is none; RIG_HOST -ESTALE: it was damaged and is dropped now, the
 * text says how.
 */
int template_open(const char *key, unsigned int variant, struct template *ret, struct rig_err *err)
	RIG_CHECKED;
void template_close(struct template *t);
/** template_name() - as lists, records and template_drop() have it; the template's */
const char *template_name(const struct template *t);

/** template_read() - a small file of it; caller frees; one NUL behind the content */
int template_read(const struct template *t, const char *name, char **ret, size_t *len,
		  struct rig_err *err) RIG_CHECKED;

/** template_verify() - the memory's bytes too: -ESTALE when they are not what was saved */
int template_verify(const struct template *t, struct rig_err *err) RIG_CHECKED;

struct template_draft;

/**
 * template_draft_create() - begin a template: a folder with memory files of @ram_bytes[], room reserved
 * Waits for another maker of the same one.
 * Errors: RIG_HOST -EEXIST: that other one has made it, open it; -ENOSPC: no room within the limit or
 * on the disk; RIG_INTERRUPTED.
 */
int template_draft_create(const char *key, unsigned int variant, const uint64_t *ram_bytes, unsigned int nr_ram,
			  uint64_t until_ns, struct template_draft **ret, struct rig_err *err) RIG_CHECKED;
const char *template_draft_ram(const struct template_draft *d);	/* as template.ram */
/** template_draft_file() - a new small file in it, to be filled; the caller closes it; -errno */
int template_draft_file(struct template_draft *d, const char *name, struct rig_err *err) RIG_CHECKED;
/** template_draft_commit() - the guest is gone; room that it did not use is given back
 *  @about: what lists show: "kernel", "machine", "cmdline" ...; borrowed */
int template_draft_commit(struct template_draft *d, json_t *about, struct rig_err *err) RIG_CHECKED;
/** template_draft_destroy() - drops what was not committed; NULL allowed */
void template_draft_destroy(struct template_draft *d);

struct template_entry {
	char *name;		/* "<16 digits of the key>-<variant>" */
	json_t *about;		/* NULL when damaged */
	uint64_t bytes;		/* on disk */
	int64_t made, used;	/* seconds since 1970; 0 when damaged */
	bool in_use;
	char *damage;		/* NULL: none seen at a glance */
};

/** template_list() - all, those used last first */
int template_list(struct template_entry **ret, size_t *nr, struct rig_err *err) RIG_CHECKED;
void template_list_free(struct template_entry *entries, size_t nr);
/** template_check() - the one of that name whole; -ENOENT, -ESTALE (not dropped) */
int template_check(const char *name, struct rig_err *err) RIG_CHECKED;
/** template_drop() - -EBUSY when a run uses it, -ENOENT when there is none */
int template_drop(const char *name, struct rig_err *err) RIG_CHECKED;

/** template_sweep() - what killed makers left, unless somebody else is busy with the templates */
void template_sweep(void);

/** template_limit() - bytes that all together may take: $HOTRIG_TEMPLATE_MIB, else 16 GiB */
uint64_t template_limit(void);

#endif
