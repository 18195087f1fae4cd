// SPDX-License-Identifier: GPL-2.0-or-later
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/file.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <archive.h>
#include <archive_entry.h>
#include <cmocka.h>

#include "base/clean.h"
#include "base/io.h"
#include "base/mem.h"
#include "record/record.h"

#define NOBODY 65534

struct fixture {
	char dir[64];
	char results[80];
};

static int make_folder(void **state)
{
	struct fixture *f = xcalloc(1, sizeof(*f));

	strcpy(f->dir, "/tmp/hotrig-test-record-XXXXXX");
	if (!mkdtemp(f->dir))
		return -1;
	snprintf(f->results, sizeof(f->results), "%s/results", f->dir);
	*state = f;
	return 0;
}

static int drop_folder(void **state)
{
	struct fixture *f = *state;
	struct rig_err err;
	int r = io_remove_tree(f->dir, &err);

	free(f);
	return r;
}

static char *slurp(const char *folder, const char *name, size_t *len)
{
	AUTO_FREE char *path = xasprintf("%s/%s", folder, name);
	struct rig_err err;
	char *text = NULL;

	if (io_read_file(path, 1 << 26, &text, len, &err) < 0)
		fail_msg("%s", err.text);
	return text;
}

static unsigned int nr_entries(const char *folder)
{
	DIR *d = opendir(folder);
	unsigned int n = 0;

	assert_non_null(d);
	while (readdir(d))
		n++;
	closedir(d);
	return n - 2;
}

static struct record *create(const char *results, const char *label)
{
	struct rig_err err;
	struct record *r = NULL;

	if (record_create(results, label, &r, &err) < 0)
		fail_msg("%s", err.text);
	return r;
}

/* commits and destroys; the folder, which the caller frees */
static char *commit(struct record *r)
{
	json_auto_t *result = json_pack("{ss}", "outcome", "PASS");
	struct rig_err err;
	char *path = NULL;

	if (record_commit(r, result, &path, &err) < 0)
		fail_msg("%s", err.text);
	record_destroy(r);
	return path;
}

static char *read_latest(const char *results)
{
	AUTO_FREE char *path = xasprintf("%s/latest", results);
	char target[256];
	ssize_t n = readlink(path, target, sizeof(target));

	assert_true(n > 0);
	return xstrndup(target, (size_t)n);
}

static void everything_lands_in_its_file(void **state)
{
	const struct fixture *f = *state;
	struct record *r = create(f->results, "dimm.online-movable-6.12.1");
	AUTO_FREE char *path = NULL, *text = NULL, *latest = NULL;

	record_console(r, "Linux ver", 9);
	record_console(r, "sion\r\n", 6);
	record_kmsg(r, "6,1,0,-;one", 11);
	record_kmsg(r, "6,2,0,-;two\n", 12);
	record_wire(r, "qmp", '>', 17, "{\"execute\":\"stop\"}", 18);
	record_wire(r, "agent", '<', UINT64_C(9007199254740993), "\xff\0a", 3);
	path = commit(r);
	assert_int_equal(nr_entries(f->results), 2);
	latest = read_latest(f->results);
	assert_string_equal(strrchr(path, '/') + 1, latest);
	assert_non_null(strstr(latest, "-dimm.online-movable-6.12.1-"));
	assert_int_equal(strspn(latest, "0123456789"), 8);
	assert_memory_equal(latest + 8, "T", 1);
	assert_memory_equal(latest + 15, "Z-", 2);

	text = slurp(path, "console.log", NULL);
	assert_string_equal(text, "Linux version\r\n");
	free(text);
	text = slurp(path, "kmsg.log", NULL);
	assert_string_equal(text, "6,1,0,-;one\n6,2,0,-;two\n");
	free(text);
	text = slurp(path, "qmp.jsonl", NULL);
	assert_string_equal(text, "{\"ns\":17,\"dir\":\">\","
			    "\"line\":\"{\\\"execute\\\":\\\"stop\\\"}\"}\n");
	free(text);
	text = slurp(path, "agent.jsonl", NULL);
	assert_string_equal(text, "{\"ns\":9007199254740993,\"dir\":\"<\",\"bytes\":\"ff0061\"}\n");
	free(text);
	text = slurp(path, "result.json", NULL);
	assert_string_equal(text, "{\n  \"outcome\": \"PASS\"\n}\n");
}

