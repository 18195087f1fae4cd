// SPDX-License-Identifier: GPL-2.0-or-later
#include <string.h>

#include "base/clean.h"
#include "base/io.h"
#include "base/mem.h"
#include "kernel/built.h"
#include "kernel/debian.h"
#include "kernel/facts.h"
#include "kernel/kernel.h"
#include "kernel/local.h"
#include "kernel/spec.h"
#include "kernel/store.h"

void kernel_destroy(struct kernel *k)
{
	if (!k)
		return;
	free(k->spec);
	free(k->image);
	free(k->image_sha256);
	free(k->modules);
	free(k->release);
	free(k->version);
	free(k->build_id);
	free(k->config);
	free(k->config_source);
	free(k);
}

static void destroy_guarded(struct kernel **k)
{
	kernel_destroy(*k);
}

/* A package was checked against its digests, so its parts are where they belong */
static int fill_from_store(struct kernel *k, const struct store *store, const char *release,
			   struct rig_err *err)
{
	AUTO_FREE char *dir = store_kernel_dir(store, release);
	AUTO_FREE char *config = xasprintf("%s/boot/config-%s", dir, release);
	int r;

	k->image = xasprintf("%s/boot/vmlinuz-%s", dir, release);
	k->modules = xasprintf("%s/lib/modules/%s", dir, release);
	k->packaged = true;
	r = local_read_config(config, &k->config, err);
	if (!r)
		k->config_source = xstrdup("package");
	return r;
}

static int add_facts(struct kernel *k, struct rig_err *err)
{
	struct facts facts;
	int r = facts_read(k->image, &facts, err);

	if (r < 0)
		return r;
	k->image_sha256 = xstrdup(facts.sha256);
	k->pvh = facts.pvh;
	k->release = TAKE_PTR(facts.release);
	k->version = TAKE_PTR(facts.version);
	k->build_id = TAKE_PTR(facts.build_id);
	if (!k->config && facts.config) {
		k->config = TAKE_PTR(facts.config);
		k->config_source = xstrdup("IKCONFIG");
	}
	facts_deinit(&facts);
	return 0;
}

static int resolve_packaged(struct kernel *k, struct store *store, const struct kernel_spec *spec,
			    const struct kernel_resolve_options *options, struct rig_err *err)
{
	AUTO_FREE char *release = NULL;
	int r;

	r = debian_resolve(store, spec, options, &release, err);
	if (!r)
		r = fill_from_store(k, store, release, err);
	if (!r)
		r = add_facts(k, err);
	if (!r && (!k->release || strcmp(k->release, release)))
		r = rig_err_set(err, RIG_HOST, EINVAL,
				"the image of package '%s' calls itself '%s'", release,
				k->release ? k->release : "nothing");
	return r;
}

static int resolve_local(struct kernel *k, struct store *store, const struct kernel_spec *spec,
			 const struct kernel_resolve_options *options, struct rig_err *err)
{
	struct local local = { .spec = spec, .options = options, .store = store };
	int r;

	r = local_find_image(&local, k, err);
	if (!r)
		r = add_facts(k, err);
	if (!r)
		r = local_find_config(&local, k, err);
	if (!r)
		r = local_find_modules(&local, k, err);
	return r;
}

/* What it needs is built in, so there are no modules */
static int resolve_built(struct kernel *k, const struct store *store, const struct kernel_spec *spec,
			 struct rig_err *err)
{
	int r = built_fill(store, spec->key, k, err);

	return r < 0 ? r : add_facts(k, err);
}

int kernel_resolve(const char *spec, const struct kernel_resolve_options *options,
		   struct kernel **ret, struct rig_err *err)
{
	struct kernel *k __attribute__((cleanup(destroy_guarded))) = xcalloc(1, sizeof(*k));
	struct store *store = NULL;
	struct kernel_spec parsed;
	int r;

	r = kernel_spec_parse(spec, &parsed, err);
	if (r < 0)
		return r;
	k->spec = xstrdup(spec);
	r = store_open(&store, err);
	if (!r && parsed.kind == KERNEL_SPEC_PATH)
		r = resolve_local(k, store, &parsed, options, err);
	else if (!r && parsed.kind == KERNEL_SPEC_BUILT)
		r = resolve_built(k, store, &parsed, err);
	else if (!r)
		r = resolve_packaged(k, store, &parsed, options, err);
	store_close(store);
	kernel_spec_deinit(&parsed);
	if (!r)
		*ret = TAKE_PTR(k);
	return r;
}

/* The last one counts, as it does for Kconfig */
enum kernel_feature kernel_option(const struct kernel *k, const char *name)
{
	AUTO_FREE char *key = xasprintf("CONFIG_%s=", name),
		       *off = xasprintf("# CONFIG_%s is not set", name);
	enum kernel_feature found = KERNEL_NO;
	const char *line;

	if (!k->config)
		return KERNEL_UNKNOWN;
	for (line = k->config; line; line = strchr(line, '\n')) {
		const char *value;

		line += *line == '\n';
		if (!strncmp(line, off, strlen(off)))
			found = KERNEL_NO;
		if (strncmp(line, key, strlen(key)))
			continue;
		value = line + strlen(key);
		if (strcspn(value, "\r\n") == 1 && (*value == 'm' || *value == 'n'))
			found = *value == 'm' ? KERNEL_MODULE : KERNEL_NO;
		else
			found = KERNEL_BUILTIN; /* "y", or a number or string */
	}
	return found;
}

/* Banners come from images of any origin, and jansson takes UTF-8 only: what is not, is left out */
json_t *kernel_identity(const struct kernel *k)
{
	char config_sha256[65];

	if (k->config)
		io_sha256_hex(k->config, strlen(k->config), config_sha256);
	return json_pack("{ss* ss* ss* ss* ss* ss* ss* ss*}", "spec", k->spec, "release",
			 k->release, "version", k->version, "build_id", k->build_id,
			 "config_source", k->config_source, "config_sha256",
			 k->config ? config_sha256 : NULL, "image", k->image, "image_sha256",
			 k->image_sha256);
}
