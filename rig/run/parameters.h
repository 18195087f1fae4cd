/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * parameters: what the command line gave to parts of the kernel, and what these make of it.  Level 5.
 *
 * A word MODULE.NAME=VALUE of the command line sets a parameter, which most parts show again below /sys/module.
 * The kernel says in its log which values it refuses.
 */
#ifndef RIG_RUN_PARAMETERS_H
#define RIG_RUN_PARAMETERS_H

#include "run/run.h"

struct parameter {
	char path[256];		/* of the file that shows it */
	char name[128];		/* "memory_hotplug.memmap_on_memory" */
	char value[128];	/* as given; of several the last one */
};

/** parameters_of() - those that @cmdline gives, each once; caller frees @ret.  What is too long to be one is none. */
size_t parameters_of(const char *cmdline, struct parameter **ret);
/** parameter_reads_as() - whether @text, what the file says, is how the kernel shows @value */
bool parameter_reads_as(const char *value, const char *text);

/** parameters_read() - what the guest shows of those on its command line: path to text; new reference */
int parameters_read(struct run *run, json_t **ret, struct rig_err *err) RIG_CHECKED;
/**
 * parameters_judge() - hold the command line against what was read
 * @files: from parameters_read()
 * @kmsg: the log of the boot, as evidence_kmsg() has it
 */
void parameters_judge(struct run *run, const json_t *files, const json_t *kmsg);

#endif