static json_t *gunzip(const char *folder, const char *name)
{
	struct archive *a = archive_read_new();
	struct archive_entry *e;
	AUTO_FREE char *packed = NULL;
	char *plain = xcalloc(1, 1 << 23);
	json_t *value;
	la_ssize_t n;
	size_t len;

	packed = slurp(folder, name, &len);
	archive_read_support_filter_gzip(a);
	archive_read_support_format_raw(a);
	assert_int_equal(archive_read_open_memory(a, packed, len), ARCHIVE_OK);
	assert_int_equal(archive_read_next_header(a, &e), ARCHIVE_OK);
	n = archive_read_data(a, plain, (1 << 23) - 1);
	assert_true(n > 0);
	archive_read_free(a);
	value = json_loadb(plain, (size_t)n, JSON_DECODE_ANY, NULL);
	free(plain);
	return value;
}

struct elements {
	const json_t *array;
	size_t next;
};

static json_t *next_element(void *arg)
{
	struct elements *e = arg;

	return json_incref(json_array_get(e->array, e->next++));
}

/* @array as the long list of an object. */
static void put(struct record *r, const char *name, const json_t *array)
{
	json_auto_t *rest = json_pack("{sisn}", "whole", 1, "none");
	struct elements e = { array, 0 };

	record_list_gz(r, name, rest, &(struct record_list){ "pages", next_element, &e });
}

static json_t *as_put(const json_t *array)
{
	return json_pack("{sOsisn}", "pages", array, "whole", 1, "none");
}

static void page_maps_are_lossless_and_always_the_same_bytes(void **state)
{
	const struct fixture *f = *state;
	struct record *r = create(f->results, "x");
	json_auto_t *map = json_array();
	json_auto_t *back = NULL, *again = NULL, *wanted = NULL, *nothing = NULL, *empty = json_array();
	AUTO_FREE char *path = NULL, *a = NULL, *b = NULL;
	size_t len_a, len_b;

	for (int i = 0; i < 20000; i++)
		json_array_append_new(map, json_pack("{sI ss si}", "pfn", INT64_MAX - i, "name",
						     "caf\xc3\xa9 #", "nr", i));
	put(r, "3 online d0", map);
	put(r, "3/online/d0", map);
	put(r, "../../escape", map);
	put(r, "empty", empty);
	path = commit(r);
	assert_int_equal(nr_entries(path), 5 + 4);
	nothing = gunzip(path, "empty.json.gz");
	assert_int_equal(json_object_size(nothing), 3);
	assert_int_equal(json_array_size(json_object_get(nothing, "pages")), 0);
	back = gunzip(path, "3-online-d0.json.gz");
	wanted = as_put(map);
	assert_true(json_equal(wanted, back));
	again = gunzip(path, "..-..-escape.json.gz");
	assert_true(json_equal(wanted, again));
	a = slurp(path, "3-online-d0.json.gz", &len_a);
	b = slurp(path, "3-online-d0-2.json.gz", &len_b);
	assert_int_equal(len_a, len_b);
	assert_memory_equal(a, b, len_a);
	assert_memory_equal(a + 4, "\0\0\0\0", 4);	/* gzip's modification time */
	assert_true(len_a < 400000);
}

static void labels_become_one_harmless_name(void **state)
{
	const struct fixture *f = *state;
	AUTO_FREE char *odd = commit(create(f->results, "../a b/\n#\xc3\xa9"));
	AUTO_FREE char *empty = commit(create(f->results, ""));
	char many[4096] = "";
	AUTO_FREE char *cut = NULL;

	memset(many, 'x', sizeof(many) - 1);
	cut = commit(create(f->results, many));
	assert_non_null(strstr(odd, "Z-..-a-b------"));
	assert_non_null(strstr(empty, "Z-run-"));
	assert_true(strlen(strrchr(cut, '/')) < 200);
	assert_int_equal(nr_entries(f->results), 4);
	assert_int_equal(nr_entries(f->dir), 1);
}

