// SPDX-License-Identifier: GPL-2.0-or-later
/* A damaged template is never handed out: it is named, dropped, and there is none then. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/clean.h"
#include "base/io.h"
#include "base/mem.h"
#include "sample_template.h"

/* --- ways to damage NAME_A --- */

#define DAMAGE(name, ...) \
	static void name(void) \
	{ \
		__VA_ARGS__; \
	}

#define STATE		sample_path(NAME_A, "state")
#define RAM		sample_path(NAME_A, "ram0")
#define MANIFEST	sample_path(NAME_A, "manifest.json")

DAMAGE(state_truncated, assert_int_equal(truncate(STATE, 5), 0))
DAMAGE(state_empty, assert_int_equal(truncate(STATE, 0), 0))
DAMAGE(state_changed, sample_change_byte(NAME_A, "state", 3, true))
DAMAGE(state_gone, assert_int_equal(unlink(STATE), 0))
DAMAGE(state_folder, assert_int_equal(unlink(STATE), 0); assert_int_equal(mkdir(STATE, 0700), 0))
DAMAGE(state_link, assert_int_equal(unlink(STATE), 0); assert_int_equal(symlink("ram0", STATE), 0))
DAMAGE(ram_cut, assert_int_equal(truncate(RAM, SAMPLE_RAM - 4096), 0))
DAMAGE(ram_longer, assert_int_equal(truncate(RAM, SAMPLE_RAM + 4096), 0))
DAMAGE(ram_gone, assert_int_equal(unlink(RAM), 0))
DAMAGE(ram_written, sample_change_byte(NAME_A, "ram0", 77, false))
DAMAGE(manifest_gone, assert_int_equal(unlink(MANIFEST), 0))
DAMAGE(manifest_empty, assert_int_equal(truncate(MANIFEST, 0), 0))
DAMAGE(manifest_half, assert_int_equal(truncate(MANIFEST, 40), 0))
DAMAGE(manifest_garbage, sample_write(NAME_A, "manifest.json", "\xff\xfe garbage"))
DAMAGE(manifest_array, sample_write(NAME_A, "manifest.json", "[]"))
DAMAGE(manifest_huge, assert_int_equal(truncate(MANIFEST, 5 << 20), 0))

/* The same size and times, but not the same file: as a copy is restored from a backup. */
static void ram_replaced(void)
{
	AUTO_FREE char *bytes = NULL;
	struct timespec times[2];
	struct rig_err err;
	struct stat st;
	size_t len;

	assert_int_equal(stat(RAM, &st), 0);
	assert_int_equal(io_read_file(RAM, SAMPLE_RAM, &bytes, &len, &err), 0);
	assert_int_equal(io_write_file(RAM, bytes, len, &err), 0);
	times[0] = st.st_atim;
	times[1] = st.st_mtim;
	assert_int_equal(utimensat(AT_FDCWD, RAM, times, 0), 0);
}

/* The manifest with one member replaced, or removed when @value is NULL. */
static void edit_manifest(const char *object, const char *key, json_t *value)
{
	json_auto_t *root = json_load_file(MANIFEST, 0, NULL);
	json_t *o = object ? json_object_get(root, object) : root;
	AUTO_FREE char *text = NULL;

	assert_non_null(json_object_get(o, key));
	if (value)
		json_object_set_new(o, key, value);
	else
		json_object_del(o, key);
	text = json_dumps(root, 0);
	sample_write(NAME_A, "manifest.json", text);
}

DAMAGE(format_other, edit_manifest(NULL, "format", json_integer(2)))
DAMAGE(format_missing, edit_manifest(NULL, "format", NULL))
DAMAGE(about_missing, edit_manifest(NULL, "about", NULL))
DAMAGE(about_text, edit_manifest(NULL, "about", json_string("x")))
DAMAGE(files_array, edit_manifest(NULL, "files", json_array()))
DAMAGE(file_unknown, edit_manifest("files", "state", json_null()))
DAMAGE(digest_missing, edit_manifest("files", "state", json_pack("{si}", "bytes", 20)))
DAMAGE(outside, edit_manifest(NULL, "files", json_pack("{s{}}", "../lock")))
DAMAGE(key_other, edit_manifest("about", "key", json_string(KEY_B)))
DAMAGE(key_missing, edit_manifest("about", "key", NULL))
DAMAGE(key_number, edit_manifest("about", "key", json_integer(1)))

