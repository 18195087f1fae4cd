// SPDX-License-Identifier: GPL-2.0-or-later
#include <inttypes.h>
#include <jansson.h>
#include <string.h>
#include <sys/stat.h>

#include "base/clean.h"
#include "base/io.h"
#include "base/mem.h"
#include "vm/accel_memory.h"

#define MAX_BYTES	(64u << 10)
#define MAX_CPUINFO	(16u << 20)

/* As execvp(3) will find it; NULL: nowhere. */
static char *find_program(const char *name)
{
	const char *path = getenv("PATH");
	AUTO_FREE char *dirs = xstrdup(path ? path : "/bin:/usr/bin");
	char *rest = dirs, *dir;

	if (strchr(name, '/'))
		return xstrdup(name);
	while ((dir = strsep(&rest, ":"))) {
		char *file = xasprintf("%s/%s", *dir ? dir : ".", name);

		if (access(file, X_OK) == 0)
			return file;
		free(file);
	}
	return NULL;
}

static char *read_text(const char *path, size_t max_bytes)
{
	struct rig_err err;
	char *text;

	return io_read_file(path, max_bytes, &text, NULL, &err) < 0 ? NULL : text;
}

/* The line that begins with @name in the first processor's paragraph; "" when there is none. */
static char *cpuinfo_line(const char *cpuinfo, const char *name)
{
	const char *end = strstr(cpuinfo, "\n\n");
	const char *line = strstr(cpuinfo, name);

	if (!line || (end && line > end))
		return xstrdup("");
	return xstrndup(line, strcspn(line, "\n"));
}

/* Digest of everything that the verdict hangs on; NULL when some of it cannot be told. */
static char *make_key(const char *program, const char *cpu)
{
	AUTO_FREE char *boot = read_text("/proc/sys/kernel/random/boot_id", MAX_BYTES);
	AUTO_FREE char *cpuinfo = read_text("/proc/cpuinfo", MAX_CPUINFO);
	AUTO_FREE char *model = NULL, *flags = NULL, *text = NULL;
	struct stat st;
	char hex[65];

	if (!boot || !cpuinfo || stat(program, &st) < 0)
		return NULL;
	model = cpuinfo_line(cpuinfo, "model name");
	flags = cpuinfo_line(cpuinfo, "flags");
	text = xasprintf("%s\n%s %jd %jd.%09ld\n%s\n%s\n%s\n", boot, program, (intmax_t)st.st_size,
			 (intmax_t)st.st_mtim.tv_sec, st.st_mtim.tv_nsec, cpu, model, flags);
	io_sha256_hex(text, strlen(text), hex);
	return xstrdup(hex);
}

char *accel_memory_key(const char *qemu, const char *cpu)
{
	AUTO_FREE char *program = find_program(qemu);

	return program ? make_key(program, cpu) : NULL;
}

/* One file for each program and model, so that two in turn do not displace each other. */
static char *make_path(const char *program, const char *cpu)
{
	AUTO_FREE char *text = xasprintf("%s\n%s", program, cpu), *dir = NULL;
	struct rig_err err;
	char hex[65];

	if (io_cache_dir("accel", &dir, &err) < 0)
		return NULL;
	io_sha256_hex(text, strlen(text), hex);
	return xasprintf("%s/kvm-%.16s.json", dir, hex);
}

bool accel_memory_load(const char *qemu, const char *cpu, struct accel_verdict *ret)
{
	AUTO_FREE char *program = find_program(qemu), *key = NULL, *path = NULL, *text = NULL;
	json_auto_t *root = NULL;
	const char *of, *why = NULL;
	int usable;

	if (!program)
		return false;
	key = make_key(program, cpu);
	path = make_path(program, cpu);
	text = path ? read_text(path, MAX_BYTES) : NULL;
	if (!key || !text)
		return false;
	root = json_loads(text, JSON_REJECT_DUPLICATES, NULL);
	if (!root || json_unpack(root, "{s:s, s:b, s?s}", "learned_from", &of, "usable", &usable,
				 "why", &why) < 0)
		return false;
	if (strcmp(of, key) || (!usable && !why))
		return false;
	*ret = (struct accel_verdict){ usable, usable ? NULL : xstrdup(why) };
	return true;
}

void accel_memory_store(const char *qemu, const char *cpu, const struct accel_verdict *verdict)
{
	AUTO_FREE char *program = find_program(qemu), *key = NULL, *path = NULL, *text = NULL;
	json_auto_t *root = NULL;
	struct rig_err err;

	if (!program)
		return;
	key = make_key(program, cpu);
	path = make_path(program, cpu);
	if (!key || !path)
		return;
	root = json_pack("{s:s, s:b, s:s*}", "learned_from", key, "usable", verdict->usable, "why",
			 verdict->why);
	text = root ? json_dumps(root, JSON_INDENT(2)) : NULL;
	if (text && io_write_file(path, text, strlen(text), &err) < 0)
		return;
}
