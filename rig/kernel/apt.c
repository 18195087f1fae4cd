// SPDX-License-Identifier: GPL-2.0-or-later
#include <dirent.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <time.h>

#include "base/clean.h"
#include "base/clock.h"
#include "base/io.h"
#include "base/proc.h"
#include "kernel/apt.h"
#include "kernel/release.h"

#define FRESH_S			(6 * 3600)
#define UPDATE_MS		(5 * 60 * 1000)
#define DOWNLOAD_MS		(30 * 60 * 1000)
#define MAX_NAMES_BYTES		(8u << 20)
#define LISTS_MIB		64u	/* what the lists of a few sources take, generously */

/*
 * The host may have hooks that run after each update and clean up its own cache or tell a desktop:
 * none of them concerns a private state.  A list can be emptied by a file only, not by an option.
 */
static const char private_conf[] =
	"#clear APT::Update::Pre-Invoke;\n"
	"#clear APT::Update::Post-Invoke;\n"
	"#clear APT::Update::Post-Invoke-Success;\n";

static int prepare(const char *dir, struct rig_err *err)
{
	static const char *const folders[] = { "state/lists/partial", "cache/archives/partial" };
	static const struct {
		const char *name, *text;
	} files[] = { { "private.conf", private_conf }, { "status", "" } };

	for (size_t i = 0; i < ARRAY_SIZE(folders); i++) {
		AUTO_FREE char *path = xasprintf("%s/%s", dir, folders[i]);
		int r = io_mkdirs(path, err);

		if (r < 0)
			return r;
	}
	for (size_t i = 0; i < ARRAY_SIZE(files); i++) {
		AUTO_FREE char *path = xasprintf("%s/%s", dir, files[i].name);
		int r = io_write_file(path, files[i].text, strlen(files[i].text), err);

		if (r < 0)
			return r;
	}
	return 0;
}

static void add_options(struct strv *argv, const char *tool, const char *dir)
{
	static const char *const fixed[] = {
		/* as root, apt would else read as a user who may not enter the cache */
		"APT::Sandbox::User=",
		/* lists stay compressed, and no index of them is kept: 100 MB less in the cache */
		"Acquire::GzipIndexes=true",
		"Dir::Cache::pkgcache=",
		"Dir::Cache::srcpkgcache=",
		"Acquire::Languages=none",
		"Acquire::Retries=1",
		"Acquire::http::Timeout=20",
		"Acquire::https::Timeout=20",
	};

	strv_add(argv, tool);
	strv_addf(argv, "--config-file=%s/private.conf", dir);
	strv_addf(argv, "--option=Dir::State=%s/state", dir);
	strv_addf(argv, "--option=Dir::State::status=%s/status", dir);
	strv_addf(argv, "--option=Dir::Cache=%s/cache", dir);
	for (size_t i = 0; i < ARRAY_SIZE(fixed); i++)
		strv_addf(argv, "--option=%s", fixed[i]);
}

static int run(const struct strv *argv, const char *cwd, uint64_t patience_ms,
	       struct proc_result *ret, struct rig_err *err)
{
	static const char *const env[] = { "LC_ALL=C", NULL };
	int r = proc_run(argv->v, (char *const *)env, cwd, clock_in_ms(patience_ms), ret, err);

	if (r == -ENOENT)
		return rig_err_set(err, RIG_HOST, ENOENT,
				   "cannot run '%s': install apt, or name a kernel by its path", argv->v[0]);
	if (r < 0 && err->cause == RIG_TIMEOUT)
		return rig_err_set(err, RIG_HOST, ETIMEDOUT, "'%s' did not finish in %llu minutes",
				   argv->v[0], (unsigned long long)patience_ms / 60000);
	return r;
}

/* apt says the same for each source and file: its first error line tells enough */
static int check(const struct proc_result *result, const char *what, struct rig_err *err)
{
	const char *line = result->errout;
	int r = proc_check(result, what, err);

	if (!r)
		return 0;
	while (line && strncmp(line, "E: ", 3)) {
		line = strchr(line, '\n');
		line += line != NULL;
	}
	if (line)
		return rig_err_set(err, RIG_HOST, EIO, "'%s' failed: %.*s", what,
				   (int)strcspn(line + 3, "\n"), line + 3);
	return r;
}

static char *names_path(const char *dir)
{
	return xasprintf("%s/names", dir);
}

bool apt_lists_are_fresh(const char *dir)
{
	AUTO_FREE char *path = names_path(dir);
	time_t now = time(NULL);
	struct stat st;

	/* one from the future tells nothing: the clock was set back */
	return stat(path, &st) == 0 && st.st_mtime <= now && now - st.st_mtime < FRESH_S;
}

void apt_read_releases(const char *dir, struct strv *ret)
{
	AUTO_FREE char *path = names_path(dir), *text = NULL;
	const size_t prefix = strlen(RELEASE_PACKAGE_PREFIX);
	char *save, *line;
	struct rig_err ignored;
	struct release release;

	if (io_read_file(path, MAX_NAMES_BYTES, &text, NULL, &ignored) < 0)
		return;
	for (line = strtok_r(text, "\n", &save); line; line = strtok_r(NULL, "\n", &save))
		if (!strncmp(line, RELEASE_PACKAGE_PREFIX, prefix) &&
		    release_parse(line + prefix, &release))
			strv_add(ret, line + prefix);
}

