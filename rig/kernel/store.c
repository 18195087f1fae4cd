// SPDX-License-Identifier: GPL-2.0-or-later
#include <dirent.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>

#include "base/clean.h"
#include "base/clock.h"
#include "base/io.h"
#include "base/lock.h"
#include "base/mem.h"
#include "kernel/release.h"
#include "kernel/store.h"
#include "kernel/store_digest.h"

#define LOCK_MINUTES	30u
#define TEMPORARY	"tmp."

struct store {
	char *dir;
	int lock_fd;
};

int store_open(struct store **ret, struct rig_err *err)
{
	AUTO_FREE char *dir = NULL;
	char *absolute;
	int r;

	r = io_cache_dir("kernels", &dir, err);
	if (r < 0)
		return r;
	/* apt takes relative paths to start at the root */
	absolute = realpath(dir, NULL);
	if (!absolute)
		return rig_err_set(err, RIG_HOST, errno, "cannot open cache '%s': %s", dir,
				   strerror(errno));
	*ret = xcalloc(1, sizeof(**ret));
	**ret = (struct store){ .dir = absolute, .lock_fd = -1 };
	return 0;
}

void store_close(struct store *store)
{
	if (!store)
		return;
	clean_close(&store->lock_fd);
	free(store->dir);
	free(store);
}

const char *store_dir(const struct store *store)
{
	return store->dir;
}

char *store_kernel_dir(const struct store *store, const char *release)
{
	return xasprintf("%s/debian/%s", store->dir, release);
}

/* Only the holder of the lock has such folders, so these are left by one that was killed */
static int sweep(const struct store *store, struct rig_err *err)
{
	DIR *d = opendir(store->dir);
	struct dirent *e;
	int r = 0;

	while (d && !r && (e = readdir(d))) {
		AUTO_FREE char *path = NULL;

		if (strncmp(e->d_name, TEMPORARY, strlen(TEMPORARY)))
			continue;
		path = xasprintf("%s/%s", store->dir, e->d_name);
		r = io_remove_tree(path, err);
	}
	if (d)
		closedir(d);
	return r;
}

int store_lock(struct store *store, void (*on_wait)(void *arg, const char *text), void *arg,
	       struct rig_err *err)
{
	AUTO_FREE char *path = xasprintf("%s/lock", store->dir), *text = NULL;
	AUTO_CLOSE int fd = -1;
	int r;

	if (store->lock_fd >= 0)
		return 0;
	fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0644);
	if (fd < 0)
		return rig_err_set(err, RIG_HOST, errno,
				   "cannot write to the cache of kernels: '%s': %s; set HOTRIG_CACHE to a folder of your own",
				   path, strerror(errno));
	if (!lock_try(fd)) {
		text = xasprintf("waiting for another process that is filling '%s'", store->dir);
		if (on_wait)
			on_wait(arg, text);
		r = lock_wait(fd, path, clock_in_ms(LOCK_MINUTES * 60000), err);
		if (r < 0)
			return r;
	}
	r = sweep(store, err);
	if (r < 0)
		return r;
	store->lock_fd = TAKE_FD(fd);
	return 0;
}

int store_make_temporary(struct store *store, char **ret, struct rig_err *err)
{
	AUTO_FREE char *path = xasprintf("%s/" TEMPORARY "%d.XXXXXX", store->dir, (int)getpid());

	if (!mkdtemp(path) || chmod(path, 0755) < 0)
		return rig_err_set(err, RIG_HOST, errno, "cannot make folder '%s': %s", path,
				   strerror(errno));
	*ret = TAKE_PTR(path);
	return 0;
}

