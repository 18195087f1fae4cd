/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * builtin_index: modules.builtin.bin, by which libkmod tells what is built in.  Level 3.
 *
 * depmod makes one for packaged kernels.  A kernel without a modules folder has none, and daxctl, which asks
 * libkmod for the driver that it wants, would look for a module in vain.
 */
#ifndef RIG_IMAGE_BUILTIN_INDEX_H
#define RIG_IMAGE_BUILTIN_INDEX_H

#include <stddef.h>

/**
 * builtin_index_make() - the content of the file
 * @names: with '_', sorted; no two begin with the same letter
 * Return: caller frees
 */
char *builtin_index_make(const char *const *names, size_t nr_names, size_t *len);

#endif
