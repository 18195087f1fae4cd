// SPDX-License-Identifier: GPL-2.0-or-later
/* Events: kept from the first byte, found by name and data, bounded.  No guest, no QEMU. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/clean.h"
#include "base/mem.h"
#include "fake_server.h"
#include "qmp_client.h"
#include "qmp/qmp_events.h"

static void test_kept_from_first_byte(void **state)
{
	static const char *const names[] = { "BEFORE", "EARLY", "BETWEEN", "BEHIND" };
	const struct qmp_event *event;
	struct fake_session f;
	struct rig_err err;
	size_t cursor = 0;

	(void)state;
	fake_session_start(&f);
	fake_server_send(f.server, "{\"event\":\"BEFORE\"}\n" FAKE_GREETING);
	fake_server_expect(f.server, "qmp_capabilities", "{\"event\":\"EARLY\"}\n" FAKE_OK);
	assert_int_equal(qmp_negotiate(f.client, LATE, &err), 0);
	fake_server_expect(f.server, "a", "{\"event\":\"BETWEEN\"}\n" FAKE_OK
			   "{\"event\":\"BEHIND\",\"timestamp\":{\"seconds\":-1}}\r\n");
	assert_int_equal(qmp_call(f.client, "a", NULL, LATE, NULL, NULL, &err), 0);
	fake_server_settle(f.server, f.client);
	assert_int_equal(qmp_nr_events(f.client), ARRAY_SIZE(names));
	for (size_t i = 0; i < ARRAY_SIZE(names); i++) {
		assert_int_equal(qmp_wait_event(f.client, NULL, NULL, &cursor, LATE, &event, &err),
				 0);
		assert_string_equal(event->name, names[i]);
		assert_ptr_equal(event, qmp_event_at(f.client, i));
		assert_true(json_is_object(event->data));
		assert_true(event->seen_ns && event->seen_ns <= clock_ns());
		assert_int_equal(cursor, i + 1);
	}
	fake_session_stop(&f);
}

static void test_match(void **state)
{
	json_auto_t *match = json_pack("{s:s,s:i,s:b}", "device", "d1", "n", 3, "ok", 1);
	const struct qmp_event *event = NULL;
	struct fake_session f;
	struct rig_err err;
	size_t cursor = 0;

	(void)state;
	fake_session_negotiate(&f, FAKE_GREETING);
	fake_server_send(f.server,
			 "{\"event\":\"X\"}\n"
			 "{\"event\":\"X\",\"data\":{\"device\":\"d2\",\"n\":3,\"ok\":true}}\n"
			 "{\"event\":\"Y\",\"data\":{\"device\":\"d1\",\"n\":3,\"ok\":true}}\n"
			 "{\"event\":\"X\",\"data\":{\"device\":\"d1\",\"n\":\"3\",\"ok\":true}}\n"
			 "{\"event\":\"X\",\"data\":{\"device\":\"d1\",\"n\":3,\"ok\":true,\"m\":0}}\n"
			 "{\"event\":\"Z\"}\n");
	assert_int_equal(qmp_wait_event(f.client, "X", match, &cursor, LATE, &event, &err), 0);
	assert_int_equal(cursor, 5);
	assert_non_null(json_object_get(event->data, "m"));
	/* those passed over are still there for another waiter */
	cursor = 0;
	assert_int_equal(qmp_wait_event(f.client, "Y", match, &cursor, LATE, &event, &err), 0);
	assert_int_equal(cursor, 3);
	assert_int_equal(qmp_wait_event(f.client, NULL, match, &cursor, LATE, &event, &err), 0);
	assert_int_equal(cursor, 5);
	fake_session_stop(&f);
}