/* The names are kept in a file: asking apt takes half a second each time */
static int write_names(const char *dir, bool complete, struct rig_err *err)
{
	AUTO_PROC_RESULT struct proc_result result = { 0 };
	AUTO_FREE char *path = names_path(dir);
	AUTO_STRV struct strv argv = { 0 };
	int r;

	add_options(&argv, "apt-cache", dir);
	strv_add(&argv, "pkgnames");
	strv_add(&argv, RELEASE_PACKAGE_PREFIX);
	r = run(&argv, NULL, UPDATE_MS, &result, err);
	if (!r)
		r = check(&result, "apt-cache pkgnames", err);
	if (!r && (complete || result.out_len))
		r = io_write_file(path, result.out, result.out_len, err);
	if (!r && !complete) {
		const struct timespec long_ago[2] = { { 0 } };

		utimensat(AT_FDCWD, path, long_ago, 0);
	}
	return r;
}

/* 'apt-get update' hangs when the disk is full instead of failing */
static int check_space(const char *dir, struct rig_err *err)
{
	struct statvfs fs;

	if (statvfs(dir, &fs) < 0 || fs.f_bavail >= (LISTS_MIB << 20) / fs.f_frsize)
		return 0;
	return rig_err_set(err, RIG_HOST, ENOSPC,
			   "no space left in '%s' for lists of packages, which need %u MiB: free some, or move the cache with HOTRIG_CACHE",
			   dir, LISTS_MIB);
}

int apt_refresh(const char *dir, struct rig_err *err)
{
	AUTO_PROC_RESULT struct proc_result result = { 0 };
	AUTO_STRV struct strv argv = { 0 };
	struct rig_err update_err, names_err;
	int r, update;

	r = prepare(dir, err);
	if (!r)
		r = check_space(dir, err);
	if (r < 0)
		return r;
	add_options(&argv, "apt-get", dir);
	/* else apt calls it a success when the network is down */
	strv_add(&argv, "--option=APT::Update::Error-Mode=any");
	strv_add(&argv, "--quiet=2");
	strv_add(&argv, "update");
	r = run(&argv, NULL, UPDATE_MS, &result, err);
	if (r < 0)
		return r;
	update = check(&result, "apt-get update", &update_err);
	r = write_names(dir, update == 0, &names_err);
	if (!update && !r)
		return 0;
	*err = update < 0 ? update_err : names_err;
	return -err->eno;
}

static char *find_package(const char *folder)
{
	DIR *d = opendir(folder);
	char *found = NULL;
	struct dirent *e;

	while (d && !found && (e = readdir(d))) {
		size_t len = strlen(e->d_name);

		if (len > 4 && !strcmp(e->d_name + len - 4, ".deb"))
			found = xasprintf("%s/%s", folder, e->d_name);
	}
	if (d)
		closedir(d);
	return found;
}

/* "  Candidate: 6.12.117-1~deb12u1"; "(none)" for one that is known but not served */
static char *find_candidate(const char *policy)
{
	static const char key[] = "\n  Candidate: ";
	const char *value = strstr(policy, key);
	size_t len;

	if (!value)
		return NULL;
	value += strlen(key);
	len = strcspn(value, " \n");
	if (!len || strspn(value, "0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ.+~:-") < len)
		return NULL;
	return xstrndup(value, len);
}

int apt_candidate(const char *dir, const char *package, char **ret, struct rig_err *err)
{
	AUTO_PROC_RESULT struct proc_result result = { 0 };
	AUTO_STRV struct strv argv = { 0 };
	int r;

	r = prepare(dir, err);
	if (r < 0)
		return r;
	add_options(&argv, "apt-cache", dir);
	strv_add(&argv, "policy");
	strv_add(&argv, package);
	r = run(&argv, NULL, UPDATE_MS, &result, err);
	if (!r)
		r = check(&result, "apt-cache policy", err);
	if (!r)
		*ret = find_candidate(result.out);
	return r;
}

int apt_download_package(const char *dir, const char *package, const char *to, char **ret,
			 struct rig_err *err)
{
	AUTO_PROC_RESULT struct proc_result result = { 0 };
	AUTO_STRV struct strv argv = { 0 };
	char *found;
	int r;

	r = prepare(dir, err);
	if (r < 0)
		return r;
	add_options(&argv, "apt-get", dir);
	strv_add(&argv, "--quiet=2");
	strv_add(&argv, "download");
	strv_add(&argv, package);
	r = run(&argv, to, DOWNLOAD_MS, &result, err);
	if (!r)
		r = check(&result, "apt-get download", err);
	if (r < 0)
		return r;
	found = find_package(to);
	if (!found)
		return rig_err_set(err, RIG_HOST, EIO,
				   "'apt-get download' of package '%s' left no file", package);
	*ret = found;
	return 0;
}

int apt_download(const char *dir, const char *release, const char *to, char **ret,
		 struct rig_err *err)
{
	AUTO_FREE char *package = xasprintf(RELEASE_PACKAGE_PREFIX "%s", release);

	return apt_download_package(dir, package, to, ret, err);
}
