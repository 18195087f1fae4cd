// SPDX-License-Identifier: GPL-2.0-or-later
/* A client whose peer greeted on an earlier link, and descriptors that travel with a command. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/clean.h"
#include "base/mem.h"
#include "fake_server.h"
#include "qmp_client.h"

#define RESUMED "{\"return\":{\"nonce\":$NONCE},\"id\":$ID}\n"

static json_t *greeting(void)
{
	return json_pack("{s{si}s[]}", "version", "major", 1, "capabilities");
}

/* A session whose peer answers "sync" with @answer. */
static int resume(struct fake_session *f, const char *answer, uint64_t until_ns, struct rig_err *err)
{
	json_auto_t *said = greeting();

	fake_server_expect(f->server, "sync", answer);
	return qmp_resume(f->client, said, until_ns, err);
}

static void assert_is_normal(struct fake_session *f)
{
	json_auto_t *value = NULL;
	struct rig_err err;

	assert_null(qmp_broken(f->client));
	fake_server_expect(f->server, "query-x",
			   "{\"event\":\"KMSG\",\"data\":{\"seq\":7}}\n{\"return\":[1],\"id\":$ID}\n");
	assert_int_equal(qmp_call(f->client, "query-x", NULL, LATE, &value, NULL, &err), 0);
	assert_int_equal(json_array_size(value), 1);
	assert_int_equal(qmp_nr_events(f->client), 1);
	assert_string_equal(qmp_event_at(f->client, 0)->name, "KMSG");
}

static void a_peer_that_greeted_before_is_taken_at_its_word(void **state)
{
	json_auto_t *said = greeting();
	struct fake_session f;
	struct rig_err err;

	(void)state;
	fake_session_start(&f);
	assert_int_equal(qmp_call(f.client, "quit", NULL, LATE, NULL, NULL, &err), -ENOTCONN);
	assert_int_equal(resume(&f, RESUMED, LATE, &err), 0);
	assert_true(json_equal(qmp_greeting(f.client), said));
	assert_false(qmp_has_oob(f.client));
	assert_int_equal(qmp_nr_events(f.client), 0);
	assert_int_equal(qmp_negotiate(f.client, LATE, &err), 0);	/* nothing more to do */
	assert_is_normal(&f);
	fake_session_stop(&f);
}

/* What was meant for the earlier link, and lies in the guest's queues still. */
static void what_comes_before_the_reply_is_dropped(void **state)
{
	static const char *const stale[] = {
		"rubbish\n",
		"\n",
		"\xff\xfe\n",
		"\"seq\":12,\"text\":\"half a line\"}}\n",
		"{\"event\":\"KMSG\",\"data\":{\"seq\":1}}\n",
		"{\"event\":7}\n",
		"{\"return\":{},\"id\":$ID}\n",
		"{\"return\":7,\"id\":$ID}\n",
		"{\"return\":{\"nonce\":1},\"id\":$ID}\n",
		"{\"return\":{\"nonce\":\"$NONCE\"},\"id\":$ID}\n",
		"{\"return\":{\"nonce\":$NONCE},\"id\":77}\n",
		"{\"return\":{\"nonce\":$NONCE}}\n",
		"{\"error\":{\"class\":\"X\",\"desc\":\"\"},\"id\":$ID}\n",
		"{\"error\":{\"class\":\"X\",\"desc\":\"\"}}\n",
		"{\"return\":{},\"id\":99999}\n",
		"{\"QMP\":{\"version\":{},\"capabilities\":[\"oob\"]}}\n",
	};
	AUTO_FREE char *all = xstrdup("");

	(void)state;
	for (size_t i = 0; i <= ARRAY_SIZE(stale); i++) {
		bool last = i == ARRAY_SIZE(stale);		/* all of them */
		AUTO_FREE char *answer = xasprintf("%s" RESUMED, last ? all : stale[i]), *so_far = all;
		struct fake_session f;
		struct rig_err err;

		fake_session_start(&f);
		if (resume(&f, answer, LATE, &err) < 0)
			fail_msg("%s: %s", last ? "all" : stale[i], err.text);
		assert_int_equal(qmp_nr_events(f.client), 0);
		assert_int_equal(json_array_size(json_object_get(qmp_greeting(f.client), "capabilities")), 0);
		assert_is_normal(&f);
		fake_session_stop(&f);
		all = xasprintf("%s%s", so_far, last ? "" : stale[i]);
	}
}

