// SPDX-License-Identifier: GPL-2.0-or-later
/* What the kernel tells in files: whole folders of them. */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <glob.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/clean.h"
#include "base/mem.h"
#include "guest_agent/agent.h"
#include "guest_agent/kernel_text.h"

#define FILE_BYTES	(256u << 10)
#define MAX_DEPTH	6

/* A file without reading rights is one to write to: an empty name for it is all that there is to tell. */
static json_t *read_one(int dir, const char *name, mode_t mode, char *buf)
{
	AUTO_CLOSE int fd = mode & 0444 ? openat(dir, name, O_RDONLY | O_NONBLOCK | O_CLOEXEC) : -1;
	size_t len = 0;
	ssize_t n = 0;

	if (!(mode & 0444))
		return json_null();
	while (fd >= 0 && len < FILE_BYTES && (n = read(fd, buf + len, FILE_BYTES - len)) > 0)
		len += (size_t)n;
	return fd < 0 || n < 0 ? json_integer(errno) : json_bytes(buf, len);
}

/* All regular files below @path; links are not followed, they lead in circles. */
static void read_tree(int at, const char *name, const char *path, int depth, char *buf, json_t *files)
{
	AUTO_CLOSE int fd = -1;
	struct dirent *e;
	struct stat st;
	DIR *d;

	if (fstatat(at, name, &st, depth ? AT_SYMLINK_NOFOLLOW : 0) < 0)
		return;
	if (S_ISREG(st.st_mode))
		json_object_set_new(files, path, read_one(at, name, st.st_mode, buf));
	if (!S_ISDIR(st.st_mode) || depth == MAX_DEPTH)
		return;
	fd = openat(at, name, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	d = fd < 0 ? NULL : fdopendir(fd);
	if (!d)
		return;
	fd = -1;
	while ((e = readdir(d))) {
		AUTO_FREE char *below = xasprintf("%s/%s", path, e->d_name);

		if (strcmp(e->d_name, ".") && strcmp(e->d_name, ".."))
			read_tree(dirfd(d), e->d_name, below, depth + 1, buf, files);
	}
	closedir(d);
}

static void read_trees(const char *pattern, char *buf, json_t *files)
{
	glob_t found = { 0 };

	if (glob(pattern, 0, NULL, &found) == 0)
		for (size_t i = 0; i < found.gl_pathc; i++)
			read_tree(AT_FDCWD, found.gl_pathv[i], found.gl_pathv[i], 0, buf, files);
	globfree(&found);
}

/* {paths}: each file, also of kernel_text.h, and of each folder all files below, with patterns as of glob(7): {files: {path:
 * text, errno, or null for one that cannot be read}}; what is not there is not named */
int cmd_read_trees(const struct request *req, json_t **ret, struct rig_err *err)
{
	const json_t *paths = json_object_get(req->args, "paths"), *path;
	AUTO_FREE char *buf = xcalloc(FILE_BYTES, 1);
	struct kernel_tasks tasks = { 0 };
	json_t *files = json_object();
	size_t i;

	(void)err;
	json_array_foreach(paths, i, path) {
		const char *name = json_string_value(path);
		AUTO_FREE char *text = NULL;

		if (name && kernel_text(&tasks, name, &text))
			json_object_set_new(files, name, text ? json_string(text) : json_integer(ENOENT));
		else if (name)
			read_trees(name, buf, files);
	}
	kernel_tasks_deinit(&tasks);
	*ret = json_pack("{so}", "files", files);
	return 0;
}
