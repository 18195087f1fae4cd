// SPDX-License-Identifier: GPL-2.0-or-later
/* What console and kernel log say of a guest that was kept, and what they say after it. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/clean.h"
#include "base/io.h"
#include "base/mem.h"
#include "run/blame.h"
#include "run/evidence.h"

static const char stall[] =
	"[   11.000000] rcu: INFO: rcu_preempt detected stalls on CPUs/tasks:\r\n"
	"[   11.000001] rcu: \t0-...!: (1 GPs behind) idle=b1d4/1/0x4000000000000000 softirq=54/55 fqs=0\r\n";
static const char warning[] =
	"[   20.000000] ------------[ cut here ]------------\r\n"
	"[   20.000001] WARNING: CPU: 0 PID: 1 at mm/memory_hotplug.c:42 offline_pages+0x1/0x2\r\n";

struct fixture {
	char dir[64];
	struct run run;
};

static int make_run(void **state)
{
	struct fixture *f = xcalloc(1, sizeof(*f));
	struct rig_err err;

	strcpy(f->dir, "/tmp/hotrig-test-evidence-XXXXXX");
	if (!mkdtemp(f->dir))
		return -1;
	f->run.step_name = "boot";
	f->run.splats = splat_scanner_create();
	f->run.notes = json_array();
	*state = f;
	return record_create(f->dir, "evidence", &f->run.record, &err);
}

static int drop_run(void **state)
{
	struct fixture *f = *state;
	struct rig_err err;
	int r;

	findings_deinit(&f->run.findings);
	splat_scanner_destroy(f->run.splats);
	record_destroy(f->run.record);
	json_decref(f->run.notes);
	r = io_remove_tree(f->dir, &err);
	free(f);
	return r;
}

/* The host that starved it then is another matter now, and the kernel is not to answer for it. */
static void lost_time_of_a_kept_guest_is_noted(void **state)
{
	json_auto_t *kmsg = json_array();
	struct fixture *f = *state;

	evidence_replay(&f->run, stall, strlen(stall), kmsg);
	evidence_judge(&f->run);
	assert_int_equal(f->run.findings.nr, 0);
	assert_int_equal(json_array_size(f->run.notes), 1);
}

static void a_quiet_boot_needs_no_note(void **state)
{
	static const char quiet[] = "[    0.000000] Linux version 6.12.117\r\n";
	json_auto_t *kmsg = json_array();
	struct fixture *f = *state;

	evidence_replay(&f->run, quiet, strlen(quiet), kmsg);
	evidence_judge(&f->run);
	assert_int_equal(f->run.findings.nr, 0);
	assert_int_equal(json_array_size(f->run.notes), 0);
}

static void what_comes_later_is_judged(void **state)
{
	json_auto_t *kmsg = json_array();
	struct fixture *f = *state;

	evidence_replay(&f->run, stall, strlen(stall), kmsg);
	splat_feed_console(f->run.splats, warning, strlen(warning));
	splat_flush(f->run.splats);
	evidence_judge(&f->run);
	assert_int_equal(f->run.findings.nr, 1);
	assert_string_equal(f->run.findings.f[0].invariant, "splat.warning");
}

/* A soft lockup, and then a self-test of the kernel that took too long: neither is a bug of its. */
static void reports_of_a_starved_kernel_are_the_hosts(void **state)
{
	struct fixture *f = *state;
	struct rig_err err;

	finding_add_kind(&f->run.findings, FAIL_SPLAT, "boot", "splat.warning", "no such report", "alg_test");
	assert_false(blame_host_for_reports(&f->run, &err));
	f->run.lost_time = true;
	assert_true(blame_host_for_reports(&f->run, &err));
	assert_int_equal(err.cause, RIG_HOST);
	assert_non_null(strstr(err.text, "alg_test"));
	assert_true(f->run.unsound);
}

static void pages_are_right_on_a_starved_host_too(void **state)
{
	struct fixture *f = *state;
	struct rig_err err;

	f->run.lost_time = true;
	assert_false(blame_host_for_reports(&f->run, &err));
	finding_add_kind(&f->run.findings, FAIL_SPLAT, "boot", "splat.warning", "no such report", "alg_test");
	finding_addf(&f->run.findings, "1 plug d0", "page.refcount", "1", "2");
	assert_false(blame_host_for_reports(&f->run, &err));
	assert_false(f->run.unsound);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(lost_time_of_a_kept_guest_is_noted, make_run, drop_run),
		cmocka_unit_test_setup_teardown(a_quiet_boot_needs_no_note, make_run, drop_run),
		cmocka_unit_test_setup_teardown(what_comes_later_is_judged, make_run, drop_run),
		cmocka_unit_test_setup_teardown(reports_of_a_starved_kernel_are_the_hosts, make_run, drop_run),
		cmocka_unit_test_setup_teardown(pages_are_right_on_a_starved_host_too, make_run, drop_run),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
