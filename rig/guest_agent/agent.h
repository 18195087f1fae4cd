/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * agent: the guest's half of the conversation.  One thread, one link, QMP's wire format.
 *
 * A command is answered at once, or later by a job: a child process, so that whatever can block
 * for ever in the kernel (an offline, a program) can be given up on.
 */
#ifndef RIG_AGENT_AGENT_H
#define RIG_AGENT_AGENT_H

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "base/loop.h"

#define AGENT_VERSION_MAJOR 1
#define AGENT_VERSION_MINOR 3
#define AGENT_MAX_LINE (1u << 20)

struct agent {
	struct loop *loop;
	int link;		/* control channel */
	char *line;		/* what arrived of the next command */
	size_t line_len;
	bool negotiated, quit;
	int kmsg, uevents;	/* -1: not open */
	struct job *jobs;
	struct fill *fills;
	struct walk *walks;
};

struct request {
	struct agent *agent;
	json_t *id;		/* owned; NULL when the command had none */
	const json_t *args;	/* object, possibly empty; borrowed while the command runs */
};

/*
 * A command: 0 with *ret (new reference, NULL means {}), COMMAND_LATER when a job or the command
 * itself answers, or -errno with @err, which becomes an error reply of class GenericError.
 */
#define COMMAND_LATER 1
typedef int command_fn(const struct request *req, json_t **ret, struct rig_err *err);

/** agent_reply() - answer; @ret and @id stolen.  agent_refuse() - answer with an error. */
void agent_reply(struct agent *a, json_t *id, json_t *ret);
void agent_refuse(struct agent *a, json_t *id, const char *class, const char *desc);
/** agent_reply_text() - answer with JSON text made by hand */
void agent_reply_text(struct agent *a, const json_t *id, const char *text, size_t len);
void agent_event(struct agent *a, const char *name, json_t *data);	/* @data stolen */

/** agent_run() - serve until the link ends or the host says quit; returns an exit code */
int agent_run(int link);

/**
 * oom_score_set() - how readily the kernel kills this process and its future children when memory runs out
 * The agent is spared (OOM_NEVER), and all that hold or walk memory for it as long as there is anybody else
 * (OOM_LAST): whoever is killed instead of what asked for too much looks like memory that was lost.  Programs of
 * a scenario go first (OOM_FIRST).
 */
#define OOM_NEVER "-1000"
#define OOM_LAST  "-999"
#define OOM_FIRST "0"
void oom_score_set(const char *score);

/* Arguments, checked. */
int arg_u64(const struct request *req, const char *key, uint64_t max, uint64_t *ret,
	    struct rig_err *err) RIG_CHECKED;
int arg_string(const struct request *req, const char *key, const char **ret, struct rig_err *err)
	RIG_CHECKED;

/** json_bytes() - a string; if the bytes are no UTF-8 or hold a NUL, all but printable ones as \xff */
json_t *json_bytes(const char *data, size_t len);

/* Commands, by file. */
command_fn cmd_query_guest, cmd_visit_cpus, cmd_read_files, cmd_write_file, cmd_load_module, cmd_query_counters;
command_fn cmd_query_memory_blocks, cmd_set_memory_block, cmd_query_namespaces;
command_fn cmd_read_trees, cmd_query_kcore, cmd_query_call_sites;
command_fn cmd_query_layout, cmd_query_pages, cmd_query_sections, cmd_query_nodes_raw;
command_fn cmd_query_pageblocks;
command_fn cmd_run, cmd_fill, cmd_check_fill, cmd_release_fill, cmd_sync_log;
command_fn cmd_walk, cmd_check_walk, cmd_release_walk, cmd_devmem;
command_fn cmd_bench_pages, cmd_await_idle_work;

/* log.c */
void log_open(struct agent *a);		/* kmsg and uevents become events from now on */

/** init_main() - pid 1: mounts, modules, then supervises the agent for ever */
int init_main(void);

#endif
