// SPDX-License-Identifier: GPL-2.0-or-later
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/clean.h"
#include "base/io.h"
#include "base/mem.h"
#include "bisect/journal.h"

#define MAX_BYTES	(256u << 20)
#define KEY_DIGITS	16

struct journal {
	char *dir, *path, key[KEY_DIGITS + 1];
	int fd;
	off_t len;		/* of all whole lines */
	json_t **line;		/* the first says what was asked */
	size_t nr, cap;
};

void journal_close(struct journal *j)
{
	if (!j)
		return;
	for (size_t i = 0; i < j->nr; i++)
		json_decref(j->line[i]);
	free(j->line);
	if (j->fd >= 0)
		close(j->fd);
	free(j->path);
	free(j->dir);
	free(j);
}

static void close_guarded(struct journal **j)
{
	journal_close(*j);
}

const char *journal_dir(const struct journal *j)
{
	return j->dir;
}

const char *journal_key(const struct journal *j)
{
	return j->key;
}

static void set_key(struct journal *j, const json_t *asked)
{
	AUTO_FREE char *text = json_dumps(asked, JSON_COMPACT | JSON_SORT_KEYS);
	char hex[65];

	io_sha256_hex(text ? text : "", text ? strlen(text) : 0, hex);
	memcpy(j->key, hex, KEY_DIGITS);
}

/*
 * Not flock(2): that would live on in the processes of the runs, which go on for a while after
 * their parent was killed, and the bisect that is started again at once would be sent away.
 */
static int lock(const struct journal *j, struct rig_err *err)
{
	struct flock whole = { .l_type = F_WRLCK, .l_whence = SEEK_SET };

	if (fcntl(j->fd, F_SETLK, &whole) == 0 || (errno != EACCES && errno != EAGAIN))
		return 0;
	return rig_err_set(err, RIG_USAGE, EBUSY, "the same bisect is under way already, in '%s': let it end, or end it",
			   j->dir);
}

static int sync_dir(const char *path, struct rig_err *err)
{
	AUTO_CLOSE int fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);

	if (fd < 0 || fsync(fd) < 0)
		return rig_err_set(err, RIG_HOST, errno, "cannot sync folder '%s': %s", path, strerror(errno));
	return 0;
}

static int open_file(struct journal *j, const char *results, struct rig_err *err)
{
	int r = io_mkdirs(j->dir, err);

	if (r < 0)
		return r;
	j->fd = open(j->path, O_RDWR | O_CREAT | O_APPEND | O_CLOEXEC, 0644);
	if (j->fd < 0)
		return rig_err_set(err, RIG_HOST, errno, "cannot open '%s': %s", j->path, strerror(errno));
	r = lock(j, err);
	if (!r)
		r = sync_dir(j->dir, err);
	return r < 0 ? r : sync_dir(results, err);
}

static void take_line(struct journal *j, json_t *line)
{
	GROW(j->line, j->nr, j->cap);
	j->line[j->nr++] = line;
}

static int parse_lines(struct journal *j, char *text, struct rig_err *err)
{
	char *end;

	for (char *p = text; (end = strchr(p, '\n')); p = end + 1) {
		json_t *line = json_loadb(p, (size_t)(end - p), JSON_REJECT_DUPLICATES, NULL);

		if (!json_is_object(line)) {
			json_decref(line);
			return rig_err_set(err, RIG_HOST, EINVAL, "'%s' is damaged in line %zu: remove its folder, or begin "
					   "with --anew", j->path, j->nr + 1);
		}
		take_line(j, line);
		j->len = end + 1 - text;
	}
	return 0;
}

static int check_first(const struct journal *j, const json_t *asked, struct rig_err *err)
{
	const json_t *format = j->nr ? json_object_get(j->line[0], "bisect") : NULL;

	if (!j->nr)
		return 0;
	if (!json_is_integer(format) || json_integer_value(format) != JOURNAL_FORMAT)
		return rig_err_set(err, RIG_USAGE, EPROTONOSUPPORT, "'%s' is of another version of hotrig (format %" JSON_INTEGER_FORMAT
				   ", this one writes %d): go on with that version, or begin with --anew", j->path,
				   json_integer_value(format), JOURNAL_FORMAT);
	if (!json_equal(json_object_get(j->line[0], "asked"), asked))
		return rig_err_set(err, RIG_HOST, EINVAL, "'%s' belongs to another bisect: begin with --anew", j->path);
	return 0;
}

