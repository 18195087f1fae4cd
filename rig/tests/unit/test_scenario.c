// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Goldens: valid/NAME.json must parse, invalid/NAME.json must fail with the text of NAME.error.
 * Runs from the top of the tree.
 */
#include <errno.h>
#include <glob.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/clean.h"
#include "base/io.h"
#include "base/mem.h"
#include "scenario/scenario.h"

#define FIXTURES "rig/tests/fixtures/scenario"
#define MAX_BYTES (1024 * 1024)

static char *slurp(const char *path, size_t *len)
{
	struct rig_err err;
	char *text = NULL;

	if (io_read_file(path, MAX_BYTES, &text, len, &err) < 0)
		fail_msg("%s", err.text);
	return text;
}

/* Parses a fixture by the name that stands in its golden message. */
static int parse_file(const char *path, struct scenario **ret, struct rig_err *err)
{
	size_t len;
	AUTO_FREE char *text = slurp(path, &len);

	return scenario_parse("golden", strrchr(path, '/') + 1, text, len, ret, err);
}

static struct scenario *load_valid(const char *path)
{
	struct scenario *s = NULL;
	struct rig_err err;

	if (parse_file(path, &s, &err) < 0)
		fail_msg("%s", err.text);
	return s;
}

static void find(const char *pattern, size_t min, glob_t *files)
{
	assert_int_equal(glob(pattern, 0, NULL, files), 0);
	assert_true(files->gl_pathc >= min);
}

static void test_valid(void **state)
{
	glob_t files;

	(void)state;
	find(FIXTURES "/valid/*.json", 5, &files);
	for (size_t i = 0; i < files.gl_pathc; i++)
		scenario_destroy(load_valid(files.gl_pathv[i]));
	globfree(&files);
}

static void check_invalid(const char *path)
{
	struct scenario *untouched = (struct scenario *)&untouched, *s = untouched;
	AUTO_FREE char *golden = NULL, *text = NULL;
	struct rig_err err;
	int r;

	golden = xasprintf("%.*s.error", (int)(strlen(path) - strlen(".json")), path);
	text = slurp(golden, NULL);
	text[strcspn(text, "\n")] = '\0';
	r = parse_file(path, &s, &err);
	if (r >= 0)
		fail_msg("'%s' was accepted", path);
	assert_string_equal(err.text, text);
	assert_int_equal(err.cause, RIG_USAGE);
	assert_int_equal(r, -err.eno);
	assert_ptr_equal(s, untouched);
}

static void test_invalid(void **state)
{
	glob_t files;

	(void)state;
	find(FIXTURES "/invalid/*.json", 30, &files);
	for (size_t i = 0; i < files.gl_pathc; i++)
		check_invalid(files.gl_pathv[i]);
	globfree(&files);
}

static void test_minimal(void **state)
{
	struct scenario *s = load_valid(FIXTURES "/valid/minimal.json");

	(void)state;
	assert_string_equal(s->name, "golden");
	assert_string_equal(s->path, "minimal.json");
	assert_string_equal(s->online_policy, "offline");
	assert_null(s->why);
	assert_null(s->claims[0]);
	assert_null(s->kernel_args[0]);
	assert_null(s->needs[0]);
	assert_null(s->modules[0]);
	assert_false(s->core);
	assert_int_equal(s->nr_steps, 1);
	assert_string_equal(s->steps[0].name, "1 run true");
	assert_string_equal(s->steps[0].pointer, "/steps/0");
	assert_int_equal(s->steps[0].line, 5);
	assert_int_equal(s->steps[0].deadline_ms, 0);
	assert_int_equal(s->steps[0].await_ost_status, -1);
	scenario_destroy(s);
}

