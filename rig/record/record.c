// SPDX-License-Identifier: GPL-2.0-or-later
#include <assert.h>
#include <ctype.h>
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <time.h>

#include "base/clean.h"
#include "base/io.h"
#include "base/mem.h"
#include "record/record.h"
#include "record/record_owner.h"
#include "record/record_stream.h"

#define MAX_CONSOLE	(1u << 30)
#define NAMES_MAX	1000	/* tries to find a free name */

struct record {
	char *results, *label;
	char *path;		/* the unfinished folder; NULL once it has its final name */
	struct tm started;
	int dir;
	struct record_streams streams;
	bool failed;
	struct rig_err first;	/* of what came first; only with failed */
};

/* a folder or file name of our own making from any text */
static char *clean_name(const char *text, const char *otherwise)
{
	char *name = xstrndup(*text ? text : otherwise, RECORD_LABEL_MAX);

	for (char *p = name; *p; p++)
		if (!isalnum((unsigned char)*p) && !strchr("._+-", *p))
			*p = '-';
	return name;
}

char *record_label(const char *label)
{
	return clean_name(label, "run");
}

static void fail(struct record *r, const char *name, int eno)
{
	if (r->failed)
		return;
	r->failed = true;
	rig_err_set(&r->first, RIG_HOST, eno, "cannot write '%s': %s", name, strerror(eno));
}

/*
 * Between mkdir() and the lock a sweeper that cannot see our pid (another container, same results)
 * may have taken the folder: then it is not the one we hold open.
 */
static bool still_there(const char *path, int dir)
{
	struct stat a, b;

	return fstat(dir, &a) == 0 && lstat(path, &b) == 0 && a.st_ino == b.st_ino &&
	       a.st_dev == b.st_dev;
}

