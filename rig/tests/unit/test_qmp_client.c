// SPDX-License-Identifier: GPL-2.0-or-later
/* What a client promises about greetings, commands, replies and events.  No guest, no QEMU. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/clean.h"
#include "base/mem.h"
#include "fake_server.h"
#include "qmp_client.h"

/* --- greeting and capabilities --- */

static void test_negotiate_plain(void **state)
{
	struct fake_session f;
	struct rig_err err;

	(void)state;
	fake_session_start(&f);
	assert_null(qmp_greeting(f.client));
	assert_int_equal(qmp_call(f.client, "stop", NULL, LATE, NULL, NULL, &err), -ENOTCONN);
	fake_server_send(f.server, FAKE_GREETING);
	fake_server_expect(f.server, "qmp_capabilities", FAKE_OK);
	assert_int_equal(qmp_negotiate(f.client, LATE, &err), 0);
	assert_false(qmp_has_oob(f.client));
	assert_non_null(json_object_get(qmp_greeting(f.client), "version"));
	assert_null(strstr(fake_server_line(f.server), "arguments"));
	assert_int_equal(qmp_negotiate(f.client, LATE, &err), 0);	/* nothing more to do */
	fake_session_stop(&f);
}

static void test_negotiate_oob(void **state)
{
	struct fake_session f;
	struct rig_err err;
	uint64_t id;

	(void)state;
	fake_session_negotiate(&f, FAKE_GREETING_OOB);
	assert_true(qmp_has_oob(f.client));
	assert_non_null(strstr(fake_server_line(f.server), "{\"enable\":[\"oob\"]}"));
	fake_server_expect(f.server, "migrate-pause", FAKE_OK);
	assert_int_equal(qmp_send(f.client, "migrate-pause", NULL, true, LATE, &id, &err), 0);
	assert_int_equal(qmp_wait_reply(f.client, id, LATE, NULL, NULL, &err), 0);
	assert_non_null(strstr(fake_server_line(f.server), "exec-oob"));
	fake_session_stop(&f);

	fake_session_negotiate(&f, FAKE_GREETING);
	assert_int_equal(qmp_send(f.client, "migrate-pause", json_object(), true, LATE, &id, &err),
			 -ENOTCONN);
	assert_text(&err, "no out-of-band");
	fake_session_stop(&f);
}

static void test_greeting_refused(void **state)
{
	static const char *const cases[][2] = {
		{ "{\"HOTRIG\":{\"version\":{}}}\n", "neither greeting" },
		{ "{\"QMP\":7}\n", "not an object" },
		{ "{\"QMP\":{}}\n", "'version'" },
		{ "{\"QMP\":{\"version\":1}}\n", "'version'" },
		{ "{\"QMP\":{\"version\":{},\"capabilities\":{}}}\n", "'capabilities'" },
		{ "{\"QMP\":{\"version\":{},\"capabilities\":[1]}}\n", "'capabilities'" },
		{ "{\"QMP\":{\"version\":{}},\"event\":\"X\"}\n", "more than one" },
		{ "{\"return\":{},\"id\":1}\n", "never issued" },
		{ "SeaBIOS\n", "not JSON" },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		struct rig_err err = { 0 };
		struct fake_session f;

		fake_session_start(&f);
		fake_server_send(f.server, cases[i][0]);
		assert_int_equal(qmp_negotiate(f.client, LATE, &err), -EBADMSG);
		assert_int_equal(err.cause, RIG_QEMU);
		assert_text(&err, cases[i][1]);
		assert_null(qmp_greeting(f.client));
		fake_session_stop(&f);
	}
}