static void two_at_once_get_two_names(void **state)
{
	const struct fixture *f = *state;
	struct record *a = create(f->results, "same"), *b = create(f->results, "same");
	AUTO_FREE char *path_a = NULL, *path_b = NULL, *text = NULL, *latest = NULL;

	record_console(a, "a", 1);
	record_console(b, "b", 1);
	record_sweep(f->results);	/* the third rig that starts now must not touch them */
	path_b = commit(b);
	path_a = commit(a);
	assert_string_not_equal(path_a, path_b);
	text = slurp(path_a, "console.log", NULL);
	assert_string_equal(text, "a");
	free(text);
	text = slurp(path_b, "console.log", NULL);
	assert_string_equal(text, "b");
	latest = read_latest(f->results);
	assert_string_equal(strrchr(path_a, '/') + 1, latest);
	assert_int_equal(nr_entries(f->results), 3);
}

static void latest_is_never_missing_while_two_processes_commit(void **state)
{
	const struct fixture *f = *state;
	AUTO_FREE char *link = xasprintf("%s/latest/result.json", f->results);
	unsigned int nr_gone = 0;
	pid_t pids[2];

	free(commit(create(f->results, "first")));
	for (int i = 0; i < 2; i++) {
		pids[i] = fork();
		if (pids[i] == 0) {
			for (int k = 0; k < 20; k++)
				free(commit(create(f->results, "child")));
			_exit(0);
		}
	}
	for (int left = 2; left; ) {
		int status;

		assert_true(io_exists(link));
		for (int i = 0; i < 2; i++)
			if (pids[i] && waitpid(pids[i], &status, WNOHANG) == pids[i]) {
				assert_int_equal(status, 0);
				pids[i] = 0;
				left--;
				nr_gone++;
			}
	}
	assert_int_equal(nr_gone, 2);
	assert_int_equal(nr_entries(f->results), 1 + 40 + 1);
}

static void an_uncommitted_record_leaves_nothing(void **state)
{
	const struct fixture *f = *state;
	struct record *r = create(f->results, "x");

	record_console(r, "abc", 3);
	assert_int_equal(nr_entries(f->results), 1);
	record_destroy(r);
	record_destroy(NULL);
	assert_int_equal(nr_entries(f->results), 0);
}

/* The disk is full: the child writes until the limit on file sizes stops it. */
static int run_with_file_limit(const char *results, rlim_t limit, void (*write)(struct record *r))
{
	struct rlimit lim = { .rlim_cur = limit, .rlim_max = limit };
	json_auto_t *result = json_pack("{ss}", "outcome", "PASS");
	struct rig_err err = { 0 };
	struct record *r = NULL;
	char *path = NULL;

	signal(SIGXFSZ, SIG_IGN);
	if (setrlimit(RLIMIT_FSIZE, &lim) < 0 || record_create(results, "full", &r, &err) < 0)
		return 1;
	write(r);
	record_console(r, "later", 5);
	if (record_commit(r, result, &path, &err) != -EFBIG || path)
		return 2;
	record_destroy(r);
	if (err.cause != RIG_HOST || !strstr(err.text, "no record in '") ||
	    !strstr(err.text, "--results") || !strstr(err.text, "File too large"))
		return 3;
	return 0;
}

static void write_console(struct record *r)
{
	char data[8192] = { 0 };

	for (int i = 0; i < 10; i++)
		record_console(r, data, sizeof(data));
}

static void write_map(struct record *r)
{
	json_auto_t *map = json_array();

	/* numbers that do not compress away */
	for (uint32_t i = 1, x = 12345; i < 20000; i++, x = x * 1664525 + 1013904223)
		json_array_append_new(map, json_integer(x));
	put(r, "map", map);
}

static void write_wire(struct record *r)
{
	for (int i = 0; i < 1000; i++)
		record_wire(r, "agent", '<', 1, "0123456789012345678901234567890123456789", 40);
}

