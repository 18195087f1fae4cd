// SPDX-License-Identifier: GPL-2.0-or-later
#include <dirent.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>

#include "base/clean.h"
#include "base/io.h"
#include "base/lock.h"
#include "base/mem.h"
#include "kernel/objects.h"

#define KEPT		4u	/* folders of 1 to 2 GB each */
#define FIRST_STEPS	2100u	/* 6.12 with base.config */
#define AGAIN_STEPS	60u	/* a file or two, then all the linking */
#define LOG		"hotrig.log"
#define STEPS		"hotrig.steps"
#define UNDER_WAY	"hotrig.building"

static char *short_digest(const char *text)
{
	char hex[65];

	io_sha256_hex(text, strlen(text), hex);
	return xstrndup(hex, 16);
}

static void tell_wait(const struct kernel_resolve_options *options)
{
	if (options->progress)
		options->progress(options->progress_arg, "waiting for another build of this tree");
}

int objects_lock(struct objects *o, const struct store *store, const char *tree,
		 const struct kernel_resolve_options *options, uint64_t until_ns,
		 struct rig_err *err)
{
	AUTO_FREE char *above = xasprintf("%s/objects", store_dir(store)),
		       *digest = short_digest(tree);
	AUTO_FREE char *path = xasprintf("%s/%s.lock", above, digest);
	AUTO_CLOSE int fd = -1;
	int r = io_mkdirs(above, err);

	if (r < 0)
		return r;
	fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0644);
	if (fd < 0)
		return rig_err_set(
			err, RIG_HOST, errno,
			"cannot write '%s': %s; set HOTRIG_CACHE to a folder of your own", path,
			strerror(errno));
	if (!lock_try(fd)) {
		tell_wait(options);
		r = lock_wait(fd, path, until_ns, err);
	}
	if (r < 0)
		return r;
	o->patched = xasprintf("%s/patched/%s", store_dir(store), digest);
	o->above = TAKE_PTR(above);
	o->tree = TAKE_PTR(digest);
	o->lock_fd = TAKE_FD(fd);
	return 0;
}

void objects_close(struct objects *o)
{
	clean_close(&o->lock_fd);
	free(o->above);
	free(o->tree);
	free(o->patched);
	free(o->dir);
	free(o->log);
	*o = (struct objects){ .lock_fd = -1 };
}

static int is_folder(const struct dirent *e)
{
	return e->d_name[0] != '.' && strlen(e->d_name) == 33 && e->d_name[16] == '-';
}

static time_t last_used(const char *dir)
{
	AUTO_FREE char *log = xasprintf("%s/" LOG, dir);
	struct stat st;

	return stat(log, &st) == 0 ? st.st_mtime : 0;
}

/* Those of a tree that is being built right now stay: somebody has its lock.  Ours is our own. */
static bool is_free(const struct objects *o, const char *name)
{
	AUTO_FREE char *path = xasprintf("%s/%.16s.lock", o->above, name);
	AUTO_CLOSE int fd = open(path, O_RDWR | O_CLOEXEC);

	return fd < 0 || !strncmp(name, o->tree, 16) || lock_try(fd);
}

/* With the last folder of a tree goes its patched copy */
static void drop(const struct objects *o, struct dirent *const *names, int n, int which)
{
	const char *name = names[which]->d_name;
	AUTO_FREE char *dir = xasprintf("%s/%s", o->above, name);
	AUTO_FREE char *patched = xasprintf("%s/../patched/%.16s", o->above, name);
	struct rig_err ignored;
	int of_tree = 0;

	for (int i = 0; i < n; i++)
		of_tree += !strncmp(names[i]->d_name, name, 16);
	if (io_remove_tree(dir, &ignored) < 0 || of_tree > 1 || !strncmp(name, o->tree, 16))
		return;
	if (io_remove_tree(patched, &ignored) < 0)
		return;		/* as with all of it, no reason not to build */
}

