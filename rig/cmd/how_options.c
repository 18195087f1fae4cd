// SPDX-License-Identifier: GPL-2.0-or-later
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clean.h"
#include "base/io.h"
#include "base/mem.h"
#include "base/tree.h"
#include "batch/pool.h"
#include "cmd/cmd.h"
#include "cmd/how_options.h"

#define MAX_BOOT_S	86400

void how_options_init(struct how_options *o)
{
	const char *results = getenv("HOTRIG_RESULTS"), *agent = getenv("HOTRIG_AGENT");

	*o = (struct how_options){
		.agent = agent ? xstrdup(agent) : tree_path("build/hotrig-agent"),
		.results = results && *results ? xstrdup(results) : tree_path("results"),
	};
	o->how.agent = o->agent;
	o->how.results = o->results;
}

void how_options_deinit(struct how_options *o)
{
	free(o->agent);
	free(o->results);
	*o = (struct how_options){ 0 };
}

bool option_number(const char *text, unsigned int max, unsigned int *ret)
{
	char *end;
	unsigned long v = strtoul(text, &end, 10);

	if (*text < '0' || *text > '9' || *end || !v || v > max)
		return false;
	*ret = (unsigned int)v;
	return true;
}

static bool parse_choice(const char *text, const char *const *names, int n, int *ret)
{
	for (int i = 0; i < n; i++)
		if (!strcmp(text, names[i])) {
			*ret = i;
			return true;
		}
	return false;
}

int how_option(struct how_options *o, int c, const char *value)
{
	static const char *const accels[] = { "auto", "kvm", "tcg" };
	static const char *const eras[] = { "", "pg-reserved", "page-offline" };
	bool ok = true;
	int v = 0;

	switch (c) {
	case HOW_OPTION_JOBS: ok = option_number(value, POOL_MAX_JOBS, &o->how.jobs); break;
	case HOW_OPTION_COLD: o->how.cold = true; break;
	case 'a': ok = parse_choice(value, accels, 3, &v); o->how.accel = (enum accel)v; break;
	case 'e': ok = parse_choice(value, eras, 3, &v) && v; o->how.era = (enum memmap_era)v; break;
	case 'r': o->how.results = value; break;
	case 'q': o->how.qemu = value; break;
	case 'b': ok = option_number(value, MAX_BOOT_S, &o->how.boot_s); break;
	default:
		return 0;
	}
	return ok ? 1 : -1;
}

int how_options_check(const struct how_options *o, struct rig_err *err)
{
	return io_exists(o->how.agent) ? 0 : rig_err_set(err, RIG_HOST, ENOENT,
							 "no guest agent at '%s'; 'make build' makes it",
							 o->how.agent);
}

int command_fail(const struct rig_err *err)
{
	fprintf(stderr, "hotrig: %s\n", err->text);
	return err->cause == RIG_USAGE ? EXIT_USAGE : err->cause == RIG_MISSING ? EXIT_SKIPPED : EXIT_ERROR;
}
