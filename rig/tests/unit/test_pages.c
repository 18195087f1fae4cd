// SPDX-License-Identifier: GPL-2.0-or-later
/* Maps as a person reads them: ranges, rows, text; records and runs that they are taken from, damaged too. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>

#include "base/clean.h"
#include "base/io.h"
#include "base/mem.h"
#include "cmd/live_run.h"
#include "cmd/page_table.h"
#include "record/state_file.h"
#include "sample_machine.h"

static const struct pfn_range everything = { 0, PFN_RANGE_ALL };

/* --- ranges --- */

static void ranges_are_parsed(void **state)
{
	static const struct {
		const char *text;
		uint64_t start, end;
	} good[] = {
		{ "0x100000-0x107fff", 0x100000, 0x108000 },
		{ "10-19", 10, 20 },
		{ "0-0", 0, 1 },
		{ "0x1F", 0x1f, 0x20 },
		{ "010-011", 10, 12 },		/* decimal all the same */
	};
	static const char *const bad[] = {
		"", "-", "1-", "-1", "x", "0x", "0x-1", "1-2-3", "1 -2", " 1", "1-2 ", "1--2", "+1", "0x10g",
		"5-4", "99999999999999999999", "0-0x10000000000", "1,2",
	};
	struct pfn_range r;
	struct rig_err err;

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(good); i++) {
		assert_int_equal(pfn_range_parse(good[i].text, &r, &err), 0);
		assert_int_equal(r.start, good[i].start);
		assert_int_equal(r.end, good[i].end);
	}
	for (size_t i = 0; i < ARRAY_SIZE(bad); i++) {
		r = everything;
		assert_int_equal(pfn_range_parse(bad[i], &r, &err), -EINVAL);
		assert_int_equal(err.cause, RIG_USAGE);
		assert_int_equal(r.end, PFN_RANGE_ALL);		/* untouched */
	}
}

static void ranges_cut_runs(void **state)
{
	const struct pfn_range range = { 0x12, 0x22 };
	json_auto_t *s = json_loads("{\"pages\": [{\"pfn\": \"0x0\", \"nr\": 16}, {\"pfn\": \"0x10\", \"nr\": 8},"
				    "{\"pfn\": \"0x20\", \"nr\": 8}], \"faults\": [{\"pfn\": \"0x30\", \"nr\": 1}]}",
				    0, NULL);
	AUTO_FREE char *text = NULL;

	(void)state;
	pfn_range_cut(s, &range);
	text = json_dumps(s, JSON_COMPACT);
	assert_string_equal(text, "{\"pages\":[{\"pfn\":\"0x12\",\"nr\":6},{\"pfn\":\"0x20\",\"nr\":2}],\"faults\":[]}");
}

/* --- rows --- */

#define FREE(pfn, order)  "{\"pfn\":\"" pfn "\",\"nr\":1,\"flags\":\"none\",\"type\":\"buddy\",\"refcount\":0," \
			  "\"zone\":\"Normal\",\"node\":0,\"order\":" order "}"
#define PAGES(pfn, nr, flags, refs) "{\"pfn\":\"" pfn "\",\"nr\":" nr ",\"flags\":\"" flags "\",\"type\":\"none\"," \
			  "\"refcount\":" refs ",\"zone\":\"Normal\",\"node\":0}"
#define TAILS(pfn, nr, head) "{\"pfn\":\"" pfn "\",\"nr\":" nr ",\"flags\":\"none\",\"type\":\"none\"," \
			  "\"refcount\":0,\"zone\":\"Normal\",\"node\":0,\"head\":\"" head "\"}"
#define D0		  "{\"id\":\"d0\",\"addr\":\"0x20000\",\"bytes\":65536}"	/* pages 0x20 to 0x2f */

struct shown {
	json_t *state;
	struct page_rows rows;
};

static void make(struct shown *s, const char *pages, const char *faults, const char *devices, bool whole,
		 const struct pfn_range *range)
{
	AUTO_FREE char *text = xasprintf("{\"pages\":[%s],\"faults\":[%s],\"devices\":[%s],\"whole\":%s}", pages,
					 faults, devices, whole ? "true" : "false");
	struct rig_err err;

	s->state = json_loads(text, 0, NULL);
	assert_non_null(s->state);
	assert_int_equal(page_rows_make(s->state, range, &s->rows, &err), 0);
}

