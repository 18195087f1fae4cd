// SPDX-License-Identifier: GPL-2.0-or-later
#include <string.h>
#include <sys/stat.h>

#include "base/clean.h"
#include "base/io.h"
#include "base/mem.h"
#include "image/elf_object.h"
#include "image/elfdeps.h"

/* far above any real library */
#define MAX_BYTES ((size_t)256 << 20)

/*
 * Where libraries are searched, in the order of the loader, and where they go.  /usr/local comes
 * first, as in the host's ld.so.conf: there are the libraries of an ndctl built by hand.  Only a
 * loader with the host's cache finds them there, so in the guest they move.
 */
static const struct {
	const char *host, *image;
} folders[] = {
	{ "/usr/local/lib/x86_64-linux-gnu",	"/lib/x86_64-linux-gnu" },
	{ "/usr/local/lib",			"/lib/x86_64-linux-gnu" },
	{ "/lib/x86_64-linux-gnu",		"/lib/x86_64-linux-gnu" },
	{ "/usr/lib/x86_64-linux-gnu",		"/usr/lib/x86_64-linux-gnu" },
	{ "/lib64",				"/lib64" },
	{ "/usr/lib64",				"/usr/lib64" },
	{ "/lib",				"/lib" },
	{ "/usr/lib",				"/usr/lib" },
};

/* a file that was found, with what its loader needs to know */
struct found {
	struct elfdep file;
	struct elf_object object;
};

/* one program being added */
struct walk {
	struct elfdeps *set;
	const struct elf_object *program;
	struct strv sonames;		/* settled: the loader takes each once */
};

static void deinit_file(struct elfdep *f)
{
	free(f->host);
	free(f->image);
	free(f->data);
	*f = (struct elfdep){ 0 };
}

static void deinit_found(struct found *f)
{
	deinit_file(&f->file);
	elf_object_deinit(&f->object);
}

#define AUTO_FOUND __attribute__((cleanup(deinit_found)))

void elfdeps_deinit(struct elfdeps *d)
{
	for (size_t i = 0; i < d->n; i++)
		deinit_file(&d->v[i]);
	free(d->v);
	*d = (struct elfdeps){ 0 };
}

static bool has_text(const struct strv *s, const char *text)
{
	for (size_t i = 0; i < s->n; i++)
		if (!strcmp(s->v[i], text))
			return true;
	return false;
}

/* Move the bytes of @file into the set unless the same are there; it keeps its paths. */
static int add_file(struct elfdeps *d, struct elfdep *file, struct rig_err *err)
{
	for (size_t i = 0; i < d->n; i++) {
		const struct elfdep *old = &d->v[i];

		if (strcmp(old->image, file->image))
			continue;
		if (old->len == file->len && !memcmp(old->data, file->data, file->len))
			return 0;
		return rig_err_set(err, RIG_HOST, EEXIST,
				   "'%s' and '%s' differ and both belong at '%s' in the guest",
				   old->host, file->host, file->image);
	}
	GROW(d->v, d->n, d->cap);
	d->v[d->n++] = (struct elfdep){
		.host = xstrdup(file->host),
		.image = xstrdup(file->image),
		.data = TAKE_PTR(file->data),
		.len = file->len,
	};
	return 0;
}

/* "/usr/bin/../lib/x" is "/usr/lib/x": true in the image, which has no symlinks. */
static char *squeeze_path(const char *path)
{
	AUTO_FREE char *copy = xstrdup(path);
	char *out = xcalloc(strlen(path) + 2, 1), *end = out, *save = NULL;

	for (char *s = strtok_r(copy, "/", &save); s; s = strtok_r(NULL, "/", &save)) {
		if (!strcmp(s, "."))
			continue;
		if (strcmp(s, "..")) {
			*end++ = '/';
			end = stpcpy(end, s);
			continue;
		}
		while (end > out && *--end != '/')
			;
		*end = '\0';
	}
	return out;
}

/* $ORIGIN and ${ORIGIN} are the folder of the object itself. */
static char *expand_origin(const char *dir, const char *object)
{
	static const char *const words[] = { "$ORIGIN", "${ORIGIN}" };
	int folder = (int)(strrchr(object, '/') - object);

	for (size_t i = 0; i < ARRAY_SIZE(words); i++) {
		const char *at = strstr(dir, words[i]);

		if (at)
			return xasprintf("%.*s%.*s%s", (int)(at - dir), dir, folder, object,
					 at + strlen(words[i]));
	}
	return xstrdup(dir);
}

static int read_object(const char *host, const char *image, struct found *ret, struct rig_err *err)
{
	AUTO_FOUND struct found f = { 0 };
	int r = io_read_file(host, MAX_BYTES, &f.file.data, &f.file.len, err);

	if (!r)
		r = elf_object_parse(host, f.file.data, f.file.len, &f.object, err);
	if (r < 0)
		return r;
	f.file.host = xstrdup(host);
	f.file.image = squeeze_path(image);
	*ret = f;
	f = (struct found){ 0 };
	return 0;
}

