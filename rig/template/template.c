// SPDX-License-Identifier: GPL-2.0-or-later
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/clean.h"
#include "base/clock.h"
#include "base/io.h"
#include "base/lock.h"
#include "base/mem.h"
#include "template/manifest.h"
#include "template/store.h"

#define MAX_FILE_BYTES	(64u << 20)
#define STORE_LOCK_MS	30000u

static int open_folder(const char *path)
{
	return open(path, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
}

/* The time of the last use is the manifest's time of access, which file systems no longer keep. */
static void mark_used(int dir)
{
	const struct timespec now[2] = { { .tv_nsec = UTIME_NOW }, { .tv_nsec = UTIME_OMIT } };

	utimensat(dir, MANIFEST, now, 0);
}

/* A damaged one is of no use to anybody; one that is in use goes when its user is done. */
static int drop_damaged(const char *store, const char *name, int *lock, struct rig_err *err)
{
	AUTO_CLOSE int store_lock = -1;
	struct rig_err ignored;

	close(TAKE_FD(*lock));
	rig_err_wrap(err, "template '%s'", name);
	store_lock = template_store_lock(store, clock_in_ms(STORE_LOCK_MS), &ignored);
	if (store_lock >= 0)
		template_store_sweep(store);	/* what one left who was killed while it dropped the same */
	if (store_lock >= 0 && template_store_remove(store, name, &ignored) < 0 && ignored.eno != ENOENT)
		return rig_err_set(err, RIG_HOST, EBUSY, "%s, and it cannot be dropped: %s", err->text, ignored.text);
	err->eno = ESTALE;
	return -ESTALE;
}

int template_open(const char *key, unsigned int variant, struct template *ret, struct rig_err *err)
{
	AUTO_FREE char *store = NULL, *name = template_store_name(key, variant), *path = NULL;
	AUTO_CLOSE int dir = -1;
	json_auto_t *manifest = NULL;
	const char *of;
	int r = template_store_path(&store, err);

	if (r < 0)
		return r;
	path = xasprintf("%s/%s", store, name);
	dir = open_folder(path);
	/* whoever holds it alone is dropping it */
	if (dir < 0 || !lock_try_shared(dir))
		return rig_err_set(err, RIG_MISSING, ENOENT, "there is no template '%s'", name);
	r = manifest_read(dir, &manifest, err);
	if (r < 0)
		return drop_damaged(store, name, &dir, err);
	of = json_string_value(json_object_get(json_object_get(manifest, "about"), "key"));
	if (!of || strcmp(of, key)) {
		rig_err_set(err, RIG_HOST, ESTALE, "it is of another machine");
		return drop_damaged(store, name, &dir, err);
	}
	mark_used(dir);
	*ret = (struct template){
		.dir = TAKE_PTR(path), .lock = TAKE_FD(dir),
		.about = json_incref(json_object_get(manifest, "about")),
	};
	ret->ram = xasprintf("%s/ram", ret->dir);
	return 0;
}

void template_close(struct template *t)
{
	if (!t->dir)
		return;
	close(t->lock);
	free(t->dir);
	free(t->ram);
	json_decref(t->about);
	*t = (struct template){ 0 };
}

const char *template_name(const struct template *t)
{
	return strrchr(t->dir, '/') + 1;
}

int template_read(const struct template *t, const char *name, char **ret, size_t *len, struct rig_err *err)
{
	AUTO_FREE char *path = xasprintf("%s/%s", t->dir, name);

	return io_read_file(path, MAX_FILE_BYTES, ret, len, err);
}

static int verify(int dir, struct rig_err *err)
{
	json_auto_t *manifest = NULL;
	int r = manifest_read(dir, &manifest, err);

	return r < 0 ? r : manifest_check_memory(dir, manifest, err);
}

int template_verify(const struct template *t, struct rig_err *err)
{
	return verify(t->lock, err);
}

int template_check(const char *name, struct rig_err *err)
{
	AUTO_FREE char *store = NULL, *path = NULL;
	AUTO_CLOSE int dir = -1;
	int r = template_store_path(&store, err);

	if (r < 0)
		return r;
	path = xasprintf("%s/%s", store, name);
	dir = strchr(name, '/') || !*name || *name == '.' ? -1 : open_folder(path);
	if (dir < 0 || !lock_try_shared(dir))
		return rig_err_set(err, RIG_MISSING, ENOENT, "there is no template '%s'; 'hotrig template list' shows "
				   "them", name);
	r = verify(dir, err);
	return r < 0 ? rig_err_wrap(err, "template '%s'", name) : 0;
}

int template_drop(const char *name, struct rig_err *err)
{
	AUTO_FREE char *store = NULL;
	AUTO_CLOSE int lock = -1;
	int r = template_store_path(&store, err);

	if (r < 0)
		return r;
	lock = template_store_lock(store, clock_in_ms(STORE_LOCK_MS), err);
	if (lock < 0)
		return lock;
	template_store_sweep(store);
	return template_store_remove(store, name, err);
}

void template_sweep(void)
{
	AUTO_FREE char *store = NULL;
	AUTO_CLOSE int lock = -1;
	struct rig_err ignored;

	if (template_store_path(&store, &ignored) < 0)
		return;
	lock = template_store_lock(store, 0, &ignored);
	if (lock >= 0)
		template_store_sweep(store);
}

static void look_at(int dir, struct template_entry *e)
{
	json_auto_t *manifest = NULL;
	struct rig_err why;
	struct stat st;

	e->bytes = template_store_bytes(dir);
	e->in_use = !lock_try(dir);
	/* nobody who wants to use it meanwhile shall find it locked */
	if (!e->in_use)
		lock_try_shared(dir);
	if (manifest_read(dir, &manifest, &why) < 0) {
		e->damage = xstrdup(why.text);
		return;
	}
	e->about = json_incref(json_object_get(manifest, "about"));
	if (fstatat(dir, MANIFEST, &st, 0) == 0) {
		e->made = st.st_mtim.tv_sec;
		e->used = st.st_atim.tv_sec;
	}
}

static int by_last_use(const void *a, const void *b)
{
	const struct template_entry *x = a, *y = b;

	return x->used != y->used ? (x->used < y->used ? 1 : -1) : strcmp(x->name, y->name);
}

int template_list(struct template_entry **ret, size_t *nr, struct rig_err *err)
{
	AUTO_FREE char *store = NULL;
	struct template_entry *list = NULL;
	size_t n = 0, cap = 0;
	struct dirent *e;
	DIR *d;
	int r = template_store_path(&store, err);

	if (r < 0)
		return r;
	d = opendir(store);
	if (!d)
		return rig_err_set(err, RIG_HOST, errno, "cannot read '%s': %s", store, strerror(errno));
	while ((e = readdir(d))) {
		AUTO_CLOSE int dir = -1;

		if (e->d_name[0] == '.' || !strncmp(e->d_name, TEMPORARY, strlen(TEMPORARY)))
			continue;
		dir = openat(dirfd(d), e->d_name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
		if (dir < 0)
			continue;
		GROW(list, n, cap);
		list[n] = (struct template_entry){ .name = xstrdup(e->d_name) };
		look_at(dir, &list[n++]);
	}
	closedir(d);
	if (n)
		qsort(list, n, sizeof(*list), by_last_use);
	*ret = list;
	*nr = n;
	return 0;
}

void template_list_free(struct template_entry *entries, size_t nr)
{
	for (size_t i = 0; i < nr; i++) {
		free(entries[i].name);
		free(entries[i].damage);
		json_decref(entries[i].about);
	}
	free(entries);
}
