// SPDX-License-Identifier: GPL-2.0-or-later
#include <dirent.h>
#include <errno.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "base/clean.h"
#include "base/io.h"
#include "base/mem.h"
#include "record/state_file.h"
#include "kernel/unpack.h"

#define PREFIX		"state-"
#define SUFFIX		".json.gz"
#define OUTSIDE		"-outside"
#define MAX_GZ_BYTES	(256u << 20)
#define MAX_BYTES	(2048ull << 20)

/* "003-after" of "state-003-after.json.gz", also when what is around it is not there; caller frees */
static char *bare_name(const char *name)
{
	size_t len;

	if (!strncmp(name, PREFIX, strlen(PREFIX)))
		name += strlen(PREFIX);
	len = strlen(name);
	if (len > strlen(SUFFIX) && !strcmp(name + len - strlen(SUFFIX), SUFFIX))
		len -= strlen(SUFFIX);
	return xstrndup(name, len);
}

static bool ends_with(const char *name, const char *end)
{
	size_t len = strlen(name);

	return len >= strlen(end) && !strcmp(name + len - strlen(end), end);
}

static int compare_names(const void *a, const void *b)
{
	return strverscmp(*(char *const *)a, *(char *const *)b);
}

/* In the order in which they were seen. */
static int list_states(const char *record, struct strv *ret, struct rig_err *err)
{
	DIR *d = opendir(record);

	if (!d)
		return rig_err_set(err, RIG_HOST, errno, "cannot open record '%s': %s", record, strerror(errno));
	for (struct dirent *e; (e = readdir(d)); ) {
		AUTO_FREE char *name = NULL;

		if (strncmp(e->d_name, PREFIX, strlen(PREFIX)) || !ends_with(e->d_name, SUFFIX))
			continue;
		name = bare_name(e->d_name);
		strv_add(ret, name);
	}
	closedir(d);
	if (ret->n)
		qsort(ret->v, ret->n, sizeof(*ret->v), compare_names);
	return 0;
}

static const char *choose(const struct strv *all, const char *name)
{
	for (size_t i = all->n; i--; )
		if (name ? !strcmp(all->v[i], name) : ends_with(all->v[i], OUTSIDE))
			return all->v[i];
	return name ? NULL : all->v[all->n - 1];
}

static int no_such_state(const char *record, const char *name, const struct strv *all, struct rig_err *err)
{
	size_t at;

	rig_err_set(err, RIG_USAGE, ENOENT, "record '%.200s' has no state '%.60s'; it has", record, name);
	for (size_t i = 0; i < all->n && (at = strlen(err->text)) < sizeof(err->text); i++)
		snprintf(err->text + at, sizeof(err->text) - at, "%s %s", i ? "," : "", all->v[i]);
	return -err->eno;
}

int state_file_find(const char *record, const char *name, char **ret, struct rig_err *err)
{
	AUTO_FREE char *wanted = name ? bare_name(name) : NULL;
	AUTO_STRV struct strv all = { 0 };
	const char *found;
	int r = list_states(record, &all, err);

	if (r < 0)
		return r;
	if (!all.n)
		return rig_err_set(err, RIG_HOST, ENOENT,
				   "record '%s' has no map: its run ended before the first look", record);
	found = choose(&all, wanted);
	if (!found)
		return no_such_state(record, name, &all, err);
	*ret = xstrdup(found);
	return 0;
}

int state_file_read(const char *record, const char *name, json_t **ret, struct rig_err *err)
{
	AUTO_FREE char *path = xasprintf("%s/" PREFIX "%s" SUFFIX, record, name);
	AUTO_FREE char *packed = NULL, *text = NULL;
	size_t packed_len, len;
	json_error_t why;
	json_t *state;
	int r = io_read_file(path, MAX_GZ_BYTES, &packed, &packed_len, err);

	if (r < 0)
		return r;
	r = unpack_bytes(packed, packed_len, MAX_BYTES, &text, &len, err);
	if (r < 0)
		return rig_err_wrap(err, "state file '%s' is damaged", path);
	state = json_loadb(text, len, JSON_REJECT_DUPLICATES, &why);
	if (!state)
		return rig_err_set(err, RIG_HOST, EBADMSG, "state file '%s' is damaged: %s", path, why.text);
	*ret = state;
	return 0;
}
