// SPDX-License-Identifier: GPL-2.0-or-later
/* kernels named by a path, names, options */
#include "kernel_samples.h"

#include <fcntl.h>
#include <sys/wait.h>

#include "kernel/kernel.h"
#include "kernel/release.h"
#include "kernel/spec.h"

#define RELEASE "6.12.1-test"

static const struct kernel_resolve_options offline = { .may_fetch = false };

struct place {
	char *dir;
};

static char *at(const struct place *p, const char *name)
{
	return xasprintf("%s/%s", p->dir, name);
}

static int set_up(void **state)
{
	static const char depmod[] = "#!/bin/sh\n: > \"$2/lib/modules/$3/modules.dep.bin\"\n";
	struct place *p = xcalloc(1, sizeof(*p));
	AUTO_FREE char *cache = NULL, *bin = NULL, *script = NULL, *path = NULL;
	char *dir = xstrdup("/tmp/hotrig-unit.XXXXXX");

	assert_non_null(mkdtemp(dir));
	p->dir = dir;
	cache = at(p, "cache");
	bin = at(p, "bin");
	script = at(p, "bin/depmod");
	path = xasprintf("%s:/usr/bin:/bin", bin);
	sample_store_script(script, depmod);
	setenv("HOTRIG_CACHE", cache, 1);
	setenv("PATH", path, 1);
	*state = p;
	return 0;
}

static int tear_down(void **state)
{
	struct place *p = *state;
	struct rig_err err;

	assert_int_equal(io_remove_tree(p->dir, &err), 0);
	free(p->dir);
	free(p);
	return 0;
}

static void store_bzimage(const char *path, const char *release, const char *config)
{
	struct sample vmlinux = sample_vmlinux(release, config);
	struct sample image = sample_bzimage(release, &vmlinux);

	sample_store(path, image.data, image.len);
	free(vmlinux.data);
	free(image.data);
}

static struct kernel *resolve(const char *spec)
{
	struct kernel *k = NULL;
	struct rig_err err = { .text = "" };

	if (kernel_resolve(spec, &offline, &k, &err) < 0)
		fail_msg("%s: %s", spec, err.text);
	return k;
}

static void expect_error(const char *spec, enum rig_cause cause, const char *part)
{
	struct kernel *k = NULL;
	struct rig_err err = { .text = "" };

	assert_true(kernel_resolve(spec, &offline, &k, &err) < 0);
	assert_null(k);
	if (err.cause != cause || !strstr(err.text, part))
		fail_msg("'%s': got %s: %s", spec, rig_cause_name(err.cause), err.text);
}

static void test_releases(void **state)
{
	static const char *const rising[] = {
		"6.1.0-0.deb11.13-cloud-amd64", "6.1.0-9-cloud-amd64", "6.1.0-47-cloud-amd64",
		"6.1.0-100-cloud-amd64", "6.1.12~rc1-amd64", "6.1.12-amd64", "6.12.9+bpo-amd64",
		"6.12.94+deb12-amd64", "6.12.117+deb12-amd64", "6.12.117+deb12.1-amd64",
	};
	static const char *const no_release[] = {
		"6.12-amd64", "6.1.0-50-rt-amd64", "6.1.0-50-amd64-unsigned", "6.1.0-50-amd64-dbg",
		"6.12-amd64-signed-template", "6.1.0-50", "6.1.0-../x-amd64", "-amd64", "amd64", "",
		"6.1.0--amd64", "6.1.0-50-cloud-arm64", "6.1.0-50/x-amd64", "6.1.0-50-cloud-cloud-amd64",
	};
	struct release r;

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(rising); i++) {
		assert_true(release_parse(rising[i], &r));
		for (size_t j = 0; j < ARRAY_SIZE(rising); j++) {
			int diff = release_compare(rising[i], rising[j]);

			assert_int_equal((diff > 0) - (diff < 0), (i > j) - (i < j));
		}
	}
	assert_int_equal(release_compare("6.01.0-5-amd64", "6.1.0-05-amd64"), 0);
	for (size_t i = 0; i < ARRAY_SIZE(no_release); i++)
		assert_false(release_parse(no_release[i], &r));
	assert_true(release_is_bare("6.1.0-53") && release_is_bare("6.12.97") && release_is_bare("6.12.97+deb13"));
	assert_false(release_is_bare("6.1.0-53-amd64") || release_is_bare("6.12") || release_is_bare("") ||
		     release_is_bare("6.1.0-53 "));
	assert_true(release_in_series("6.1.0-50-cloud-amd64", "6.1", "cloud-amd64"));
	assert_false(release_in_series("6.1.0-50-cloud-amd64", "6.1", "amd64"));
	assert_false(release_in_series("6.12.9+bpo-cloud-amd64", "6.1", "cloud-amd64"));
	assert_true(release_is_path_safe("6.12.0-rc1+"));
	assert_false(release_is_path_safe("../x") || release_is_path_safe("a/b") ||
		     release_is_path_safe(""));
}