static void drop(struct shown *s)
{
	page_rows_deinit(&s->rows);
	json_decref(s->state);
}

static void expect_row(const struct shown *s, size_t i, enum row_kind kind, uint64_t pfn, uint64_t nr, int64_t order)
{
	assert_true(i < s->rows.nr);
	assert_int_equal(s->rows.row[i].kind, kind);
	assert_int_equal(s->rows.row[i].pfn, pfn);
	assert_int_equal(s->rows.row[i].nr, nr);
	assert_int_equal(s->rows.row[i].order, order);
}

/* Two free blocks are one row; what is behind the second one in its run is not in it. */
static void free_blocks_are_joined(void **state)
{
	struct shown s;

	(void)state;
	make(&s, FREE("0x0", "2") "," PAGES("0x1", "3", "none", "0") "," FREE("0x4", "2") ","
	     PAGES("0x5", "5", "none", "0"), "", "", true, &everything);
	assert_int_equal(s.rows.nr, 2);
	expect_row(&s, 0, ROW_PAGES, 0, 8, 2);
	assert_string_equal(s.rows.row[0].type, "buddy");
	expect_row(&s, 1, ROW_PAGES, 8, 2, ROW_UNKNOWN);
	drop(&s);
}

/* One with a page in it that is none of its, or that goes on behind what was read, stays as it is. */
static void broken_blocks_stay_apart(void **state)
{
	struct shown s;

	(void)state;
	make(&s, FREE("0x0", "2") "," PAGES("0x1", "1", "none", "0") "," PAGES("0x2", "2", "none", "1"), "", "",
	     true, &everything);
	assert_int_equal(s.rows.nr, 3);
	expect_row(&s, 0, ROW_PAGES, 0, 1, 2);
	drop(&s);
	make(&s, FREE("0x0", "3") "," PAGES("0x1", "3", "none", "0"), "", "", true, &everything);
	assert_int_equal(s.rows.nr, 2);
	drop(&s);
	make(&s, FREE("0x0", "2") "," PAGES("0x1", "1", "none", "0") "," PAGES("0x3", "1", "none", "0"), "", "",
	     true, &everything);
	expect_row(&s, 0, ROW_PAGES, 0, 1, 2);
	expect_row(&s, 2, ROW_GAP, 2, 1, ROW_UNKNOWN);
	drop(&s);
	make(&s, FREE("0x0", "63"), "", "", true, &everything);
	expect_row(&s, 0, ROW_PAGES, 0, 1, 63);
	drop(&s);
}

static void compound_pages_are_joined(void **state)
{
	struct shown s;

	(void)state;
	make(&s, PAGES("0x0", "1", "head", "1") "," TAILS("0x1", "1", "0x0") "," TAILS("0x2", "2", "0x0") ","
	     TAILS("0x4", "1", "0x0") "," TAILS("0x5", "1", "0x99"), "", "", true, &everything);
	assert_int_equal(s.rows.nr, 2);
	expect_row(&s, 0, ROW_PAGES, 0, 5, ROW_UNKNOWN);	/* no power of two: no order */
	expect_row(&s, 1, ROW_PAGES, 5, 1, ROW_UNKNOWN);
	drop(&s);
	make(&s, PAGES("0x0", "1", "head", "1") "," TAILS("0x1", "3", "0x0") "," PAGES("0x4", "1", "head", "1") ","
	     TAILS("0x5", "3", "0x4"), "", "", true, &everything);
	assert_int_equal(s.rows.nr, 1);
	expect_row(&s, 0, ROW_PAGES, 0, 8, 2);
	drop(&s);
}

static void gaps_faults_and_devices_are_told_apart(void **state)
{
	struct shown s;

	(void)state;
	make(&s, PAGES("0x0", "4", "none", "1") "," PAGES("0x18", "32", "none", "1"), "{\"pfn\":\"0x8\",\"nr\":2}", D0,
	     true, &everything);
	assert_int_equal(s.rows.nr, 7);
	expect_row(&s, 0, ROW_PAGES, 0, 4, ROW_UNKNOWN);
	expect_row(&s, 1, ROW_GAP, 4, 4, ROW_UNKNOWN);
	expect_row(&s, 2, ROW_FAULT, 8, 2, ROW_UNKNOWN);
	expect_row(&s, 3, ROW_GAP, 0xa, 0xe, ROW_UNKNOWN);
	expect_row(&s, 4, ROW_PAGES, 0x18, 8, ROW_UNKNOWN);
	expect_row(&s, 5, ROW_PAGES, 0x20, 16, ROW_UNKNOWN);
	assert_null(s.rows.row[4].device);
	assert_string_equal(s.rows.row[5].device, "d0");
	assert_null(s.rows.row[6].device);
	drop(&s);
}

