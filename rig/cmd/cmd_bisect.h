/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * cmd_bisect: the parts of `hotrig bisect`.  Level 8; argv[0] is the part's name, the exit code is returned.
 */
#ifndef RIG_CMD_BISECT_H
#define RIG_CMD_BISECT_H

int bisect_git(int argc, char **argv);
int bisect_packages(int argc, char **argv);
int bisect_step(int argc, char **argv);

/** bisect_help() - on stdout; 0, the exit code */
int bisect_help(void);

#endif