static void in_child(int (*body)(const struct fixture *f), const struct fixture *f)
{
	pid_t pid = fork();
	int status = -1;

	if (pid == 0)
		_exit(body(f));
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_int_equal(status, 0);
}

static int full_by_console(const struct fixture *f)
{
	return run_with_file_limit(f->results, 16384, write_console);
}

static int full_by_map(const struct fixture *f)
{
	return run_with_file_limit(f->results, 16384, write_map);
}

static int full_by_wire(const struct fixture *f)
{
	return run_with_file_limit(f->results, 16384, write_wire);
}

static int full_by_result(const struct fixture *f)
{
	return run_with_file_limit(f->results, 5, write_console);
}

static void a_full_disk_is_one_error_and_touches_nothing_old(void **state)
{
	const struct fixture *f = *state;
	AUTO_FREE char *before = commit(create(f->results, "before"));
	AUTO_FREE char *latest = NULL;

	in_child(full_by_console, f);
	in_child(full_by_map, f);
	in_child(full_by_wire, f);
	in_child(full_by_result, f);
	assert_int_equal(nr_entries(f->results), 2);
	latest = read_latest(f->results);
	assert_string_equal(strrchr(before, '/') + 1, latest);
	assert_int_equal(nr_entries(before), 5);
}

static int try_unwritable(const struct fixture *f)
{
	struct rig_err err = { 0 };
	struct record *r = NULL;

	/* permissions mean nothing to root */
	if (geteuid() == 0 && (setgid(NOBODY) < 0 || setuid(NOBODY) < 0))
		return 1;
	if (record_create(f->results, "x", &r, &err) != -EACCES || r)
		return 2;
	return !strstr(err.text, f->results) || !strstr(err.text, "--results") ||
	       err.cause != RIG_HOST;
}

static void an_unwritable_folder_is_named(void **state)
{
	const struct fixture *f = *state;
	AUTO_FREE char *file = xasprintf("%s/file", f->dir);
	AUTO_FREE char *below = xasprintf("%s/results", file);
	struct rig_err err = { 0 };
	struct record *r = NULL;

	assert_int_equal(chmod(f->dir, 0755), 0);
	assert_int_equal(mkdir(f->results, 0555), 0);
	in_child(try_unwritable, f);
	assert_int_equal(io_write_file(file, "", 0, &err), 0);
	assert_int_equal(record_create(below, "x", &r, &err), -ENOTDIR);
	assert_non_null(strstr(err.text, file));
	assert_null(r);
}

static void a_latest_that_is_no_link_is_left_alone(void **state)
{
	const struct fixture *f = *state;
	AUTO_FREE char *latest = xasprintf("%s/latest", f->results);
	struct record *r = create(f->results, "x");
	json_auto_t *result = json_object();
	struct rig_err err = { 0 };
	char *path = NULL;

	assert_int_equal(mkdir(latest, 0755), 0);
	assert_int_equal(record_commit(r, result, &path, &err), -EEXIST);
	assert_null(path);
	assert_non_null(strstr(err.text, "move it away"));
	record_destroy(r);
	assert_int_equal(nr_entries(f->results), 1);
}

/* a pid that was ours and is gone */
static pid_t dead_pid(void)
{
	pid_t pid = fork();

	if (pid == 0)
		_exit(0);
	waitpid(pid, NULL, 0);
	return pid;
}

static void make_unfinished(const char *results, const char *name)
{
	AUTO_FREE char *path = xasprintf("%s/%s/maps", results, name);
	AUTO_FREE char *file = xasprintf("%s/console.log", path);
	struct rig_err err;

	assert_int_equal(io_mkdirs(path, &err), 0);
	assert_int_equal(io_write_file(file, "x", 1, &err), 0);
}

static bool has(const char *results, const char *name)
{
	AUTO_FREE char *path = xasprintf("%s/%s", results, name);
	struct stat st;

	return lstat(path, &st) == 0;
}