static void test_specs(void **state)
{
	static const char *const wrong[] = {
		"", "debian:", "debian:6", "debian:6.12:", "debian:6.12:rt-amd64", "debian:6.1.0-50",
		"debian:6.1.0-50-cloud-amd64:amd64", "debian:../../x-amd64", ",modules=/x",
		"/x,modules=", "/x,modules=a,modules=b", "/x,module=a", "debian:6.12,modules=/x",
	};
	struct kernel_spec s;
	struct rig_err err;

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(wrong); i++) {
		assert_int_equal(kernel_spec_parse(wrong[i], &s, &err), -EINVAL);
		assert_int_equal(err.cause, RIG_USAGE);
	}
	assert_int_equal(kernel_spec_parse("debian:6.12", &s, &err), 0);
	assert_int_equal(s.kind, KERNEL_SPEC_SERIES);
	assert_string_equal(s.series, "6.12");
	assert_string_equal(s.flavour, "cloud-amd64");
	kernel_spec_deinit(&s);
	assert_int_equal(kernel_spec_parse("debian:6.1:amd64", &s, &err), 0);
	assert_string_equal(s.flavour, "amd64");
	kernel_spec_deinit(&s);
	assert_int_equal(kernel_spec_parse("debian:6.12.117+deb12-amd64", &s, &err), 0);
	assert_int_equal(s.kind, KERNEL_SPEC_RELEASE);
	kernel_spec_deinit(&s);
	assert_int_equal(kernel_spec_parse("a,b/c,config=x,y,modules=d", &s, &err), 0);
	assert_string_equal(s.path, "a,b/c");
	assert_string_equal(s.config, "x,y");
	assert_string_equal(s.modules, "d");
	kernel_spec_deinit(&s);
}

static void test_options(void **state)
{
	struct kernel k = { .config = NULL };
	char config[] = SAMPLE_CONFIG "CONFIG_LAST=m\nCONFIG_LAST=y";

	(void)state;
	assert_int_equal(kernel_option(&k, "A"), KERNEL_UNKNOWN);
	k.config = config;
	assert_int_equal(kernel_option(&k, "A"), KERNEL_BUILTIN);
	assert_int_equal(kernel_option(&k, "B"), KERNEL_MODULE);
	assert_int_equal(kernel_option(&k, "C"), KERNEL_NO);
	assert_int_equal(kernel_option(&k, "D"), KERNEL_BUILTIN);
	assert_int_equal(kernel_option(&k, "AB"), KERNEL_NO);
	assert_int_equal(kernel_option(&k, "ABSENT"), KERNEL_NO);
	assert_int_equal(kernel_option(&k, "LAST"), KERNEL_BUILTIN);
}

static void test_bzimage(void **state)
{
	AUTO_FREE char *image = at(*state, "bzImage");
	json_t *id;
	struct kernel *k;

	store_bzimage(image, RELEASE, SAMPLE_CONFIG);
	for (int round = 0; round < 2; round++) {	/* the second one from the facts kept */
		k = resolve(image);
		assert_string_equal(k->release, RELEASE);
		assert_string_equal(k->version, RELEASE " (x@y) #1 SMP");
		assert_string_equal(k->build_id, SAMPLE_BUILD_ID);
		assert_string_equal(k->config, SAMPLE_CONFIG);
		assert_string_equal(k->config_source, "IKCONFIG");
		assert_null(k->modules);
		assert_false(k->pvh || k->packaged);
		id = kernel_identity(k);
		assert_int_equal(json_object_size(id), 8);
		json_decref(id);
		kernel_destroy(k);
	}
}

static void test_unknown_is_no_error(void **state)
{
	struct sample image = sample_bzimage(RELEASE, NULL);
	AUTO_FREE char *path = at(*state, "bzImage");
	struct kernel *k;
	json_t *id;

	sample_store(path, image.data, image.len);
	free(image.data);
	k = resolve(path);
	assert_string_equal(k->release, RELEASE);
	assert_null(k->build_id);
	assert_null(k->config);
	assert_int_equal(kernel_option(k, "A"), KERNEL_UNKNOWN);
	id = kernel_identity(k);
	assert_int_equal(json_object_size(id), 5);
	json_decref(id);
	kernel_destroy(k);
}