static void test_pmem(void **state)
{
	struct scenario *s = load_valid(FIXTURES "/valid/pmem.json");
	const struct step *step = s->steps;

	(void)state;
	assert_int_equal(s->nr_pmem, 1);
	assert_string_equal(s->pmem[0].id, "p0");
	assert_true(s->pmem[0].addr == 0x44000000 && s->pmem[0].size_bytes == 192u << 20);
	assert_int_equal(step[0].plug.device, DEVICE_NVDIMM);
	assert_int_equal(step[1].plug.device, DEVICE_VIRTIO_PMEM);
	assert_string_equal(step[2].name, "3 namespace ns0");
	assert_string_equal(step[2].device, "n0");
	assert_int_equal(step[2].namespace.mode, NAMESPACE_DEVDAX);
	assert_true(step[2].namespace.map_dev && step[2].namespace.size_bytes == 128u << 20 &&
		    step[2].namespace.align_bytes == 1u << 30);
	assert_true(!step[3].namespace.size_bytes && step[3].namespace.mode == NAMESPACE_RAW);
	assert_true(!step[4].namespace.map_dev && step[4].namespace.align_bytes == 2u << 20);
	assert_true(step[4].expect.has_exit && step[4].expect.exit_code == 237);
	assert_string_equal(step[5].device, "ns1");
	assert_true(step[7].convert.to_ram && step[7].convert.zone == CONVERT_OFFLINE);
	assert_true(step[7].convert.has_memmap_on_memory && step[7].convert.memmap_on_memory);
	assert_false(step[9].convert.to_ram || step[9].convert.has_memmap_on_memory);
	scenario_destroy(s);
}

static void check_plug(const struct scenario *s)
{
	const struct step *plug = &s->steps[0];

	assert_int_equal(plug->kind, STEP_PLUG);
	assert_string_equal(plug->name, "first one");
	assert_int_equal(plug->line, 12);
	assert_int_equal(plug->deadline_ms, 500);
	assert_string_equal(plug->plug.id, "d0");
	assert_int_equal(plug->plug.device, DEVICE_DIMM);
	assert_true(plug->plug.size_bytes == 1ull << 30);
	assert_true(plug->plug.has_node && plug->plug.node == 1);
	assert_true(plug->plug.has_slot && plug->plug.slot == 2);
	assert_true(plug->plug.has_addr && plug->plug.addr == 0x140000000ull);
	assert_true(plug->plug.has_pattern && plug->plug.pattern == 0xa5);
	assert_false(plug->expect.has_qmp || plug->expect.has_ost || plug->expect.has_errno);

	plug = &s->steps[1];
	assert_string_equal(plug->name, "2 plug d1");
	assert_true(plug->plug.size_bytes == 16777215ull << 40);
	assert_false(plug->plug.has_node || plug->plug.has_slot || plug->plug.has_addr ||
		     plug->plug.has_pattern);
	assert_true(plug->expect.has_qmp);
	assert_string_equal(plug->expect.qmp_class, "GenericError");
	assert_string_equal(plug->expect.qmp_desc, "not enough space");

	assert_true(s->steps[2].expect.has_ost && s->steps[2].expect.ost_status == 1);
}

static void check_blocks(const struct scenario *s)
{
	const struct step *online = &s->steps[4], *all = &s->steps[7];

	assert_int_equal(online->kind, STEP_ONLINE);
	assert_string_equal(online->device, "d0");
	assert_int_equal(online->zone, ZONE_MOVABLE);
	assert_false(online->blocks.all);
	assert_int_equal(online->blocks.nr, 3);
	assert_int_equal(online->blocks.index[0], 0);
	assert_int_equal(online->blocks.index[2], 7);
	assert_true(online->expect.has_errno && online->expect.eno == ENOMEM);
	assert_int_equal(online->deadline_ms, 30000);

	assert_int_equal(all->zone, ZONE_KERNEL);
	assert_true(all->blocks.all);
	assert_true(s->steps[18].blocks.all);
	assert_false(online->by_online_file || s->steps[18].by_online_file);
	assert_true(s->steps[26].by_online_file && s->steps[26].zone == ZONE_AUTO);
	assert_true(s->steps[27].by_online_file);
}