static void test_greeting_silence(void **state)
{
	struct fake_session f;
	struct rig_err err;

	(void)state;
	fake_session_start(&f);
	assert_int_equal(qmp_negotiate(f.client, SOON, &err), -ETIMEDOUT);
	assert_int_equal(err.cause, RIG_TIMEOUT);
	assert_text(&err, "greeting from 'qmp'");
	/* patience again is allowed, and then silence after the greeting */
	fake_server_send(f.server, FAKE_GREETING);
	fake_server_expect(f.server, "qmp_capabilities", NULL);
	assert_int_equal(qmp_negotiate(f.client, SOON, &err), -ETIMEDOUT);
	assert_text(&err, "'qmp_capabilities'");
	assert_null(qmp_broken(f.client));
	fake_session_stop(&f);
}

static void test_capabilities_refused(void **state)
{
	struct fake_session f;
	struct rig_err err;

	(void)state;
	fake_session_start(&f);
	fake_server_send(f.server, FAKE_GREETING);
	fake_server_expect(f.server, "qmp_capabilities",
			   "{\"error\":{\"class\":\"GenericError\",\"desc\":\"no\"},\"id\":$ID}\n");
	assert_int_equal(qmp_negotiate(f.client, LATE, &err), -EREMOTEIO);
	fake_session_stop(&f);
}

/* --- commands and replies --- */

static void test_call(void **state)
{
	json_auto_t *value = NULL;
	struct fake_session f;
	struct rig_err err;

	(void)state;
	fake_session_negotiate(&f, FAKE_GREETING);
	fake_server_expect(f.server, "query-x", "{\"return\":[1,\"a\"],\"id\":$ID,\"new\":0}\n");
	assert_int_equal(qmp_call(f.client, "query-x", json_pack("{s:I}", "size",
				  (json_int_t)INT64_MAX), LATE, &value, NULL, &err), 0);
	assert_int_equal(json_array_size(value), 2);
	assert_non_null(strstr(fake_server_line(f.server), "{\"size\":9223372036854775807}"));
	fake_session_stop(&f);
}

static void test_refusal(void **state)
{
	struct qmp_error error;
	struct fake_session f;
	struct rig_err err;

	(void)state;
	fake_session_negotiate(&f, FAKE_GREETING);
	fake_server_expect(f.server, "device_add", "{\"id\":$ID,\"error\":{\"desc\":"
			   "\"Bus \\\"q\\\" \\u001b[31m not found\",\"class\":\"DeviceNotFound\"}}\n");
	assert_int_equal(qmp_call(f.client, "device_add", NULL, LATE, NULL, &error, &err),
			 -EREMOTEIO);
	assert_int_equal(err.cause, RIG_QEMU);
	assert_text(&err, "'qmp' refused 'device_add': DeviceNotFound: Bus \"q\" ?[31m not found");
	assert_string_equal(error.class, "DeviceNotFound");
	assert_string_equal(error.desc, "Bus \"q\" \033[31m not found");	/* as it was */
	assert_null(qmp_broken(f.client));
	fake_session_stop(&f);
}

static void test_refusal_long(void **state)
{
	AUTO_FREE char *answer = NULL;
	struct qmp_error error;
	struct fake_session f;
	struct rig_err err;
	char desc[1502] = "a";

	(void)state;
	for (size_t i = 1; i < 1501; i += 2)
		memcpy(desc + i, "\xc3\xa4", 2);
	answer = xasprintf("{\"error\":{\"class\":\"%s\",\"desc\":\"%s\"},\"id\":$ID}\n", desc, desc);
	fake_session_negotiate(&f, FAKE_GREETING);
	fake_server_expect(f.server, "x", answer);
	assert_int_equal(qmp_call(f.client, "x", NULL, LATE, NULL, &error, &err), -EREMOTEIO);
	assert_int_equal(strlen(error.class), 63);
	assert_int_equal(strlen(error.desc), 1023);
	for (size_t i = 0; i < 3; i++) {	/* cut between characters: still UTF-8 */
		const char *const texts[] = { error.class, error.desc, err.text };
		json_auto_t *s = json_string(texts[i]);

		assert_non_null(s);
	}
	fake_session_stop(&f);
}

