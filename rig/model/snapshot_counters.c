// SPDX-License-Identifier: GPL-2.0-or-later
/* Files that the agent read as they are, and the segments of /proc/kcore. */
#include <errno.h>
#include <string.h>

#include "base/clean.h"
#include "base/mem.h"
#include "model/snapshot_parse.h"

#define MAX_FILES 65536u
#define MAX_SEGMENTS 4096u
#define MAX_KCORE_PAGES 65536u

/* A number that JSON has with a sign and the kernel without. */
static bool take_word(const json_t *v, uint64_t *ret)
{
	*ret = (uint64_t)json_integer_value(v);
	return json_is_integer(v);
}

/* Of a file, or of what the agent tells like one. */
static bool is_path(const char *path)
{
	static const char *const known[] = { "/", "folder/", "kernel/", "kthread/", "task/" };

	for (size_t i = 0; i < ARRAY_SIZE(known); i++)
		if (!strncmp(path, known[i], strlen(known[i])))
			return true;
	return false;
}

int snapshot_parse_trees(const json_t *answer, struct snapshot *s, struct rig_err *err)
{
	const json_t *files = json_object_get(answer, "files"), *v;
	const char *path;

	if (!json_is_object(files) || json_object_size(files) > MAX_FILES)
		return snapshot_refuse(err, "files");
	json_object_foreach((json_t *)files, path, v) {
		const char *text = json_string_value(v);
		int r;

		if (!is_path(path) || (!text && !json_is_integer(v) && !json_is_null(v) && !json_is_object(v)))
			return snapshot_refuse(err, "a file");
		/* an errno: it went away in between, or the kernel does not give it away */
		if (json_is_integer(v))
			continue;
		r = counters_add(&s->counters, path, text ? text : json_is_null(v) ? "(written only)" : "(binary)",
				 err);
		if (r < 0)
			return r;
	}
	counters_sort(&s->counters);
	return 0;
}

static int parse_kcore_pages(const json_t *list, struct snapshot *s, struct rig_err *err)
{
	const json_t *o;
	size_t i;

	if (!json_is_array(list) || json_array_size(list) > MAX_KCORE_PAGES)
		return snapshot_refuse(err, "content");
	s->kcore_page = xcalloc(json_array_size(list) + 1, sizeof(*s->kcore_page));
	json_array_foreach(list, i, o) {
		struct kcore_page *p = &s->kcore_page[s->nr_kcore_pages];

		if (json_array_size(o) != 2 || !take_word(json_array_get(o, 0), &p->pfn) ||
		    !take_word(json_array_get(o, 1), &p->word) || p->pfn >= SNAPSHOT_MAX_PFN)
			return snapshot_refuse(err, "content of a page");
		s->nr_kcore_pages++;
	}
	return 0;
}

int snapshot_parse_kcore(const json_t *answer, struct snapshot *s, struct rig_err *err)
{
	const json_t *list = json_object_get(answer, "segments"), *o;
	size_t i;

	if (!take_word(json_object_get(answer, "bytes"), &s->kcore_bytes))
		return snapshot_refuse(err, "bytes");
	if (!json_is_array(list) || json_array_size(list) > MAX_SEGMENTS)
		return snapshot_refuse(err, "segments");
	s->kcore = xcalloc(json_array_size(list) + 1, sizeof(*s->kcore));
	json_array_foreach(list, i, o) {
		struct kcore_segment *k = &s->kcore[s->nr_kcore];

		if (json_array_size(o) != 4 || !take_word(json_array_get(o, 0), &k->vaddr) ||
		    !take_word(json_array_get(o, 1), &k->paddr) || !take_word(json_array_get(o, 2), &k->size_bytes) ||
		    !take_word(json_array_get(o, 3), &k->offset))
			return snapshot_refuse(err, "a segment");
		s->nr_kcore++;
	}
	return parse_kcore_pages(json_object_get(answer, "content"), s, err);
}
