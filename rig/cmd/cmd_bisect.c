// SPDX-License-Identifier: GPL-2.0-or-later
/* hotrig bisect: which commit or release brought or fixed a bug.  Level 8. */
#include <stdio.h>
#include <string.h>

#include "base/clean.h"
#include "cmd/cmd.h"
#include "cmd/cmd_bisect.h"
#include "cmd/how_options.h"

static const char help[] =
	"usage: hotrig bisect git [--tree DIR] --good REV --bad REV [options] SCENARIO...\n"
	"       hotrig bisect packages --good KERNEL --bad KERNEL [options] SCENARIO...\n"
	"       hotrig bisect step [--tree DIR] [--target T] [options] SCENARIO...\n"
	"\n"
	"git       finds the first bad, or the first good, commit: builds, boots and runs each that git bisect names\n"
	"packages  finds the first bad, or the first good, release of a Debian series\n"
	"step      builds the tree as it stands and runs it: for 'git bisect run'\n"
	"\n"
	"      --good, --bad     the ends; which is older follows from them\n"
	"      --target T        what is looked for: an invariant ('hotrig explain' lists them), splat:TITLE,\n"
	"                        crash:TITLE, crash, hang, boot, or any failure but boot: any\n"
	"                        (default: what the bad end shows; of step: any)\n"
	"      --flaky           the bug shows in some runs only: repeat until the odds are good enough\n"
	"      --term-old TERM, --term-new TERM\n"
	"                        words for the older and the newer state in the answer\n"
	"      --anew            forget what an earlier bisect of the same has found out\n"
	"      --tree DIR        of git and step: kernel source (default: the current folder)\n"
	"      --config FRAGMENT of git and step: config laid over kernels/base.config, see 'hotrig kernel --help'\n"
	"      --make-jobs N     of git and step: jobs of make (default: one for each processor)\n"
	"      --skip REV        of git: this commit is of no use; may be repeated\n"
	"      --replay FILE     of git: take over what the log of a git bisect says\n"
	"      --keep-worktree   of git: do not remove the linked worktree at the end\n"
	HOW_HELP
	"  -j, --json            the answer as one JSON object\n"
	"  -h, --help            show this text\n"
	"\n"
	"Exit code: 0 one is named, 1 an interval is named, 2 bad usage, or an end is not what it is said to be,\n"
	"3 trouble of rig or host: the same command goes on.  Of step: 0 good, 1 bad, 125 skip, 200 no verdict.\n";

int bisect_help(void)
{
	fputs(help, stdout);
	return 0;
}

int cmd_bisect(int argc, char **argv)
{
	static const struct {
		const char *name;
		int (*run)(int argc, char **argv);
	} parts[] = { { "git", bisect_git }, { "packages", bisect_packages }, { "step", bisect_step } };

	if (argc > 1 && (!strcmp(argv[1], "-h") || !strcmp(argv[1], "--help")))
		return bisect_help();
	for (size_t i = 0; argc > 1 && i < ARRAY_SIZE(parts); i++)
		if (!strcmp(argv[1], parts[i].name))
			return parts[i].run(argc - 1, argv + 1);
	fprintf(stderr, "hotrig: bisect: %s%s; see 'hotrig bisect --help'\n",
		argc > 1 ? "no such part: " : "say 'git', 'packages' or 'step'", argc > 1 ? argv[1] : "");
	return EXIT_USAGE;
}