static void test_replies_out_of_order(void **state)
{
	json_auto_t *first = NULL, *second = NULL;
	struct fake_session f;
	struct rig_err err;
	uint64_t a, b;

	(void)state;
	fake_session_negotiate(&f, FAKE_GREETING);
	fake_server_expect(f.server, "a", NULL);
	fake_server_expect(f.server, "b", "{\"return\":\"b\",\"id\":3}\r\n{\"return\":\"a\",\"id\":2}\n");
	a = fake_session_send(&f, "a");
	b = fake_session_send(&f, "b");
	assert_false(qmp_reply_ready(f.client, a));
	assert_int_equal(qmp_wait_reply(f.client, a, LATE, &first, NULL, &err), 0);
	assert_true(qmp_reply_ready(f.client, b));
	assert_int_equal(qmp_wait_reply(f.client, b, SOON, &second, NULL, &err), 0);
	assert_string_equal(json_string_value(first), "a");
	assert_string_equal(json_string_value(second), "b");
	assert_int_equal(qmp_wait_reply(f.client, b, SOON, NULL, NULL, &err), -EINVAL);
	fake_session_stop(&f);
}

static void test_late_reply(void **state)
{
	struct fake_session f;
	struct rig_err err;
	uint64_t a, b;

	(void)state;
	fake_session_negotiate(&f, FAKE_GREETING);
	fake_server_expect(f.server, "a", NULL);
	a = fake_session_send(&f, "a");
	assert_int_equal(qmp_wait_reply(f.client, a, SOON, NULL, NULL, &err), -ETIMEDOUT);
	assert_text(&err, "the reply to 'a' from 'qmp'");
	assert_int_equal(qmp_wait_reply(f.client, a, LATE, NULL, NULL, &err), -EINVAL);
	/* the late reply comes while the next one is awaited, and is dropped from under it */
	fake_server_expect(f.server, "b", "{\"return\":\"late\",\"id\":2}\n" FAKE_OK);
	b = fake_session_send(&f, "b");
	assert_int_equal(qmp_wait_reply(f.client, b, LATE, NULL, NULL, &err), 0);
	assert_non_null(strstr(f.traced, "<{\"return\":\"late\",\"id\":2}\n"));
	/* a second late one is no longer late but wrong */
	fake_server_send(f.server, "{\"return\":\"late\",\"id\":2}\n");
	fake_server_settle(f.server, f.client);
	assert_text(qmp_broken(f.client), "second reply");
	fake_session_stop(&f);
}

static void test_abandon(void **state)
{
	struct fake_session f;
	struct rig_err err;
	uint64_t a, b;

	(void)state;
	fake_session_negotiate(&f, FAKE_GREETING);
	fake_server_expect(f.server, "a", NULL);
	fake_server_expect(f.server, "b", FAKE_OK "{\"return\":{},\"id\":2}\n");
	a = fake_session_send(&f, "a");
	b = fake_session_send(&f, "b");
	qmp_abandon(f.client, a);
	qmp_abandon(f.client, 77);	/* unknown: nothing happens */
	assert_int_equal(qmp_wait_reply(f.client, b, LATE, NULL, NULL, &err), 0);
	fake_server_settle(f.server, f.client);
	assert_null(qmp_broken(f.client));
	fake_session_stop(&f);
}