/* Make room for one more */
static void drop_oldest(const struct objects *o)
{
	struct dirent **names;
	int n = scandir(o->above, &names, is_folder, NULL), oldest = -1;
	time_t oldest_time = 0;

	for (int i = 0; i < n; i++) {
		AUTO_FREE char *dir = xasprintf("%s/%s", o->above, names[i]->d_name);

		if ((oldest < 0 || last_used(dir) < oldest_time) && is_free(o, names[i]->d_name)) {
			oldest = i;
			oldest_time = last_used(dir);
		}
	}
	if (n >= (int)KEPT && oldest >= 0)
		drop(o, names, n, oldest);
	for (int i = 0; i < n; i++)
		free(names[i]);
	if (n >= 0)
		free(names);
}

int objects_open(struct objects *o, const char *source, const char *config, const char *compiler,
		 struct rig_err *err)
{
	AUTO_FREE char *what = xasprintf("%s\n%s\n%s", source, compiler, config),
		       *digest = short_digest(what);
	AUTO_FREE char *dir = xasprintf("%s/%s-%s", o->above, o->tree, digest),
		       *log = xasprintf("%s/" LOG, dir), *mark = xasprintf("%s/" UNDER_WAY, dir);
	bool cut_short;
	int r;

	if (!io_exists(dir))
		drop_oldest(o);
	cut_short = io_exists(mark);
	r = io_mkdirs(dir, err);
	if (!r)
		r = io_write_file(log, "", 0, err);
	if (!r)
		r = io_write_file(mark, "", 0, err);
	if (r < 0)
		return r;
	o->cut_short = cut_short;
	o->dir = TAKE_PTR(dir);
	o->log = TAKE_PTR(log);
	return 0;
}

void objects_finish(struct objects *o)
{
	AUTO_FREE char *mark = xasprintf("%s/" UNDER_WAY, o->dir);

	unlink(mark);
	o->cut_short = false;
}

int objects_renew(struct objects *o, struct rig_err *err)
{
	int r = io_remove_tree(o->dir, err);

	if (!r)
		r = io_mkdirs(o->dir, err);
	return r < 0 ? r : io_write_file(o->log, "", 0, err);
}

void objects_drop(struct objects *o)
{
	const char *const dirs[] = { o->dir, o->patched };
	struct rig_err ignored;

	for (size_t i = 0; i < ARRAY_SIZE(dirs); i++)
		if (dirs[i] && io_remove_tree(dirs[i], &ignored) < 0)
			continue;
}

static size_t read_steps(const char *dir)
{
	AUTO_FREE char *path = xasprintf("%s/" STEPS, dir), *text = NULL;
	struct rig_err ignored;

	return io_read_file(path, 64, &text, NULL, &ignored) == 0 ? strtoul(text, NULL, 10) : 0;
}

static void write_steps(const char *dir, size_t steps)
{
	AUTO_FREE char *path = xasprintf("%s/" STEPS, dir), *text = xasprintf("%zu\n", steps);
	struct rig_err ignored;

	if (io_write_file(path, text, strlen(text), &ignored) < 0)
		return;		/* a worse guess next time */
}

static bool was_built(const struct objects *o)
{
	AUTO_FREE char *path = xasprintf("%s/" STEPS, o->dir);

	return io_exists(path);
}

size_t objects_expected_steps(const struct objects *o)
{
	size_t steps = was_built(o) ? read_steps(o->dir) : read_steps(o->above);

	if (steps)
		return steps;
	return was_built(o) ? AGAIN_STEPS : FIRST_STEPS;
}

/* A first build tells of other first ones; what it took says nothing of the next one of this folder */
void objects_note_steps(const struct objects *o, size_t steps)
{
	if (was_built(o)) {
		write_steps(o->dir, steps);
	} else {
		write_steps(o->above, steps);
		write_steps(o->dir, 0);
	}
}
