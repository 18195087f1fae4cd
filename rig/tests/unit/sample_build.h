/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * sample_build: a small kernel tree and a fake make that does what the file "mood" says, for unit tests.
 *
 * The state of a test is the path of its folder: tree/, kernels/ with fragments, bin/, cache/, "log" with
 * the targets that were asked of make.
 */
#ifndef RIG_TESTS_SAMPLE_BUILD_H
#define RIG_TESTS_SAMPLE_BUILD_H

#include "kernel_samples.h"

#define SAMPLE_BUILD_RELEASE "6.12.3"

int sample_build_set_up(void **state);
int sample_build_tear_down(void **state);

/** sample_build_at() - path of @name in the test's folder; caller frees */
char *sample_build_at(void **state, const char *name);
void sample_build_put(void **state, const char *name, const char *text);
void sample_build_put_program(void **state, const char *name, const char *text);
void sample_build_expect(void **state, const char *name, const char *text);

/** sample_build_try() - the key of build_kernel(), for the caller to free, or NULL and the error */
char *sample_build_try(void **state, const char *fragment, const char *series, bool *new,
		       struct rig_err *err);

/** sample_build() - the same where it must succeed */
char *sample_build(void **state, const char *fragment, bool *new);

#endif