static void test_error_without_id(void **state)
{
	static const char bare[] = "{\"error\":{\"class\":\"GenericError\",\"desc\":\"parse\"}}\n";
	struct qmp_error error;
	struct fake_session f;
	struct rig_err err;
	uint64_t oob, a, b;

	(void)state;
	fake_session_negotiate(&f, FAKE_GREETING_OOB);
	fake_server_expect(f.server, "o", NULL);
	fake_server_expect(f.server, "a", NULL);
	fake_server_expect(f.server, "b", bare);
	assert_int_equal(qmp_send(f.client, "o", NULL, true, LATE, &oob, &err), 0);
	a = fake_session_send(&f, "a");
	b = fake_session_send(&f, "b");
	assert_int_equal(qmp_wait_reply(f.client, a, LATE, NULL, &error, &err), -EREMOTEIO);
	assert_string_equal(error.desc, "parse");
	assert_false(qmp_reply_ready(f.client, b));
	fake_server_send(f.server, bare);
	assert_int_equal(qmp_wait_reply(f.client, b, LATE, NULL, NULL, &err), -EREMOTEIO);
	/* the out-of-band one is not meant */
	fake_server_send(f.server, bare);
	assert_int_equal(qmp_wait_reply(f.client, oob, LATE, NULL, NULL, &err), -EBADMSG);
	assert_text(&err, "error without id");
	fake_session_stop(&f);
}

static void test_protocol_errors(void **state)
{
	static const char *const cases[][2] = {
		{ "rubbish\n", "not JSON" },
		{ "{\"event\":\"A\"} x\n", "not JSON" },
		{ "{\"event\":\"\xff\"}\n", "not JSON" },
		{ "{\"event\":\"A\",\"event\":\"B\"}\n", "duplicate object key" },
		{ "{\"return\":9223372036854775808,\"id\":2}\n", "too big integer" },
		{ "{\"return\":-9223372036854775809,\"id\":2}\n", "too big negative integer" },
		{ "[]\n", "not an object" },
		{ "7\n", "not JSON" },
		{ "{}\n", "neither" },
		{ "{\"hello\":1}\n", "neither" },
		{ "{\"return\":{}}\n", "return without id" },
		{ "{\"return\":{},\"id\":\"2\"}\n", "never issued" },
		{ "{\"return\":{},\"id\":null}\n", "never issued" },
		{ "{\"return\":{},\"id\":2.0}\n", "never issued" },
		{ "{\"return\":{},\"id\":3}\n", "never issued" },
		{ "{\"return\":{},\"id\":0}\n", "never issued" },
		{ "{\"return\":{},\"id\":-2}\n", "never issued" },
		{ "{\"return\":{},\"id\":1}\n", "second reply" },
		{ "{\"return\":{},\"error\":{},\"id\":2}\n", "more than one" },
		{ "{\"error\":7,\"id\":2}\n", "'class' and 'desc'" },
		{ "{\"error\":{\"class\":\"X\"},\"id\":2}\n", "'class' and 'desc'" },
		{ "{\"error\":{\"class\":1,\"desc\":\"\"},\"id\":2}\n", "'class' and 'desc'" },
		{ "{\"event\":7}\n", "name of an event" },
		{ "{\"event\":\"\"}\n", "name of an event" },
		{ "{\"event\":\"A\",\"data\":[]}\n", "data of an event" },
		{ FAKE_GREETING, "greets again" },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		struct rig_err err, again;
		struct fake_session f;
		uint64_t id;

		fake_session_negotiate(&f, FAKE_GREETING);
		fake_server_expect(f.server, "a", cases[i][0]);
		id = fake_session_send(&f, "a");
		assert_int_equal(qmp_wait_reply(f.client, id, LATE, NULL, NULL, &err), -EBADMSG);
		assert_int_equal(err.cause, RIG_QEMU);
		assert_text(&err, cases[i][1]);
		/* the first error is kept, for every kind of call */
		assert_string_equal(qmp_broken(f.client)->text, err.text);
		assert_int_equal(qmp_call(f.client, "b", json_object(), LATE, NULL, NULL, &again),
				 -EBADMSG);
		assert_string_equal(again.text, err.text);
		assert_int_equal(qmp_wait_reply(f.client, id, LATE, NULL, NULL, &again), -EBADMSG);
		fake_session_stop(&f);
	}
}

