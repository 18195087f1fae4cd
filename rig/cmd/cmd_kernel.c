// SPDX-License-Identifier: GPL-2.0-or-later
/* hotrig kernel: fetch kernels into the cache, build them and list them.  Level 8. */
#include <getopt.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include "base/clean.h"
#include "base/mem.h"
#include "cmd/cmd.h"
#include "cmd/kernel_build.h"
#include "kernel/built.h"
#include "kernel/kernel.h"
#include "kernel/store.h"
#include "model/outcome.h"

static const char help[] =
	"usage: hotrig kernel fetch SPEC...\n"
	"       hotrig kernel build --tree DIR [--config FRAGMENT]... [--apply SERIES]\n"
	"       hotrig kernel list [--json]\n"
	"\n"
	"fetch  makes kernels ready to boot: takes packages from the archive into the cache,\n"
	"       without installing them, and checks kernels that are paths\n"
	"build  makes a kernel from source, unless the same one is there, and prints its SPEC\n"
	"list   shows the packaged and the built kernels in the cache, and which are damaged\n"
	"\n"
	"A SPEC is one of\n"
	"  debian:6.12                      newest of a series (flavour cloud-amd64)\n"
	"  debian:6.12:amd64                the same, other flavour\n"
	"  debian:6.1.0-50-cloud-amd64      exactly this release\n"
	"  built:KEY                        one that was built\n"
	"  PATH[,modules=DIR][,config=FILE] bzImage, vmlinux, or a kernel build tree after make\n"
	"\n"
	"  --tree DIR         kernel source; debian-source:6.12 unpacks that package\n"
	"  --config FRAGMENT  config laid over kernels/base.config: a name there, or a path with a\n"
	"                     slash; may be given again, later ones win\n"
	"  --apply SERIES     build a copy of the tree with these patches: a mailbox or a folder\n"
	"  --jobs N           run so many jobs of make at once (default: one for each processor)\n"
	"\n"
	"  -j, --json  one JSON object per line instead of a table\n"
	"  -h, --help  show this text\n"
	"\n"
	"The cache is $HOTRIG_CACHE, else $XDG_CACHE_HOME/hotrig, else ~/.cache/hotrig.\n"
	"Exit code: 0 done, 2 bad usage, 3 trouble of rig or host, 77 no release is served any more.\n";

static int usage(const char *why, const char *what)
{
	fprintf(stderr, "hotrig: kernel: %s%s; see 'hotrig kernel --help'\n", why, what);
	return EXIT_USAGE;
}

static void show_progress(void *arg, const char *text)
{
	(void)arg;
	fprintf(stderr, "hotrig: %s\n", text);
}

static enum outcome fetch_one(const char *spec, bool json, enum rig_cause *cause)
{
	const struct kernel_resolve_options options = { .may_fetch = true,
							.progress = show_progress };
	AUTO_FREE char *text = NULL;
	json_auto_t *o = NULL;
	struct kernel *k = NULL;
	struct rig_err err;

	if (kernel_resolve(spec, &options, &k, &err) < 0) {
		fprintf(stderr, "hotrig: %s\n", err.text);
		*cause = err.cause;
		return err.cause == RIG_MISSING ? OUTCOME_SKIP : OUTCOME_ERROR;
	}
	if (json) {
		o = kernel_identity(k);
		text = o ? json_dumps(o, JSON_COMPACT) : NULL;
		printf("%s\n", text ? text : "{}");
	} else {
		printf("%s: %s, %s\n", spec, k->release ? k->release : "release unknown", k->image);
	}
	fflush(stdout);
	kernel_destroy(k);
	return OUTCOME_PASS;
}

static int fetch(int n, char *const specs[], bool json)
{
	AUTO_FREE enum outcome *outcomes = NULL;
	bool bad_usage = false;

	if (!n)
		return usage("nothing to fetch: name a kernel", "");
	outcomes = calloc((size_t)n, sizeof(*outcomes));
	if (!outcomes)
		return EXIT_ERROR;
	for (int i = 0; i < n; i++) {
		enum rig_cause cause = RIG_HOST;

		outcomes[i] = fetch_one(specs[i], json, &cause);
		if (outcomes[i] != OUTCOME_ERROR)
			continue;
		bad_usage |= cause == RIG_USAGE;
		if (cause == RIG_INTERRUPTED)
			return EXIT_ERROR;
	}
	return bad_usage ? EXIT_USAGE : outcome_run_exit_code(outcomes, (unsigned int)n);
}

