// SPDX-License-Identifier: GPL-2.0-or-later
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <dirent.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>

#include "base/clean.h"
#include "base/io.h"
#include "base/mem.h"
#include "sample_template.h"

int sample_store_set_up(void **state)
{
	char *dir = xstrdup("/tmp/hotrig-test-XXXXXX");

	assert_non_null(mkdtemp(dir));
	setenv("HOTRIG_TEMPLATES", dir, 1);
	unsetenv("HOTRIG_TEMPLATE_MIB");
	*state = dir;
	return 0;
}

int sample_store_tear_down(void **state)
{
	struct rig_err err;
	char *dir = *state;

	assert_int_equal(sample_folders("tmp."), 0);
	assert_int_equal(waitpid(-1, NULL, WNOHANG), -1);
	assert_int_equal(io_remove_tree(dir, &err), 0);
	unsetenv("HOTRIG_TEMPLATES");
	unsetenv("HOTRIG_TEMPLATE_MIB");
	free(dir);
	return 0;
}

const char *sample_path(const char *name, const char *file)
{
	static char buffer[4][256];
	static unsigned int next;
	char *path = buffer[next++ % 4];

	snprintf(path, sizeof(*buffer), "%s/%s/%s", getenv("HOTRIG_TEMPLATES"), name, file);
	return path;
}

bool sample_exists(const char *name)
{
	return io_exists(sample_path(name, ""));
}

unsigned int sample_folders(const char *prefix)
{
	DIR *d = opendir(getenv("HOTRIG_TEMPLATES"));
	struct dirent *e;
	unsigned int n = 0;

	assert_non_null(d);
	while ((e = readdir(d)))
		n += !strncmp(e->d_name, prefix, strlen(prefix));
	closedir(d);
	return n;
}

struct template_draft *sample_begin(const char *key)
{
	struct template_draft *d = NULL;
	const uint64_t bytes = SAMPLE_RAM;
	struct rig_err err;

	if (template_draft_create(key, 0, &bytes, 1, LATE, &d, &err) < 0)
		fail_msg("%s", err.text);
	return d;
}

int sample_try(const char *key, struct rig_err *err)
{
	struct template_draft *d = NULL;
	const uint64_t bytes = SAMPLE_RAM;
	int r = template_draft_create(key, 0, &bytes, 1, LATE, &d, err);

	assert_int_equal(r < 0, !d);
	template_draft_destroy(d);
	return r;
}

void sample_fill(struct template_draft *d)
{
	AUTO_FREE char *path = xasprintf("%s0", template_draft_ram(d)), *bytes = xcalloc(1, SAMPLE_RAM);
	AUTO_CLOSE int ram = open(path, O_RDWR | O_CLOEXEC), state = -1;
	struct rig_err err;

	memset(bytes, 'r', SAMPLE_RAM);
	assert_int_equal(io_write_all(ram, bytes, SAMPLE_RAM), 0);
	state = template_draft_file(d, "state", &err);
	assert_int_equal(io_write_all(state, SAMPLE_STATE, strlen(SAMPLE_STATE)), 0);
}

void sample_commit(struct template_draft *d)
{
	json_auto_t *about = json_pack("{ss}", "kernel", "debian:6.1");
	struct rig_err err;

	if (template_draft_commit(d, about, &err) < 0)
		fail_msg("%s", err.text);
	template_draft_destroy(d);
}

void sample_make(const char *key)
{
	struct template_draft *d = sample_begin(key);

	sample_fill(d);
	sample_commit(d);
}

void sample_open(const char *key, struct template *t)
{
	struct rig_err err;

	if (template_open(key, 0, t, &err) < 0)
		fail_msg("%s", err.text);
}

void sample_set_used(const char *name, time_t seconds)
{
	const struct timespec times[2] = { { .tv_sec = seconds }, { .tv_nsec = UTIME_OMIT } };

	assert_int_equal(utimensat(AT_FDCWD, sample_path(name, "manifest.json"), times, 0), 0);
}

void sample_write(const char *name, const char *file, const char *text)
{
	AUTO_CLOSE int fd = open(sample_path(name, file), O_WRONLY | O_TRUNC | O_CREAT | O_CLOEXEC, 0600);

	assert_int_equal(io_write_all(fd, text, strlen(text)), 0);
}

void sample_change_byte(const char *name, const char *file, off_t at, bool hide)
{
	AUTO_CLOSE int fd = open(sample_path(name, file), O_RDWR | O_CLOEXEC);
	struct timespec times[2];
	struct stat st;

	assert_int_equal(fstat(fd, &st), 0);
	assert_int_equal(pwrite(fd, "!", 1, at), 1);
	/* of two changes within a tick of the kernel's clock, the second leaves no trace */
	times[0] = st.st_atim;
	times[1] = st.st_mtim;
	if (!hide)
		times[1].tv_nsec = (times[1].tv_nsec + 1) % 1000000000;
	assert_int_equal(futimens(fd, times), 0);
}