static void check_guest_steps(const struct scenario *s)
{
	assert_string_equal(s->steps[3].inject_event, "MEM_GOING_ONLINE");
	assert_int_equal(s->steps[3].inject_errno, ENOMEM);
	assert_int_equal(s->steps[5].inject_errno, 0);
	assert_string_equal(s->steps[6].policy, "online_kernel");
	assert_int_equal(s->steps[8].fill.kind, FILL_PINNED);
	assert_true(s->steps[8].fill.size_bytes == 64ull << 20);
	assert_true(s->steps[8].fill.has_node && s->steps[8].fill.node == 1);
	assert_string_equal(s->steps[9].fill.id, "f0");
	assert_string_equal(s->steps[9].name, "10 check f0");
	assert_string_equal(s->steps[10].argv[1], "list");
	assert_string_equal(s->steps[10].argv[2], "");
	assert_null(s->steps[10].argv[3]);
	assert_true(s->steps[10].expect.has_exit && s->steps[10].expect.exit_code == 3);
	assert_string_equal(s->steps[10].expect.output, "no\n");
	assert_string_equal(s->steps[11].name, "12 run /bin/no such");
	assert_int_equal(s->steps[11].expect.eno, ENOENT);
}

static void check_background(const struct scenario *s)
{
	assert_string_equal(s->steps[12].background, "gone");
	assert_int_equal(s->steps[12].deadline_ms, 120000);
	assert_int_equal(s->steps[12].expect.ost_status, 0x90);
	assert_string_equal(s->steps[13].await_event, "ACPI_DEVICE_OST");
	assert_int_equal(s->steps[13].await_ost_status, 0x84);
	assert_string_equal(s->steps[14].await_event, "DEVICE_DELETED");
	assert_int_equal(s->steps[14].await_ost_status, -1);
	assert_string_equal(s->steps[15].await_kmsg, "migrating pfn");
	assert_string_equal(s->steps[15].name, "16 await kmsg");
	assert_string_equal(s->steps[17].join, "gone");
}

static void check_walk(const struct scenario *s)
{
	const struct step *walk = &s->steps[20];

	assert_int_equal(walk->kind, STEP_WALK);
	assert_string_equal(walk->name, "21 walk w0");
	assert_string_equal(walk->walk.id, "w0");
	assert_string_equal(walk->walk.files[1], "kcore");
	assert_null(walk->walk.files[2]);
	assert_string_equal(s->steps[22].fill.id, "w0");
}

static void check_devmem(const struct scenario *s, size_t at)
{
	const struct step *there = &s->steps[at], *device = &s->steps[at + 2];

	assert_null(there->device);
	assert_true(there->devmem.offset == 0x140000000 && there->devmem.write);
	assert_int_equal(there->devmem.pattern, 0x5a);
	assert_int_equal(there->expect.eno, EFAULT);
	assert_string_equal(device->device, "d0");
	assert_true(device->devmem.offset == 128u << 20 && !device->devmem.write && device->devmem.has_pattern);
	assert_int_equal(device->devmem.pattern, 0);
}

static void test_all_keys(void **state)
{
	struct scenario *s = load_valid(FIXTURES "/valid/all-keys.json");

	(void)state;
	assert_string_equal(s->summary, "every key");
	assert_string_equal(s->origin, "o");
	assert_string_equal(s->claims[0], "A1");
	assert_string_equal(s->claims[1], "C14");
	assert_null(s->claims[2]);
	assert_int_equal(s->claims_line, 3);
	assert_string_equal(s->why, "w");
	assert_string_equal(s->machine, "small");
	assert_string_equal(s->kernel_args[1], "memhp=a b");
	assert_string_equal(s->online_policy, "online_movable");
	assert_string_equal(s->needs[1], "NUMA");
	assert_null(s->needs[2]);
	assert_string_equal(s->modules[0], "memory-notifier-error-inject");
	assert_true(s->core);
	assert_int_equal(s->nr_steps, 30);
	check_plug(s);
	check_blocks(s);
	check_guest_steps(s);
	check_background(s);
	check_walk(s);
	check_devmem(s, 23);
	scenario_destroy(s);
}

/* From the first step after the fill that takes the device away, until another fill has its name. */
static void test_fill_is_cut(void **state)
{
	static const bool cut[] = { false, false, true, false, true };
	struct scenario *s = load_valid(FIXTURES "/valid/fill-cut.json");
	size_t n = 0;

	(void)state;
	for (size_t i = 0; i < s->nr_steps; i++)
		if (s->steps[i].kind == STEP_CHECK)
			assert_int_equal(step_fill_is_cut(s, &s->steps[i]), cut[n++]);
	assert_int_equal(n, ARRAY_SIZE(cut));
	scenario_destroy(s);
}