/* Like the loader, pass over what is not there and what is for another machine. */
static bool try_library(const struct walk *w, const char *host_dir, const char *image_dir,
			const char *soname, struct found *ret)
{
	AUTO_FREE char *host = xasprintf("%s/%s", host_dir, soname);
	AUTO_FREE char *image = xasprintf("%s/%s", image_dir, soname);
	AUTO_FOUND struct found f = { 0 };
	struct rig_err ignored;

	if (host[0] != '/' || image[0] != '/' || read_object(host, image, &f, &ignored) < 0 ||
	    f.object.elf_class != w->program->elf_class || f.object.machine != w->program->machine)
		return false;
	*ret = f;
	f = (struct found){ 0 };
	return true;
}

static int find_library(const struct walk *w, const struct found *user, const char *soname,
			struct found *ret, struct rig_err *err)
{
	AUTO_FREE char *runpath = xstrdup(user->object.runpath ? user->object.runpath : "");
	AUTO_FREE char *real = realpath(user->file.host, NULL);
	char *save = NULL;

	if (strchr(soname, '/') && try_library(w, "", "", soname, ret))
		return 0;
	for (char *d = strtok_r(runpath, ":", &save); d; d = strtok_r(NULL, ":", &save)) {
		AUTO_FREE char *host_dir = expand_origin(d, real ? real : user->file.host);
		AUTO_FREE char *image_dir = expand_origin(d, user->file.image);

		if (try_library(w, host_dir, image_dir, soname, ret))
			return 0;
	}
	for (size_t i = 0; i < ARRAY_SIZE(folders); i++)
		if (try_library(w, folders[i].host, folders[i].image, soname, ret))
			return 0;
	return rig_err_set(err, RIG_HOST, ENOENT,
			   "library '%s', which '%s' needs, is in no default folder: install it",
			   soname, user->file.host);
}

/* Add what @user needs, depth first.  Each soname is taken once, so this ends. */
static int add_libraries(struct walk *w, const struct found *user, struct rig_err *err)
{
	for (size_t i = 0; i < user->object.needed.n; i++) {
		const char *soname = user->object.needed.v[i];
		AUTO_FOUND struct found lib = { 0 };
		int r;

		if (has_text(&w->sonames, soname))
			continue;
		strv_add(&w->sonames, soname);
		r = find_library(w, user, soname, &lib, err);
		if (!r)
			r = add_file(w->set, &lib.file, err);
		if (!r)
			r = add_libraries(w, &lib, err);
		if (r < 0)
			return r;
	}
	return 0;
}

/* The kernel opens the interpreter by its path, so that is where it must be. */
static int add_interpreter(struct walk *w, struct rig_err *err)
{
	const char *path = w->program->interpreter;
	AUTO_FOUND struct found f = { 0 };
	int r = read_object(path, path, &f, err);

	if (r < 0)
		return r;
	/* libc needs it by soname: already loaded, never searched */
	strv_add(&w->sonames, strrchr(path, '/') + 1);
	return add_file(w->set, &f.file, err);
}

static char *find_program(const char *name)
{
	const char *path = getenv("PATH");
	AUTO_FREE char *dirs = xasprintf("%s:/usr/sbin:/usr/bin:/sbin:/bin", path ? path : "");
	char *save = NULL;

	if (strchr(name, '/'))
		return realpath(name, NULL);
	for (char *d = strtok_r(dirs, ":", &save); d; d = strtok_r(NULL, ":", &save)) {
		AUTO_FREE char *at = xasprintf("%s/%s", d, name);
		struct stat st;

		if (*d == '/' && stat(at, &st) == 0 && S_ISREG(st.st_mode) && access(at, X_OK) == 0)
			return TAKE_PTR(at);
	}
	return NULL;
}

int elfdeps_add_program(struct elfdeps *d, const char *name, const char *image,
			struct rig_err *err)
{
	AUTO_FREE char *host = find_program(name);
	AUTO_FOUND struct found program = { 0 };
	struct walk w = { .set = d, .program = &program.object };
	int r;

	if (!host)
		return rig_err_set(err, RIG_HOST, ENOENT,
				   "program '%s' for the guest is not on this host: install it",
				   name);
	r = read_object(host, image, &program, err);
	if (!r)
		r = add_file(d, &program.file, err);
	if (!r && program.object.interpreter)
		r = add_interpreter(&w, err);
	if (!r)
		r = add_libraries(&w, &program, err);
	strv_deinit(&w.sonames);
	return r;
}

int elfdeps_check_static(const char *host, const char *data, size_t len, struct rig_err *err)
{
	AUTO_ELF_OBJECT struct elf_object o = { 0 };
	int r = elf_object_parse(host, data, len, &o, err);

	if (r < 0)
		return r;
	if (o.interpreter)
		return rig_err_set(err, RIG_HOST, ENOEXEC,
				   "'%s' needs the loader '%s': link it with -static", host,
				   o.interpreter);
	return 0;
}