int store_publish(const char *from, const char *to, struct rig_err *err)
{
	AUTO_FREE char *above = xstrdup(to);
	int r;

	*strrchr(above, '/') = '\0';
	r = io_mkdirs(above, err);
	if (r < 0)
		return r;
	if (renameat2(AT_FDCWD, from, AT_FDCWD, to, RENAME_NOREPLACE) == 0)
		return 0;
	/* some network file systems have no flags; plain rename fails for a folder with content */
	if (errno == EINVAL && rename(from, to) == 0)
		return 0;
	return rig_err_set(err, RIG_HOST, errno == ENOTEMPTY ? EEXIST : errno,
			   "cannot rename '%s' to '%s': %s", from, to, strerror(errno));
}

/* One damaged copy is kept for whoever wants to know what happened, not a heap of them */
static int set_aside(struct store *store, const char *dir, const char *release, struct rig_err *err)
{
	AUTO_FREE char *aside = xasprintf("%s/damaged/%s", store->dir, release);
	int r;

	if (!io_exists(dir))
		return 0;
	r = io_remove_tree(aside, err);
	return r < 0 ? r : store_publish(dir, aside, err);
}

int store_add(struct store *store, const char *from, const char *release,
	      const char *package_version, struct rig_err *err)
{
	AUTO_FREE char *dir = store_kernel_dir(store, release);
	int r;

	r = store_digest_write(from, release, package_version, err);
	if (!r)
		r = set_aside(store, dir, release, err);
	return r < 0 ? r : store_publish(from, dir, err);
}

int store_verify(const struct store *store, const char *release, struct rig_err *err)
{
	AUTO_FREE char *dir = store_kernel_dir(store, release);
	struct store_entry entry = { 0 };
	struct stat st;
	int r;

	if (lstat(dir, &st) < 0)
		return rig_err_set(err, RIG_HOST, errno, "kernel '%s' is not in the cache",
				   release);
	r = store_digest_check(dir, release, &entry, err);
	if (r < 0) {
		rig_err_wrap(err, "the cached copy of kernel '%s' is damaged", release);
		err->eno = EUCLEAN;
		return -EUCLEAN;
	}
	free(entry.package_version);
	free(entry.added);
	return 0;
}

static int by_release(const void *a, const void *b)
{
	const char *x = *(char *const *)a, *y = *(char *const *)b;
	int diff = release_compare(x, y);

	return diff ? diff : strcmp(x, y);
}

int store_list_releases(const struct store *store, struct strv *ret, struct rig_err *err)
{
	AUTO_FREE char *dir = xasprintf("%s/debian", store->dir);
	DIR *d = opendir(dir);
	struct release parsed;
	struct dirent *e;

	if (!d && errno != ENOENT)
		return rig_err_set(err, RIG_HOST, errno, "cannot read folder '%s': %s", dir,
				   strerror(errno));
	while (d && (e = readdir(d)))
		if (release_parse(e->d_name, &parsed))
			strv_add(ret, e->d_name);
	if (d)
		closedir(d);
	if (ret->n)
		qsort(ret->v, ret->n, sizeof(*ret->v), by_release);
	return 0;
}

int store_list(const struct store *store, struct store_entry **ret, size_t *ret_n,
	       struct rig_err *err)
{
	AUTO_STRV struct strv releases = { 0 };
	struct store_entry *entries;
	int r = store_list_releases(store, &releases, err);

	if (r < 0)
		return r;
	entries = xcalloc(releases.n, sizeof(*entries));
	for (size_t i = 0; i < releases.n; i++) {
		AUTO_FREE char *path = store_kernel_dir(store, releases.v[i]);
		struct rig_err damage;

		entries[i].release = xstrdup(releases.v[i]);
		if (store_digest_check(path, releases.v[i], &entries[i], &damage) < 0)
			entries[i].damage = xstrdup(damage.text);
	}
	*ret = entries;
	*ret_n = releases.n;
	return 0;
}

void store_free_list(struct store_entry *entries, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		free(entries[i].release);
		free(entries[i].package_version);
		free(entries[i].added);
		free(entries[i].damage);
	}
	free(entries);
}
