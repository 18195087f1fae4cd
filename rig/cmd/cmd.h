/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * cmd: the subcommands.  Level 8; one file each, options and one call downward.
 *
 * argv[0] is the subcommand; the exit code is returned.
 */
#ifndef RIG_CMD_H
#define RIG_CMD_H

enum { EXIT_USAGE = 2, EXIT_ERROR = 3, EXIT_SKIPPED = 77 };

int cmd_run(int argc, char **argv);
int cmd_bisect(int argc, char **argv);
int cmd_kernel(int argc, char **argv);
int cmd_list(int argc, char **argv);
int cmd_scenario(int argc, char **argv);
int cmd_template(int argc, char **argv);
int cmd_pages(int argc, char **argv);
int cmd_known(int argc, char **argv);
int cmd_matrix(int argc, char **argv);
int cmd_explain(int argc, char **argv);
int cmd_compare(int argc, char **argv);
int cmd_history(int argc, char **argv);
int cmd_report(int argc, char **argv);

#endif
