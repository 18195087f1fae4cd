/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * copy: files and whole trees, as links where that is as good.  Level 2.
 */
#ifndef RIG_KERNEL_COPY_H
#define RIG_KERNEL_COPY_H

#include "base/err.h"

/** copy_file() - regular file @from as new file @to, with its mode and the time of now */
int copy_file(const char *from, const char *to, struct rig_err *err) RIG_CHECKED;

/**
 * copy_tree_linked() - folder @from as new folder @to, without its .git; files are hard links to those there,
 * copies with the same times where there cannot be any.  RIG_INTERRUPTED: @to is left half filled.
 */
int copy_tree_linked(const char *from, const char *to, struct rig_err *err) RIG_CHECKED;

#endif
