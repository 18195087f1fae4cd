// SPDX-License-Identifier: GPL-2.0-or-later
/* The value of each action key. */
#include <errno.h>
#include <string.h>

#include "base/clean.h"
#include "base/mem.h"
#include "scenario/scenario_step.h"

#define UPPER "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
#define LOWER "abcdefghijklmnopqrstuvwxyz"
#define DIGITS "0123456789"

const struct doc_word word_id = {
	.what = "id", .first = LOWER, .rest = LOWER DIGITS, .max_bytes = 16,
	.shape = "a letter a-z, then letters a-z and digits, at most 16 in all",
};

/* No '#': it would start a directive in KTAP.  No '(': made names have it. */
const struct doc_word word_name = {
	.what = "name", .first = UPPER LOWER DIGITS, .rest = UPPER LOWER DIGITS " ._:/-",
	.max_bytes = 80,
	.shape = "a letter or digit, then letters, digits, blanks and ._:/-, at most 80 in all",
};

static const struct doc_word word_event = {
	.what = "event", .first = UPPER, .rest = UPPER DIGITS "_", .max_bytes = 64,
	.shape = "QMP's own name, such as 'DEVICE_DELETED'",
};

#define FILL_UNIT_BYTES (2u << 20)	/* a huge page: every kind of fill can be had in it */

static int read_resize(const struct doc_node *node, struct step *step, struct rig_err *err)
{
	static const char *const keys[] = { "device", "to", NULL };
	const struct doc_node *n;
	int r;

	r = doc_check_keys(node, keys, err);
	if (!r)
		r = doc_need(node, "device", &n, err);
	if (!r)
		r = doc_read_word(n, &word_id, &step->device, err);
	if (!r)
		r = doc_need(node, "to", &n, err);
	return r ? r : doc_read_size_or_zero(n, &step->to_bytes, err);
}

static int read_device_id(const struct doc_node *node, struct step *step, struct rig_err *err)
{
	return doc_read_word(node, &word_id, &step->device, err);
}

/* Some kinds are on a namespace, which says where their memory is; the others may be on a node. */
static int read_fill_place(const struct doc_node *node, struct fill *f, struct rig_err *err)
{
	const struct doc_node *ns = doc_get(node, "namespace"), *n = doc_get(node, "node");
	enum namespace_mode mode;
	int r;

	if (fill_kind_mode(f->kind, &mode) < 0)
		return ns ? doc_err(ns, err, "'namespace' does not apply to %s", fill_kind_name(f->kind)) :
			    node_id_read(node, &f->has_node, &f->node, err);
	if (n)
		return doc_err(n, err, "'node' does not apply to %s", fill_kind_name(f->kind));
	r = doc_need(node, "namespace", &ns, err);
	return r < 0 ? r : doc_read_word(ns, &word_id, &f->namespace, err);
}

static int read_fill(const struct doc_node *node, struct step *step, struct rig_err *err)
{
	static const char *const keys[] = { "id", "kind", "size", "node", "namespace", NULL };
	static const char *const kinds[] = {
		[FILL_ANON] = "anon", [FILL_THP] = "thp", [FILL_HUGETLB] = "hugetlb",
		[FILL_PAGECACHE] = "pagecache", [FILL_MLOCK] = "mlock", [FILL_PINNED] = "pinned",
		[FILL_UNMOVABLE] = "unmovable", [FILL_DEVDAX] = "devdax", [FILL_DAX_FILE] = "dax-file", NULL
	};
	const struct doc_node *n;
	unsigned int kind = 0;
	int r;

	r = doc_check_keys(node, keys, err);
	if (!r)
		r = doc_need(node, "id", &n, err);
	if (!r)
		r = doc_read_word(n, &word_id, &step->fill.id, err);
	if (!r)
		r = doc_need(node, "kind", &n, err);
	if (!r)
		r = doc_read_choice(n, kinds, &kind, err);
	step->fill.kind = kind;
	if (!r)
		r = doc_need(node, "size", &n, err);
	if (!r)
		r = doc_read_size(n, &step->fill.size_bytes, err);
	if (!r && step->fill.size_bytes % FILL_UNIT_BYTES)
		r = doc_err(n, err, "a fill is a multiple of 2M");
	if (!r)
		r = read_fill_place(node, &step->fill, err);
	return r;
}

static int read_fill_id(const struct doc_node *node, struct step *step, struct rig_err *err)
{
	return doc_read_word(node, &word_id, &step->fill.id, err);
}

static int read_walk_file(const struct doc_node *node, char **ret, struct rig_err *err)
{
	static const char *const names[] = {
		"kpageflags", "kpagecount", "kpagecgroup", "kcore", "pagetypeinfo", "buddyinfo", "zoneinfo",
		"numa_maps", "page_owner", NULL
	};
	unsigned int i;
	int r = doc_read_choice(node, names, &i, err);

	if (!r)
		*ret = xstrdup(names[i]);
	return r;
}

static int read_walk(const struct doc_node *node, struct step *step, struct rig_err *err)
{
	static const char *const keys[] = { "id", "files", NULL };
	const struct doc_node *n;
	int r;

	r = doc_check_keys(node, keys, err);
	if (!r)
		r = doc_need(node, "id", &n, err);
	if (!r)
		r = doc_read_word(n, &word_id, &step->walk.id, err);
	n = doc_get(node, "files");
	return r || !n ? r : doc_read_strings(n, read_walk_file, &step->walk.files, err);
}