static void sweep_takes_only_what_the_dead_left(void **state)
{
	const struct fixture *f = *state;
	pid_t dead = dead_pid();
	AUTO_FREE char *gone = xasprintf(".run-%d-123-1", (int)dead);
	/* our pid, but a process that started at another time */
	AUTO_FREE char *reused = xasprintf(".run-%d-1-1", (int)getpid());
	AUTO_FREE char *tmp = xasprintf("latest.tmp.%d", (int)dead);
	AUTO_FREE char *mine = xasprintf("latest.tmp.%d", (int)getpid());
	AUTO_FREE char *odd = xasprintf(".run-%d-123-1x", (int)dead);
	AUTO_FREE char *locked = xasprintf(".run-%d-123-2", (int)dead);
	AUTO_FREE char *locked_path = xasprintf("%s/%s", f->results, locked);
	AUTO_FREE char *path = commit(create(f->results, "done"));
	struct record *r = create(f->results, "running");
	AUTO_FREE char *tmp_path = xasprintf("%s/%s", f->results, tmp);
	AUTO_FREE char *mine_path = xasprintf("%s/%s", f->results, mine);
	AUTO_CLOSE int lock = -1;

	make_unfinished(f->results, gone);
	make_unfinished(f->results, reused);
	make_unfinished(f->results, odd);
	make_unfinished(f->results, locked);
	lock = open(locked_path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	assert_int_equal(flock(lock, LOCK_EX), 0);
	assert_int_equal(symlink("x", tmp_path), 0);
	assert_int_equal(symlink("x", mine_path), 0);
	record_sweep(f->results);
	assert_false(has(f->results, gone));
	assert_false(has(f->results, reused));
	assert_false(has(f->results, tmp));
	assert_true(has(f->results, mine));
	assert_true(has(f->results, odd));
	assert_true(has(f->results, locked));
	assert_true(io_exists(path));
	record_console(r, "still here", 10);
	free(commit(r));
	record_sweep("/nonexistent/results");
}

static void sweep_follows_no_link(void **state)
{
	const struct fixture *f = *state;
	pid_t dead = dead_pid();
	AUTO_FREE char *precious = xasprintf("%s/precious", f->dir);
	AUTO_FREE char *file = xasprintf("%s/file", precious);
	AUTO_FREE char *name = xasprintf(".run-%d-1-1", (int)dead);
	AUTO_FREE char *as_folder = xasprintf("%s/.run-%d-1-2", f->results, (int)dead);
	AUTO_FREE char *inside = xasprintf("%s/%s/maps/link", f->results, name);
	struct rig_err err;

	assert_int_equal(io_mkdirs(precious, &err), 0);
	assert_int_equal(io_write_file(file, "x", 1, &err), 0);
	make_unfinished(f->results, name);
	assert_int_equal(symlink(precious, inside), 0);
	assert_int_equal(symlink(precious, as_folder), 0);
	record_sweep(f->results);
	assert_false(has(f->results, name));
	assert_true(io_exists(file));
}

static void what_a_killed_rig_leaves_is_swept(void **state)
{
	const struct fixture *f = *state;
	pid_t pid;

	assert_int_equal(mkdir(f->results, 0755), 0);
	pid = fork();
	if (pid == 0) {
		struct record *r = create(f->results, "killed");

		record_console(r, "x", 1);
		raise(SIGKILL);
	}
	waitpid(pid, NULL, 0);
	assert_int_equal(nr_entries(f->results), 1);
	record_sweep(f->results);
	assert_int_equal(nr_entries(f->results), 0);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, make_folder, drop_folder)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(everything_lands_in_its_file),
		TEST(page_maps_are_lossless_and_always_the_same_bytes),
		TEST(labels_become_one_harmless_name),
		TEST(two_at_once_get_two_names),
		TEST(latest_is_never_missing_while_two_processes_commit),
		TEST(an_uncommitted_record_leaves_nothing),
		TEST(a_full_disk_is_one_error_and_touches_nothing_old),
		TEST(an_unwritable_folder_is_named),
		TEST(a_latest_that_is_no_link_is_left_alone),
		TEST(sweep_takes_only_what_the_dead_left),
		TEST(sweep_follows_no_link),
		TEST(what_a_killed_rig_leaves_is_swept),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
