// SPDX-License-Identifier: GPL-2.0-or-later
#include "sample_build.h"

#include "kernel/build.h"

/* tells in $FAKE/log which target was asked for */
static const char make[] =
	"#!/bin/sh\n"
	"for a; do case $a in O=*) O=${a#O=};; KCONFIG_CONFIG=*) K=${a#*=};; KCONFIG_ALLCONFIG=*) A=${a#*=};; -C|-j*|*=*|/*) ;; *) t=$a;; esac; done\n"
	"for a; do case $a in KBUILD_BUILD_*|LOCALVERSION=*) echo \"$a\" >> \"$FAKE/fixed\";; esac; done\n"
	"echo \"$t\" >> \"$FAKE/log\"\n"
	"[ -z \"$MAKEFLAGS\" ] || { echo 'ERROR: MAKEFLAGS'; exit 2; }\n"
	"mood=$(cat \"$FAKE/mood\")\n"
	"case $t in\n"
	"allnoconfig) cat \"$A\" > \"$K.new\"; mv \"$K.new\" \"$K\"; exit;;\n"
	"olddefconfig) grep -v \"^CONFIG_$mood=\" \"$K\" > \"$K.new\"; mv \"$K.new\" \"$K\"; exit;;\n"
	"esac\n"
	"echo '  CC      mm/a.o'; echo '  LD      vmlinux'\n"
	"[ ! -e \"$O/half.o\" ] || { echo 'ld: half.o: error: file truncated'; exit 2; }\n"
	"case $mood in\n"
	"broken) echo 'mm/a.c:1:2: error: no good'; echo 'make: *** [x] Error 1'; exit 2;;\n"
	"full) echo 'ld: final link failed: No space left on device'; exit 2;;\n"
	"mute) exit 2;;\n"
	"absent) exit 127;;\n"
	"killed) echo 'gcc: fatal error: Killed signal terminated program cc1'; exit 2;;\n"
	"toolless) echo '/bin/sh: 1: bc: not found'; echo 'make: *** [x] Error 127'; exit 2;;\n"
	"scriptless) echo '/bin/sh: 1: scripts/a.sh: not found'; echo 'make: *** [x] Error 127'; exit 2;;\n"
	"tight) echo 'cc1: out of memory allocating 65536 bytes'; exit 2;;\n"
	"edit) echo x >> \"$FAKE/tree/mm/a.c\";;\n"
	"esac\n"
	"case $t in vmlinux) cp \"$FAKE/vmlinux\" \"$O/vmlinux\";;\n"
	"bzImage) mkdir -p \"$O/arch/x86/boot\"; cp \"$FAKE/bzImage\" \"$O/arch/x86/boot\";; esac\n";
static const char objcopy[] = "#!/bin/sh\necho strip >> \"$FAKE/log\"\ncp \"$2\" \"$3\"\n";
static const char gcc[] = "#!/bin/sh\necho 'gcc (fake) 1.2'\necho more\n";
static const char nothing[] = "#!/bin/sh\n";

char *sample_build_at(void **state, const char *name)
{
	return xasprintf("%s/%s", (char *)*state, name);
}

void sample_build_put(void **state, const char *name, const char *text)
{
	AUTO_FREE char *path = sample_build_at(state, name);

	sample_store_text(path, text);
}

void sample_build_put_program(void **state, const char *name, const char *text)
{
	AUTO_FREE char *path = sample_build_at(state, name);

	sample_store_script(path, text);
}

static void put_images(void **state)
{
	struct sample elf = sample_vmlinux(SAMPLE_BUILD_RELEASE, NULL),
		      image = sample_bzimage(SAMPLE_BUILD_RELEASE, &elf);
	AUTO_FREE char *elf_path = sample_build_at(state, "vmlinux"),
		       *image_path = sample_build_at(state, "bzImage");

	sample_store(elf_path, elf.data, elf.len);
	sample_store(image_path, image.data, image.len);
	free(elf.data);
	free(image.data);
}

static void put_tree(void **state)
{
	sample_build_put(
		state, "tree/Makefile",
		"# SPDX\nVERSION = 6\nPATCHLEVEL = 12\nSUBLEVEL = 3\nEXTRAVERSION =\nNAME = x\n");
	sample_build_put(state, "tree/Kconfig", "");
	sample_build_put(state, "tree/arch/x86/Kconfig", "");
	sample_build_put(state, "tree/scripts/kconfig/Makefile", "");
	sample_build_put(state, "tree/mm/a.c", "one\n");
}

int sample_build_set_up(void **state)
{
	static const char *const others[] = { "bin/ld", "bin/flex",   "bin/bison",
					      "bin/bc", "bin/pahole", "bin/ccache" };
	char *dir = xstrdup("/tmp/hotrig-unit.XXXXXX");
	AUTO_FREE char *cache = NULL, *path = NULL;

	assert_non_null(mkdtemp(dir));
	*state = dir;
	put_tree(state);
	put_images(state);
	sample_build_put(state, "kernels/base.config", "CONFIG_PVH=y\nCONFIG_DEBUG_INFO_BTF=y\n");
	sample_build_put(state, "kernels/big.config", "CONFIG_BIG=y\n");
	sample_build_put(state, "kernels/no-pvh.config",
			 "# CONFIG_PVH is not set\n# CONFIG_DEBUG_INFO_BTF is not set\n");
	sample_build_put(state, "mood", "fine");
	sample_build_put_program(state, "bin/make", make);
	sample_build_put_program(state, "bin/gcc", gcc);
	sample_build_put_program(state, "bin/objcopy", objcopy);
	for (size_t i = 0; i < ARRAY_SIZE(others); i++)
		sample_build_put_program(state, others[i], nothing);
	cache = sample_build_at(state, "cache");
	path = xasprintf("%s/bin:/usr/bin:/bin", dir);
	setenv("HOTRIG_CACHE", cache, 1);
	setenv("PATH", path, 1);
	setenv("FAKE", dir, 1);
	setenv("MAKEFLAGS", "-n", 1);
	return 0;
}

int sample_build_tear_down(void **state)
{
	struct rig_err err;

	assert_int_equal(io_remove_tree(*state, &err), 0);
	free(*state);
	return 0;
}

/* the key, for the caller to free, or NULL and the error */
char *sample_build_try(void **state, const char *fragment, const char *series, bool *new,
		       struct rig_err *err)
{
	AUTO_FREE char *tree = sample_build_at(state, "tree"),
		       *kernels = sample_build_at(state, "kernels");
	char *fragments[] = { (char *)fragment };
	const struct build_request request = { .tree = tree,
					       .fragments_dir = kernels,
					       .fragments = fragments,
					       .nr_fragments = fragment ? 1 : 0,
					       .series = series };
	char *key;

	sample_build_put(state, "log", "");
	*err = (struct rig_err){ 0 };
	return build_kernel(&request, &key, new, err) < 0 ? NULL : key;
}

char *sample_build(void **state, const char *fragment, bool *new)
{
	struct rig_err err;
	char *key = sample_build_try(state, fragment, NULL, new, &err);

	if (!key)
		fail_msg("%s", err.text);
	return key;
}

void sample_build_expect(void **state, const char *name, const char *text)
{
	AUTO_FREE char *path = sample_build_at(state, name), *is = NULL;
	struct rig_err err;

	assert_int_equal(io_read_file(path, 65536, &is, NULL, &err), 0);
	assert_string_equal(is, text);
}