static const struct {
	void (*damage)(void);
	const char *says;
} cases[] = {
	{ state_truncated, "'state' has another size" },
	{ state_empty, "'state' has another size" },
	{ state_changed, "'state' has other bytes" },
	{ state_gone, "'state' is gone" },
	{ state_folder, "'state' is no file" },
	{ state_link, "'state' Too many levels of symbolic links" },
	{ ram_cut, "'ram0' has another size" },
	{ ram_longer, "'ram0' has another size" },
	{ ram_gone, "'ram0' is gone" },
	{ ram_written, "'ram0' was written to" },
	{ ram_replaced, "'ram0' was written to" },
	{ manifest_gone, "'manifest.json' is gone" },
	{ manifest_empty, "'manifest.json' is damaged" },
	{ manifest_half, "'manifest.json' is damaged" },
	{ manifest_garbage, "'manifest.json' is damaged" },
	{ manifest_array, "'manifest.json' is of another version" },
	{ manifest_huge, "'manifest.json' is damaged" },
	{ format_other, "'manifest.json' is of another version" },
	{ format_missing, "'manifest.json' is of another version" },
	{ about_missing, "'manifest.json' is damaged" },
	{ about_text, "'manifest.json' is damaged" },
	{ files_array, "'manifest.json' is damaged" },
	{ file_unknown, "'state' has another size" },
	{ digest_missing, "'state' has other bytes" },
	{ outside, "'manifest.json' is damaged" },
	{ key_other, "of another machine" },
	{ key_missing, "of another machine" },
	{ key_number, "of another machine" },
};

static void a_damaged_one_is_named_and_dropped(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		struct template untouched = { 0 };
		struct rig_err err = { 0 };

		sample_make(KEY_A);
		cases[i].damage();
		if (template_open(KEY_A, 0, &untouched, &err) != -ESTALE || !strstr(err.text, cases[i].says) ||
		    !strstr(err.text, "template '" NAME_A "'"))
			fail_msg("expected '%s', got '%s'", cases[i].says, err.text);
		assert_int_equal(err.cause, RIG_HOST);
		assert_int_equal(err.eno, ESTALE);
		assert_null(untouched.dir);
		assert_int_equal(template_open(KEY_A, 0, &untouched, &err), -ENOENT);
		assert_int_equal(sample_folders("tmp."), 0);
	}
}

/* What a look at sizes and times cannot see. */
static void bytes_of_memory_are_verified_on_demand(void **state)
{
	struct template t;
	struct rig_err err;

	(void)state;
	sample_make(KEY_A);
	assert_int_equal(template_check(NAME_A, &err), 0);
	sample_change_byte(NAME_A, "ram0", SAMPLE_RAM / 2 + 5, true);
	sample_open(KEY_A, &t);
	assert_int_equal(template_verify(&t, &err), -ESTALE);
	assert_non_null(strstr(err.text, "'ram0' has other bytes"));
	template_close(&t);
	assert_int_equal(template_check(NAME_A, &err), -ESTALE);
	assert_non_null(strstr(err.text, "template '" NAME_A "'"));
	assert_non_null(strstr(err.text, "'ram0' has other bytes"));
	assert_true(sample_exists(NAME_A));		/* that is for its owner to say */
}

/* The one who uses it has the files mapped: it goes when that one is done. */
static void one_in_use_is_dropped_later(void **state)
{
	struct template first, untouched = { 0 };
	struct rig_err err;

	(void)state;
	sample_make(KEY_A);
	sample_open(KEY_A, &first);
	state_changed();
	assert_int_equal(template_open(KEY_A, 0, &untouched, &err), -EBUSY);
	assert_int_equal(err.cause, RIG_HOST);
	assert_non_null(strstr(err.text, "'state' has other bytes"));
	assert_non_null(strstr(err.text, "in use"));
	assert_true(sample_exists(NAME_A));
	template_close(&first);
	assert_int_equal(template_open(KEY_A, 0, &untouched, &err), -ESTALE);
	assert_false(sample_exists(NAME_A));
	assert_null(untouched.dir);
}

/* One that was killed while it dropped the same template left it half removed. */
static void a_drop_that_was_killed_is_no_hindrance(void **state)
{
	AUTO_FREE char *aside = xasprintf("%s/tmp." NAME_A, (char *)*state);
	struct template untouched = { 0 };
	struct rig_err err;

	sample_make(KEY_A);
	assert_int_equal(mkdir(aside, 0700), 0);
	sample_write("tmp." NAME_A, "ram0", "left over");
	state_changed();
	assert_int_equal(template_open(KEY_A, 0, &untouched, &err), -ESTALE);
	assert_false(sample_exists(NAME_A));
	assert_null(untouched.dir);
}

#define TEMPLATE_TEST(name) cmocka_unit_test_setup_teardown(name, sample_store_set_up, sample_store_tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEMPLATE_TEST(a_damaged_one_is_named_and_dropped),
		TEMPLATE_TEST(bytes_of_memory_are_verified_on_demand),
		TEMPLATE_TEST(one_in_use_is_dropped_later),
		TEMPLATE_TEST(a_drop_that_was_killed_is_no_hindrance),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
