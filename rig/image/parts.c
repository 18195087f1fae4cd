// SPDX-License-Identifier: GPL-2.0-or-later
#include <sha2.h>
#include <string.h>
#include <sys/stat.h>

#include "base/clean.h"
#include "base/io.h"
#include "base/mem.h"
#include "image/builtin_index.h"
#include "image/cpio.h"
#include "image/elfdeps.h"
#include "image/modules.h"
#include "image/parts.h"

/* Part of every digest: raise it when the same inputs shall give another archive. */
#define LAYOUT "hotrig image 1"

/* init mounts over the first four; the devices are for what runs before devtmpfs is there */
static const struct {
	const char *path;
	mode_t mode;
	unsigned int major, minor;
} skeleton[] = {
	{ "/dev",		S_IFDIR | 0755,		0, 0 },
	{ "/proc",		S_IFDIR | 0755,		0, 0 },
	{ "/sys",		S_IFDIR | 0755,		0, 0 },
	{ "/run",		S_IFDIR | 0755,		0, 0 },
	{ "/tmp",		S_IFDIR | 01777,	0, 0 },
	{ "/dev/console",	S_IFCHR | 0600,		5, 1 },
	{ "/dev/null",		S_IFCHR | 0666,		1, 3 },
};

void parts_deinit(struct parts *p)
{
	for (size_t i = 0; i < p->n; i++) {
		free(p->v[i].path);
		free(p->v[i].data);
		free(p->v[i].host);
	}
	free(p->v);
	*p = (struct parts){ 0 };
}

struct part *parts_add(struct parts *p, const char *path, mode_t mode)
{
	GROW(p->v, p->n, p->cap);
	p->v[p->n] = (struct part){ .path = xstrdup(path), .mode = mode };
	return &p->v[p->n++];
}

static void add_skeleton(struct parts *p)
{
	for (size_t i = 0; i < ARRAY_SIZE(skeleton); i++) {
		struct part *n = parts_add(p, skeleton[i].path, skeleton[i].mode);

		n->major = skeleton[i].major;
		n->minor = skeleton[i].minor;
	}
}

static int add_agent(struct parts *p, const char *host, struct rig_err *err)
{
	AUTO_FREE char *data = NULL;
	struct part *n;
	size_t len;
	int r;

	r = io_read_file(host, PART_MAX_BYTES, &data, &len, err);
	if (!r)
		r = elfdeps_check_static(host, data, len, err);
	if (r < 0)
		return rig_err_wrap(err, "cannot use the guest agent");
	n = parts_add(p, "/init", S_IFREG | 0755);
	n->host = xstrdup(host);
	n->data = TAKE_PTR(data);
	n->len = len;
	return 0;
}

static int add_tools(struct parts *p, char *const *tools, struct rig_err *err)
{
	AUTO_ELFDEPS struct elfdeps deps = { 0 };
	int r = 0;

	for (char *const *tool = tools; !r && tool && *tool; tool++) {
		const char *slash = strrchr(*tool, '/');
		AUTO_FREE char *image = xasprintf("/usr/bin/%s", slash ? slash + 1 : *tool);

		r = elfdeps_add_program(&deps, *tool, image, err);
	}
	for (size_t i = 0; !r && i < deps.n; i++) {
		struct part *n = parts_add(p, deps.v[i].image, S_IFREG | 0755);

		n->host = xstrdup(deps.v[i].host);
		n->data = TAKE_PTR(deps.v[i].data);
		n->len = deps.v[i].len;
	}
	return r;
}

/* What the tools ask libkmod for, of a kernel that has no list of its own. */
static void add_builtin(struct parts *p, const struct kernel *k)
{
	static const struct {
		const char *name, *config;
	} drivers[] = { { "device_dax", "DEV_DAX" }, { "kmem", "DEV_DAX_KMEM" } };
	const char *names[ARRAY_SIZE(drivers)];
	AUTO_FREE char *path = NULL;
	struct part *n;
	size_t nr = 0;

	for (size_t i = 0; i < ARRAY_SIZE(drivers); i++)
		if (kernel_option(k, drivers[i].config) == KERNEL_BUILTIN)
			names[nr++] = drivers[i].name;
	if (k->modules || !k->release || !nr)
		return;
	path = xasprintf("/lib/modules/%s/modules.builtin.bin", k->release);
	n = parts_add(p, path, S_IFREG | 0644);
	n->data = builtin_index_make(names, nr, &n->len);
}

int parts_gather(const struct kernel *k, const struct image_spec *spec, struct parts *ret,
		 struct rig_err *err)
{
	AUTO_PARTS struct parts p = { 0 };
	int r;

	clock_gettime(CLOCK_REALTIME_COARSE, &p.began);
	r = add_agent(&p, spec->agent, err);
	if (r < 0)
		return r;
	add_skeleton(&p);
	r = parts_add_modules(&p, k->modules, spec, err);
	if (!r)
		r = add_tools(&p, spec->tools, err);
	if (r < 0)
		return r;
	add_builtin(&p, k);
	*ret = p;
	p = (struct parts){ 0 };
	return 0;
}

void parts_digest(const struct parts *p, char hex[65])
{
	SHA2_CTX ctx;

	SHA256Init(&ctx);
	SHA256Update(&ctx, (const uint8_t *)LAYOUT, sizeof(LAYOUT));
	for (size_t i = 0; i < p->n; i++) {
		const struct part *n = &p->v[i];
		/* with the length in front, no two sets of parts give the same stream */
		AUTO_FREE char *head = xasprintf("%s %o %u:%u %d %zu", n->path,
						 (unsigned int)n->mode, n->major, n->minor,
						 (int)n->module, n->len);

		SHA256Update(&ctx, (const uint8_t *)head, strlen(head) + 1);
		if (n->len)
			SHA256Update(&ctx, (const uint8_t *)n->data, n->len);
	}
	SHA256End(&ctx, hex);
}

static int pack_part(struct cpio *c, const struct part *n, struct rig_err *err)
{
	struct cpio_member m = {
		.path = n->path, .mode = n->mode, .major = n->major, .minor = n->minor,
		.data = n->data, .len = n->len,
	};
	AUTO_FREE char *object = NULL;

	if (n->module) {
		int r = module_unpack(n->host, n->data, n->len, &object, &m.len, err);

		if (r < 0)
			return r;
		m.data = object;
	}
	return cpio_add(c, &m, err);
}

int parts_pack(const struct parts *p, char **ret, size_t *ret_len, struct rig_err *err)
{
	struct cpio *c = NULL;
	int r = cpio_create(&c, err);

	for (size_t i = 0; !r && i < p->n; i++)
		r = pack_part(c, &p->v[i], err);
	if (!r)
		r = cpio_finish(c, ret, ret_len, err);
	cpio_destroy(c);
	return r;
}