static void list_row(const struct store_entry *e)
{
	if (e->damage)
		printf("%-36s %-36s %10s  damaged: %s\n", "-", e->release, "-", e->damage);
	else
		printf("debian:%-29s %-36s %6.1f MiB  %.10s\n", e->release, e->release,
		       (double)e->size_bytes / (1 << 20), e->added);
}

static void list_json(const struct store_entry *e)
{
	AUTO_FREE char *spec = NULL, *text = NULL;
	json_auto_t *o = NULL;

	if (asprintf(&spec, "debian:%s", e->release) < 0)
		spec = NULL;
	o = json_pack("{ss* ss ss* ss* ss*}", "spec", spec, "release", e->release,
		      "package_version", e->package_version, "added", e->added, "damage",
		      e->damage);
	if (o && !e->damage)
		json_object_set_new(o, "size_bytes", json_integer((json_int_t)e->size_bytes));
	text = o ? json_dumps(o, JSON_COMPACT) : NULL;
	if (text)
		puts(text);
}

static void list_built(const char *key, bool json)
{
	const struct kernel_resolve_options options = { 0 };
	AUTO_FREE char *spec = xasprintf(BUILT_PREFIX "%s", key), *text = NULL;
	json_auto_t *o = NULL;
	struct kernel *k = NULL;
	struct stat st = { 0 };
	struct rig_err damage;
	int r = kernel_resolve(spec, &options, &k, &damage);

	if (!r)
		stat(k->image, &st);
	o = json_pack("{ss ss* ss*}", "spec", spec, "release", r ? NULL : k->release, "damage", r ? damage.text : NULL);
	if (o && !r)
		json_object_set_new(o, "size_bytes", json_integer(st.st_size));
	text = o && json ? json_dumps(o, JSON_COMPACT) : NULL;
	if (text)
		puts(text);
	else if (r)
		printf("%-36s %-36s %10s  damaged: %s\n", "-", spec, "-", damage.text);
	else
		printf("%-36s %-36s %6.1f MiB  %s\n", spec, k->release ? k->release : "?",
		       (double)st.st_size / (1 << 20), "built");
	kernel_destroy(k);
}

static int list(bool json)
{
	struct store_entry *entries = NULL;
	AUTO_STRV struct strv built = { 0 };
	struct store *store = NULL;
	struct rig_err err;
	size_t n = 0;
	int r;

	r = store_open(&store, &err);
	if (!r)
		r = store_list(store, &entries, &n, &err);
	if (r < 0)
		fprintf(stderr, "hotrig: %s\n", err.text);
	if (!r)
		built_list(store, &built);
	if (!r && !json && n + built.n)
		printf("%-36s %-36s %10s  %s\n", "SPEC", "RELEASE", "SIZE", "DATE");
	if (!r && !n && !built.n)
		fprintf(stderr,
			"hotrig: no kernel in '%s': run 'hotrig kernel fetch debian:6.12'\n",
			store_dir(store));
	for (size_t i = 0; i < n; i++) {
		if (json)
			list_json(&entries[i]);
		else
			list_row(&entries[i]);
	}
	for (size_t i = 0; i < built.n; i++)
		list_built(built.v[i], json);
	store_free_list(entries, n);
	store_close(store);
	return r < 0 ? EXIT_ERROR : 0;
}

int cmd_kernel(int argc, char **argv)
{
	static const struct option options[] = {
		{ "json", no_argument, NULL, 'j' },
		{ "help", no_argument, NULL, 'h' },
		{ 0 },
	};
	bool json = false;
	int c, status;

	if (argc > 1 && !strcmp(argv[1], "build") && (argc < 3 || (strcmp(argv[2], "-h") && strcmp(argv[2], "--help"))))
		return kernel_build(argc - 1, argv + 1);
	optind = 0;		/* main() has run getopt on its own part */
	opterr = 0;
	while ((c = getopt_long(argc, argv, "jh", options, NULL)) != -1) {
		if (c == 'h') {
			fputs(help, stdout);
			return fflush(stdout) ? EXIT_ERROR : 0;
		}
		if (c != 'j')
			return usage("unknown option: ", argv[optind - 1]);
		json = true;
	}
	argc -= optind;
	argv += optind;
	if (!argc)
		return usage("say 'fetch', 'build' or 'list'", "");
	if (!strcmp(argv[0], "fetch"))
		status = fetch(argc - 1, argv + 1, json);
	else if (strcmp(argv[0], "list"))
		return usage("unknown command: ", argv[0]);
	else if (argc > 1)
		return usage("'list' takes no name: ", argv[1]);
	else
		status = list(json);
	if (fflush(stdout) || ferror(stdout)) {
		fprintf(stderr, "hotrig: cannot write to stdout\n");
		return EXIT_ERROR;
	}
	return status;
}
