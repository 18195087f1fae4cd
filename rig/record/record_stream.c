// SPDX-License-Identifier: GPL-2.0-or-later
#include <archive.h>
#include <archive_entry.h>
#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <string.h>

#include "base/clean.h"
#include "base/io.h"
#include "base/mem.h"
#include "record/record_stream.h"

int record_streams_init(struct record_streams *s, int dir)
{
	static const char *const names[] = {
		[STREAM_CONSOLE] = "console.log",	[STREAM_KMSG] = "kmsg.log",
		[STREAM_QMP] = "qmp.jsonl",		[STREAM_AGENT] = "agent.jsonl",
	};

	for (size_t i = 0; i < STREAM_NR; i++) {
		int fd = openat(dir, names[i], O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0644);

		if (fd < 0)
			return -errno;
		s->fd[i] = fd;
	}
	return 0;
}

void record_streams_deinit(struct record_streams *s)
{
	for (size_t i = 0; i < STREAM_NR; i++)
		if (s->fd[i] >= 0)
			close(s->fd[i]);
	*s = (struct record_streams)RECORD_STREAMS_NONE;
}

int record_streams_write(struct record_streams *s, enum record_stream which, const char *data,
			 size_t len)
{
	return io_write_all(s->fd[which], data, len);
}

static char *to_hex(const char *data, size_t len)
{
	static const char digits[] = "0123456789abcdef";
	char *hex = xcalloc(len + 1, 2);

	for (size_t i = 0; i < len; i++) {
		hex[2 * i] = digits[(unsigned char)data[i] >> 4];
		hex[2 * i + 1] = digits[(unsigned char)data[i] & 15];
	}
	return hex;
}

char *record_wire_line(char dir, uint64_t ns, const char *line, size_t len, size_t *ret_len)
{
	json_t *text = json_stringn(line, len);
	json_auto_t *value = NULL;
	char *dumped, *ended;

	assert(dir == '<' || dir == '>');
	if (text) {
		value = json_pack("{sI ss# so}", "ns", (json_int_t)ns, "dir", &dir, 1,
				  "line", text);
	} else {
		AUTO_FREE char *hex = to_hex(line, len);

		value = json_pack("{sI ss# ss}", "ns", (json_int_t)ns, "dir", &dir, 1,
				  "bytes", hex);
	}
	dumped = value ? json_dumps(value, JSON_COMPACT) : NULL;
	assert(dumped);
	ended = xasprintf("%s\n", dumped);
	free(dumped);
	*ret_len = strlen(ended);
	return ended;
}

/* jansson hands out a few bytes at a time; the compressor wants more of them. */
struct gz_writer {
	struct archive *archive;
	size_t len;
	char buf[65536];
};

static int gz_flush(struct gz_writer *w)
{
	size_t len = w->len;

	w->len = 0;
	return archive_write_data(w->archive, w->buf, len) == (la_ssize_t)len ? 0 : -1;
}

static int gz_write(const char *data, size_t len, void *arg)
{
	struct gz_writer *w = arg;

	while (len) {
		size_t n = sizeof(w->buf) - w->len < len ? sizeof(w->buf) - w->len : len;

		memcpy(w->buf + w->len, data, n);
		w->len += n;
		data += n;
		len -= n;
		if (w->len == sizeof(w->buf) && gz_flush(w) < 0)
			return -1;
	}
	return 0;
}

/* "raw" writes one entry without a header; without a timestamp the bytes depend on the values only */
static int gz_open(struct archive *a, struct archive_entry *e, int fd)
{
	archive_entry_set_filetype(e, AE_IFREG);
	if (archive_write_set_format_raw(a) != ARCHIVE_OK ||
	    archive_write_add_filter_gzip(a) != ARCHIVE_OK ||
	    archive_write_set_filter_option(a, "gzip", "timestamp", NULL) != ARCHIVE_OK ||
	    archive_write_set_bytes_in_last_block(a, 1) != ARCHIVE_OK ||
	    archive_write_open_fd(a, fd) != ARCHIVE_OK ||
	    archive_write_header(a, e) != ARCHIVE_OK)
		return -1;
	return 0;
}

static int dump(const json_t *value, struct gz_writer *w)
{
	return json_dump_callback(value, gz_write, w, JSON_COMPACT | JSON_ENCODE_ANY);
}

/* The rest's own opening brace comes after the array: it becomes the comma behind it. */
struct tail {
	struct gz_writer *w;
	bool begun;
};

static int write_tail(const char *data, size_t len, void *arg)
{
	struct tail *t = arg;

	if (!t->begun && len) {
		t->begun = true;
		return gz_write(",", 1, t->w) < 0 ? -1 : gz_write(data + 1, len - 1, t->w);
	}
	return gz_write(data, len, t->w);
}

static int write_list(const json_t *rest, const struct record_list *list, struct gz_writer *w)
{
	AUTO_FREE char *head = xasprintf("{\"%s\":[", list->key);
	struct tail t = { .w = w };
	bool first = true;
	json_t *one;

	if (gz_write(head, strlen(head), w) < 0)
		return -1;
	while ((one = list->next(list->arg))) {
		int r = first ? 0 : gz_write(",", 1, w);

		if (r == 0)
			r = dump(one, w);
		json_decref(one);
		if (r < 0)
			return r;
		first = false;
	}
	return gz_write("]", 1, w) < 0 ? -1 : json_dump_callback(rest, write_tail, &t, JSON_COMPACT);
}

int record_write_list_gz(int fd, const json_t *rest, const struct record_list *list)
{
	struct gz_writer *w = xcalloc(1, sizeof(*w));
	struct archive_entry *e = archive_entry_new();
	struct archive *a = archive_write_new();
	int r = -1, eno = 0;

	w->archive = a;
	if (a && e && gz_open(a, e, fd) == 0 && write_list(rest, list, w) == 0 && gz_write("\n", 1, w) == 0 &&
	    gz_flush(w) == 0 && archive_write_close(a) == ARCHIVE_OK)
		r = 0;
	if (r < 0)
		eno = a && archive_errno(a) > 0 ? archive_errno(a) : EIO;
	archive_write_free(a);
	archive_entry_free(e);
	free(w);
	return -eno;
}