static void test_integers(void **state)
{
	json_auto_t *value = NULL;
	struct fake_session f;
	struct rig_err err;

	(void)state;
	fake_session_negotiate(&f, FAKE_GREETING);
	fake_server_expect(f.server, "a", "{\"return\":[9223372036854775807,-9223372036854775808,"
			   "4294967296],\"id\":$ID}\n");
	assert_int_equal(qmp_call(f.client, "a", NULL, LATE, &value, NULL, &err), 0);
	assert_true(json_integer_value(json_array_get(value, 0)) == INT64_MAX);
	assert_true(json_integer_value(json_array_get(value, 1)) == INT64_MIN);
	assert_true(json_integer_value(json_array_get(value, 2)) == 4294967296);
	fake_session_stop(&f);
}

/* --- the loop's own errors --- */

static void test_cancelled(void **state)
{
	const struct rig_err why = { RIG_KERNEL, ENODATA, "the guest is gone" };
	struct fake_session f;
	struct rig_err err;
	uint64_t id;

	(void)state;
	fake_session_negotiate(&f, FAKE_GREETING);
	fake_server_expect(f.server, "a", NULL);
	id = fake_session_send(&f, "a");
	loop_cancel(f.loop, &why);
	assert_int_equal(qmp_wait_reply(f.client, id, LATE, NULL, NULL, &err), -ENODATA);
	assert_int_equal(err.cause, RIG_KERNEL);
	assert_string_equal(err.text, "the guest is gone");
	loop_resume(f.loop);
	fake_server_send(f.server, "{\"return\":{},\"id\":2}\n");
	assert_int_equal(qmp_wait_reply(f.client, id, LATE, NULL, NULL, &err), 0);
	fake_session_stop(&f);
}

static void test_interrupted(void **state)
{
	int status;
	pid_t pid;

	(void)state;
	pid = fork();		/* the loop remembers a signal for the rest of the process */
	if (pid == 0) {
		struct fake_session f;
		struct rig_err err;
		int r;

		fake_session_negotiate(&f, FAKE_GREETING);
		fake_server_expect(f.server, "a", NULL);
		raise(SIGTERM);
		r = qmp_call(f.client, "a", NULL, LATE, NULL, NULL, &err);
		_exit(r == -EINTR && err.cause == RIG_INTERRUPTED ? 0 : 1);
	}
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_int_equal(status, 0);
}

static void test_create_refused(void **state)
{
	const struct qmp_config config = { .name = "qmp", .greeting_key = "QMP" };
	struct qmp_client *client = NULL;
	struct loop *loop;
	struct rig_err err;
	int fd;

	(void)state;
	assert_int_equal(loop_create(&loop, &err), 0);
	assert_int_equal(qmp_client_create(loop, -1, &config, &client, &err), -EBADF);
	fd = open("/dev/null", O_RDONLY | O_CLOEXEC);
	assert_int_equal(qmp_client_create(loop, fd, &config, &client, &err), -ENOTSOCK);
	assert_null(client);
	assert_int_equal(fcntl(fd, F_GETFD), -1);	/* taken over and closed */
	qmp_client_destroy(NULL);
	loop_destroy(loop);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_negotiate_plain),
		cmocka_unit_test(test_negotiate_oob),
		cmocka_unit_test(test_greeting_refused),
		cmocka_unit_test(test_greeting_silence),
		cmocka_unit_test(test_capabilities_refused),
		cmocka_unit_test(test_call),
		cmocka_unit_test(test_refusal),
		cmocka_unit_test(test_refusal_long),
		cmocka_unit_test(test_replies_out_of_order),
		cmocka_unit_test(test_late_reply),
		cmocka_unit_test(test_abandon),
		cmocka_unit_test(test_error_without_id),
		cmocka_unit_test(test_protocol_errors),
		cmocka_unit_test(test_integers),
		cmocka_unit_test(test_cancelled),
		cmocka_unit_test(test_interrupted),
		cmocka_unit_test(test_create_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
