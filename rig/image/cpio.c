// SPDX-License-Identifier: GPL-2.0-or-later
#include <archive.h>
#include <archive_entry.h>
#include <assert.h>
#include <stdbool.h>
#include <string.h>
#include <sys/stat.h>

#include "base/clean.h"
#include "base/mem.h"
#include "image/cpio.h"

struct cpio {
	struct archive *archive;
	struct strv folders;	/* added so far, without the leading slash */
	unsigned int nr_members;
	char *data;
	size_t len, cap;
};

static int archive_failed(struct archive *a, const char *what, struct rig_err *err)
{
	const char *why = archive_error_string(a);

	return rig_err_set(err, RIG_HOST, archive_errno(a), "%s: %s", what,
			   why ? why : "unknown error of libarchive");
}

static la_ssize_t append_bytes(struct archive *a, void *arg, const void *data, size_t len)
{
	struct cpio *c = arg;

	(void)a;
	if (c->cap - c->len < len) {
		c->cap = c->cap * 2 > c->len + len ? c->cap * 2 : c->len + len;
		c->data = xrealloc(c->data, c->cap, 1);
	}
	memcpy(c->data + c->len, data, len);
	c->len += len;
	return (la_ssize_t)len;
}

int cpio_create(struct cpio **ret, struct rig_err *err)
{
	struct cpio *c = xcalloc(1, sizeof(*c));
	int r = ARCHIVE_FATAL;

	c->archive = archive_write_new();
	if (c->archive)
		r = archive_write_set_format_cpio_newc(c->archive);
	if (r == ARCHIVE_OK)
		r = archive_write_add_filter_none(c->archive);
	/* no blocking: the archive ends with its trailer, without padding to a tape block */
	if (r == ARCHIVE_OK)
		r = archive_write_set_bytes_per_block(c->archive, 0);
	if (r == ARCHIVE_OK)
		r = archive_write_open(c->archive, c, NULL, append_bytes, NULL);
	if (r != ARCHIVE_OK) {
		r = rig_err_set(err, RIG_HOST, ENOMEM, "cannot start a cpio archive");
		cpio_destroy(c);
		return r;
	}
	*ret = c;
	return 0;
}

void cpio_destroy(struct cpio *c)
{
	if (!c)
		return;
	archive_write_free(c->archive);
	strv_deinit(&c->folders);
	free(c->data);
	free(c);
}

static int write_member(struct cpio *c, const struct cpio_member *m, const char *path,
			struct rig_err *err)
{
	struct archive_entry *e = archive_entry_new();
	size_t len = S_ISREG(m->mode) ? m->len : 0;
	int r;

	if (!e)
		return rig_err_set(err, RIG_HOST, ENOMEM, "no memory for member '%s'", m->path);
	archive_entry_set_pathname(e, path);
	archive_entry_set_mode(e, m->mode);
	archive_entry_set_size(e, (la_int64_t)len);
	archive_entry_set_mtime(e, 0, 0);
	archive_entry_set_uid(e, 0);
	archive_entry_set_gid(e, 0);
	archive_entry_set_dev(e, 0);
	archive_entry_set_ino(e, ++c->nr_members);
	archive_entry_set_nlink(e, S_ISDIR(m->mode) ? 2 : 1);
	if (S_ISCHR(m->mode)) {
		archive_entry_set_rdevmajor(e, m->major);
		archive_entry_set_rdevminor(e, m->minor);
	}
	r = archive_write_header(c->archive, e);
	archive_entry_free(e);
	if (r == ARCHIVE_OK && len &&
	    archive_write_data(c->archive, m->data, len) != (la_ssize_t)len)
		r = ARCHIVE_FATAL;
	if (r != ARCHIVE_OK) {
		archive_failed(c->archive, "cannot write a cpio member", err);
		return rig_err_wrap(err, "'%s'", m->path);
	}
	return 0;
}

static bool has_folder(const struct cpio *c, const char *path)
{
	for (size_t i = 0; i < c->folders.n; i++)
		if (!strcmp(c->folders.v[i], path))
			return true;
	return false;
}

static int add_folder(struct cpio *c, const char *path, mode_t mode, struct rig_err *err)
{
	struct cpio_member m = { .path = path, .mode = S_IFDIR | mode };
	int r;

	if (has_folder(c, path))
		return 0;
	r = write_member(c, &m, path, err);
	if (!r)
		strv_add(&c->folders, path);
	return r;
}

int cpio_add(struct cpio *c, const struct cpio_member *m, struct rig_err *err)
{
	AUTO_FREE char *path = NULL;
	int r = 0;

	assert(m->path[0] == '/' && m->path[1]);
	path = xstrdup(m->path + 1);
	for (char *slash = strchr(path, '/'); slash && !r; slash = strchr(slash + 1, '/')) {
		*slash = '\0';
		r = add_folder(c, path, 0755, err);
		*slash = '/';
	}
	if (r < 0)
		return r;
	if (S_ISDIR(m->mode))
		return add_folder(c, path, m->mode & 07777, err);
	return write_member(c, m, path, err);
}

int cpio_finish(struct cpio *c, char **ret, size_t *ret_len, struct rig_err *err)
{
	if (archive_write_close(c->archive) != ARCHIVE_OK)
		return archive_failed(c->archive, "cannot end a cpio archive", err);
	*ret_len = c->len;
	*ret = TAKE_PTR(c->data);
	return 0;
}

static json_t *describe_entry(struct archive_entry *e)
{
	const char *path = archive_entry_pathname(e);

	return json_pack("{s:o, s:I}", "path", json_sprintf("/%s", path ? path : ""),
			 "size", (json_int_t)archive_entry_size(e));
}

int cpio_list(const void *data, size_t len, json_t **ret, struct rig_err *err)
{
	json_auto_t *list = json_array();
	struct archive *a = archive_read_new();
	struct archive_entry *e;
	int r = ARCHIVE_FATAL;
	const char *why;

	if (a && archive_read_support_format_cpio(a) == ARCHIVE_OK)
		r = archive_read_open_memory(a, data, len);
	while (r == ARCHIVE_OK) {
		r = archive_read_next_header(a, &e);
		if (r == ARCHIVE_OK && json_array_append_new(list, describe_entry(e)) < 0)
			r = ARCHIVE_FATAL;
	}
	why = a ? archive_error_string(a) : NULL;
	if (r == ARCHIVE_EOF)
		r = 0;
	else
		r = rig_err_set(err, RIG_HOST, EBADMSG, "not a whole newc archive: %s",
				why ? why : "unreadable");
	archive_read_free(a);
	if (!r)
		*ret = TAKE_PTR(list);
	return r;
}