/* 0, -EEXIST when the name is taken, other -errno */
static int claim_folder(struct record *r, unsigned int n)
{
	AUTO_FREE char *name = record_owner_folder(n);
	AUTO_FREE char *path = xasprintf("%s/%s", r->results, name);
	AUTO_CLOSE int dir = -1;

	if (mkdir(path, 0755) < 0)
		return -errno;
	dir = open(path, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	if (dir < 0)
		return errno == ENOENT ? -EEXIST : -errno;
	/* without locks (some network file systems) the pid in the name has to do */
	if (flock(dir, LOCK_EX | LOCK_NB) < 0 && errno == EWOULDBLOCK)
		return -EEXIST;
	if (!still_there(path, dir))
		return -EEXIST;
	r->dir = TAKE_FD(dir);
	r->path = TAKE_PTR(path);
	return 0;
}

int record_create(const char *results, const char *label, struct record **ret, struct rig_err *err)
{
	struct record *r;
	time_t now = time(NULL);
	int e;

	e = io_mkdirs(results, err);
	if (e < 0)
		return rig_err_wrap(err, "no place for results, choose another folder with "
				    "--results");
	r = xcalloc(1, sizeof(*r));
	r->dir = -1;
	r->streams = (struct record_streams)RECORD_STREAMS_NONE;
	r->results = xstrdup(results);
	r->label = record_label(label);
	gmtime_r(&now, &r->started);
	e = -EEXIST;
	for (unsigned int n = 1; e == -EEXIST && n < NAMES_MAX; n++)
		e = claim_folder(r, n);
	if (!e)
		e = record_streams_init(&r->streams, r->dir);
	if (e < 0) {
		rig_err_set(err, RIG_HOST, -e, "cannot make a record in '%s': %s; choose another "
			    "folder with --results", results, strerror(-e));
		record_destroy(r);
		return e;
	}
	*ret = r;
	return 0;
}

/* What cannot be removed now is swept by a later run. */
static void drop_folder(struct record *r)
{
	struct rig_err ignored;

	if (r->path && io_remove_tree(r->path, &ignored) == 0)
		free(TAKE_PTR(r->path));
}

void record_destroy(struct record *r)
{
	if (!r)
		return;
	record_streams_deinit(&r->streams);
	drop_folder(r);
	if (r->dir >= 0)
		close(r->dir);
	free(r->path);
	free(r->results);
	free(r->label);
	free(r);
}

void record_console(struct record *r, const char *data, size_t len)
{
	int e = r->failed ? 0 : record_streams_write(&r->streams, STREAM_CONSOLE, data, len);

	if (e < 0)
		fail(r, "console.log", -e);
}

int record_dir(const struct record *r)
{
	return r->dir;
}

int record_read_console(const struct record *r, char **ret, size_t *len, struct rig_err *err)
{
	AUTO_FREE char *path = xasprintf("%s/console.log", r->path);

	return io_read_file(path, MAX_CONSOLE, ret, len, err);
}

void record_kmsg(struct record *r, const char *line, size_t len)
{
	bool ended = len && line[len - 1] == '\n';
	int e = r->failed ? 0 : record_streams_write(&r->streams, STREAM_KMSG, line, len);

	if (!r->failed && !e && !ended)
		e = record_streams_write(&r->streams, STREAM_KMSG, "\n", 1);
	if (e < 0)
		fail(r, "kmsg.log", -e);
}

void record_wire(struct record *r, const char *which, char dir, uint64_t ns, const char *line,
		 size_t len)
{
	bool is_qmp = !strcmp(which, "qmp");
	AUTO_FREE char *text = NULL;
	size_t text_len;
	int e;

	assert(is_qmp || !strcmp(which, "agent"));
	if (r->failed)
		return;
	text = record_wire_line(dir, ns, line, len, &text_len);
	e = record_streams_write(&r->streams, is_qmp ? STREAM_QMP : STREAM_AGENT, text, text_len);
	if (e < 0)
		fail(r, is_qmp ? "qmp.jsonl" : "agent.jsonl", -e);
}

/* Two names may become the same when they are cleaned: the later gets a number. */
static int create_unique(int dir, const char *name, char **ret)
{
	for (unsigned int n = 1; n < NAMES_MAX; n++) {
		AUTO_FREE char *file = n == 1 ? xasprintf("%s.json.gz", name) :
						xasprintf("%s-%u.json.gz", name, n);
		int fd = openat(dir, file, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0644);

		if (fd < 0 && errno == EEXIST)
			continue;
		if (fd < 0)
			return -errno;
		*ret = TAKE_PTR(file);
		return fd;
	}
	return -EEXIST;
}

void record_list_gz(struct record *r, const char *name, const json_t *rest, const struct record_list *list)
{
	AUTO_FREE char *clean = clean_name(name, "unnamed");
	AUTO_FREE char *file = NULL;
	AUTO_CLOSE int fd = -1;
	int e;

	if (r->failed)
		return;
	fd = create_unique(r->dir, clean, &file);
	e = fd < 0 ? fd : record_write_list_gz(fd, rest, list);
	if (e < 0)
		fail(r, file ? file : clean, -e);
}

static int write_result(struct record *r, const json_t *result)
{
	AUTO_FREE char *text = json_dumps(result, JSON_INDENT(2) | JSON_ENCODE_ANY);
	AUTO_CLOSE int fd = openat(r->dir, "result.json", O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC,
				   0644);
	int e;

	if (fd < 0)
		return -errno;
	if (!text)
		return -EINVAL;
	e = io_write_all(fd, text, strlen(text));
	return e ? e : io_write_all(fd, "\n", 1);
}

/* Calls @fn for each file of the record; the first error is kept. */
static int each_file(struct record *r, int (*fn)(int fd))
{
	AUTO_CLOSE int dir = openat(r->dir, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	DIR *d = dir < 0 ? NULL : fdopendir(dir);
	int e = 0;

	if (!d)
		return -errno;
	dir = -1;		/* closedir() closes it */
	for (struct dirent *f; !e && (f = readdir(d)); ) {
		AUTO_CLOSE int fd = openat(r->dir, f->d_name, O_RDONLY | O_NOFOLLOW | O_CLOEXEC);

		if (fd < 0 || fn(fd) < 0) {
			e = -errno;
			fail(r, f->d_name, errno);
		}
	}
	closedir(d);
	return e;
}

/* A hint only: what cannot be started is done by fsync(), which also tells of errors. */
static int start_sync(int fd)
{
	if (sync_file_range(fd, 0, 0, SYNC_FILE_RANGE_WRITE) < 0)
		errno = 0;
	return 0;
}

/*
 * All at once and only here: a sync between two steps would cost the run its time.  All are begun
 * before the first is waited for, so that the file system need not commit once for each.
 */
static int sync_files(struct record *r)
{
	int e = each_file(r, start_sync);

	return e < 0 ? e : each_file(r, fsync);
}

/* rename() replaces no folder that has something in it, so a name that is taken is an error. */
static int rename_final(struct record *r, int results, char **ret_name)
{
	char when[32];

	strftime(when, sizeof(when), "%Y%m%dT%H%M%SZ", &r->started);
	for (unsigned int n = 1; n < NAMES_MAX; n++) {
		AUTO_FREE char *base = xasprintf("%s-%s-%d", when, r->label, (int)getpid());
		AUTO_FREE char *name = n == 1 ? xstrdup(base) : xasprintf("%s-%u", base, n);
		struct stat st;

		if (fstatat(results, name, &st, AT_SYMLINK_NOFOLLOW) == 0)
			continue;
		if (renameat(AT_FDCWD, r->path, results, name) == 0) {
			*ret_name = TAKE_PTR(name);
			return 0;
		}
		if (errno != EEXIST && errno != ENOTEMPTY && errno != ENOTDIR)
			return -errno;
	}
	return -EEXIST;
}

/* A link cannot be changed in place: make one aside and rename it over the old one. */
static int point_latest(int results, const char *name)
{
	AUTO_FREE char *aside = xasprintf("latest.tmp.%d", (int)getpid());
	int e;

	unlinkat(results, aside, 0);
	if (symlinkat(name, results, aside) == 0 &&
	    renameat(results, aside, results, "latest") == 0)
		return 0;
	e = -errno;
	unlinkat(results, aside, 0);
	return e;
}

static bool latest_is_free(int results)
{
	struct stat st;

	return fstatat(results, "latest", &st, AT_SYMLINK_NOFOLLOW) < 0 || S_ISLNK(st.st_mode);
}

/*
 * The folder gets its name before latest points to it, so that latest always points to a complete
 * record; a record that has its name is complete, and stays even if the link cannot be made.
 */
static int publish(struct record *r, char **ret_name, struct rig_err *err)
{
	AUTO_CLOSE int results = open(r->results, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	AUTO_FREE char *name = NULL;
	int e;

	if (results < 0)
		return rig_err_set(err, RIG_HOST, errno, "cannot open '%s': %s", r->results,
				   strerror(errno));
	if (!latest_is_free(results))
		return rig_err_set(err, RIG_HOST, EEXIST,
				   "'%s/latest' is not a link: move it away", r->results);
	e = rename_final(r, results, &name);
	if (e < 0)
		return rig_err_set(err, RIG_HOST, -e, "cannot name the record in '%s': %s",
				   r->results, strerror(-e));
	free(TAKE_PTR(r->path));
	e = point_latest(results, name);
	if (!e && fsync(results) < 0)
		e = -errno;
	if (e < 0)
		return rig_err_set(err, RIG_HOST, -e, "record '%s/%s' is complete, but 'latest' "
				   "cannot point to it: %s", r->results, name, strerror(-e));
	*ret_name = TAKE_PTR(name);
	return 0;
}

int record_commit(struct record *r, const json_t *result, char **ret_path, struct rig_err *err)
{
	AUTO_FREE char *name = NULL;
	int e = 0;

	assert(r->path);	/* committed once */
	if (!r->failed) {
		e = write_result(r, result);
		if (!e)
			e = sync_files(r);
		if (e < 0)
			fail(r, "result.json", -e);
	}
	if (r->failed) {
		*err = r->first;
		e = rig_err_wrap(err, "no record in '%s', choose another folder with --results",
				 r->results);
	} else {
		e = publish(r, &name, err);
	}
	if (e < 0) {
		drop_folder(r);
		return e;
	}
	*ret_path = xasprintf("%s/%s", r->results, name);
	return 0;
}
