// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Layouts of kernel files: from BTF and from DWARF, which must be the same, in images, build trees and
 * from the cache.  The files are compiled here from fixtures/kernel.
 */
#include "kernel_samples.h"

#include "base/clock.h"
#include "base/proc.h"
#include "btf_sample.h"
#include "kernel/dwarf_types.h"
#include "kernel/facts.h"
#include "kernel/kernel_layout.h"

#define TREE_IMAGE "tree/arch/x86/boot/bzImage"
#define TOOL_SECONDS 60

struct place {
	char *dir, *cache;
};

static char *at(const struct place *p, const char *name)
{
	return xasprintf("%s/%s", p->dir, name);
}

static int set_up(void **state)
{
	struct place *p = xcalloc(1, sizeof(*p));
	char *dir = xstrdup("/tmp/hotrig-unit.XXXXXX");

	assert_non_null(mkdtemp(dir));
	p->dir = dir;
	p->cache = at(p, "cache");
	setenv("HOTRIG_CACHE", p->cache, 1);
	*state = p;
	return 0;
}

static int tear_down(void **state)
{
	struct place *p = *state;
	struct rig_err err;

	assert_int_equal(io_remove_tree(p->dir, &err), 0);
	free(p->cache);
	free(p->dir);
	free(p);
	return 0;
}

static void run(const char *const argv[])
{
	AUTO_PROC_RESULT struct proc_result r = { 0 };
	struct rig_err err = { 0 };

	if (proc_run((char *const *)argv, NULL, NULL, clock_in_ms(TOOL_SECONDS * 1000), &r, &err) < 0 ||
	    proc_check(&r, argv[0], &err) < 0)
		fail_msg("%s: %s", argv[0], err.text);
}

/* The fixture as an ELF kernel; @options: up to three of the compiler's, NULL: none. */
static void compile(const char *to, const char *const options[3])
{
	const char *argv[16] = {
		"gcc", "-O1", "-fno-eliminate-unused-debug-types", "-fcf-protection=none", "-nostdlib",
		"-static", "-no-pie", "-Wl,-e,free_first,--build-id=sha1", "-o", to,
		TEST_FIXTURES "/kernel/declarations.c", TEST_FIXTURES "/kernel/types.c",
	};
	AUTO_FREE char *dir = xasprintf("%.*s", (int)(strrchr(to, '/') - to), to);
	struct rig_err err;

	for (int i = 0; i < 3 && options[i]; i++)
		argv[12 + i] = options[i];
	assert_int_equal(io_mkdirs(dir, &err), 0);
	run(argv);
}

/* As resolved by kernel_resolve(), as far as layouts need it. */
static struct kernel *describe(const char *image)
{
	struct kernel *k = xcalloc(1, sizeof(*k));
	struct facts facts;
	struct rig_err err = { 0 };

	if (facts_read(image, &facts, &err) < 0)
		fail_msg("%s", err.text);
	k->image = xstrdup(image);
	k->image_sha256 = xstrdup(facts.sha256);
	k->build_id = facts.build_id ? xstrdup(facts.build_id) : NULL;
	facts_deinit(&facts);
	return k;
}

/* The layout that the fixture has, from the BTF that the other tests are made with. */
static struct page_layout expected(bool later)
{
	const struct btf_sample s = { .later = later };
	struct page_layout l;
	struct rig_err err;
	size_t len;
	AUTO_FREE void *raw = btf_sample_make(&s, &len);

	assert_int_equal(layout_from_btf(raw, len, 0, 0, &l, &err), 0);
	return l;
}

static void want_layout(const char *image, bool later, const char *from)
{
	struct page_layout want = expected(later), l;
	struct kernel *k = describe(image);
	const char *source = NULL;
	struct rig_err err = { 0 };

	memset(&l, 0xff, sizeof(l));
	if (kernel_layout(k, &l, &source, &err) < 0)
		fail_msg("%s: %s", image, err.text);
	assert_string_equal(source, from);
	assert_memory_equal(&l, &want, sizeof(l));
	kernel_destroy(k);
}

static void want_error(const char *image, enum rig_cause cause, const char *part)
{
	struct page_layout l = { .page_bytes = 77 };
	struct kernel *k = describe(image);
	const char *source = "none";
	struct rig_err err = { 0 };

	assert_true(kernel_layout(k, &l, &source, &err) < 0);
	if (err.cause != cause || !strstr(err.text, part))
		fail_msg("%s: got %s: %s", image, rig_cause_name(err.cause), err.text);
	assert_int_equal(cause == RIG_MISSING, err.eno == ENOENT);
	assert_int_equal(l.page_bytes, 77);
	assert_string_equal(source, "none");
	kernel_destroy(k);
}

static void store_bzimage(const char *path, const char *vmlinux)
{
	struct sample s = { 0 }, image;
	struct rig_err err;

	assert_int_equal(io_read_file(vmlinux, 64u << 20, &s.data, &s.len, &err), 0);
	image = sample_bzimage("6.12.1-test", &s);
	sample_store(path, image.data, image.len);
	free(image.data);
	free(s.data);
}

