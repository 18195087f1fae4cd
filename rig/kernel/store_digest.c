// SPDX-License-Identifier: GPL-2.0-or-later
#include <fcntl.h>
#include <fts.h>
#include <jansson.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>

#include "base/clean.h"
#include "base/io.h"
#include "base/mem.h"
#include "kernel/digest.h"
#include "kernel/store_digest.h"

#define FILE_NAME	"hotrig.json"
#define FORMAT		1
#define MAX_JSON_BYTES	(64u << 20)

/* The files whose content decides what boots; a wrong size is enough to give away the others */
static const char *const hashed[] = { "image", "config" };

static char *hashed_name(const char *what, const char *release)
{
	return xasprintf("boot/%s-%s", strcmp(what, "image") ? what : "vmlinuz", release);
}

static int by_name(const FTSENT **a, const FTSENT **b)
{
	return strcmp((*a)->fts_name, (*b)->fts_name);
}

static int collect_sizes(const char *dir, json_t *sizes, uint64_t *total_bytes, struct rig_err *err)
{
	char *const roots[] = { (char *)dir, NULL };
	FTS *fts = fts_open(roots, FTS_PHYSICAL | FTS_NOCHDIR, by_name);
	FTSENT *e;
	int eno = fts ? 0 : errno;

	while (fts && !eno && (errno = 0, e = fts_read(fts))) {
		if (e->fts_info == FTS_ERR || e->fts_info == FTS_DNR || e->fts_info == FTS_NS)
			eno = e->fts_errno;
		if (e->fts_info != FTS_F)
			continue;
		*total_bytes += (uint64_t)e->fts_statp->st_size;
		json_object_set_new(sizes, e->fts_path + strlen(dir) + 1,
				    json_integer(e->fts_statp->st_size));
	}
	if (!eno)
		eno = errno;
	if (fts)
		fts_close(fts);
	return eno ? rig_err_set(err, RIG_HOST, eno, "cannot read folder '%s': %s", dir,
				 strerror(eno))
		   : 0;
}

static char *now_text(void)
{
	char text[32];
	time_t now = time(NULL);
	struct tm tm;

	strftime(text, sizeof(text), "%Y-%m-%dT%H:%M:%SZ", gmtime_r(&now, &tm));
	return xstrdup(text);
}

int store_digest_write(const char *dir, const char *release, const char *package_version,
		       struct rig_err *err)
{
	AUTO_FREE char *path = xasprintf("%s/" FILE_NAME, dir), *added = now_text(), *text = NULL;
	json_auto_t *o = NULL, *sizes = json_object(), *digests = json_object();
	uint64_t total_bytes = 0;
	int r;

	r = collect_sizes(dir, sizes, &total_bytes, err);
	for (size_t i = 0; !r && i < ARRAY_SIZE(hashed); i++) {
		AUTO_FREE char *name = hashed_name(hashed[i], release);
		AUTO_FREE char *file = xasprintf("%s/%s", dir, name);
		char hex[65];

		r = digest_file(file, hex, err);
		if (!r)
			json_object_set_new(digests, hashed[i], json_string(hex));
	}
	if (r < 0)
		return r;
	o = json_pack("{si ss ss ss sI sO sO}", "format", FORMAT, "release", release,
		      "package_version", package_version, "added", added, "size_bytes",
		      (json_int_t)total_bytes, "sha256", digests, "files", sizes);
	text = o ? json_dumps(o, JSON_INDENT(1)) : NULL;
	if (!text)
		return rig_err_set(err, RIG_HOST, EILSEQ,
				   "kernel '%s' has file names that are not UTF-8", release);
	return io_write_file(path, text, strlen(text), err);
}

static int check_sizes(const char *dir, json_t *sizes, struct rig_err *err)
{
	AUTO_CLOSE int at = open(dir, O_PATH | O_DIRECTORY | O_CLOEXEC);
	const char *name;
	json_t *size;

	if (at < 0)
		return rig_err_set(err, RIG_HOST, errno, "cannot open '%s': %s", dir,
				   strerror(errno));
	json_object_foreach(sizes, name, size)
	{
		struct stat st;

		if (fstatat(at, name, &st, AT_SYMLINK_NOFOLLOW) < 0)
			return rig_err_set(err, RIG_HOST, errno, "'%s/%s': %s", dir, name,
					   strerror(errno));
		if (!S_ISREG(st.st_mode) || st.st_size != json_integer_value(size))
			return rig_err_set(err, RIG_HOST, EUCLEAN,
					   "'%s/%s' has %lld bytes instead of %lld", dir, name,
					   (long long)st.st_size,
					   (long long)json_integer_value(size));
	}
	return 0;
}

static int check_hashes(const char *dir, const char *release, json_t *digests, struct rig_err *err)
{
	for (size_t i = 0; i < ARRAY_SIZE(hashed); i++) {
		const char *want = json_string_value(json_object_get(digests, hashed[i]));
		AUTO_FREE char *name = hashed_name(hashed[i], release);
		AUTO_FREE char *file = xasprintf("%s/%s", dir, name);
		char hex[65];
		int r = digest_file(file, hex, err);

		if (r < 0)
			return r;
		if (!want || strcmp(want, hex))
			return rig_err_set(err, RIG_HOST, EUCLEAN,
					   "'%s' has changed: its sha256 is %s", file, hex);
	}
	return 0;
}

int store_digest_check(const char *dir, const char *release, struct store_entry *ret,
		       struct rig_err *err)
{
	AUTO_FREE char *path = xasprintf("%s/" FILE_NAME, dir), *text = NULL;
	const char *stored_release, *version, *added;
	json_t *digests, *sizes;
	json_auto_t *o = NULL;
	json_int_t total_bytes;
	json_error_t why;
	size_t len;
	int format, r;

	r = io_read_file(path, MAX_JSON_BYTES, &text, &len, err);
	if (r < 0)
		return r;
	o = json_loadb(text, len, JSON_REJECT_DUPLICATES, &why);
	if (!o ||
	    json_unpack_ex(o, &why, 0, "{si ss ss ss sI so so}", "format", &format, "release",
			   &stored_release, "package_version", &version, "added", &added,
			   "size_bytes", &total_bytes, "sha256", &digests, "files", &sizes) < 0)
		return rig_err_set(err, RIG_HOST, EUCLEAN, "'%s' cannot be understood: %s", path,
				   why.text);
	if (format != FORMAT || strcmp(stored_release, release) || !json_is_object(sizes) ||
	    total_bytes < 0)
		return rig_err_set(err, RIG_HOST, EUCLEAN, "'%s' is not of this kernel or this rig",
				   path);
	r = check_sizes(dir, sizes, err);
	if (!r)
		r = check_hashes(dir, release, digests, err);
	if (r < 0)
		return r;
	ret->package_version = xstrdup(version);
	ret->added = xstrdup(added);
	ret->size_bytes = (uint64_t)total_bytes;
	return 0;
}
