/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * sample_record: a record of one step as a run leaves it, to be spoiled and put on disk.
 *
 * A DIMM of one memory block is onlined at 4 GiB, beside 2 GiB of boot memory.
 */
#ifndef RIG_TESTS_SAMPLE_RECORD_H
#define RIG_TESTS_SAMPLE_RECORD_H

#include <jansson.h>

#define SAMPLE_PFN 0x100000

struct sample_record {
	json_t *result;
	json_t *state[3];	/* start, after, end */
	json_t *events;		/* of the agent during the step: an array of messages */
	int watermark;		/* pages; of zone DMA32 after the step */
	long long latency_ns;
};

void sample_record_init(struct sample_record *r);
void sample_record_deinit(struct sample_record *r);
/** sample_record_put() - as the folder @results/@name; caller frees the path */
char *sample_record_put(const struct sample_record *r, const char *results, const char *name);

/** sample_record_offline() - the block stays offline after a refusal, with @flags and @type in its pages */
void sample_record_offline(struct sample_record *r, const char *flags, const char *type, const char *kpageflags);
/** sample_record_event() - an uevent, or NULL for a @text of the kernel log */
void sample_record_event(struct sample_record *r, const char *action, const char *text);

#endif