static int read_inject(const struct doc_node *node, struct step *step, struct rig_err *err)
{
	static const char *const keys[] = { "event", "errno", NULL };
	static const char *const events[] = { "MEM_GOING_ONLINE", "MEM_GOING_OFFLINE", NULL };
	const struct doc_node *n;
	unsigned int event = 0;
	int r;

	r = doc_check_keys(node, keys, err);
	if (!r)
		r = doc_need(node, "event", &n, err);
	if (!r)
		r = doc_read_choice(n, events, &event, err);
	if (!r)
		r = doc_need(node, "errno", &n, err);
	if (r < 0)
		return r;
	step->inject_event = xstrdup(events[event]);
	return json_is_null(n->value) ? 0 : errno_read(n, &step->inject_errno, err);
}

static int read_policy(const struct doc_node *node, struct step *step, struct rig_err *err)
{
	return policy_read(node, &step->policy, err);
}

static int read_any(const struct doc_node *node, char **ret, struct rig_err *err)
{
	int r;

	r = doc_check_type(node, JSON_STRING, err);
	if (!r)
		*ret = xstrdup(json_string_value(node->value));
	return r;
}

static int read_run(const struct doc_node *node, struct step *step, struct rig_err *err)
{
	int r;

	r = doc_read_strings(node, read_any, &step->argv, err);
	if (!r && !*step->argv[0])
		return doc_err(node->child, err, "must not be empty: it names the program");
	return r;
}

static int read_write(const struct doc_node *node, struct step *step, struct rig_err *err)
{
	static const char *const keys[] = { "file", "text", NULL };
	const struct doc_node *n;
	int r;

	r = doc_check_keys(node, keys, err);
	if (!r)
		r = doc_need(node, "file", &n, err);
	if (!r)
		r = doc_read_line(n, &step->write_file, err);
	if (!r && *step->write_file != '/')
		return doc_err(n, err, "must begin with '/'");
	if (!r)
		r = doc_need(node, "text", &n, err);
	return r < 0 ? r : doc_read_line(n, &step->write_text, err);
}

static int read_await(const struct doc_node *node, struct step *step, struct rig_err *err)
{
	static const char *const keys[] = { "kmsg", "event", "ost", "resized", NULL };
	const struct doc_node *kmsg, *event, *ost, *resized;
	unsigned int status;
	int r;

	r = doc_check_keys(node, keys, err);
	if (r < 0)
		return r;
	kmsg = doc_get(node, "kmsg");
	event = doc_get(node, "event");
	ost = doc_get(node, "ost");
	resized = doc_get(node, "resized");
	if (!!kmsg + !!event + !!resized != 1)
		return doc_err(node, err, "await needs one of 'kmsg', 'event' and 'resized'");
	if (kmsg)
		r = doc_read_line(kmsg, &step->await_kmsg, err);
	else if (resized)
		r = doc_read_word(resized, &word_id, &step->device, err);
	else
		r = doc_read_word(event, &word_event, &step->await_event, err);
	if (r < 0 || !ost)
		return r;
	if (!event || strcmp(step->await_event, "ACPI_DEVICE_OST"))
		return doc_err(ost, err, "'ost' applies to the event 'ACPI_DEVICE_OST' only");
	r = ost_status_read(ost, &status, err);
	if (!r)
		step->await_ost_status = status;
	return r;
}

static int read_join(const struct doc_node *node, struct step *step, struct rig_err *err)
{
	return doc_read_word(node, &word_name, &step->join, err);
}

int policy_read(const struct doc_node *node, char **ret, struct rig_err *err)
{
	static const char *const names[] = {
		"offline", "online", "online_kernel", "online_movable", NULL
	};
	unsigned int i;
	int r;

	r = doc_read_choice(node, names, &i, err);
	if (!r)
		*ret = xstrdup(names[i]);
	return r;
}

int action_read(const struct doc_node *node, struct step *step, struct rig_err *err)
{
	static int (*const readers[])(const struct doc_node *, struct step *, struct rig_err *) = {
		[STEP_PLUG] = plug_read,	[STEP_UNPLUG] = read_device_id,
		[STEP_RESIZE] = read_resize,
		[STEP_ONLINE] = blocks_read,	[STEP_OFFLINE] = blocks_read,
		[STEP_FILL] = read_fill,	[STEP_CHECK] = read_fill_id,
		[STEP_RELEASE] = read_fill_id,	[STEP_WALK] = read_walk,
		[STEP_DEVMEM] = devmem_read,	[STEP_POISON] = poison_read,
		[STEP_INJECT] = read_inject,
		[STEP_POLICY] = read_policy,	[STEP_RUN] = read_run,
		[STEP_WRITE] = read_write,	[STEP_LEAKS] = read_device_id,
		[STEP_AWAIT] = read_await,	[STEP_JOIN] = read_join,
		[STEP_NAMESPACE] = namespace_read,	[STEP_DISABLE] = read_device_id,
		[STEP_ENABLE] = read_device_id,	[STEP_DESTROY] = read_device_id,
		[STEP_CONVERT] = convert_read,
	};

	step->await_ost_status = -1;
	return readers[step->kind](node, step, err);
}