static int cut(struct journal *j, off_t len, struct rig_err *err)
{
	if (ftruncate(j->fd, len) < 0)
		return rig_err_set(err, RIG_HOST, errno, "cannot shorten '%s': %s", j->path, strerror(errno));
	j->len = len;
	return 0;
}

/* A line that was cut off is not lost: nothing followed from it yet. */
static int load(struct journal *j, const json_t *asked, struct rig_err *err)
{
	AUTO_FREE char *text = NULL;
	struct stat st;
	ssize_t n;
	int r;

	if (fstat(j->fd, &st) < 0 || st.st_size > (off_t)MAX_BYTES)
		return rig_err_set(err, RIG_HOST, EFBIG, "'%s' is no journal", j->path);
	text = xcalloc((size_t)st.st_size + 1, 1);
	/* through the descriptor that has the lock: closing another one would let it go */
	n = pread(j->fd, text, (size_t)st.st_size, 0);
	if (n < 0)
		return rig_err_set(err, RIG_HOST, errno, "cannot read '%s': %s", j->path, strerror(errno));
	r = parse_lines(j, text, err);
	if (!r)
		r = check_first(j, asked, err);
	return r < 0 ? r : cut(j, j->len, err);
}

static int begin(struct journal *j, const json_t *asked, struct rig_err *err)
{
	return journal_add(j, json_pack("{sisO}", "bisect", JOURNAL_FORMAT, "asked", (json_t *)asked), err);
}

int journal_open(const char *results, const json_t *asked, bool anew, struct journal **ret, struct rig_err *err)
{
	struct journal *j __attribute__((cleanup(close_guarded))) = xcalloc(1, sizeof(*j));
	int r;

	set_key(j, asked);
	j->fd = -1;
	j->dir = xasprintf("%s/bisect-%s", results, j->key);
	j->path = xasprintf("%s/journal.jsonl", j->dir);
	r = open_file(j, results, err);
	if (!r)
		r = anew ? cut(j, 0, err) : load(j, asked, err);
	if (!r && !j->nr)
		r = begin(j, asked, err);
	if (!r)
		*ret = TAKE_PTR(j);
	return r;
}

int journal_add(struct journal *j, json_t *line, struct rig_err *err)
{
	AUTO_FREE char *text = json_dumps(line, JSON_COMPACT), *whole = NULL;
	struct rig_err ignored;
	int r, shortened;

	if (!text) {
		json_decref(line);
		return rig_err_set(err, RIG_HOST, EILSEQ, "cannot write a line of '%s': a text is not UTF-8", j->path);
	}
	whole = xasprintf("%s\n", text);
	r = io_write_all(j->fd, whole, strlen(whole));
	if (!r && fdatasync(j->fd) < 0)
		r = -errno;
	if (r < 0) {
		json_decref(line);
		shortened = cut(j, j->len, &ignored);
		(void)shortened;	/* else the next one who opens it drops what is half a line */
		return rig_err_set(err, RIG_HOST, -r, "cannot write '%s': %s; what it has is kept", j->path,
				   strerror(-r));
	}
	j->len += (off_t)strlen(whole);
	take_line(j, line);
	return 0;
}

json_t *journal_text(const char *text)
{
	json_t *o = json_string(text);
	AUTO_FREE char *copy = o ? NULL : xstrdup(text);

	for (char *p = copy; p && *p; p++)
		if ((unsigned char)*p >= 0x80)
			*p = '?';
	return o ? o : json_string(copy);
}

size_t journal_size(const struct journal *j)
{
	return j->nr - 1;
}

const json_t *journal_line(const struct journal *j, size_t i)
{
	return j->line[i + 1];
}

/* The last line whose @key is @value. */
static const json_t *find(const struct journal *j, const char *key, const char *value)
{
	for (size_t i = j->nr; i > 1; i--) {
		const char *own = json_string_value(json_object_get(j->line[i - 1], key));

		if (own && !strcmp(own, value))
			return j->line[i - 1];
	}
	return NULL;
}

const json_t *journal_tested(const struct journal *j, const char *name)
{
	return find(j, "tested", name);
}

const json_t *journal_same_image(const struct journal *j, const char *image_sha256)
{
	return find(j, "image_sha256", image_sha256);
}

const json_t *journal_event(const struct journal *j, const char *event)
{
	return find(j, "event", event);
}
