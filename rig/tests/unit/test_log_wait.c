// SPDX-License-Identifier: GPL-2.0-or-later
/* A deadline that passes is a silence of the kernel's only where nothing was lost on the way. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <errno.h>

#include "base/clean.h"
#include "base/mem.h"
#include "fake_server.h"
#include "run/log_wait.h"

static const char lost_record[] = "{\"event\":\"KMSG_LOST\"}\n";
static const char lost_uevent[] = "{\"event\":\"UEVENT_LOST\"}\n";
static const char record[] = "{\"event\":\"KMSG\",\"data\":{\"text\":\"a\"}}\n";

/* What the guest sends, and what a wait for something that does not come ends with. */
static void nothing_comes(const char *sent, const char *name, size_t from, int expected, enum rig_cause cause)
{
	struct log_cursor c = log_cursor_at(from);
	const struct qmp_event *e = NULL;
	struct fake_session f;
	struct rig_err err;
	int r;

	fake_session_negotiate(&f, FAKE_GREETING);
	fake_server_send(f.server, sent);
	fake_server_settle(f.server, f.client);
	while ((r = log_wait(f.client, name, &c, SOON, &e, &err)) == 0)
		assert_string_equal(e->name, name);
	assert_int_equal(r, expected);
	assert_int_equal(err.cause, cause);
	assert_int_equal(err.eno, -expected);
	fake_session_stop(&f);
}

static void test_silence(void **state)
{
	(void)state;
	nothing_comes(record, LOG_RECORD, 0, -ETIMEDOUT, RIG_TIMEOUT);
	nothing_comes(record, LOG_UEVENT, 0, -ETIMEDOUT, RIG_TIMEOUT);
}

static void test_loss(void **state)
{
	AUTO_FREE char *before = xasprintf("%s%s", lost_record, record);
	AUTO_FREE char *behind = xasprintf("%s%s", record, lost_record);

	(void)state;
	nothing_comes(before, LOG_RECORD, 0, -ENOBUFS, RIG_AGENT);
	nothing_comes(behind, LOG_RECORD, 0, -ENOBUFS, RIG_AGENT);
	nothing_comes(lost_uevent, LOG_UEVENT, 0, -ENOBUFS, RIG_AGENT);
	/* of the other kind, or before the step */
	nothing_comes(lost_uevent, LOG_RECORD, 0, -ETIMEDOUT, RIG_TIMEOUT);
	nothing_comes(lost_record, LOG_UEVENT, 0, -ETIMEDOUT, RIG_TIMEOUT);
	nothing_comes(before, LOG_RECORD, 1, -ETIMEDOUT, RIG_TIMEOUT);
}

/* it came all the same: what else was lost does not matter */
static void test_found(void **state)
{
	struct log_cursor c = log_cursor_at(0);
	const struct qmp_event *e = NULL;
	struct fake_session f;
	struct rig_err err;

	(void)state;
	fake_session_negotiate(&f, FAKE_GREETING);
	fake_server_send(f.server, lost_record);
	fake_server_send(f.server, record);
	assert_int_equal(log_wait(f.client, LOG_RECORD, &c, LATE, &e, &err), 0);
	assert_string_equal(json_string_value(json_object_get(e->data, "text")), "a");
	assert_int_equal(c.next, 2);
	fake_session_stop(&f);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_silence),
		cmocka_unit_test(test_loss),
		cmocka_unit_test(test_found),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
