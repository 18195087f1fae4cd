// SPDX-License-Identifier: GPL-2.0-or-later
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/clean.h"
#include "base/io.h"
#include "base/lock.h"
#include "base/mem.h"
#include "template/manifest.h"
#include "template/store.h"

#define DEFAULT_LIMIT	(20ull << 30)
#define KEY_DIGITS	16

int template_store_path(char **ret, struct rig_err *err)
{
	const char *own = getenv("HOTRIG_TEMPLATES");
	int r;

	if (!own || !*own)
		return io_cache_dir("templates", ret, err);
	r = io_mkdirs(own, err);
	if (r == 0)
		*ret = xstrdup(own);
	return r;
}

uint64_t template_limit(void)
{
	const char *text = getenv("HOTRIG_TEMPLATE_MIB");
	char *end;
	unsigned long long mib = text ? strtoull(text, &end, 10) : 0;

	return text && *text && !*end && mib <= UINT64_MAX >> 20 ? mib << 20 : DEFAULT_LIMIT;
}

char *template_store_name(const char *key, unsigned int variant)
{
	return xasprintf("%.*s-%u", KEY_DIGITS, key, variant);
}

int template_store_lock(const char *store, uint64_t until_ns, struct rig_err *err)
{
	AUTO_FREE char *path = xasprintf("%s/lock", store);
	AUTO_CLOSE int fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0644);
	int r;

	if (fd < 0)
		return rig_err_set(err, RIG_HOST, errno, "cannot write to the templates: '%s': %s; set HOTRIG_TEMPLATES "
				   "to a folder of your own, or use --cold", path, strerror(errno));
	if (!lock_try(fd) && (r = lock_wait(fd, path, until_ns, err)) < 0)
		return r;
	return TAKE_FD(fd);
}

uint64_t template_store_bytes(int dir)
{
	AUTO_CLOSE int again = openat(dir, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	DIR *d = again < 0 ? NULL : fdopendir(again);
	uint64_t sum = 0;
	struct dirent *e;
	struct stat st;

	if (!d)
		return 0;
	again = -1;		/* closedir() closes it */
	while ((e = readdir(d)))
		if (fstatat(dir, e->d_name, &st, AT_SYMLINK_NOFOLLOW) == 0 && S_ISREG(st.st_mode))
			sum += (uint64_t)st.st_blocks * 512;
	closedir(d);
	return sum;
}

/* A folder that nobody uses, out of sight first: a reader sees it whole or not at all. */
static int remove_idle(const char *path, struct rig_err *err)
{
	AUTO_CLOSE int dir = open(path, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	AUTO_FREE char *aside = NULL;
	const char *base = strrchr(path, '/') + 1;

	if (dir < 0 && errno == ENOENT)
		return -ENOENT;
	if (dir >= 0 && !lock_try(dir))
		return rig_err_set(err, RIG_HOST, EBUSY, "template '%s' is in use", base);
	if (!strncmp(base, TEMPORARY, strlen(TEMPORARY)))
		return io_remove_tree(path, err);
	aside = xasprintf("%.*s" TEMPORARY "%s", (int)(base - path), path, base);
	if (rename(path, aside) < 0)
		return rig_err_set(err, RIG_HOST, errno, "cannot drop template '%s': %s", base, strerror(errno));
	return io_remove_tree(aside, err);
}

/* Not while somebody makes the template or waits to; see become_maker() for one who comes just now. */
static void remove_lock(const char *path)
{
	AUTO_FREE char *name = xasprintf("%s.lock", path);
	AUTO_CLOSE int fd = open(name, O_RDWR | O_CLOEXEC);

	if (fd >= 0 && lock_try(fd))
		unlink(name);
}

int template_store_remove(const char *store, const char *name, struct rig_err *err)
{
	AUTO_FREE char *path = xasprintf("%s/%s", store, name);
	int r = strchr(name, '/') || !*name || *name == '.' ? -ENOENT : remove_idle(path, err);

	if (r == 0)
		remove_lock(path);
	if (r == -ENOENT)
		return rig_err_set(err, RIG_MISSING, ENOENT, "there is no template '%s'; 'hotrig template list' shows "
				   "them", name);
	return r;
}

void template_store_sweep(const char *store)
{
	DIR *d = opendir(store);
	struct dirent *e;
	struct rig_err ignored;

	while (d && (e = readdir(d))) {
		AUTO_FREE char *path = xasprintf("%s/%s", store, e->d_name);

		/* one whose maker lives is locked and stays */
		if (!strncmp(e->d_name, TEMPORARY, strlen(TEMPORARY)) && remove_idle(path, &ignored) < 0)
			continue;
	}
	if (d)
		closedir(d);
}

struct candidate {
	char *name;
	uint64_t bytes;
	struct timespec used;
};

static int by_use(const void *a, const void *b)
{
	const struct candidate *x = a, *y = b;

	if (x->used.tv_sec != y->used.tv_sec)
		return x->used.tv_sec < y->used.tv_sec ? -1 : 1;
	return x->used.tv_nsec < y->used.tv_nsec ? -1 : x->used.tv_nsec > y->used.tv_nsec;
}

/* Every folder counts, half-made ones of others too; the time is that of the last use. */
static struct candidate *candidates(const char *store, size_t *nr, uint64_t *sum)
{
	struct candidate *c = NULL;
	size_t n = 0, cap = 0;
	DIR *d = opendir(store);
	struct dirent *e;

	*sum = 0;
	while (d && (e = readdir(d))) {
		AUTO_CLOSE int dir = -1;
		struct stat st;

		if (e->d_name[0] == '.')
			continue;
		dir = openat(dirfd(d), e->d_name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
		if (dir < 0)
			continue;
		GROW(c, n, cap);
		c[n] = (struct candidate){ xstrdup(e->d_name), template_store_bytes(dir), { 0 } };
		if (fstatat(dir, MANIFEST, &st, 0) == 0)
			c[n].used = st.st_atim;
		*sum += c[n++].bytes;
	}
	if (d)
		closedir(d);
	if (n)
		qsort(c, n, sizeof(*c), by_use);
	*nr = n;
	return c;
}

int template_store_make_room(const char *store, uint64_t bytes, struct rig_err *err)
{
	uint64_t limit = template_limit(), sum;
	struct rig_err ignored;
	size_t n;
	struct candidate *c = candidates(store, &n, &sum);

	for (size_t i = 0; i < n; i++) {
		/* one that fits into no limit drops none in vain */
		if (bytes <= limit && sum + bytes > limit &&
		    strncmp(c[i].name, TEMPORARY, strlen(TEMPORARY)) &&
		    template_store_remove(store, c[i].name, &ignored) == 0)
			sum -= c[i].bytes;
		free(c[i].name);
	}
	free(c);
	if (sum + bytes > limit)
		return rig_err_set(err, RIG_HOST, ENOSPC, "a template of %" PRIu64 " MiB does not fit into the %" PRIu64
				   " MiB for templates, of which others use %" PRIu64 "; set HOTRIG_TEMPLATE_MIB, or use "
				   "--cold", bytes >> 20, limit >> 20, sum >> 20);
	return 0;
}