/* @btf into section .BTF of a kernel without debug information, and that into a bzImage too. */
static void compile_with_btf(const struct place *p, const void *btf, size_t len)
{
	AUTO_FREE char *raw = at(p, "raw.btf"), *vmlinux = at(p, "vmlinux"), *image = at(p, "bzImage");
	AUTO_FREE char *define = xasprintf("-DBTF=\"%s\"", raw);

	sample_store(raw, btf, len);
	compile(vmlinux, (const char *const[3]){ define });
	store_bzimage(image, vmlinux);
}

static void from_btf(void **state)
{
	const struct btf_sample later = { .later = true }, no_zone = { .omit = "zone" };
	const struct place *p = *state;
	AUTO_FREE char *vmlinux = at(p, "vmlinux"), *image = at(p, "bzImage");
	size_t len;
	AUTO_FREE void *good = btf_sample_make(&later, &len), *lacking = NULL;

	compile_with_btf(p, good, len);
	want_layout(vmlinux, true, "BTF");
	want_layout(image, true, "BTF");
	compile_with_btf(p, good, len / 2);
	want_error(vmlinux, RIG_HOST, "BTF");
	want_error(image, RIG_HOST, "BTF");
	lacking = btf_sample_make(&no_zone, &len);
	compile_with_btf(p, lacking, len);
	want_error(image, RIG_MISSING, "struct zone");
}

static void from_dwarf(void **state)
{
	static const struct { const char *options[3]; bool later; } builds[] = {
		{ { "-g" }, true },
		{ { "-g", "-DEARLIER" }, false },
		{ { "-gdwarf-4" }, true },
		{ { "-gdwarf-5" }, true },
		{ { "-g", "-gz=zlib" }, true },
		{ { "-g", "-fdebug-types-section" }, true },
		{ { "-gdwarf-4", "-fdebug-types-section" }, true },
	};
	const struct place *p = *state;

	for (size_t i = 0; i < ARRAY_SIZE(builds); i++) {
		AUTO_FREE char *name = xasprintf("%zu/vmlinux", i), *path = at(p, name);

		compile(path, builds[i].options);
		want_layout(path, builds[i].later, "DWARF");
	}
}

/* The types are in .dwo files; without those there is nothing. */
static void from_split_dwarf(void **state)
{
	const struct place *p = *state;
	AUTO_FREE char *path = at(p, "split/vmlinux"), *dwo = at(p, "split/vmlinux-types.dwo");
	struct rig_err err;

	compile(path, (const char *const[3]){ "-g", "-gsplit-dwarf" });
	want_layout(path, true, "DWARF");
	assert_true(io_exists(dwo));
	assert_int_equal(io_remove_tree(dwo, &err), 0);
	assert_int_equal(io_remove_tree(p->cache, &err), 0);
	want_error(path, RIG_MISSING, "neither BTF nor debug information");
}

static void neither(void **state)
{
	const struct place *p = *state;
	AUTO_FREE char *bare = at(p, "bare"), *image = at(p, "bzImage"), *lacking = at(p, "lacking");

	compile(bare, (const char *const[3]){ "-g0" });
	want_error(bare, RIG_MISSING, "neither BTF nor debug information");
	store_bzimage(image, bare);
	want_error(image, RIG_MISSING, "neither BTF nor debug information");
	compile(lacking, (const char *const[3]){ "-g", "-DNO_ZONE" });
	want_error(lacking, RIG_MISSING, "struct zone");
}

static void from_the_tree_of_a_bzimage(void **state)
{
	const struct place *p = *state;
	AUTO_FREE char *vmlinux = at(p, "tree/vmlinux"), *stripped = at(p, "stripped");
	AUTO_FREE char *image = at(p, TREE_IMAGE), *elsewhere = at(p, "tree/bzImage");
	struct rig_err err;

	compile(vmlinux, (const char *const[3]){ "-g" });
	run((const char *const[]){ "strip", "-o", stripped, vmlinux, NULL });
	store_bzimage(image, stripped);
	store_bzimage(elsewhere, stripped);
	want_error(elsewhere, RIG_MISSING, "neither");
	want_layout(image, true, "DWARF");
	/* one of another build, one that is no ELF file, none: what counts is not in the cache */
	assert_int_equal(io_remove_tree(p->cache, &err), 0);
	compile(vmlinux, (const char *const[3]){ "-g", "-DEARLIER" });
	want_error(image, RIG_MISSING, "neither");
	sample_store_text(vmlinux, "no kernel");
	want_error(image, RIG_MISSING, "neither");
	assert_int_equal(io_remove_tree(vmlinux, &err), 0);
	want_error(image, RIG_MISSING, "neither");
}