/* Where a state did not look, nothing is known to be absent. */
static void no_gaps_where_nobody_looked(void **state)
{
	struct shown s;

	(void)state;
	make(&s, PAGES("0x0", "4", "none", "1") "," PAGES("0x8", "4", "none", "1"), "{\"pfn\":\"0x6\",\"nr\":1}", "",
	     false, &(struct pfn_range){ 0, 0x100 });
	assert_int_equal(s.rows.nr, 3);
	expect_row(&s, 1, ROW_FAULT, 6, 1, ROW_UNKNOWN);
	drop(&s);
}

/* What lies before the range still says what it is the head of. */
static void range_cuts_rows(void **state)
{
	struct shown s;

	(void)state;
	make(&s, FREE("0x0", "3") "," PAGES("0x1", "7", "none", "0") "," PAGES("0x10", "1", "none", "1"), "", "", true,
	     &(struct pfn_range){ 4, 0x20 });
	assert_int_equal(s.rows.nr, 4);
	expect_row(&s, 0, ROW_PAGES, 4, 4, 3);
	expect_row(&s, 1, ROW_GAP, 8, 8, ROW_UNKNOWN);
	expect_row(&s, 3, ROW_GAP, 0x11, 0xf, ROW_UNKNOWN);
	drop(&s);
	make(&s, PAGES("0x0", "1", "none", "1"), "{\"pfn\":\"0x10\",\"nr\":1}", "", true,
	     &(struct pfn_range){ 0x100, 0x110 });
	assert_int_equal(s.rows.nr, 1);
	expect_row(&s, 0, ROW_GAP, 0x100, 0x10, ROW_UNKNOWN);
	drop(&s);
}

/* Every page of a map that a run keeps is in a row, and the names are those of the layout. */
static void states_of_a_run_are_understood(void **state)
{
	struct page_rows rows;
	struct snapshot right;
	struct sample sample;
	struct rig_err err;
	json_t *json;
	uint64_t pages = 0, free_pages = 0;

	(void)state;
	sample_init(&sample, SAMPLE_6_12, true);
	sample_enter(&sample, SAMPLE_ONLINE);
	sample_right(&sample, &right);
	json = snapshot_json(&sample.layout, &right);
	assert_int_equal(page_rows_make(json, &everything, &rows, &err), 0);
	for (size_t i = 0; i < rows.nr; i++) {
		const struct page_row *r = &rows.row[i];

		if (r->kind == ROW_PAGES)
			pages += r->nr;
		if (r->kind == ROW_PAGES && !strcmp(r->type, "buddy") && r->device && r->order == 10)
			free_pages += r->nr;
	}
	assert_int_equal(pages, page_map_pages(&right.pages, 0, SNAPSHOT_MAX_PFN));
	assert_int_equal(free_pages, 2 * (SAMPLE_BLOCK_PAGES - SAMPLE_BUDDY10));
	page_rows_deinit(&rows);
	json_decref(json);
	snapshot_deinit(&right);
	sample_deinit(&sample);
}

