// SPDX-License-Identifier: GPL-2.0-or-later
#include <elf.h>
#include <fcntl.h>
#include <jansson.h>
#include <string.h>
#include <sys/stat.h>

#include "base/clean.h"
#include "base/io.h"
#include "base/mem.h"
#include "kernel/bzimage.h"
#include "kernel/digest.h"
#include "kernel/facts.h"
#include "kernel/release.h"
#include "kernel/vmlinux.h"

#define FACTS_FORMAT 1		/* raise when what is read from an image changes */
#define MAX_FACTS_BYTES (8u << 20)

void facts_deinit(struct facts *facts)
{
	free(facts->release);
	free(facts->version);
	free(facts->build_id);
	free(facts->config);
	*facts = (struct facts){ 0 };
}

/* O_NONBLOCK: opening a FIFO by mistake must not hang */
static int open_regular(const char *path, struct stat *st, struct rig_err *err)
{
	AUTO_CLOSE int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);

	if (fd < 0 || fstat(fd, st) < 0)
		return rig_err_set(err, RIG_HOST, errno, "cannot open '%s': %s", path,
				   strerror(errno));
	if (!S_ISREG(st->st_mode))
		return rig_err_set(err, RIG_HOST, EINVAL, "'%s' is no regular file", path);
	return TAKE_FD(fd);
}

static void take_text(char **to, const json_t *o, const char *key)
{
	const char *text = json_string_value(json_object_get(o, key));

	if (text)
		*to = xstrdup(text);
}

static char *facts_path(const char *sha256)
{
	struct rig_err ignored;
	char *dir, *path;

	if (io_cache_dir("facts", &dir, &ignored) < 0)
		return NULL;
	path = xasprintf("%s/%s.json", dir, sha256);
	free(dir);
	return path;
}

/* Anything wrong with the file means that it is made anew */
static bool recall(struct facts *f)
{
	AUTO_FREE char *path = facts_path(f->sha256), *text = NULL;
	struct rig_err ignored;
	json_auto_t *o = NULL;
	size_t len;

	if (!path || io_read_file(path, MAX_FACTS_BYTES, &text, &len, &ignored) < 0)
		return false;
	o = json_loadb(text, len, JSON_REJECT_DUPLICATES, NULL);
	if (json_integer_value(json_object_get(o, "format")) != FACTS_FORMAT ||
	    !json_is_boolean(json_object_get(o, "pvh")))
		return false;
	f->pvh = json_is_true(json_object_get(o, "pvh"));
	take_text(&f->version, o, "version");
	take_text(&f->build_id, o, "build_id");
	take_text(&f->config, o, "config");
	return true;
}

/* Best effort: the cache may be read-only for this user */
static void remember(const struct facts *f)
{
	AUTO_FREE char *path = facts_path(f->sha256), *text = NULL;
	struct rig_err ignored;
	json_auto_t *o = NULL;

	o = json_pack("{si sb ss* ss* ss*}", "format", FACTS_FORMAT, "pvh", f->pvh, "version",
		      f->version, "build_id", f->build_id, "config", f->config);
	text = o ? json_dumps(o, JSON_INDENT(1)) : NULL;
	if (path && text && io_write_file(path, text, strlen(text), &ignored) < 0)
		return;
}

static void take_vmlinux(struct facts *f, struct vmlinux *v)
{
	if (!f->version)
		f->version = TAKE_PTR(v->version);
	f->build_id = TAKE_PTR(v->build_id);
	f->config = TAKE_PTR(v->config);
	vmlinux_deinit(v);
}

static void learn_bzimage(const char *path, int fd, const struct bzimage *image, struct facts *f)
{
	AUTO_FREE char *elf = NULL;
	struct vmlinux v = { 0 };
	struct rig_err unknown;
	size_t len;

	if (bzimage_unpack(fd, image, &elf, &len, &unknown) < 0 ||
	    vmlinux_parse(path, elf, len, &v, &unknown) < 0)
		return;
	take_vmlinux(f, &v);
}

static int learn_vmlinux(const char *path, int fd, uint64_t bytes, struct facts *f,
			 struct rig_err *err)
{
	AUTO_FREE char *elf = NULL;
	struct vmlinux v = { 0 };
	size_t len;
	int r;

	r = vmlinux_load(path, fd, bytes, &elf, &len, err);
	if (!r)
		r = vmlinux_parse(path, elf, len, &v, err);
	if (r < 0)
		return r;
	f->pvh = v.pvh;
	take_vmlinux(f, &v);
	if (!f->version)
		return rig_err_set(err, RIG_HOST, EINVAL,
				   "'%s' is no kernel image: an ELF file without 'Linux version'", path);
	return 0;
}

static int learn(const char *path, int fd, const struct stat *st, struct facts *f,
		 struct rig_err *err)
{
	AUTO_FREE unsigned char *head = xcalloc(BZIMAGE_HEAD_BYTES, 1);
	ssize_t n = pread(fd, head, BZIMAGE_HEAD_BYTES, 0);
	struct bzimage image = { 0 };
	bool elf;
	int r;

	if (n < 0)
		return rig_err_set(err, RIG_HOST, errno, "cannot read '%s': %s", path,
				   strerror(errno));
	elf = n >= SELFMAG && !memcmp(head, ELFMAG, SELFMAG);
	if (!elf) {
		r = bzimage_parse(path, head, (size_t)n, (uint64_t)st->st_size, &image, err);
		if (r < 0)
			return r;
	}
	r = digest_fd(path, fd, f->sha256, err);
	if (r < 0 || recall(f)) {
		free(image.version);
		return r;
	}
	if (elf) {
		r = learn_vmlinux(path, fd, (uint64_t)st->st_size, f, err);
	} else {
		f->version = image.version;
		learn_bzimage(path, fd, &image, f);
	}
	if (!r)
		remember(f);
	return r;
}

int facts_read(const char *image_path, struct facts *ret, struct rig_err *err)
{
	struct facts f = { 0 };
	struct stat st;
	AUTO_CLOSE int fd = open_regular(image_path, &st, err);
	int r;

	if (fd < 0)
		return fd;
	r = learn(image_path, fd, &st, &f, err);
	if (r < 0) {
		facts_deinit(&f);
		return r;
	}
	if (f.version) {
		f.release = xstrndup(f.version, strcspn(f.version, " "));
		if (!release_is_path_safe(f.release)) {
			free(f.release);
			f.release = NULL;
		}
	}
	*ret = f;
	return 0;
}
