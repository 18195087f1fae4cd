// SPDX-License-Identifier: GPL-2.0-or-later
/* hotrig template: booted guests that runs start from: list, verify and drop them.  Level 8. */
#include <getopt.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "base/clean.h"
#include "cmd/cmd.h"
#include "record/fields.h"
#include "template/template.h"

static const char help[] =
	"usage: hotrig template list [--json]\n"
	"       hotrig template verify [--json] [NAME...]\n"
	"       hotrig template drop NAME... | --all\n"
	"\n"
	"A template is a booted guest, kept on disk.  'hotrig run' makes one for each machine on first\n"
	"use and starts every scenario from a private copy of it.\n"
	"\n"
	"list    shows the templates, those used last first, and what is damaged at a glance\n"
	"verify  reads all bytes of all or the named ones and compares them with what was saved\n"
	"drop    removes templates; one that a run uses stays\n"
	"\n"
	"  -a, --all   drop all of them\n"
	"  -j, --json  one JSON object per line\n"
	"  -h, --help  show this text\n"
	"\n"
	"They are kept in $HOTRIG_TEMPLATES, else in the cache, and take at most $HOTRIG_TEMPLATE_MIB\n"
	"(default 20480): those not used for longest go first.  A damaged one, or one of another QEMU,\n"
	"kernel, image or boot of this host, is never used; the next run makes it anew.\n"
	"Exit code: 0 done, 2 bad usage, 3 damage or trouble of the host.\n";

struct view {
	bool json, all;
};

static int usage(const char *why, const char *what)
{
	fprintf(stderr, "hotrig: template: %s%s; see 'hotrig template --help'\n", why, what);
	return EXIT_USAGE;
}

static void print_json(json_t *o)
{
	AUTO_FREE char *text = json_dumps(o, JSON_COMPACT);

	puts(text);
	json_decref(o);
}

static void list_json(const struct template_entry *e)
{
	json_t *o = json_pack("{ss sI sb ss*}", "name", e->name, "size_bytes", (json_int_t)e->bytes, "in_use",
			      e->in_use, "damage", e->damage);

	if (e->about) {
		json_object_update(o, e->about);
		json_object_set_new(o, "made", json_integer(e->made));
		json_object_set_new(o, "used", json_integer(e->used));
	}
	print_json(o);
}

static void list_row(const struct template_entry *e)
{
	char when[32] = "-";
	time_t used = (time_t)e->used;
	struct tm tm;

	if (e->damage) {
		printf("%-19s %8.1f MiB  damaged: %s\n", e->name, (double)e->bytes / (1 << 20), e->damage);
		return;
	}
	strftime(when, sizeof(when), "%Y-%m-%d %H:%M", localtime_r(&used, &tm));
	printf("%-19s %8.1f MiB  %-16s  %-10s %-4s %s%s\n", e->name, (double)e->bytes / (1 << 20), when,
	       fields_or_unknown(e->about, "machine"), fields_or_unknown(e->about, "accel"),
	       fields_or_unknown(e->about, "kernel"), e->in_use ? "  (in use)" : "");
}

static int list(const struct view *v)
{
	struct template_entry *entries;
	uint64_t sum = 0;
	struct rig_err err;
	size_t n;

	if (template_list(&entries, &n, &err) < 0) {
		fprintf(stderr, "hotrig: %s\n", err.text);
		return EXIT_ERROR;
	}
	if (!v->json && n)
		printf("%-19s %12s  %-16s  %-10s %-4s %s\n", "NAME", "SIZE", "LAST USED", "MACHINE", "", "KERNEL");
	for (size_t i = 0; i < n; i++) {
		sum += entries[i].bytes;
		if (v->json)
			list_json(&entries[i]);
		else
			list_row(&entries[i]);
	}
	if (!v->json)
		fprintf(stderr, "hotrig: %zu template%s, %" PRIu64 " of %" PRIu64 " MiB\n", n, n == 1 ? "" : "s",
			sum >> 20, template_limit() >> 20);
	template_list_free(entries, n);
	return 0;
}

static int verify_one(const struct view *v, const char *name)
{
	struct rig_err err;
	int r = template_check(name, &err);

	if (v->json)
		print_json(json_pack("{ss sb ss*}", "name", name, "intact", r == 0, "damage", r ? err.text : NULL));
	else if (r == 0)
		printf("%s: as it was saved\n", name);
	if (r < 0 && !v->json)
		fprintf(stderr, "hotrig: %s\n", err.text);
	return r < 0 ? EXIT_ERROR : 0;
}

static int drop_one(const struct view *v, const char *name)
{
	struct rig_err err;

	(void)v;
	if (template_drop(name, &err) == 0)
		return 0;
	fprintf(stderr, "hotrig: %s\n", err.text);
	return EXIT_ERROR;
}

/* The named ones, or every one. */
static int for_each(const struct view *v, int n, char *const names[], int (*fn)(const struct view *, const char *))
{
	struct template_entry *entries = NULL;
	struct rig_err err;
	size_t nr = 0;
	int status = 0, s;

	if (!n && template_list(&entries, &nr, &err) < 0) {
		fprintf(stderr, "hotrig: %s\n", err.text);
		return EXIT_ERROR;
	}
	for (size_t i = 0; i < (n ? (size_t)n : nr); i++) {
		s = fn(v, n ? names[i] : entries[i].name);
		status = s ? s : status;
	}
	template_list_free(entries, nr);
	return status;
}

int cmd_template(int argc, char **argv)
{
	static const struct option options[] = {
		{ "all", no_argument, NULL, 'a' }, { "json", no_argument, NULL, 'j' },
		{ "help", no_argument, NULL, 'h' }, { 0 },
	};
	struct view v = { 0 };
	int c;

	optind = 0;		/* main() has run getopt on its own part */
	opterr = 0;
	while ((c = getopt_long(argc, argv, "ajh", options, NULL)) != -1) {
		if (c == 'h') {
			fputs(help, stdout);
			return 0;
		}
		if (c == '?')
			return usage("unknown option: ", argv[optind - 1]);
		v.json |= c == 'j';
		v.all |= c == 'a';
	}
	argc -= optind;
	argv += optind;
	if (!argc)
		return usage("say 'list', 'verify' or 'drop'", "");
	if (!strcmp(argv[0], "verify"))
		return for_each(&v, argc - 1, argv + 1, verify_one);
	if (!strcmp(argv[0], "drop")) {
		if (v.all == (argc > 1))
			return usage("'drop' takes names, or --all", "");
		return for_each(&v, argc - 1, argv + 1, drop_one);
	}
	if (strcmp(argv[0], "list"))
		return usage("unknown command: ", argv[0]);
	return argc > 1 ? usage("'list' takes no name: ", argv[1]) : list(&v);
}
