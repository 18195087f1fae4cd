/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * fake_server: the far end of a socket pair, following a script.  Runs in the loop of the client
 * under test, so nothing depends on scheduling.
 *
 * A command that the script does not expect next fails the test, naming both.
 */
#ifndef RIG_TESTS_FAKE_SERVER_H
#define RIG_TESTS_FAKE_SERVER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/clock.h"
#include "base/loop.h"
#include "qmp_client.h"

#define FAKE_GREETING "{\"QMP\":{\"version\":{\"qemu\":{\"major\":7}},\"capabilities\":[]}}\r\n"
#define FAKE_GREETING_OOB \
	"{\"QMP\":{\"version\":{\"qemu\":{\"major\":7}},\"capabilities\":[\"oob\"]}}\r\n"
#define FAKE_OK "{\"return\":{},\"id\":$ID}\r\n"

struct fake_server;

/** fake_server_create() - @client_fd: the near end, the caller's */
struct fake_server *fake_server_create(struct loop *loop, int *client_fd);
/** fake_server_destroy() - also fails the test when a part of the script was not reached */
void fake_server_destroy(struct fake_server *s);

/**
 * fake_server_expect() - append to the script: this command, answered with these bytes
 * @answer: "$ID" becomes the id of the command, "$NONCE" its nonce; NULL: silence
 */
void fake_server_expect(struct fake_server *s, const char *command, const char *answer);
/** fake_server_expect_last() - append to the script: close after that answer */
void fake_server_expect_last(struct fake_server *s, const char *command, const char *answer);

/** fake_server_send() - at once */
void fake_server_send(struct fake_server *s, const char *bytes);
void fake_server_send_bytes(struct fake_server *s, const char *bytes, size_t len);
void fake_server_close(struct fake_server *s);
/** fake_server_stop_reading() - until fake_server_read_on() */
void fake_server_stop_reading(struct fake_server *s);
void fake_server_read_on(struct fake_server *s);

/** fake_server_line() - the last line received */
const char *fake_server_line(const struct fake_server *s);

/** fake_server_take_fd() - the descriptor that came along, the caller's; -1: none */
int fake_server_take_fd(struct fake_server *s);

/** fake_server_settle() - run the loop until @client has read all that was sent, or is broken */
void fake_server_settle(struct fake_server *s, const struct qmp_client *client);

/* a client named "qmp" (greeting key "QMP", blame RIG_QEMU) and its server in one loop */
struct fake_session {
	struct loop *loop;
	struct fake_server *server;
	struct qmp_client *client;
	int fd;			/* the client's */
	char *traced;		/* "<line\n>line\n..."; of a line over 999 bytes only these */
	uint64_t traced_ns;	/* of the last line; the test fails if it ever goes back */
};

#define FAKE_MAX_LINE	4096
#define FAKE_MAX_EVENTS	8192
#define SOON		clock_in_ms(20)		/* for waits that are meant to fail */
#define LATE		clock_in_ms(10000)	/* for waits that are not */

void fake_session_start(struct fake_session *f);
/** fake_session_negotiate() - start, greet with @greeting and leave capabilities mode */
void fake_session_negotiate(struct fake_session *f, const char *greeting);
void fake_session_stop(struct fake_session *f);

/** fake_session_send() - have the client send @command; returns its id */
uint64_t fake_session_send(struct fake_session *f, const char *command);

void assert_text(const struct rig_err *err, const char *part);

#endif
