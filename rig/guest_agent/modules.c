// SPDX-License-Identifier: GPL-2.0-or-later
#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/syscall.h>

#include "base/clean.h"
#include "base/mem.h"
#include "guest_agent/modules.h"

static bool same_letter(char a, char b)
{
	return a == b || ((a == '-' || a == '_') && (b == '-' || b == '_'));
}

/* "/modules/virtio_mem.ko" is the module of "virtio_mem.force_bbm=1"; returns "force_bbm=1", or NULL */
static const char *own_param(const char *path, const char *word)
{
	const char *name = strrchr(path, '/');

	for (name = name ? name + 1 : path; *name && *name != '.'; name++, word++)
		if (!same_letter(*name, *word))
			return NULL;
	return *word == '.' ? word + 1 : NULL;
}

/* The kernel hands such words to what is built in; for a module it is up to whoever loads it. */
static char *add_cmdline_params(const char *path, const char *params)
{
	AUTO_FCLOSE FILE *f = fopen("/proc/cmdline", "re");
	char *all = xstrdup(params), *save, line[4096];

	if (!f || !fgets(line, sizeof(line), f))
		return all;
	for (char *word = strtok_r(line, " \n", &save); word; word = strtok_r(NULL, " \n", &save)) {
		const char *param = own_param(path, word);
		AUTO_FREE char *before = param ? all : NULL;

		if (param)
			all = xasprintf("%s%s%s", before, *before ? " " : "", param);
	}
	return all;
}

static int load_one(const char *path, const char *params)
{
	AUTO_CLOSE int fd = open(path, O_RDONLY | O_CLOEXEC);
	AUTO_FREE char *all = add_cmdline_params(path, params);

	if (fd < 0)
		return -errno;
	if (syscall(SYS_finit_module, fd, all, 0) < 0 && errno != EEXIST)
		return -errno;
	return 0;
}

void modules_load_boot(void)
{
	AUTO_FCLOSE FILE *f = fopen("/etc/hotrig/modules", "re");
	char line[4096];

	while (f && fgets(line, sizeof(line), f)) {
		char *params = line + strcspn(line, " \n");
		int r;

		if (params == line)
			continue;
		if (*params)
			*params++ = '\0';
		params[strcspn(params, "\n")] = '\0';
		r = load_one(line, params);
		if (r < 0)
			fprintf(stderr, "hotrig init: cannot load '%s': %s\n", line, strerror(-r));
	}
}

static bool same_module(const char *a, const char *b)
{
	for (; *a && *b; a++, b++)
		if (!same_letter(*a, *b))
			return false;
	return *a == *b;
}

int modules_load_carried(const char *name)
{
	AUTO_FCLOSE FILE *f = fopen("/etc/hotrig/carry", "re");
	char line[8192], *save, *word;
	int r = 0;

	while (f && fgets(line, sizeof(line), f)) {
		word = strtok_r(line, " \n", &save);
		if (!word || !same_module(word, name))
			continue;
		while (!r && (word = strtok_r(NULL, " \n", &save)))
			r = load_one(word, "");
		return r;
	}
	return -ENOENT;
}