static void test_vmlinux(void **state)
{
	struct sample elf = sample_vmlinux(RELEASE, NULL);
	AUTO_FREE char *path = at(*state, "vmlinux"), *config = at(*state, "conf");
	AUTO_FREE char *spec = xasprintf("%s,config=%s", path, config);
	struct kernel *k;

	/* debug sections behind the segments are not looked at */
	sample_pad(&elf, elf.len + 10000);
	sample_store(path, elf.data, elf.len);
	free(elf.data);
	sample_store_text(config, SAMPLE_CONFIG);
	k = resolve(spec);
	assert_true(k->pvh);
	assert_string_equal(k->release, RELEASE);
	assert_string_equal(k->version, RELEASE " (x@y) #1 SMP");
	assert_string_equal(k->build_id, SAMPLE_BUILD_ID);
	assert_string_equal(k->config_source, "file");
	kernel_destroy(k);
}

static void test_wrong_files(void **state)
{
	struct sample elf = sample_vmlinux(RELEASE, NULL), image = sample_bzimage(RELEASE, &elf);
	char arm[4096] = "", no_banner[sizeof(Elf64_Ehdr) + 2 * sizeof(Elf64_Phdr)];
	AUTO_FREE char *path = at(*state, "file"), *fifo = at(*state, "fifo");
	AUTO_FREE char *with_config = xasprintf("%s,config=/dev/null", path);
	AUTO_FREE char *with_modules = xasprintf("%s,modules=/nonexistent", path);

	sample_store(path, image.data, image.len - 100);
	expect_error(path, RIG_HOST, "truncated");
	sample_store(path, image.data, 0x210);
	expect_error(path, RIG_HOST, "truncated");
	image.data[0x236] = 0;
	sample_store(path, image.data, image.len);
	expect_error(path, RIG_HOST, "32-bit");
	sample_store_text(path, "CONFIG_A=y\n");
	expect_error(path, RIG_HOST, "text file");
	sample_store(path, "", 0);
	expect_error(path, RIG_HOST, "empty");
	memcpy(arm + 0x38, "ARM\x64", 4);
	sample_store(path, arm, sizeof(arm));
	expect_error(path, RIG_HOST, "arm64");
	sample_store(path, elf.data, elf.len - 1);
	expect_error(path, RIG_HOST, "truncated");
	sample_store(path, elf.data, 20);
	expect_error(path, RIG_HOST, "truncated");
	memcpy(no_banner, elf.data, sizeof(no_banner));
	memset(no_banner + sizeof(Elf64_Ehdr), 0, 2 * sizeof(Elf64_Phdr));
	sample_store(path, no_banner, sizeof(no_banner));
	expect_error(path, RIG_HOST, "Linux version");
	elf.data[offsetof(Elf64_Ehdr, e_machine)] = 0x28;
	sample_store(path, elf.data, elf.len);
	expect_error(path, RIG_HOST, "another machine");
	assert_int_equal(mkfifo(fifo, 0644), 0);
	expect_error(fifo, RIG_HOST, "regular file");
	expect_error("/nonexistent/kernel", RIG_HOST, "No such file");
	expect_error("/tmp", RIG_HOST, "no built kernel tree");
	store_bzimage(path, RELEASE, NULL);
	expect_error(with_config, RIG_HOST, "regular file");
	expect_error(with_modules, RIG_HOST, "/nonexistent");
	free(elf.data);
	free(image.data);
}

static void test_facts_survive_damage(void **state)
{
	AUTO_FREE char *path = at(*state, "bzImage"), *cached = NULL;
	struct kernel *k;

	store_bzimage(path, RELEASE, SAMPLE_CONFIG);
	k = resolve(path);
	cached =
		xasprintf("%s/cache/facts/%s.json", ((struct place *)*state)->dir, k->image_sha256);
	assert_true(io_exists(cached));
	kernel_destroy(k);
	sample_store_text(cached, "{\"format\": 1, \"ver");
	k = resolve(path);
	assert_string_equal(k->build_id, SAMPLE_BUILD_ID);
	kernel_destroy(k);
}

