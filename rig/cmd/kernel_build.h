/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * kernel_build: `hotrig kernel build`: its options, and telling how far it is.  Level 8.
 */
#ifndef RIG_CMD_KERNEL_BUILD_H
#define RIG_CMD_KERNEL_BUILD_H

/** kernel_build() - argv[0] is "build"; the exit code is returned */
int kernel_build(int argc, char **argv);

#endif