static void test_poison(void **state)
{
	struct scenario *s = load_valid(FIXTURES "/valid/poison.json");
	const struct step *hard = &s->steps[1], *soft = &s->steps[2];

	(void)state;
	assert_int_equal(hard->kind, STEP_POISON);
	assert_string_equal(hard->name, "2 poison d0");
	assert_string_equal(hard->device, "d0");
	assert_true(hard->poison.how == POISON_HARD && !hard->poison.offset);
	assert_true(soft->poison.how == POISON_SOFT && soft->poison.offset == 4100u << 10);
	assert_int_equal(soft->expect.eno, EBUSY);
	assert_int_equal(soft[1].poison.how, POISON_LIFTED);
	scenario_destroy(s);
}

static void test_virtio_mem(void **state)
{
	struct scenario *s = load_valid(FIXTURES "/valid/virtio-mem.json");
	const struct step *plug = &s->steps[0], *step = plug + 1;

	(void)state;
	assert_int_equal(plug->plug.device, DEVICE_VIRTIO_MEM);
	assert_true(plug->plug.size_bytes == 1ull << 30 && plug->plug.requested_bytes == 256ull << 20);
	assert_true(plug->plug.unit_bytes == 4ull << 20);
	assert_true(plug->plug.addr == 0x180000000ull && plug->plug.node == 1 && plug->plug.pattern == 0);
	assert_true(plug->expect.unfinished);
	assert_int_equal(step[0].kind, STEP_RESIZE);
	assert_string_equal(step[0].name, "2 resize v0");
	assert_string_equal(step[0].device, "v0");
	assert_true(step[0].to_bytes == 1ull << 30);
	assert_string_equal(step[0].background, "grow");
	assert_true(step[1].to_bytes == 0 && step[1].expect.unfinished);
	assert_true(step[3].expect.has_qmp && !step[3].expect.or_success);
	assert_true(step[4].expect.has_qmp && step[4].expect.or_success);
	assert_true(step[5].plug.requested_bytes == 0 && step[5].plug.unit_bytes == 0);
	assert_string_equal(step[6].name, "8 await v1");
	assert_string_equal(step[6].device, "v1");
	scenario_destroy(s);
}

static void test_repeat(void **state)
{
	struct scenario *s = load_valid(FIXTURES "/valid/repeat.json");
	const struct step *round2 = &s->steps[5];

	(void)state;
	assert_int_equal(s->nr_steps, 3 * 5 + 2);
	assert_string_equal(round2[0].name, "1.1 plug d0 (2/3)");
	assert_string_equal(round2[0].pointer, "/steps/0/repeat/steps/0");
	assert_int_equal(round2[0].line, s->steps[0].line);
	assert_string_equal(round2[1].background, "load (2/3)");
	assert_string_equal(round2[2].join, "load (2/3)");
	assert_string_equal(round2[3].name, "let go (2/3)");
	assert_string_equal(s->steps[15].name, "2 plug d0");
	for (size_t i = 0; i < s->nr_steps; i++)
		assert_int_not_equal(s->steps[i].kind, STEP_REPEAT);
	scenario_destroy(s);
}

/* Every prefix and every flipped byte of a file ends in a scenario or in an error. */
static void test_damaged(void **state)
{
	size_t len;
	AUTO_FREE char *text = slurp(FIXTURES "/valid/all-keys.json", &len);

	(void)state;
	for (size_t i = 0; i < len; i++) {
		AUTO_FREE char *copy = xcalloc(1, len);
		struct scenario *s = NULL;
		struct rig_err err;

		assert_true(scenario_parse("x", "x", text, i, &s, &err) < 0 || i + 1 == len);
		scenario_destroy(TAKE_PTR(s));
		memcpy(copy, text, len);
		copy[i] ^= 1 << i % 8;
		if (!scenario_parse("x", "x", copy, len, &s, &err))
			scenario_destroy(s);
	}
}

