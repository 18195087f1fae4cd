// SPDX-License-Identifier: GPL-2.0-or-later
#include <fcntl.h>
#include <sched.h>
#include <string.h>
#include <sys/stat.h>

#include "base/clean.h"
#include "base/clock.h"
#include "base/io.h"
#include "base/lock.h"
#include "base/mem.h"
#include "kernel/build.h"
#include "kernel/build_config.h"
#include "kernel/build_tools.h"
#include "kernel/built.h"
#include "kernel/make.h"
#include "kernel/objects.h"
#include "kernel/patched_tree.h"
#include "kernel/source_package.h"

#define PATIENCE_MS	(6ull * 60 * 60 * 1000)
#define FORMAT		"1"	/* of what a key is made of, and of how kernels are built */

struct build {
	const struct build_request *request;
	struct store *store;
	struct source_tree base;
	struct series series;
	struct wanted wanted;
	char *wanted_text, *compiler, *key;
	struct objects objects;
	uint64_t until_ns;
	size_t expected;		/* steps of make */
};

static void build_deinit(struct build *b)
{
	objects_close(&b->objects);
	free(b->key);
	free(b->compiler);
	free(b->wanted_text);
	wanted_deinit(&b->wanted);
	series_deinit(&b->series);
	source_tree_deinit(&b->base);
	store_close(b->store);
}

static void tell(const struct build *b, const char *text)
{
	if (b->request->options.progress)
		b->request->options.progress(b->request->options.progress_arg, text);
}

static int open_tree(struct build *b, struct rig_err *err)
{
	const char *name = b->request->tree;
	AUTO_FREE char *unpacked = NULL;
	struct store *store = NULL;
	int r = 0;

	if (!strncmp(name, SOURCE_PACKAGE_PREFIX, strlen(SOURCE_PACKAGE_PREFIX))) {
		/* one of its own, so that the lock is let go before a build of minutes */
		r = store_open(&store, err);
		if (!r)
			r = source_package_unpack(store, name, &b->request->options, &unpacked,
						  err);
		store_close(store);
		name = unpacked;
	}
	if (r < 0)
		return r;
	return b->request->clean ? source_tree_open_clean(name, b->request->clean, &b->base, err)
				 : source_tree_open(name, &b->base, err);
}

/* The path of the tree is no part of it: the same source elsewhere is the same kernel */
static char *make_key(const struct build *b)
{
	AUTO_FREE char *text = xasprintf(FORMAT "\n%s\n%s\n%s\n%s", b->base.state, b->series.digest,
					 b->compiler, b->wanted_text);
	char hex[65];

	io_sha256_hex(text, strlen(text), hex);
	return xasprintf("%s-%.12s", b->base.version, hex);
}

static int identify(struct build *b, struct rig_err *err)
{
	const struct build_request *q = b->request;
	int r;

	/* cheap questions first: a mistyped name needs no look at a tree of 90000 files */
	r = build_config_read(q->fragments_dir, q->fragments, q->nr_fragments, &b->wanted, err);
	if (!r && q->series)
		r = series_read(q->series, &b->series, err);
	if (!r)
		r = build_tools_compiler(&b->compiler, err);
	if (!r)
		r = store_open(&b->store, err);
	if (!r)
		r = open_tree(b, err);
	if (r < 0)
		return r;
	b->wanted_text = wanted_text(&b->wanted);
	b->key = make_key(b);
	return 0;
}

static void on_step(void *arg, const struct build_log *log)
{
	const struct build *b = arg;

	if (b->request->on_step)
		b->request->on_step(b->request->arg, log, b->expected);
}

static unsigned int processors(void)
{
	cpu_set_t set;

	return sched_getaffinity(0, sizeof(set), &set) == 0 ? (unsigned int)CPU_COUNT(&set) : 1;
}