static void nonsense_is_refused(void **state)
{
	static const char *const bad[] = {
		"[]", "{}", "{\"pages\":[]}", "{\"pages\":{},\"faults\":[]}", "{\"pages\":[1],\"faults\":[]}",
		"{\"pages\":[{\"pfn\":\"0x0\"}],\"faults\":[]}",
		"{\"pages\":[{\"pfn\":0,\"nr\":1}],\"faults\":[]}",
		"{\"pages\":[{\"pfn\":\"0\",\"nr\":1}],\"faults\":[]}",
		"{\"pages\":[{\"pfn\":\"0xg\",\"nr\":1}],\"faults\":[]}",
		"{\"pages\":[{\"pfn\":\"0x\",\"nr\":1}],\"faults\":[]}",
		"{\"pages\":[{\"pfn\":\"0x0\",\"nr\":0}],\"faults\":[]}",
		"{\"pages\":[{\"pfn\":\"0x0\",\"nr\":-1}],\"faults\":[]}",
		"{\"pages\":[{\"pfn\":\"0x0\",\"nr\":1.5}],\"faults\":[]}",
		"{\"pages\":[{\"pfn\":\"0xffffffffffffffff\",\"nr\":2}],\"faults\":[]}",
		"{\"pages\":[{\"pfn\":\"0x0\",\"nr\":1,\"flags\":1}],\"faults\":[]}",
		"{\"pages\":[{\"pfn\":\"0x0\",\"nr\":1,\"refcount\":\"1\"}],\"faults\":[]}",
		"{\"pages\":[{\"pfn\":\"0x0\",\"nr\":1,\"head\":1}],\"faults\":[]}",
		"{\"pages\":[{\"pfn\":\"0x4\",\"nr\":1},{\"pfn\":\"0x4\",\"nr\":1}],\"faults\":[]}",
		"{\"pages\":[],\"faults\":[{\"pfn\":\"0x4\"}]}",
		"{\"pages\":[],\"faults\":[],\"devices\":[{}]}",
		"{\"pages\":[],\"faults\":[],\"devices\":[{\"id\":\"d\",\"addr\":1,\"bytes\":1}]}",
		"{\"pages\":[],\"faults\":[],\"devices\":1}",
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(bad); i++) {
		json_auto_t *s = json_loads(bad[i], 0, NULL);
		struct page_rows rows = { 0 };
		struct rig_err err;

		assert_non_null(s);
		assert_int_equal(page_rows_make(s, &everything, &rows, &err), -EBADMSG);
		assert_null(rows.row);
	}
}

/* --- text --- */

struct printed {
	FILE *file;
	char *text;
	size_t len;
};

static void print(const struct shown *s, void (*how)(const struct page_rows *, bool, FILE *), bool color,
		  struct printed *p)
{
	p->file = open_memstream(&p->text, &p->len);
	how(&s->rows, color, p->file);
	page_table_total(&s->rows, p->file);
	fclose(p->file);
}

static void the_map_is_printed(void **state)
{
	struct printed p;
	struct shown s;

	(void)state;
	make(&s, FREE("0x0", "2") "," PAGES("0x1", "3", "none", "0") "," PAGES("0x20", "1", "lru|dirty", "2") ","
	     "{\"pfn\":\"0x21\",\"nr\":1,\"kpageflags\":\"0x800\"},"
	     "{\"pfn\":\"0x22\",\"nr\":1,\"flags\":\"none\",\"bytes\":\"0xff\"}", "{\"pfn\":\"0x8\",\"nr\":2}", D0, true,
	     &everything);
	print(&s, page_table_print, false, &p);
	assert_string_equal(p.text,
		"PFN                         PAGES  TYPE      ORDER  REFS  ZONE     NODE  FLAGS\n"
		"0x0-0x3                         4  buddy         2     0  Normal      0  none\n"
		"0x4-0x7                         4  no struct pages\n"
		"0x8-0x9                         2  cannot be read\n"
		"0xa-0x1f                       22  no struct pages\n"
		"device d0\n"
		"0x20-0x20                       1  none          -     2  Normal      0  lru|dirty\n"
		"0x21-0x21                       1  ?             -     ?  ?           ?  kpageflags=0x800\n"
		"0x22-0x22                       1  ?             -     ?  ?           ?  none (all bytes 0xff: never initialised)\n"
		"7 pages, 28 KiB; no struct pages in 2 ranges, 104 KiB; 2 struct pages that cannot be read\n");
	free(p.text);
	print(&s, page_table_print, true, &p);
	assert_non_null(strstr(p.text, "\033[1mdevice d0\033[0m\n"));
	assert_non_null(strstr(p.text, "\033[31m0x8-0x9 "));
	free(p.text);
	drop(&s);
}