static void expect_error(const char *text, size_t len, const char *want)
{
	struct scenario *s = NULL;
	struct rig_err err;

	assert_true(scenario_parse("x", "x", text, len, &s, &err) < 0);
	if (!strstr(err.text, want))
		fail_msg("'%s' is not in '%s'", want, err.text);
}

/* The reason must survive a key longer than the whole message, and a UTF-8 sequence stay whole. */
static void test_hostile(void **state)
{
	AUTO_FREE char *key = xcalloc(1, 4001), *text = NULL, *deep = NULL, *big = NULL;
	AUTO_FREE char *odd = NULL;

	(void)state;
	for (size_t i = 0; i < 4000; i += 2)
		memcpy(key + i, "\xc3\xa4", 2);
	text = xasprintf("{ \"%s\": 1 }", key);
	expect_error(text, strlen(text), "\xc3\xa4...: unknown key");

	odd = xasprintf("{ \"summary\": \"s\", \"origin\": \"o\", \"machine\": \"x%s\" }", key);
	expect_error(odd, strlen(odd), "\xc3\xa4' is no machine: use");

	deep = xcalloc(1, 100001);
	memset(deep, '[', 100000);
	expect_error(deep, 100000, "x:1:");
	expect_error("{ \"a\": \"\xff\" }", 12, "x:1:");
	expect_error("{}\0", 3, "x:1:");
	expect_error("{ \"a\": [1], \"a\": { \"b\": 1 } }", 29, "/a: duplicate key");

	big = xcalloc(1, MAX_BYTES + 1);
	memset(big, ' ', MAX_BYTES + 1);
	expect_error(big, MAX_BYTES + 1, "larger than");
}

/* Devices may stay: some cannot be unplugged, and memory of a kernel zone cannot always be offlined. */
static bool is_settled(const struct scenario *s)
{
	int filled = 0;

	for (size_t i = 0; i < s->nr_steps; i++) {
		filled += s->steps[i].kind == STEP_FILL || s->steps[i].kind == STEP_WALK;
		filled -= s->steps[i].kind == STEP_RELEASE;
	}
	return !filled;
}

/* The catalogue itself: it loads, and no scenario leaves a program with memory. */
static void test_catalogue(void **state)
{
	AUTO_STRV struct strv paths = { 0 };
	struct rig_err err;

	(void)state;
	if (scenario_list_files("scenarios", &paths, &err) < 0)
		fail_msg("%s", err.text);
	assert_true(paths.n >= 22);
	for (size_t i = 0; i < paths.n; i++) {
		struct scenario *s = NULL;

		if (scenario_load("scenarios", paths.v[i], &s, &err) < 0)
			fail_msg("%s", err.text);
		assert_string_equal(s->path, paths.v[i]);
		assert_int_equal(strncmp(s->path + strlen("scenarios/"), s->name, strlen(s->name)), 0);
		if (!is_settled(s))
			fail_msg("%s: leaves a fill held", s->path);
		scenario_destroy(s);
	}
}

static int make_folder(void **state)
{
	char template[] = "/tmp/hotrig-test-XXXXXX";

	if (!mkdtemp(template))
		return -1;
	*state = xstrdup(template);
	return 0;
}

static int remove_folder(void **state)
{
	struct rig_err err;
	int r = io_remove_tree(*state, &err);

	free(*state);
	return r;
}

static void put_file(const char *root, const char *name, const char *text)
{
	AUTO_FREE char *path = xasprintf("%s/%s", root, name), *folder = xstrdup(path);
	struct rig_err err;

	*strrchr(folder, '/') = '\0';
	assert_int_equal(io_mkdirs(folder, &err), 0);
	assert_int_equal(io_write_file(path, text, strlen(text), &err), 0);
}

static void expect_load_error(const char *root, const char *name, const char *want)
{
	AUTO_FREE char *path = xasprintf("%s/%s", root, name);
	struct scenario *s = NULL;
	struct rig_err err;

	assert_true(scenario_load(root, path, &s, &err) < 0);
	assert_int_equal(err.cause, RIG_USAGE);
	if (!strstr(err.text, want))
		fail_msg("'%s' is not in '%s'", want, err.text);
}