static void add_make(struct strv *argv, const struct build *b, const char *tree, const char *target)
{
	const char *objects = b->objects.dir;

	strv_add(argv, "make");
	strv_addf(argv, "-j%u", b->request->jobs ? b->request->jobs : processors());
	strv_add(argv, "-C");
	strv_add(argv, tree);
	strv_addf(argv, "O=%s", objects);
	strv_add(argv, "ARCH=x86_64");
	strv_addf(argv, "CC=%s", build_tools_has("ccache") ? "ccache gcc" : "gcc");
	/* Documentation/kbuild/reproducible-builds.rst; empty, LOCALVERSION keeps git's "+" out */
	strv_add(argv, "LOCALVERSION=");
	strv_add(argv, "KBUILD_BUILD_USER=hotrig");
	strv_add(argv, "KBUILD_BUILD_HOST=hotrig");
	strv_add(argv, "KBUILD_BUILD_TIMESTAMP=Thu Jan  1 00:00:00 UTC 1970");
	strv_add(argv, "KBUILD_BUILD_VERSION=1");
	strv_addf(argv, "KCFLAGS=-ffile-prefix-map=%s=. -ffile-prefix-map=%s=.", objects, tree);
	strv_addf(argv, "KAFLAGS=-ffile-prefix-map=%s=. -ffile-prefix-map=%s=.", objects, tree);
	strv_add(argv, target);
}

static int run_make(struct build *b, const char *tree, const char *target, struct rig_err *err)
{
	AUTO_STRV struct strv argv = { 0 };
	struct build_log log = { 0 };
	struct make make = { .log_path = b->objects.log,
			     .keep_fd = b->objects.lock_fd,
			     .until_ns = b->until_ns,
			     .on_step = on_step,
			     .arg = b };
	int r;

	add_make(&argv, b, tree, target);
	make.argv = argv.v;
	b->expected = objects_expected_steps(&b->objects);
	r = make_run(&make, &log, err);
	if (!r)
		objects_note_steps(&b->objects, log.steps);
	else if (r != -ENOSPC && err->cause != RIG_INTERRUPTED)
		rig_err_set(err, err->cause, -r, "%s (log: '%s')", err->text, b->objects.log);
	return r;
}

static json_t *describe(const struct build *b)
{
	const struct build_request *q = b->request;
	json_t *fragments = json_array(), *patches = json_array();

	for (size_t i = 0; i < q->nr_fragments; i++)
		json_array_append_new(fragments, json_string(q->fragments[i]));
	for (size_t i = 0; i < b->series.n; i++)
		json_array_append_new(patches, json_string(b->series.v[i].name));
	return json_pack("{si ss ss ss ss so so ss*}", "format", 1, "key", b->key, "tree", q->tree,
			 "tree_state", b->base.state, "compiler", b->compiler, "fragments",
			 fragments, "patches", patches, "patches_sha256",
			 b->series.n ? b->series.digest : NULL);
}

static int publish(struct build *b, bool elf, bool strip, struct rig_err *err)
{
	AUTO_FREE char *image =
		xasprintf("%s/%s", b->objects.dir, elf ? "vmlinux" : "arch/x86/boot/bzImage");
	AUTO_FREE char *config = xasprintf("%s/.config", b->objects.dir);
	json_auto_t *identity = describe(b);
	const struct built_parts parts = { .image = image,
					   .config = config,
					   .log = b->objects.log,
					   .image_is_elf = elf,
					   .strip = elf && strip,
					   .identity = identity };
	int r;

	if (!identity)
		return rig_err_set(err, RIG_HOST, EILSEQ,
				   "the name of the tree, a fragment or a patch is no UTF-8");
	r = store_lock(b->store, b->request->options.progress, b->request->options.progress_arg,
		       err);
	return r < 0 ? r : built_add(b->store, b->key, &parts, err);
}

