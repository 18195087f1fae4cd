/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * greet: how an agent begins, for those of the test agents that come this far.
 */
#ifndef RIG_TESTS_AGENTS_GREET_H
#define RIG_TESTS_AGENTS_GREET_H

#include <stddef.h>

#include "guest_agent/agent.h"

/** say() - all of @text to the host; a host that has gone ends the agent */
void say(int link, const char *text);
void say_bytes(int link, const char *data, size_t len);

/** await_line() - read one command and drop it */
void await_line(int link);

/** greet() - the real agent's greeting; greet_and_negotiate() also grants the capabilities */
void greet(int link);
void greet_and_negotiate(int link);

/** stay() - keep quiet for ever */
__attribute__((noreturn)) void stay(void);

#endif