static void test_module_folders(void **state)
{
	AUTO_FREE char *image = at(*state, "boot/vmlinuz"), *dep = NULL, *ko = NULL, *linked = NULL;
	AUTO_FREE char *named = NULL, *own = at(*state, "own"),
		       *own_dep = at(*state, "own/modules.dep.bin");
	AUTO_FREE char *boot_config = at(*state, "boot/config-" RELEASE);
	struct kernel *k;

	store_bzimage(image, RELEASE, NULL);
	sample_store_text(boot_config, SAMPLE_CONFIG);
	ko = at(*state, "lib/modules/" RELEASE "/kernel/x.ko");
	sample_store_text(ko, "module");
	k = resolve(image);	/* no index there: made over links, the folder is left alone */
	assert_string_equal(k->config_source, "file");
	assert_non_null(strstr(k->modules, "/cache/kernels/linked/"));
	linked = xasprintf("%s/kernel/x.ko", k->modules);
	assert_true(io_exists(linked));
	kernel_destroy(k);
	dep = at(*state, "lib/modules/" RELEASE "/modules.dep.bin");
	assert_false(io_exists(dep));
	sample_store_text(dep, "");
	k = resolve(image);	/* /boot and /lib/modules */
	assert_non_null(strstr(k->modules, "/lib/modules/" RELEASE));
	assert_null(strstr(k->modules, "linked"));
	kernel_destroy(k);
	named = xasprintf("%s,modules=%s", image, own);
	sample_store_text(own_dep, "");
	k = resolve(named);
	assert_non_null(strstr(k->modules, "/own"));
	kernel_destroy(k);
}

static void test_build_tree(void **state)
{
	AUTO_FREE char *tree = at(*state, "tree"),
		       *image = at(*state, "tree/arch/x86/boot/bzImage");
	AUTO_FREE char *config = at(*state, "tree/.config"),
		       *order = at(*state, "tree/modules.order");
	AUTO_FREE char *release = at(*state, "tree/include/config/kernel.release");
	AUTO_FREE char *a = at(*state, "tree/fs/a.ko"), *b = at(*state, "tree/kernel/b.ko");
	AUTO_FREE char *linked_a = NULL, *linked_b = NULL, *first = NULL;
	struct kernel *k;

	store_bzimage(image, RELEASE, NULL);
	expect_error(tree, RIG_HOST, "no built kernel tree");
	sample_store_text(release, RELEASE "\n");
	sample_store_text(config, SAMPLE_CONFIG);
	k = resolve(tree);
	assert_null(k->modules);
	assert_string_equal(k->config_source, "build tree");
	kernel_destroy(k);
	sample_store_text(order, "kernel/fs/a.ko\nkernel/b.o\n"); /* both ways of writing it */
	expect_error(tree, RIG_HOST, "was not built");
	sample_store_text(a, "module");
	sample_store_text(b, "module");
	k = resolve(tree);
	linked_a = xasprintf("%s/kernel/fs/a.ko", k->modules);
	linked_b = xasprintf("%s/kernel/kernel/b.ko", k->modules);
	assert_true(io_exists(linked_a) && io_exists(linked_b));
	first = xstrdup(k->modules);
	kernel_destroy(k);
	sample_store_text(a, "rebuilt module");
	k = resolve(tree);
	assert_string_not_equal(first, k->modules);
	kernel_destroy(k);
	sample_store_text(order, "../../etc/x.ko\n");
	expect_error(tree, RIG_HOST, "strange line");
	sample_store_text(release, "6.12.2-other\n");
	expect_error(tree, RIG_HOST, "half built");
}

/* root may read everything, so this happens in a child that is an ordinary user */
static void test_unreadable(void **state)
{
	AUTO_FREE char *path = at(*state, "bzImage"), *cache = at(*state, "cache");
	struct rig_err err;
	int status;
	pid_t pid;

	store_bzimage(path, RELEASE, NULL);
	assert_int_equal(chmod(path, 0), 0);
	assert_int_equal(io_mkdirs(cache, &err), 0);
	assert_int_equal(chmod(cache, 0777), 0);
	assert_int_equal(chmod(((struct place *)*state)->dir, 0755), 0);
	pid = fork();
	if (!pid) {
		struct kernel *k = NULL;

		if (geteuid() == 0 && (setgid(65534) < 0 || setuid(65534) < 0))
			_exit(3);
		if (kernel_resolve(path, &offline, &k, &err) == 0)
			_exit(1);
		_exit(err.cause == RIG_HOST && err.eno == EACCES && strstr(err.text, path) ? 0 : 2);
	}
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_int_equal(status, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_releases),
		cmocka_unit_test(test_specs),
		cmocka_unit_test(test_options),
		cmocka_unit_test_setup_teardown(test_bzimage, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_unknown_is_no_error, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_vmlinux, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_wrong_files, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_facts_survive_damage, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_module_folders, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_build_tree, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_unreadable, set_up, tear_down),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