/* None of these alone is the reply: without it the deadline passes. */
static void nothing_but_the_reply_resumes(void **state)
{
	static const char *const cases[] = {
		NULL, FAKE_OK, "{\"return\":{\"nonce\":1},\"id\":$ID}\n",
		"{\"return\":{\"nonce\":$NONCE},\"id\":77}\n", "{\"return\":{\"nonce\":$NONCE}}\n",
		"{\"return\":{\"nonce\":\"$NONCE\"},\"id\":$ID}\n", FAKE_GREETING,
		"{\"error\":{\"class\":\"X\",\"desc\":\"\"},\"id\":$ID}\n",
		"{\"return\":{\"nonce\":$NONCE},\"id\":$ID}",	/* without an end */
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		struct fake_session f;
		struct rig_err err;

		fake_session_start(&f);
		if (resume(&f, cases[i], SOON, &err) != -ETIMEDOUT)
			fail_msg("'%s' resumes", cases[i] ? cases[i] : "silence");
		assert_int_equal(err.cause, RIG_TIMEOUT);
		assert_text(&err, "the reply to 'sync' from 'qmp'");
		assert_int_equal(qmp_call(f.client, "quit", NULL, LATE, NULL, NULL, &err), -ENOTCONN);
		fake_session_stop(&f);
	}
}

/* Also all the rules: what was dropped before is an error behind it. */
static void behind_the_reply_the_protocol_holds(void **state)
{
	static const char *const cases[][2] = {
		{ "rubbish\n", "not JSON" },
		{ RESUMED, "second reply" },
		{ FAKE_GREETING, "greets again" },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		AUTO_FREE char *answer = xasprintf(RESUMED "%s", cases[i][0]);
		struct fake_session f;
		struct rig_err err = { 0 };

		fake_session_start(&f);
		if (resume(&f, answer, LATE, &err) < 0)
			assert_int_equal(err.eno, EBADMSG);
		fake_server_settle(f.server, f.client);
		assert_non_null(qmp_broken(f.client));
		assert_text(qmp_broken(f.client), cases[i][1]);
		fake_session_stop(&f);
	}
}

static void a_peer_that_is_gone_is_named(void **state)
{
	json_auto_t *said = greeting();
	struct fake_session f;
	struct rig_err err;

	(void)state;
	fake_session_start(&f);
	fake_server_expect_last(f.server, "sync", "half a li");
	assert_int_equal(qmp_resume(f.client, said, LATE, &err), -EPIPE);
	assert_int_equal(err.cause, RIG_QEMU);
	fake_session_stop(&f);
}

/* Two links of one guest do not take the reply of the other: each has its own nonce. */
static void nonces_differ(void **state)
{
	AUTO_FREE char *first = NULL;

	(void)state;
	for (int i = 0; i < 2; i++) {
		struct fake_session f;
		struct rig_err err;

		fake_session_start(&f);
		assert_int_equal(resume(&f, RESUMED, LATE, &err), 0);
		if (first)
			assert_string_not_equal(first, fake_server_line(f.server));
		else
			first = xstrdup(fake_server_line(f.server));
		fake_session_stop(&f);
	}
}

/* --- descriptors --- */

static ino_t inode_of(int fd)
{
	struct stat st;

	assert_int_equal(fstat(fd, &st), 0);
	return st.st_ino;
}

