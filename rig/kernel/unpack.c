// SPDX-License-Identifier: GPL-2.0-or-later
#include <archive.h>
#include <archive_entry.h>

#include "base/clean.h"
#include "base/mem.h"
#include "kernel/unpack.h"

static void free_archive(struct archive **a)
{
	archive_read_free(*a);
}

static int failed(struct archive *a, struct rig_err *err)
{
	const char *why = archive_error_string(a);

	return rig_err_set(err, RIG_HOST, EINVAL, "cannot decompress: %s",
			   why ? why : "unknown format");
}

int unpack_bytes(const void *data, size_t len, size_t max_bytes, char **ret, size_t *ret_len,
		 struct rig_err *err)
{
	struct archive *a __attribute__((cleanup(free_archive))) = archive_read_new();
	AUTO_FREE char *out = NULL;
	struct archive_entry *entry;
	size_t n = 0, cap = 0;
	la_ssize_t got;

	archive_read_support_filter_all(a);
	archive_read_support_format_raw(a);
	if (archive_read_open_memory(a, data, len) != ARCHIVE_OK ||
	    archive_read_next_header(a, &entry) != ARCHIVE_OK)
		return failed(a, err);
	do {
		if (n + 1 >= cap) {
			cap = cap ? cap * 2 : 1u << 20;
			out = xrealloc(out, cap, 1);
		}
		got = archive_read_data(a, out + n, cap - 1 - n);
		if (got < 0)
			return failed(a, err);
		n += (size_t)got;
		if (n > max_bytes)
			return rig_err_set(err, RIG_HOST, EFBIG,
					   "decompresses to more than %zu bytes", max_bytes);
	} while (got > 0);
	out[n] = '\0';
	*ret = TAKE_PTR(out);
	*ret_len = n;
	return 0;
}
