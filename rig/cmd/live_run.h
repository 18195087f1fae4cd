/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * live_run: the runs that go on now, as others see them.  Level 8; what they leave for this is in run/live.h.
 */
#ifndef RIG_LIVE_RUN_H
#define RIG_LIVE_RUN_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

#include "base/err.h"

struct live_run {
	char *name;		/* of its unfinished folder */
	char *folder;		/* path of that */
	pid_t qemu_pid;
	char *scenario, *release;
	char *kernel;		/* spec, as the user named it */
	char *image_sha256;
};

/** live_run_is() - whether @folder may be that of a run that has not ended */
bool live_run_is(const char *folder);

/**
 * live_run_read() - what the run in @folder says of itself
 * Errors: RIG_HOST -ENOENT when it has no guest yet, or no more; -EBADMSG: its file is damaged.
 */
int live_run_read(const char *folder, struct live_run *ret, struct rig_err *err) RIG_CHECKED;
void live_run_deinit(struct live_run *run);

/**
 * live_run_list() - those with a guest below @results, by name; no folder is no runs
 * @damaged: names the files that cannot be read, which is no reason to hide the others; NULL when all
 *	can; caller frees
 */
int live_run_list(const char *results, struct live_run **ret, size_t *nr, char **damaged,
		  struct rig_err *err) RIG_CHECKED;
void live_run_list_free(struct live_run *runs, size_t nr);

/** live_run_monitor() - path of its second monitor; caller frees */
char *live_run_monitor(const struct live_run *run);

/**
 * live_connect() - a link to the QMP monitor at socket @path
 * Errors: RIG_HOST: -EACCES says whose it is, -ENOENT and -ECONNREFUSED: nobody is there any more,
 * -EAGAIN: others are in front.  Returns the descriptor in *@ret.
 */
int live_connect(const char *path, int *ret, struct rig_err *err) RIG_CHECKED;

#endif