/* A vmlinux with debug information alone names .BTF, but does not hold it. */
static void from_debug_information_alone(void **state)
{
	const struct btf_sample later = { .later = true };
	const struct place *p = *state;
	AUTO_FREE char *vmlinux = at(p, "tree/vmlinux"), *whole = at(p, "whole"), *raw = at(p, "raw.btf");
	AUTO_FREE char *stripped = at(p, "stripped"), *image = at(p, TREE_IMAGE);
	AUTO_FREE char *define = xasprintf("-DBTF=\"%s\"", raw);
	size_t len;
	AUTO_FREE void *btf = btf_sample_make(&later, &len);

	sample_store(raw, btf, len);
	compile(whole, (const char *const[3]){ "-g", define });
	run((const char *const[]){ "strip", "-R", ".BTF", "-o", stripped, whole, NULL });
	store_bzimage(image, stripped);
	run((const char *const[]){ "objcopy", "--only-keep-debug", whole, vmlinux, NULL });
	want_layout(image, true, "DWARF");
}

static char *cached_file(const struct place *p, const struct kernel *k)
{
	AUTO_FREE char *name = xasprintf("cache/layouts/%s-12", k->image_sha256);

	return at(p, name);
}

static void the_cache(void **state)
{
	const struct place *p = *state;
	AUTO_FREE char *path = at(p, "vmlinux"), *gone = at(p, "gone"), *cached = NULL, *was = NULL;
	struct page_layout want = expected(true), l;
	struct rig_err err = { 0 };
	const char *source;
	struct kernel *k;
	size_t len;

	compile(path, (const char *const[3]){ "-g" });
	want_layout(path, true, "DWARF");
	k = describe(path);
	cached = cached_file(p, k);
	assert_int_equal(io_read_file(cached, 1u << 20, &was, &len, &err), 0);
	/* without the image it serves, whole or not at all */
	assert_int_equal(rename(path, gone), 0);
	assert_int_equal(kernel_layout(k, &l, &source, &err), 0);
	assert_string_equal(source, "DWARF");
	assert_memory_equal(&l, &want, sizeof(l));
	for (size_t i = 0; i < len; i += i < 64 || i > len - 128 ? 1 : 61) {
		was[i] ^= 1;
		sample_store(cached, was, len);
		was[i] ^= 1;
		/* bytes behind the digest are nobody's */
		if (kernel_layout(k, &l, &source, &err) == 0 && i < len - 8)
			fail_msg("byte %zu is damaged", i);
	}
	for (size_t n = 0; n < len; n += 100) {
		sample_store(cached, was, n);
		assert_int_equal(kernel_layout(k, &l, &source, &err), -ENOENT);
	}
	/* with it, what is damaged is made anew without a word */
	assert_int_equal(rename(gone, path), 0);
	want_layout(path, true, "DWARF");
	{
		AUTO_FREE char *is = NULL;
		size_t is_len;

		assert_int_equal(io_read_file(cached, 1u << 20, &is, &is_len, &err), 0);
		assert_int_equal(is_len, len);
		assert_memory_equal(is, was, len);
	}
	kernel_destroy(k);
}

/* Any damage of the file ends in an error or a layout: no crash, no reading beyond, no end of time. */
static void damaged_dwarf(void **state)
{
	const struct place *p = *state;
	AUTO_FREE char *path = at(p, "vmlinux"), *data = NULL;
	uint32_t seed = 1;
	struct rig_err err;
	size_t len;

	compile(path, (const char *const[3]){ "-g" });
	assert_int_equal(io_read_file(path, 64u << 20, &data, &len, &err), 0);
	elf_version(EV_CURRENT);
	for (int i = 0; i < 500; i++) {
		AUTO_FREE char *copy = xcalloc(len, 1);
		AUTO_FREE void *btf = NULL;
		size_t btf_len;
		Elf *elf;

		memcpy(copy, data, len);
		for (int n = 0; n < 1 + i % 8; n++) {
			seed = seed * 1664525 + 1013904223;
			copy[(seed >> 4) % len] ^= (char)(1 << (seed >> 29));
		}
		elf = elf_memory(copy, i % 5 ? len : len / 2 + (seed >> 8) % (len / 2));
		if (elf && dwarf_types_to_btf(elf, &btf, &btf_len, &err) == 0) {
			struct page_layout l;

			if (layout_from_btf(btf, btf_len, 0, 0, &l, &err) == 0)
				assert_true(l.page_bytes >= 32);
		}
		elf_end(elf);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(from_btf, set_up, tear_down),
		cmocka_unit_test_setup_teardown(from_dwarf, set_up, tear_down),
		cmocka_unit_test_setup_teardown(from_split_dwarf, set_up, tear_down),
		cmocka_unit_test_setup_teardown(neither, set_up, tear_down),
		cmocka_unit_test_setup_teardown(from_the_tree_of_a_bzimage, set_up, tear_down),
		cmocka_unit_test_setup_teardown(from_debug_information_alone, set_up, tear_down),
		cmocka_unit_test_setup_teardown(the_cache, set_up, tear_down),
		cmocka_unit_test_setup_teardown(damaged_dwarf, set_up, tear_down),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
