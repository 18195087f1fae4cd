// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The part of modules that unpacks one file; apart from the rest because it needs libarchive and
 * the rest libkmod.
 */
#include <archive.h>
#include <archive_entry.h>
#include <elf.h>
#include <stdbool.h>
#include <string.h>

#include "base/clean.h"
#include "base/mem.h"
#include "image/modules.h"

/* far above any real module, far below what hurts: a packed file can claim any size */
#define MAX_BYTES ((size_t)256 << 20)

static void free_reader(struct archive **a)
{
	archive_read_free(*a);
}

static int unpack_failed(struct archive *a, const char *file, struct rig_err *err)
{
	const char *why = a ? archive_error_string(a) : NULL;

	return rig_err_set(err, RIG_HOST, EBADMSG, "cannot unpack module '%s': %s", file,
			   why ? why : "damaged");
}

/* Only filters that run in this process: libarchive would start a program for some others. */
static bool open_reader(struct archive *a, const void *data, size_t len)
{
	struct archive_entry *e;

	return archive_read_support_format_raw(a) == ARCHIVE_OK &&
	       archive_read_support_filter_gzip(a) == ARCHIVE_OK &&
	       archive_read_support_filter_xz(a) == ARCHIVE_OK &&
	       archive_read_support_filter_zstd(a) == ARCHIVE_OK &&
	       archive_read_open_memory(a, data, len) == ARCHIVE_OK &&
	       archive_read_next_header(a, &e) == ARCHIVE_OK;
}

static int read_object(struct archive *a, const char *file, char **ret, size_t *ret_len,
		       struct rig_err *err)
{
	size_t len = 0, cap = 256 << 10;
	AUTO_FREE char *object = xcalloc(cap, 1);

	for (;;) {
		la_ssize_t n;

		if (len == cap) {
			cap *= 2;
			object = xrealloc(object, cap, 1);
		}
		n = archive_read_data(a, object + len, cap - len);
		if (n < 0)
			return unpack_failed(a, file, err);
		if (n == 0)
			break;
		len += (size_t)n;
		if (len > MAX_BYTES)
			return rig_err_set(err, RIG_HOST, EFBIG,
					   "module '%s' unpacks to more than %zu bytes", file,
					   MAX_BYTES);
	}
	*ret = TAKE_PTR(object);
	*ret_len = len;
	return 0;
}

int module_unpack(const char *file, const void *data, size_t len, char **ret, size_t *ret_len,
		  struct rig_err *err)
{
	__attribute__((cleanup(free_reader))) struct archive *a = archive_read_new();
	AUTO_FREE char *object = NULL;
	size_t object_len = 0;
	int r;

	/* raw takes no empty file, and says so in words that help nobody */
	if (!len)
		return rig_err_set(err, RIG_HOST, EBADMSG, "module '%s' is empty", file);
	if (!a || !open_reader(a, data, len))
		return unpack_failed(a, file, err);
	r = read_object(a, file, &object, &object_len, err);
	if (r < 0)
		return r;
	if (object_len < sizeof(Elf64_Ehdr) || memcmp(object, ELFMAG, SELFMAG))
		return rig_err_set(err, RIG_HOST, EBADMSG,
				   "module '%s' is no ELF object, plain, gzip, xz or zstd", file);
	*ret = TAKE_PTR(object);
	*ret_len = object_len;
	return 0;
}