static void the_summary_is_printed(void **state)
{
	struct printed p;
	struct shown s;

	(void)state;
	make(&s, PAGES("0x0", "1", "lru", "1") "," PAGES("0x1", "1", "lru", "2") "," PAGES("0x2", "1", "none", "0") ","
	     FREE("0x4", "2") "," PAGES("0x5", "3", "none", "0"), "", "", true, &everything);
	print(&s, page_table_summary, false, &p);
	assert_string_equal(p.text,
		"      PAGES      SIZE  TYPE      ZONE     NODE  FLAGS\n"
		"          4    16 KiB  buddy     Normal      0  none\n"
		"          2     8 KiB  none      Normal      0  lru\n"
		"          1     4 KiB  none      Normal      0  none\n"
		"7 pages, 28 KiB; no struct pages in 1 range, 4 KiB\n");
	free(p.text);
	drop(&s);
}

static void sizes_are_for_people(void **state)
{
	char buf[24];

	(void)state;
	assert_string_equal(page_size_text(0, buf), "0 KiB");
	assert_string_equal(page_size_text(1, buf), "4 KiB");
	assert_string_equal(page_size_text(0x8000, buf), "128 MiB");
	assert_string_equal(page_size_text(0x80000, buf), "2.0 GiB");
	assert_string_equal(page_size_text(1ull << 30, buf), "4.0 TiB");
}

/* --- folders --- */

static int make_folder(void **state)
{
	char path[] = "/tmp/hotrig-test-XXXXXX";

	*state = mkdtemp(path) ? xstrdup(path) : NULL;
	return *state ? 0 : -1;
}

static int drop_folder(void **state)
{
	struct rig_err err;
	int r = io_remove_tree(*state, &err);

	free(*state);
	return r;
}

static void write_file(const char *folder, const char *name, const char *text)
{
	AUTO_FREE char *path = xasprintf("%s/%s", folder, name);
	struct rig_err err;

	assert_int_equal(io_write_file(path, text, strlen(text), &err), 0);
}

static void expect_state(const char *folder, const char *wanted, const char *found)
{
	AUTO_FREE char *name = NULL;
	struct rig_err err;

	assert_int_equal(state_file_find(folder, wanted, &name, &err), 0);
	assert_string_equal(name, found);
}

static void states_are_found(void **state)
{
	const char *folder = *state;
	struct rig_err err;
	char *name;

	assert_int_equal(state_file_find(folder, NULL, &name, &err), -ENOENT);
	assert_int_equal(err.cause, RIG_HOST);
	write_file(folder, "result.json", "{}");
	write_file(folder, "state-000-start.json.gz", "");
	write_file(folder, "state-002-after.json.gz", "");
	write_file(folder, "state-1000-after.json.gz", "");
	write_file(folder, "state-1000-again.json.gz", "");
	expect_state(folder, NULL, "1000-again");
	expect_state(folder, "002-after", "002-after");
	expect_state(folder, "state-002-after.json.gz", "002-after");
	assert_int_equal(state_file_find(folder, "003-after", &name, &err), -ENOENT);
	assert_int_equal(err.cause, RIG_USAGE);
	assert_non_null(strstr(err.text, "it has 000-start, 002-after, 1000-after, 1000-again"));
	write_file(folder, "state-002-outside.json.gz", "");
	expect_state(folder, NULL, "002-outside");
}

static void damaged_states_are_named(void **state)
{
	static const char *const bad[] = { "", "no json", "{\"pages\": [", "\x1f\x8b\x08 and then nothing of use" };
	struct rig_err err;
	json_t *value = NULL;

	for (size_t i = 0; i < ARRAY_SIZE(bad); i++) {
		write_file(*state, "state-001-after.json.gz", bad[i]);
		assert_true(state_file_read(*state, "001-after", &value, &err) < 0);
		assert_int_equal(err.cause, RIG_HOST);
		assert_non_null(strstr(err.text, "state-001-after.json.gz"));
	}
	assert_null(value);
	write_file(*state, "state-001-after.json.gz", "{\"pages\": []}");
	assert_int_equal(state_file_read(*state, "001-after", &value, &err), 0);
	json_decref(value);
}

#define LIVE(pid) "{\"qemu_pid\":" pid ",\"scenario\":\"s\",\"release\":\"r\",\"kernel\":\"k\",\"image_sha256\":\"i\"}"

