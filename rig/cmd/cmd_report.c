// SPDX-License-Identifier: GPL-2.0-or-later
/* hotrig report: records in the forms that other programs read.  Level 8. */
#include <errno.h>
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clean.h"
#include "base/io.h"
#include "base/mem.h"
#include "base/tree.h"
#include "cmd/cmd.h"
#include "cmd/how_options.h"
#include "record/report_input.h"
#include "record/report_junit.h"
#include "record/report_kcidb.h"
#include "record/report_ktap.h"

static const char help[] =
	"usage: hotrig report FORMAT [options] [RECORD | MATRIX.json]...\n"
	"\n"
	"Puts records into another form: folders of runs, or the merged record of a matrix.\n"
	"Without any, the newest record of the results.\n"
	"\n"
	"  ktap     as 'hotrig run' prints them: the kernel's test format\n"
	"  junit    JUnit XML, for a CI to show\n"
	"  kcidb    KCIDB 5.3, for kernelci's database\n"
	"  json     one record per line, as they are\n"
	"\n"
	"  -o, --output FILE  write to FILE, whole or not at all, instead of standard output\n"
	"      --origin NAME  kcidb: the CI system that submits it (default: hotrig)\n"
	"  -r, --results DIR  folder of the records (default: $HOTRIG_RESULTS, else results/ of the tree)\n"
	"  -h, --help         show this text\n";

struct options {
	const char *output, *origin, *results;
};

static int print_ktap(FILE *out, const json_t *results, const struct options *o, struct rig_err *err)
{
	const json_t *result;
	size_t i;

	(void)o;
	(void)err;
	ktap_begin(out, json_array_size(results));
	json_array_foreach(results, i, result)
		ktap_result(out, i + 1, result);
	return 0;
}

static int print_junit(FILE *out, const json_t *results, const struct options *o, struct rig_err *err)
{
	(void)o;
	return junit_print(out, results, err);
}

static int print_kcidb(FILE *out, const json_t *results, const struct options *o, struct rig_err *err)
{
	json_auto_t *report = NULL;
	int r = kcidb_check_origin(o->origin, err);

	if (r < 0)
		return r;
	report = kcidb_report(results, o->origin);
	json_dumpf(report, out, JSON_INDENT(2));
	fputc('\n', out);
	return 0;
}

static int print_json(FILE *out, const json_t *results, const struct options *o, struct rig_err *err)
{
	const json_t *result;
	size_t i;

	(void)o;
	(void)err;
	json_array_foreach(results, i, result) {
		json_dumpf(result, out, JSON_COMPACT);
		fputc('\n', out);
	}
	return 0;
}

static const struct format {
	const char *name;
	int (*print)(FILE *out, const json_t *results, const struct options *o, struct rig_err *err);
} formats[] = {
	{ "ktap", print_ktap }, { "junit", print_junit }, { "kcidb", print_kcidb }, { "json", print_json },
};

static int read_inputs(const struct options *o, char *const *args, json_t *results, struct rig_err *err)
{
	const char *env = getenv("HOTRIG_RESULTS");
	AUTO_FREE char *ours = tree_path("results");
	AUTO_FREE char *latest = xasprintf("%s/latest", o->results ? o->results : env && *env ? env : ours);
	int r = 0;

	if (!*args)
		return report_input_add(latest, results, err);
	for (; *args && !r; args++)
		r = report_input_add(*args, results, err);
	return r;
}

/* A reader of the file never sees half of it. */
static int report(const struct format *format, const struct options *o, char *const *args, struct rig_err *err)
{
	json_auto_t *results = json_array();
	AUTO_FREE char *text = NULL;
	size_t len = 0;
	FILE *out;
	int r = read_inputs(o, args, results, err);

	if (r < 0)
		return r;
	out = open_memstream(&text, &len);
	if (!out)
		return rig_err_set(err, RIG_HOST, errno, "no memory for a report");
	r = format->print(out, results, o, err);
	if (fclose(out) && !r)
		r = rig_err_set(err, RIG_HOST, ENOMEM, "no memory for a report");
	if (r < 0)
		return r;
	if (o->output)
		return io_write_file(o->output, text, len, err);
	fwrite(text, 1, len, stdout);
	return 0;
}

/* -1: go on */
static int parse(int argc, char **argv, struct options *o)
{
	enum { OPTION_ORIGIN = 0x100 };
	static const struct option options[] = {
		{ "output", required_argument, NULL, 'o' }, { "origin", required_argument, NULL, OPTION_ORIGIN },
		{ "results", required_argument, NULL, 'r' }, { "help", no_argument, NULL, 'h' }, { 0 },
	};
	int c;

	optind = 0;
	while ((c = getopt_long(argc, argv, "o:r:h", options, NULL)) != -1) {
		switch (c) {
		case 'o': o->output = optarg; break;
		case OPTION_ORIGIN: o->origin = optarg; break;
		case 'r': o->results = optarg; break;
		case 'h':
			fputs(help, stdout);
			return 0;
		default:
			fputs(help, stderr);
			return EXIT_USAGE;
		}
	}
	return -1;
}

int cmd_report(int argc, char **argv)
{
	struct options o = { .origin = KCIDB_ORIGIN };
	const struct format *format = NULL;
	struct rig_err err;
	int status = parse(argc, argv, &o);

	if (status >= 0)
		return status;
	for (size_t i = 0; optind < argc && i < ARRAY_SIZE(formats); i++)
		if (!strcmp(argv[optind], formats[i].name))
			format = &formats[i];
	if (!format) {
		fprintf(stderr, "hotrig: report: %s%s%s\n%s", optind < argc ? "no format '" : "which format?",
			optind < argc ? argv[optind] : "", optind < argc ? "'" : "", help);
		return EXIT_USAGE;
	}
	return report(format, &o, argv + optind + 1, &err) < 0 ? command_fail(&err) : 0;
}
