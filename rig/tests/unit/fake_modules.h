/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * fake_modules: a small modules folder made of real ELF objects and indexed by the real depmod.
 *
 *   hr_top -> hr_mid -> hr-base	dependencies by symbol; hr_mid lies packed as .ko.xz
 *   hr_top pre: hr-soft, hr-absent	softdeps; the second is nowhere
 *   hr_loop <-> hr_pool		softdeps in a circle
 *   hr-builtin				built in
 */
#ifndef RIG_TESTS_FAKE_MODULES_H
#define RIG_TESTS_FAKE_MODULES_H

#include <stdbool.h>

/** fake_folder_create() - a new folder; fake_folder_destroy() removes it with all in it */
char *fake_folder_create(void);
void fake_folder_destroy(char *path);

/** fake_modules_create() - make it below @root; its path, NULL without a compiler or depmod */
char *fake_modules_create(const char *root);

/** fake_compile() - run cc with these arguments, ended by NULL; false: there is no compiler */
bool fake_compile(const char *const *args);

/** fake_agent_write() - the smallest static ELF program, which differs by @letter */
void fake_agent_write(const char *path, char letter);

#endif
