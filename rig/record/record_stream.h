/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * record_stream: the files of a record that grow while it runs, and how values are put into bytes.
 * Level 4, only for record.c.  Errors are -errno without text: record.c knows the subject.
 */
#ifndef RIG_RECORD_STREAM_H
#define RIG_RECORD_STREAM_H

#include <jansson.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "record/record.h"

enum record_stream {
	STREAM_CONSOLE,		/* console.log */
	STREAM_KMSG,		/* kmsg.log */
	STREAM_QMP,		/* qmp.jsonl */
	STREAM_AGENT,		/* agent.jsonl */
	STREAM_NR
};

struct record_streams {
	int fd[STREAM_NR];	/* -1: not open */
};

#define RECORD_STREAMS_NONE { { -1, -1, -1, -1 } }

/** record_streams_init() - create all files in @dir, empty: a reader need not ask which exist */
int record_streams_init(struct record_streams *s, int dir) RIG_CHECKED;
void record_streams_deinit(struct record_streams *s);
int record_streams_write(struct record_streams *s, enum record_stream which, const char *data,
			 size_t len) RIG_CHECKED;

/** record_wire_line() - one line of a .jsonl file with its line end; caller frees */
char *record_wire_line(char dir, uint64_t ns, const char *line, size_t len, size_t *ret_len);

/** record_write_list_gz() - object @rest with the array in front as compressed JSON; the same values give
 *  the same bytes */
int record_write_list_gz(int fd, const json_t *rest, const struct record_list *list) RIG_CHECKED;

#endif