/* What was edited meanwhile may or may not be in the kernel: it must not go under the key of what was there */
static int check_unchanged(const struct build *b, struct rig_err *err)
{
	struct source_tree now;
	bool same;
	int r;

	if (b->request->clean)
		return 0;
	r = source_tree_open(b->base.dir, &now, err);
	if (r < 0)
		return r;
	same = !strcmp(now.state, b->base.state);
	source_tree_deinit(&now);
	return same ? 0
		    : rig_err_set(err, RIG_HOST, ESTALE,
				  "tree '%s' changed while it was built: build it again",
				  b->base.dir);
}

static bool is_on(const char *config, const char *name)
{
	AUTO_FREE char *value = config_value(config, name);

	return !strcmp(value, "y");
}

static void note_make(const struct build *b, uint64_t start_ns)
{
	if (b->request->make_ns)
		*b->request->make_ns += clock_ns() - start_ns;
}

static int build_in(struct build *b, const char *tree, struct rig_err *err)
{
	const struct build_config_place at = { .tree = tree,
					       .objects = b->objects.dir,
					       .log_path = b->objects.log,
					       .keep_fd = b->objects.lock_fd,
					       .until_ns = b->until_ns };
	AUTO_FREE char *config = NULL, *text = NULL;
	uint64_t start_ns;
	bool elf, btf;
	int r;

	tell(b, "configuring");
	start_ns = clock_ns();
	r = build_config_make(&at, &b->wanted, &config, err);
	note_make(b, start_ns);
	if (r < 0)
		return r;
	/* booted as ELF, nothing has to be unpacked by an emulated processor, nor packed here */
	elf = is_on(config, "CONFIG_PVH");
	btf = is_on(config, "CONFIG_DEBUG_INFO_BTF");
	text = xasprintf("building kernel %s", b->key);
	tell(b, text);
	start_ns = clock_ns();
	r = run_make(b, tree, elf ? "vmlinux" : "bzImage", err);
	note_make(b, start_ns);
	if (!r)
		r = check_unchanged(b, err);
	/* without BTF, its DWARF is where page layouts come from */
	return r < 0 ? r : publish(b, elf, btf, err);
}

static int build(struct build *b, struct rig_err *err)
{
	AUTO_FREE char *patched = NULL;
	int r;

	b->until_ns = clock_in_ms(PATIENCE_MS);
	r = build_tools_check(&b->wanted, b->series.n > 0, err);
	if (!r)
		r = objects_lock(&b->objects, b->store, b->base.dir, &b->request->options,
				 b->until_ns, err);
	if (r < 0 || built_is_there(b->store, b->key))
		return r;
	if (b->series.n) {
		tell(b, "applying patches");
		r = patched_tree_make(b->objects.patched, &b->base, &b->series, &patched, err);
	}
	if (!r)
		r = objects_open(&b->objects, patched ? patched : b->base.dir, b->wanted_text,
				 b->compiler, err);
	if (!r)
		r = build_in(b, patched ? patched : b->base.dir, err);
	/* a half-written object is no fault of the source */
	if (r < 0 && err->cause == RIG_KERNEL && b->objects.cut_short) {
		tell(b, "the last build was killed, and now it fails: once more, from nothing");
		r = objects_renew(&b->objects, err);
		if (!r)
			r = build_in(b, patched ? patched : b->base.dir, err);
	}
	if (b->objects.dir && (!r || err->cause == RIG_KERNEL || err->cause == RIG_USAGE))
		objects_finish(&b->objects);
	/* the disk is full with what is there: nothing of it would be of use to anybody */
	if (r == -ENOSPC)
		objects_drop(&b->objects);
	return r;
}

int build_kernel(const struct build_request *request, char **ret_key, bool *ret_new,
		 struct rig_err *err)
{
	struct build b __attribute__((cleanup(build_deinit))) = { .request = request,
								  .objects.lock_fd = -1 };
	bool new = false;
	int r;

	r = identify(&b, err);
	if (!r && !built_is_there(b.store, b.key)) {
		new = true;
		r = build(&b, err);
	}
	if (r < 0)
		return r;
	*ret_key = TAKE_PTR(b.key);
	*ret_new = new;
	return 0;
}