static void test_deadline_lists_seen(void **state)
{
	const struct qmp_event *event = NULL;
	struct fake_session f;
	struct rig_err err;
	size_t cursor = 0;

	(void)state;
	fake_session_negotiate(&f, FAKE_GREETING);
	assert_int_equal(qmp_wait_event(f.client, "X", NULL, &cursor, SOON, &event, &err),
			 -ETIMEDOUT);
	assert_int_equal(err.cause, RIG_TIMEOUT);
	assert_text(&err, "the event 'X' from 'qmp'; events seen: none");
	fake_server_send(f.server, "{\"event\":\"A\"}\n{\"event\":\"B\"}\n{\"event\":\"B\"}\n");
	assert_int_equal(qmp_wait_event(f.client, "X", NULL, &cursor, SOON, &event, &err),
			 -ETIMEDOUT);
	assert_text(&err, "events seen: A, B x2");
	cursor = 1;
	assert_int_equal(qmp_wait_event(f.client, "X", NULL, &cursor, SOON, &event, &err),
			 -ETIMEDOUT);
	assert_text(&err, "events seen: B x2");
	assert_int_equal(cursor, 1);
	assert_null(event);
	fake_session_stop(&f);
}

static void test_names_cut(void **state)
{
	struct qmp_events e = { .max_bytes = 1 << 20 };

	(void)state;
	for (size_t i = 0; i < 100; i++) {
		AUTO_FREE char *name = xasprintf("NAME_%zu\033", i);

		assert_true(qmp_events_add(&e, name, NULL, 20, 1));
	}
	for (size_t size = 10; size < 1500; size++) {
		char *text = xcalloc(1, size);	/* exactly, so that a sanitizer sees one too many */

		qmp_events_names(&e, 0, text, size);
		assert_true(strlen(text) < size);
		assert_null(strchr(text, '\033'));
		if (size < 900)
			assert_string_equal(text + strlen(text) - 3, "...");
		free(text);
	}
	qmp_events_deinit(&e);
}

static void test_flood(void **state)
{
	const struct qmp_event *event = NULL;
	struct fake_session f;
	struct rig_err err;
	size_t cursor = 0;

	(void)state;
	fake_session_negotiate(&f, FAKE_GREETING);
	for (size_t i = 0; i < 100; i++)
		fake_server_send(f.server, "{\"event\":\"A\"}\n");
	assert_int_equal(qmp_wait_event(f.client, "X", NULL, &cursor, LATE, &event, &err),
			 -EBADMSG);
	assert_text(&err, "flood of events");
	/* what came before is kept, and not more than the bound allows */
	assert_in_range(qmp_nr_events(f.client), 10, FAKE_MAX_EVENTS / 256);
	assert_int_equal(qmp_wait_event(f.client, "A", NULL, &cursor, LATE, &event, &err), 0);
	fake_session_stop(&f);
}

static void test_bound_counts_everything(void **state)
{
	struct qmp_events e = { .max_bytes = 1000 };

	(void)state;
	assert_false(qmp_events_add(&e, "A", NULL, SIZE_MAX - 10, 1));	/* no overflow */
	assert_false(qmp_events_add(&e, "A", NULL, 1001, 1));
	assert_true(qmp_events_add(&e, "A", NULL, 400, 1));
	assert_false(qmp_events_add(&e, "A", NULL, 400, 1));
	assert_int_equal(e.n, 1);
	qmp_events_deinit(&e);
}

/* Pointers stay good while the list grows. */
static void test_pointers_stay(void **state)
{
	struct qmp_events e = { .max_bytes = 1 << 20 };
	const struct qmp_event *first;
	size_t next = 0;

	(void)state;
	assert_true(qmp_events_add(&e, "FIRST", NULL, 10, 1));
	first = qmp_events_find(&e, "FIRST", NULL, &next);
	for (size_t i = 0; i < 1000; i++)
		assert_true(qmp_events_add(&e, "A", NULL, 10, 1));
	assert_ptr_equal(first, e.v[0]);
	assert_string_equal(first->name, "FIRST");
	assert_null(qmp_events_find(&e, "B", NULL, &next));
	assert_int_equal(next, e.n);
	qmp_events_deinit(&e);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_kept_from_first_byte),
		cmocka_unit_test(test_match),
		cmocka_unit_test(test_deadline_lists_seen),
		cmocka_unit_test(test_names_cut),
		cmocka_unit_test(test_flood),
		cmocka_unit_test(test_bound_counts_everything),
		cmocka_unit_test(test_pointers_stay),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