static void runs_are_listed(void **state)
{
	AUTO_FREE char *run = xasprintf("%s/.run-1-2-3", (char *)*state), *other = xasprintf("%s/.run-2-2-3", (char *)*state);
	AUTO_FREE char *own = xasprintf(LIVE("%d"), (int)getpid());
	static const char *const bad[] = { "", "{", "[]", "{}", LIVE("0"), LIVE("-1"), LIVE("99999999999"), LIVE("\"1\"") };
	struct live_run *runs, one;
	char *damaged;
	struct rig_err err;
	size_t nr;

	assert_int_equal(mkdir(run, 0755) | mkdir(other, 0755), 0);
	assert_int_equal(live_run_read(run, &one, &err), -ENOENT);
	write_file(run, "live.json", own);
	for (size_t i = 0; i < ARRAY_SIZE(bad); i++) {
		write_file(other, "live.json", bad[i]);
		assert_int_equal(live_run_read(other, &one, &err), -EBADMSG);
		assert_int_equal(live_run_list(*state, &runs, &nr, &damaged, &err), 0);
		assert_int_equal(nr, 1);
		assert_string_equal(runs[0].name, ".run-1-2-3");
		assert_int_equal(runs[0].qemu_pid, getpid());
		assert_non_null(strstr(damaged, ".run-2-2-3/live.json"));
		free(damaged);
		live_run_list_free(runs, nr);
	}
	/* of a rig that was killed: above the highest pid that Linux gives */
	write_file(other, "live.json", LIVE("2147483000"));
	assert_int_equal(live_run_list(*state, &runs, &nr, &damaged, &err), 0);
	assert_int_equal(nr, 1);
	assert_null(damaged);
	live_run_list_free(runs, nr);
	assert_int_equal(live_run_list("/nonexistent/results", &runs, &nr, &damaged, &err), 0);
	assert_int_equal(nr, 0);
	assert_true(live_run_is(run));
	assert_true(live_run_is("x/.run-1-2-3//"));
	assert_false(live_run_is(*state));
}

static void monitors_are_reached(void **state)
{
	/* longer than a socket's path may be */
	AUTO_FREE char *deep = xasprintf("%s/%0120d", (char *)*state, 0), *path = xasprintf("%s/monitor", deep);
	AUTO_CLOSE int at = -1, server = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	struct sockaddr_un addr = { .sun_family = AF_UNIX };
	struct rig_err err;
	int fd[8], nr, r = 0;

	assert_int_equal(live_connect(path, &fd[0], &err), -ENOENT);
	assert_int_equal(mkdir(deep, 0755), 0);
	assert_int_equal(live_connect(path, &fd[0], &err), -ENOENT);
	at = open(deep, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	snprintf(addr.sun_path, sizeof(addr.sun_path), "/proc/self/fd/%d/monitor", at);
	assert_int_equal(bind(server, (struct sockaddr *)&addr, sizeof(addr)), 0);
	assert_int_equal(live_connect(path, &fd[0], &err), -ECONNREFUSED);
	assert_int_equal(listen(server, 1), 0);
	/* others in front are no reason to wait for ever */
	for (nr = 0; nr < 8 && (r = live_connect(path, &fd[nr], &err)) == 0; nr++)
		;
	assert_int_equal(r, -EAGAIN);
	assert_in_range(nr, 1, 3);
	while (nr)
		close(fd[--nr]);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(ranges_are_parsed),
		cmocka_unit_test(ranges_cut_runs),
		cmocka_unit_test(free_blocks_are_joined),
		cmocka_unit_test(broken_blocks_stay_apart),
		cmocka_unit_test(compound_pages_are_joined),
		cmocka_unit_test(gaps_faults_and_devices_are_told_apart),
		cmocka_unit_test(no_gaps_where_nobody_looked),
		cmocka_unit_test(range_cuts_rows),
		cmocka_unit_test(states_of_a_run_are_understood),
		cmocka_unit_test(nonsense_is_refused),
		cmocka_unit_test(the_map_is_printed),
		cmocka_unit_test(the_summary_is_printed),
		cmocka_unit_test(sizes_are_for_people),
		cmocka_unit_test_setup_teardown(states_are_found, make_folder, drop_folder),
		cmocka_unit_test_setup_teardown(damaged_states_are_named, make_folder, drop_folder),
		cmocka_unit_test_setup_teardown(runs_are_listed, make_folder, drop_folder),
		cmocka_unit_test_setup_teardown(monitors_are_reached, make_folder, drop_folder),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
