/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * qmp_link: lines to and from a stream socket, watched in the loop.  Level 1, the transport below
 * qmp_client; knows lines, deadlines and that a link can break, but not what a line means.
 */
#ifndef RIG_QMP_LINK_H
#define RIG_QMP_LINK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "base/loop.h"
#include "qmp_client.h"
#include "qmp/qmp_line.h"

/** takes one received line, read at @ns; an error breaks the link; must not call qmp_link_*() */
typedef int qmp_link_take_fn(void *arg, const char *line, size_t len, uint64_t ns,
			     struct rig_err *err);

struct qmp_link {
	struct loop *loop;
	int fd;
	struct qmp_config config;	/* owns its strings */
	qmp_link_take_fn *take;
	void *take_arg;
	struct qmp_line line;
	char *out;			/* the one line being sent, with its end; NULL: none */
	size_t out_len, out_sent;
	int out_fd;			/* goes with its first byte; the putter's; -1: none */
	bool is_broken;
	struct rig_err broken;		/* the first reason */
};

/** qmp_link_init() - take over @fd (closed on failure too); @take is called from the loop */
int qmp_link_init(struct qmp_link *l, struct loop *loop, int fd, const struct qmp_config *config,
		  struct rig_err *err) RIG_CHECKED;
void qmp_link_deinit(struct qmp_link *l);

/** qmp_link_drain() - take what has arrived, without waiting; not from inside @take */
void qmp_link_drain(struct qmp_link *l);

/** qmp_link_put() - make @line (allocated, taken over, with its end) the next to be sent */
void qmp_link_put(struct qmp_link *l, char *line);
/** qmp_link_put_fd() - the same with a descriptor, which must stay open until the line is sent */
void qmp_link_put_fd(struct qmp_link *l, char *line, int fd);

/**
 * qmp_link_flush() - send what is left of the line that was put
 * @what: the command in it, for the message
 * Reads meanwhile.  On failure the rest stays, so that the next flush ends the line: a line
 * that was begun and never ended would make the next one garbage to the peer.
 */
int qmp_link_flush(struct qmp_link *l, const char *what, uint64_t until_ns,
		   struct rig_err *err) RIG_CHECKED;

/** qmp_link_take_back() - drop the line; false when a part of it is sent already and it stays */
bool qmp_link_take_back(struct qmp_link *l);

#endif
