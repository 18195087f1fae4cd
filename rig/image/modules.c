// SPDX-License-Identifier: GPL-2.0-or-later
#include <ctype.h>
#include <libkmod.h>
#include <stdbool.h>
#include <string.h>

#include "base/clean.h"
#include "base/io.h"
#include "base/mem.h"
#include "image/modules.h"

struct modules {
	char *dir;		/* NULL: no folder, everything is built in */
	struct kmod_ctx *ctx;
};

/* one closure being built: the files so far and the names seen, also of built-in ones */
struct walk {
	struct module_list list;
	struct strv seen;
	struct modules *modules;
};

static int add_module(struct walk *w, struct kmod_module *mod, struct rig_err *err);

char *module_name_normalise(const char *name)
{
	char *n = xstrdup(name);

	for (char *p = n; *p; p++)
		if (*p == '-')
			*p = '_';
	return n;
}

void module_list_deinit(struct module_list *l)
{
	for (size_t i = 0; i < l->n; i++) {
		free(l->v[i].name);
		free(l->v[i].file);
	}
	free(l->v);
	*l = (struct module_list){ 0 };
}

/* libkmod would write to stderr; all it has to say comes back as an error number too */
static void drop_log(void *data, int priority, const char *file, int line, const char *fn,
		     const char *format, va_list args)
{
	(void)data, (void)priority, (void)file, (void)line, (void)fn, (void)format, (void)args;
}

int modules_open(const char *dir, struct modules **ret, struct rig_err *err)
{
	/*
	 * An empty list, not NULL: NULL means the modprobe.d folders of the host.  The kernel's own
	 * modules.softdep is read in any case.
	 */
	static const char *const no_config[] = { NULL };
	AUTO_FREE char *index = NULL;
	struct modules *m;

	if (dir) {
		index = xasprintf("%s/modules.dep.bin", dir);
		if (access(index, R_OK) < 0)
			return rig_err_set(err, RIG_HOST, errno,
					   "cannot read '%s': %s; run depmod for this kernel first",
					   index, strerror(errno));
	}
	m = xcalloc(1, sizeof(*m));
	if (dir) {
		m->dir = xstrdup(dir);
		m->ctx = kmod_new(dir, no_config);
		if (!m->ctx) {
			modules_close(m);
			return rig_err_set(err, RIG_HOST, EIO, "libkmod cannot open '%s'", dir);
		}
		kmod_set_log_fn(m->ctx, drop_log, NULL);
	}
	*ret = m;
	return 0;
}

void modules_close(struct modules *m)
{
	if (!m)
		return;
	kmod_unref(m->ctx);
	free(m->dir);
	free(m);
}

static bool saw_name(struct walk *w, const char *name)
{
	for (size_t i = 0; i < w->seen.n; i++)
		if (!strcmp(w->seen.v[i], name))
			return true;
	strv_add(&w->seen, name);
	return false;
}

/* initstate asks the index of this kernel first; what it finds in the host's sysfs is ignored */
static bool is_builtin(const struct kmod_module *mod)
{
	return kmod_module_get_initstate(mod) == KMOD_MODULE_BUILTIN;
}

static int add_list(struct walk *w, struct kmod_list *list, struct rig_err *err)
{
	struct kmod_list *at;
	int r = 0;

	kmod_list_foreach(at, list) {
		struct kmod_module *mod = kmod_module_get_module(at);

		r = add_module(w, mod, err);
		kmod_module_unref(mod);
		if (r < 0)
			break;
	}
	return r;
}

/* A softdep may name an alias ("crypto-md5") and, unlike a dependency, may be absent. */
static int add_softdeps(struct walk *w, struct kmod_module *mod, struct rig_err *err)
{
	struct kmod_list *pre = NULL, *post = NULL, *at;
	int r = 0;

	if (kmod_module_get_softdeps(mod, &pre, &post) < 0)
		return 0;
	kmod_list_foreach(at, pre) {
		struct kmod_module *alias = kmod_module_get_module(at);
		struct kmod_list *found = NULL;

		if (kmod_module_new_from_lookup(w->modules->ctx, kmod_module_get_name(alias),
						&found) == 0)
			r = add_list(w, found, err);
		kmod_module_unref_list(found);
		kmod_module_unref(alias);
		if (r < 0)
			break;
	}
	kmod_module_unref_list(pre);
	kmod_module_unref_list(post);
	return r;
}

/* Depth-first: softdeps, then dependencies (libkmod gives them in load order), then itself. */
static int add_module(struct walk *w, struct kmod_module *mod, struct rig_err *err)
{
	const char *path, *name = kmod_module_get_name(mod);
	struct module_list *l = &w->list;
	struct kmod_list *deps;
	int r;

	if (saw_name(w, name))
		return 0;
	if (is_builtin(mod))
		return 0;
	path = kmod_module_get_path(mod);
	if (!path)
		return rig_err_set(err, RIG_MISSING, ENOENT,
				   "the kernel has no module '%s': not in '%s', not built in", name,
				   w->modules->dir);
	r = add_softdeps(w, mod, err);
	if (r < 0)
		return r;
	deps = kmod_module_get_dependencies(mod);
	r = add_list(w, deps, err);
	kmod_module_unref_list(deps);
	if (r < 0)
		return r;
	GROW(l->v, l->n, l->cap);
	l->v[l->n++] = (struct module_file){
		.name = module_name_normalise(name),
		.file = xstrdup(path),
	};
	return 0;
}

/* Names become words of a list and file names in the guest. */
static int check_name(const char *name, struct rig_err *err)
{
	size_t len = strlen(name);

	for (const char *p = name; *p; p++)
		if (!isalnum((unsigned char)*p) && !strchr("_-+", *p))
			len = 0;
	if (!len || len > 64)
		return rig_err_set(err, RIG_USAGE, EINVAL, "'%s' is not a name of a module", name);
	return 0;
}

int modules_closure(struct modules *m, const char *name, struct module_list *ret,
		    struct rig_err *err)
{
	struct walk w = { .modules = m };
	struct kmod_module *mod = NULL;
	int r = check_name(name, err);

	if (r < 0)
		return r;
	if (!m->dir) {
		*ret = (struct module_list){ 0 };
		return 0;
	}
	r = kmod_module_new_from_name(m->ctx, name, &mod);
	if (r < 0)
		return rig_err_set(err, RIG_HOST, -r, "libkmod cannot look up '%s': %s", name,
				   strerror(-r));
	r = add_module(&w, mod, err);
	kmod_module_unref(mod);
	for (size_t i = 0; !r && i < w.list.n; i++)
		r = check_name(w.list.v[i].name, err);
	strv_deinit(&w.seen);
	if (r < 0)
		module_list_deinit(&w.list);
	else
		*ret = w.list;
	return r;
}
