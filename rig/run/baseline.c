// SPDX-License-Identifier: GPL-2.0-or-later
#include <errno.h>
#include <string.h>

#include "base/clean.h"
#include "base/clock.h"
#include "base/mem.h"
#include "run/baseline.h"
#include "run/evidence.h"
#include "run/look.h"
#include "run/news.h"
#include "run/outside.h"
#include "run/parameters.h"
#include "run/pmem.h"

/* The value of a boolean kernel argument, the last one counts; @unset when it is not there. */
static bool bool_arg(const char *cmdline, const char *name, bool unset)
{
	AUTO_FREE char *copy = xstrdup(cmdline);
	size_t len = strlen(name);
	char *save, *word;

	for (word = strtok_r(copy, " ", &save); word; word = strtok_r(NULL, " ", &save))
		if (!strncmp(word, name, len) && word[len] == '=')
			unset = strchr("1yYtT", word[len + 1]) ||
				(word[len + 1] == 'o' && (word[len + 2] == 'n' || word[len + 2] == 'N'));
	return unset;
}

/* What an uninitialised memmap reads as follows from config and command line, where they are known. */
static void memmap_fill(const struct kernel *k, const char *cmdline, struct model_config *c)
{
	enum kernel_feature by_default = kernel_option(k, "INIT_ON_ALLOC_DEFAULT_ON");

	c->poisons_removed = kernel_option(k, "DEBUG_VM") == KERNEL_BUILTIN;
	if (kernel_option(k, "DEBUG_VM") == KERNEL_UNKNOWN)
		return;
	if (c->poisons_removed)
		c->fill = FILL_ONES;
	else if (bool_arg(cmdline, "init_on_alloc", by_default == KERNEL_BUILTIN))
		c->fill = FILL_ZERO;
}

/* Less than the kernel allows would be a verdict on less than it claims. */
static int check_readers(const struct run *run, struct rig_err *err)
{
	if (run->guest.raw || run->witness || kernel_option(run->kernel, "BPF_SYSCALL") != KERNEL_BUILTIN ||
	    kernel_option(run->kernel, "DEBUG_INFO_BTF") != KERNEL_BUILTIN)
		return 0;
	return rig_err_set(err, RIG_AGENT, ENODEV, "struct pages cannot be read although the kernel has BPF and BTF: %s",
			   run->guest.reader_why);
}

/* Whether memory that is added holds its own memmap: the kernel tells what it made of its command line. */
static bool is_self_hosting(const struct run *run, const json_t *parameters)
{
	const char *mode = json_string_value(json_object_get(parameters,
							     "/sys/module/memory_hotplug/parameters/memmap_on_memory"));

	return kernel_option(run->kernel, "MHP_MEMMAP_ON_MEMORY") != KERNEL_NO && mode && *mode != 'N';
}

/* What was logged before the guest was kept is not logged again. */
static void judge_parameters(struct run *run, bool played, const json_t *parameters)
{
	json_auto_t *said = played ? NULL : evidence_kmsg(run);

	parameters_judge(run, parameters, played ? tape_get(run->tape, "kmsg") : said);
}

int baseline_take(struct run *run, struct rig_err *err)
{
	struct model_config config = { .block_bytes = run->guest.block_bytes, .era = run->request->era };
	json_auto_t *parameters = NULL;
	const struct page_layout *l;
	bool played = run->tape && tape_plays(run->tape);
	/* a guest from a template has said all of it before it was kept */
	int e = played ? 0 : guest_sync_log(&run->guest, "baseline", clock_in_ms(LOOK_MS), err);

	if (e < 0 || (e = outside_open(run, err)) < 0 || (e = check_readers(run, err)) < 0 ||
	    (e = look_take(run, true, &run->base, err)) < 0 ||
	    (e = parameters_read(run, &parameters, err)) < 0)
		return e;
	/* whoever looks again looks at the guest */
	run->guest.tape = NULL;
	l = config.layout = run->layout;
	config.raw = run->base.raw;
	/* two signs that do not depend on each other's function; if they differ, the pages decide */
	if (config.era == ERA_UNKNOWN && l->has_sign_free_pages_core && l->has_sign_offline &&
	    l->sign_free_pages_core == l->sign_offline_returns_managed)
		config.era = l->sign_free_pages_core ? ERA_PAGE_OFFLINE : ERA_PG_RESERVED;
	config.policy = run->base.auto_online;
	config.cmdline = run->guest.cmdline;
	memmap_fill(run->kernel, run->guest.cmdline, &config);
	config.self_hosting = is_self_hosting(run, parameters);
	e = model_init(&run->model, &config, &run->base, err);
	if (e < 0)
		return e;
	run->modelled = true;
	news_note(run, &run->base, NULL);
	e = pmem_at_boot(run, err);
	if (e < 0)
		return e;
	run->uevents_from = qmp_nr_events(run->guest.link);
	evidence_drain(run);
	evidence_judge(run);
	judge_parameters(run, played, parameters);
	return look_judge(run, 0, LOOK_START, &run->base, err);
}

void baseline_forget(struct run *run)
{
	if (run->modelled)
		model_deinit(&run->model);
	run->modelled = false;
	leaks_deinit(&run->leaks);
	snapshot_deinit(&run->base);
}