static void a_descriptor_travels_with_its_command(void **state)
{
	struct fake_session f;
	struct rig_err err;
	int fds[2], passed;

	(void)state;
	fake_session_negotiate(&f, FAKE_GREETING);
	assert_int_equal(pipe2(fds, O_CLOEXEC), 0);
	fake_server_expect(f.server, "getfd", FAKE_OK);
	assert_int_equal(qmp_pass_fd(f.client, "state", fds[1], LATE, &err), 0);
	assert_non_null(strstr(fake_server_line(f.server), "{\"fdname\":\"state\"}"));
	passed = fake_server_take_fd(f.server);
	assert_true(passed >= 0 && passed != fds[1]);
	assert_int_equal(inode_of(passed), inode_of(fds[1]));
	assert_int_equal(fcntl(fds[1], F_GETFD), FD_CLOEXEC);	/* stays ours */
	assert_int_equal(write(passed, "x", 1), 1);
	/* none goes along with what follows */
	fake_server_expect(f.server, "query-x", FAKE_OK);
	assert_int_equal(qmp_call(f.client, "query-x", NULL, LATE, NULL, NULL, &err), 0);
	assert_int_equal(fake_server_take_fd(f.server), -1);
	close(passed);
	close(fds[0]);
	close(fds[1]);
	fake_session_stop(&f);
}

/* A peer that reads late gets the command in pieces, and the descriptor once. */
static void it_travels_once_however_slow_the_peer(void **state)
{
	AUTO_FREE char *name = xcalloc(1, 300001);
	struct fake_session f;
	struct rig_err err;
	int passed, size = 4096;

	(void)state;
	memset(name, 'n', 300000);
	fake_session_negotiate(&f, FAKE_GREETING);
	assert_int_equal(setsockopt(f.fd, SOL_SOCKET, SO_SNDBUF, &size, sizeof(size)), 0);
	fake_server_expect(f.server, "getfd", FAKE_OK);
	assert_int_equal(qmp_pass_fd(f.client, name, f.fd, LATE, &err), 0);
	passed = fake_server_take_fd(f.server);
	assert_int_equal(inode_of(passed), inode_of(f.fd));
	close(passed);
	fake_session_stop(&f);
}

static void a_descriptor_that_is_refused_stays_ours(void **state)
{
	struct fake_session f;
	struct rig_err err;

	(void)state;
	fake_session_start(&f);
	assert_int_equal(qmp_pass_fd(f.client, "state", 0, LATE, &err), -ENOTCONN);
	fake_session_stop(&f);
	fake_session_negotiate(&f, FAKE_GREETING);
	fake_server_expect(f.server, "getfd", "{\"error\":{\"class\":\"GenericError\",\"desc\":\"no\"},\"id\":$ID}\n");
	assert_int_equal(qmp_pass_fd(f.client, "state", 0, LATE, &err), -EREMOTEIO);
	assert_text(&err, "refused 'getfd'");
	assert_true(fcntl(0, F_GETFD) >= 0);
	close(fake_server_take_fd(f.server));
	fake_server_expect(f.server, "getfd", NULL);
	assert_int_equal(qmp_pass_fd(f.client, "state", 0, SOON, &err), -ETIMEDOUT);
	fake_session_stop(&f);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_peer_that_greeted_before_is_taken_at_its_word),
		cmocka_unit_test(what_comes_before_the_reply_is_dropped),
		cmocka_unit_test(nothing_but_the_reply_resumes),
		cmocka_unit_test(behind_the_reply_the_protocol_holds),
		cmocka_unit_test(a_peer_that_is_gone_is_named),
		cmocka_unit_test(nonces_differ),
		cmocka_unit_test(a_descriptor_travels_with_its_command),
		cmocka_unit_test(it_travels_once_however_slow_the_peer),
		cmocka_unit_test(a_descriptor_that_is_refused_stays_ours),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