static void test_files(void **state)
{
	AUTO_FREE char *good = slurp(FIXTURES "/valid/minimal.json", NULL);
	AUTO_FREE char *inside = xasprintf("%s/a/b.json", (char *)*state);
	AUTO_FREE char *roundabout = xasprintf("%s/a/../a", (char *)*state);
	AUTO_STRV struct strv paths = { 0 };
	struct scenario *s = NULL;
	const char *root = *state;
	struct rig_err err;

	assert_int_equal(scenario_list_files(root, &paths, &err), -ENOENT);
	put_file(root, "z.json", good);
	put_file(root, "a/b.json", good);
	put_file(root, "a/.hidden.json", good);
	put_file(root, ".git/c.json", good);
	put_file(root, "scenario.schema.json", "{}");
	put_file(root, "claims.json", "{}");
	put_file(root, "notes.txt", "");
	put_file(root, "a b.json2", good);
	assert_int_equal(scenario_list_files(root, &paths, &err), 0);
	assert_int_equal(paths.n, 2);
	assert_string_equal(paths.v[0], inside);

	assert_int_equal(scenario_load(root, inside, &s, &err), 0);
	assert_string_equal(s->name, "a/b");
	scenario_destroy(TAKE_PTR(s));
	assert_int_equal(scenario_load(roundabout, inside, &s, &err), 0);
	assert_string_equal(s->name, "b");
	scenario_destroy(TAKE_PTR(s));
	assert_int_equal(scenario_load("no such folder", inside, &s, &err), 0);
	assert_string_equal(s->name, "b");
	scenario_destroy(TAKE_PTR(s));

	put_file(root, "x y.json", good);
	put_file(root, "d.json/e", "");
	expect_load_error(root, "missing.json", "missing.json");
	expect_load_error(root, "notes.txt", "must end in '.json'");
	expect_load_error(root, "x y.json", "rename it");
	expect_load_error(root, "d.json", "d.json");
	assert_true(scenario_list_files("no such folder", &paths, &err) < 0);
	assert_int_equal(paths.n, 2);
}

static void test_names(void **state)
{
	unsigned int status = 7;

	(void)state;
	assert_string_equal(step_kind_name(STEP_PLUG), "plug");
	assert_string_equal(step_kind_name(STEP_REPEAT), "repeat");
	assert_string_equal(online_zone_state(ZONE_AUTO), "online");
	assert_string_equal(online_zone_state(ZONE_KERNEL), "online_kernel");
	assert_string_equal(online_zone_state(ZONE_MOVABLE), "online_movable");
	assert_string_equal(fill_kind_name(FILL_UNMOVABLE), "unmovable");
	assert_int_equal(errno_from_name("EBUSY"), EBUSY);
	assert_int_equal(errno_from_name("EHWPOISON"), EHWPOISON);
	assert_int_equal(errno_from_name("ebusy"), 0);
	assert_int_equal(errno_from_name(""), 0);
	assert_int_equal(errno_from_name("0"), 0);
	assert_string_equal(errno_text(ENOMEM), "ENOMEM");
	assert_string_equal(errno_text(0), "success");
	assert_string_equal(errno_text(-1), "unknown errno");
	assert_string_equal(errno_text(100000), "unknown errno");
	assert_string_equal(ost_status_name(0x82), "busy");
	assert_null(ost_status_name(0x90));
	assert_int_equal(ost_status_from_name("dependency-busy", &status), 0);
	assert_int_equal(status, 0x83);
	assert_int_equal(ost_status_from_name("occupied", &status), -ENOENT);
	assert_int_equal(status, 0x83);
	scenario_destroy(NULL);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_valid),
		cmocka_unit_test(test_invalid),
		cmocka_unit_test(test_pmem),
		cmocka_unit_test(test_minimal),
		cmocka_unit_test(test_all_keys),
		cmocka_unit_test(test_fill_is_cut),
		cmocka_unit_test(test_poison),
		cmocka_unit_test(test_virtio_mem),
		cmocka_unit_test(test_repeat),
		cmocka_unit_test(test_damaged),
		cmocka_unit_test(test_hostile),
		cmocka_unit_test(test_catalogue),
		cmocka_unit_test_setup_teardown(test_files, make_folder, remove_folder),
		cmocka_unit_test(test_names),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
