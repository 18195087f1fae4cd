// SPDX-License-Identifier: GPL-2.0-or-later
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <string.h>
#include <sys/stat.h>

#include "base/clean.h"
#include "base/clock.h"
#include "base/io.h"
#include "base/lock.h"
#include "base/mem.h"
#include "template/manifest.h"
#include "template/store.h"
#include "template/trim.h"

#define SMALL_FILES_BYTES	(16u << 20)	/* beside the memory; far more than they need */
#define STORE_LOCK_MS		30000u

struct template_draft {
	char *store, *key, *name;
	char *path, *ram;	/* path NULL: committed */
	int dir, maker;		/* the folder, locked; the key's lock */
	unsigned int nr_ram;
};

/* A lock file that was removed meanwhile locks nobody out. */
static int lock_key(const char *path, uint64_t until_ns, struct rig_err *err)
{
	for (;;) {
		AUTO_CLOSE int fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0644);
		struct stat st;
		int r;

		if (fd < 0)
			return rig_err_set(err, RIG_HOST, errno, "cannot write to the templates: '%s': %s", path,
					   strerror(errno));
		if (!lock_try(fd) && (r = lock_wait(fd, path, until_ns, err)) < 0)
			return r;
		if (fstat(fd, &st) == 0 && st.st_nlink)
			return TAKE_FD(fd);
	}
}

static int become_maker(struct template_draft *d, uint64_t until_ns, struct rig_err *err)
{
	AUTO_FREE char *path = xasprintf("%s/%s.lock", d->store, d->name);
	AUTO_FREE char *made = xasprintf("%s/%s/" MANIFEST, d->store, d->name);

	d->maker = lock_key(path, until_ns, err);
	if (d->maker < 0)
		return d->maker;
	if (io_exists(made))
		return rig_err_set(err, RIG_HOST, EEXIST, "template '%s' has been made meanwhile", d->name);
	return 0;
}

/* All of it, now: QEMU would learn of a full disk by a signal in the midst of the guest. */
static int reserve(struct template_draft *d, unsigned int i, uint64_t bytes, struct rig_err *err)
{
	AUTO_FREE char *name = xasprintf("ram%u", i);
	AUTO_CLOSE int fd = -1;
	int r;

	if (!bytes)
		return 0;
	fd = openat(d->dir, name, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
	if (fd < 0)
		return rig_err_set(err, RIG_HOST, errno, "cannot make '%s' of a template: %s", name, strerror(errno));
	r = posix_fallocate(fd, 0, (off_t)bytes);
	if (r)
		return rig_err_set(err, RIG_HOST, r, "no room for a template of %" PRIu64 " MiB in '%s': %s; set "
				   "HOTRIG_TEMPLATES to a folder with more, or use --cold", bytes >> 20, d->store,
				   strerror(r));
	return 0;
}

static int make_folder(struct template_draft *d, struct rig_err *err)
{
	char *path = xasprintf("%s/" TEMPORARY "%s.XXXXXX", d->store, d->name);

	if (!mkdtemp(path)) {
		int eno = errno;

		free(path);
		return rig_err_set(err, RIG_HOST, eno, "cannot make a template in '%s': %s", d->store, strerror(eno));
	}
	d->path = path;
	d->ram = xasprintf("%s/ram", path);
	d->dir = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (d->dir < 0 || !lock_try(d->dir))
		return rig_err_set(err, RIG_HOST, errno, "cannot lock '%s'", path);
	return 0;
}

static int fill_folder(struct template_draft *d, const uint64_t *ram_bytes, uint64_t until_ns, struct rig_err *err)
{
	AUTO_CLOSE int lock = template_store_lock(d->store, until_ns, err);
	uint64_t sum = SMALL_FILES_BYTES;
	int r;

	if (lock < 0)
		return lock;
	for (unsigned int i = 0; i < d->nr_ram; i++)
		sum += ram_bytes[i];
	template_store_sweep(d->store);
	r = template_store_make_room(d->store, sum, err);
	if (r == 0)
		r = make_folder(d, err);
	for (unsigned int i = 0; i < d->nr_ram && r == 0; i++)
		r = reserve(d, i, ram_bytes[i], err);
	return r;
}

int template_draft_create(const char *key, unsigned int variant, const uint64_t *ram_bytes, unsigned int nr_ram,
			  uint64_t until_ns, struct template_draft **ret, struct rig_err *err)
{
	struct template_draft *d = xcalloc(1, sizeof(*d));
	int r;

	d->dir = d->maker = -1;
	d->nr_ram = nr_ram;
	d->key = xstrdup(key);
	d->name = template_store_name(key, variant);
	r = template_store_path(&d->store, err);
	if (r == 0)
		r = become_maker(d, until_ns, err);
	if (r == 0)
		r = fill_folder(d, ram_bytes, until_ns, err);
	if (r < 0) {
		template_draft_destroy(d);
		return r;
	}
	*ret = d;
	return 0;
}

const char *template_draft_ram(const struct template_draft *d)
{
	return d->ram;
}

int template_draft_file(struct template_draft *d, const char *name, struct rig_err *err)
{
	int fd = openat(d->dir, name, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0600);

	return fd >= 0 ? fd : rig_err_set(err, RIG_HOST, errno, "cannot make '%s' of a template: %s", name,
					  strerror(errno));
}

static int trim(struct template_draft *d, struct rig_err *err)
{
	int r = 0;

	for (unsigned int i = 0; i < d->nr_ram && !r; i++) {
		AUTO_FREE char *name = xasprintf("ram%u", i);
		AUTO_CLOSE int fd = openat(d->dir, name, O_RDWR | O_CLOEXEC);

		if (fd < 0 && errno == ENOENT)
			continue;	/* of a node without boot memory */
		r = fd < 0 ? rig_err_set(err, RIG_HOST, errno, "cannot open '%s' of a template: %s", name,
					 strerror(errno)) : trim_zeroes(fd, name, err);
	}
	return r;
}

static int publish(struct template_draft *d, struct rig_err *err)
{
	AUTO_CLOSE int lock = template_store_lock(d->store, clock_in_ms(STORE_LOCK_MS), err);
	AUTO_FREE char *final = xasprintf("%s/%s", d->store, d->name);

	if (lock < 0)
		return lock;
	if (rename(d->path, final) < 0)
		return rig_err_set(err, RIG_HOST, errno, "cannot name template '%s': %s", final, strerror(errno));
	free(TAKE_PTR(d->path));
	return 0;
}

int template_draft_commit(struct template_draft *d, json_t *about, struct rig_err *err)
{
	AUTO_FREE char *path = xasprintf("%s/" MANIFEST, d->path), *text = NULL;
	json_auto_t *manifest = NULL;
	int r;

	json_object_set_new(about, "key", json_string(d->key));
	if ((r = trim(d, err)) < 0 || (r = manifest_make(d->dir, about, &manifest, err)) < 0)
		return r;
	text = json_dumps(manifest, JSON_INDENT(2));
	r = io_write_file(path, text, strlen(text), err);
	return r < 0 ? r : publish(d, err);
}

void template_draft_destroy(struct template_draft *d)
{
	struct rig_err ignored;

	if (!d)
		return;
	if (d->path && io_remove_tree(d->path, &ignored) < 0)
		errno = 0;	/* the next maker sweeps it */
	clean_close(&d->dir);
	clean_close(&d->maker);
	free(d->store);
	free(d->key);
	free(d->name);
	free(d->path);
	free(d->ram);
	free(d);
}
