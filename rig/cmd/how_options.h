/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * how_options: the options of every command that runs scenarios, of how that is done.  Level 8.
 *
 * A command puts HOW_LONG into its table, HOW_SHORT into its letters and HOW_HELP into its help, and
 * hands what getopt_long(3) returns to how_option() first.
 */
#ifndef RIG_CMD_HOW_OPTIONS_H
#define RIG_CMD_HOW_OPTIONS_H

#include <getopt.h>
#include <stdbool.h>

#include "batch/batch.h"

enum { HOW_OPTION_JOBS = 0x200, HOW_OPTION_COLD };	/* those without a letter */

#define HOW_SHORT "a:e:r:q:b:"
#define HOW_LONG								\
	{ "jobs", required_argument, NULL, HOW_OPTION_JOBS },			\
	{ "cold", no_argument, NULL, HOW_OPTION_COLD },				\
	{ "accel", required_argument, NULL, 'a' },				\
	{ "memmap-era", required_argument, NULL, 'e' },				\
	{ "results", required_argument, NULL, 'r' },				\
	{ "qemu", required_argument, NULL, 'q' },				\
	{ "boot-deadline", required_argument, NULL, 'b' }
#define HOW_HELP								\
	"      --cold            boot every run, use no template; see 'hotrig template --help'\n"		\
	"      --jobs N          run up to N at a time, 1 to 64 (default: as cores and memory allow)\n"	\
	"  -a, --accel ACCEL     auto, kvm or tcg (default: auto)\n"		\
	"  -e, --memmap-era ERA  pg-reserved or page-offline (default: find out)\n" \
	"  -r, --results DIR     folder of the records (default: $HOTRIG_RESULTS, else results/ of the tree)\n" \
	"  -q, --qemu PROGRAM    QEMU to use (default: qemu-system-x86_64)\n"	\
	"  -b, --boot-deadline S\n"						\
	"                        seconds until the agent must have greeted (default: 180)\n"

struct how_options {
	struct batch_how how;	/* borrows from argv and from here */
	char *agent, *results;	/* owned */
};

/** how_options_init() - the defaults: agent and results of the environment, else of the tree */
void how_options_init(struct how_options *o);
void how_options_deinit(struct how_options *o);

/** how_option() - take option @c with its value; 1: taken, 0: not one of these, -1: bad value */
int how_option(struct how_options *o, int c, const char *value);

/** how_options_check() - RIG_HOST when there is no agent */
int how_options_check(const struct how_options *o, struct rig_err *err) RIG_CHECKED;

/** option_number() - 1 to @max; false: it is none */
bool option_number(const char *text, unsigned int max, unsigned int *ret);

/** command_fail() - say on stderr what went wrong; the exit code for it */
int command_fail(const struct rig_err *err);

#endif
