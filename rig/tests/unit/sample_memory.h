/* SPDX-License-Identifier: GPL-2.0-or-later */
/* sample_memory: a kernel's memory that is a buffer.  A view ends with the next one, and reads no byte more. */
#ifndef TEST_SAMPLE_MEMORY_H
#define TEST_SAMPLE_MEMORY_H

#include "page/kernel_memory.h"

struct sample_memory {
	uint64_t addr;			/* where the kernel has it; what is beside is -EFAULT */
	unsigned char *bytes;
	size_t len;
	int broken;			/* what views return, when not 0, */
	unsigned int broken_from;	/* from this one on */
	uint64_t hole;			/* a view of this address is -EFAULT; 0: none */
	unsigned int views;		/* so far */
	struct kernel_memory memory;

	/* private */
	void *view;
};

void sample_memory_init(struct sample_memory *m, uint64_t addr, size_t len, size_t max_bytes);
void sample_memory_deinit(struct sample_memory *m);
/** sample_memory_tear_down() - cmocka's, of a fixture from xcalloc() that begins with a sample_memory */
int sample_memory_tear_down(void **state);

/** sample_memory_put() - write @len bytes where the kernel has @addr */
void sample_memory_put(struct sample_memory *m, uint64_t addr, const void *bytes, size_t len);

#endif
