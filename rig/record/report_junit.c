// SPDX-License-Identifier: GPL-2.0-or-later
#include <errno.h>
#include <libxml/xmlwriter.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "base/clean.h"
#include "base/mem.h"
#include "record/fields.h"
#include "record/report_junit.h"
#include "record/report_text.h"

#define NAME_MAX_BYTES	300
#define TEXT_MAX_BYTES	16000

/* libxml2's own name for UTF-8 text */
static const xmlChar *x(const char *text)
{
	return (const xmlChar *)text;
}

/* The first error is kept; there is none but lack of memory. */
struct writer {
	xmlTextWriter *xml;
	bool failed;
};

static void begin(struct writer *w, const char *name)
{
	w->failed |= xmlTextWriterStartElement(w->xml, x(name)) < 0;
}

static void end(struct writer *w)
{
	w->failed |= xmlTextWriterEndElement(w->xml) < 0;
}

static void attribute(struct writer *w, const char *name, const char *value)
{
	AUTO_FREE char *line = report_line(value, NAME_MAX_BYTES);

	w->failed |= xmlTextWriterWriteAttribute(w->xml, x(name), x(line)) < 0;
}

static void attribute_number(struct writer *w, const char *name, size_t value)
{
	AUTO_FREE char *text = xasprintf("%zu", value);

	attribute(w, name, text);
}

static void attribute_seconds(struct writer *w, double value)
{
	AUTO_FREE char *text = xasprintf("%.3f", value);

	attribute(w, "time", text);
}

static void element(struct writer *w, const char *name, const char *text)
{
	AUTO_FREE char *clean = report_text(text, TEXT_MAX_BYTES);

	w->failed |= xmlTextWriterWriteElement(w->xml, x(name), x(clean)) < 0;
}

/* What an outcome is called, after the table of outcomes.  @type: of a failure or an error */
static const char *case_kind(const json_t *result, const char **type)
{
	switch (fields_outcome(result)) {
	case OUTCOME_PASS:
		return NULL;
	case OUTCOME_XFAIL:
	case OUTCOME_SKIP:
		return "skipped";
	case OUTCOME_XPASS:
		*type = "xpass";
		return "failure";
	case OUTCOME_ERROR:
		*type = fields_text(json_object_get(result, "error"), "cause");
		*type = **type ? *type : "error";
		return "error";
	case OUTCOME_FAIL:
		break;
	}
	switch (fields_kind(result)) {
	case FAIL_SPLAT:
	case FAIL_CRASH:
		*type = "crash";
		return "failure";
	case FAIL_HANG:
		*type = "timeout";
		return "failure";
	case FAIL_BOOT:
		*type = "boot";
		return "error";
	case FAIL_NONE:
	case FAIL_INVARIANT:
		break;
	}
	*type = "invariant";
	return "failure";
}

struct counts {
	size_t tests, failures, errors, skipped;
	double seconds;
};

static void count(struct counts *c, const json_t *result)
{
	const char *type, *kind = case_kind(result, &type);

	c->tests++;
	c->failures += kind && !strcmp(kind, "failure");
	c->errors += kind && !strcmp(kind, "error");
	c->skipped += kind && !strcmp(kind, "skipped");
	c->seconds += fields_seconds(result);
}

static void print_case(struct writer *w, const json_t *result, const char *suite, size_t repeat)
{
	const char *scenario = fields_text(result, "scenario"), *type = NULL, *kind = case_kind(result, &type);
	AUTO_FREE char *name = repeat ? xasprintf("%s, run %zu", scenario, repeat + 1) : xstrdup(scenario);
	AUTO_FREE char *summary = report_summary(result), *details = report_details(result);

	begin(w, "testcase");
	attribute(w, "name", *name ? name : "unnamed");
	attribute(w, "classname", suite);
	attribute_seconds(w, fields_seconds(result));
	if (kind) {
		begin(w, kind);
		attribute(w, "message", summary);
		if (type)
			attribute(w, "type", type);
		w->failed |= xmlTextWriterWriteString(w->xml, x(details)) < 0;
		end(w);
	}
	end(w);
}

static void print_property(struct writer *w, const char *name, const char *value)
{
	if (!*value)
		return;
	begin(w, "property");
	attribute(w, "name", name);
	attribute(w, "value", value);
	end(w);
}

static void print_properties(struct writer *w, const json_t *result)
{
	const json_t *kernel = json_object_get(result, "kernel");

	begin(w, "properties");
	print_property(w, "kernel.release", fields_text(kernel, "release"));
	print_property(w, "kernel.version", fields_text(kernel, "version"));
	print_property(w, "kernel.image_sha256", fields_text(kernel, "image_sha256"));
	print_property(w, "accel", fields_text(result, "accel"));
	print_property(w, "qemu", fields_text(json_object_get(result, "qemu"), "version"));
	end(w);
}

/* "2026-11-21T03:40:49Z" without its last letter: a zone is not allowed there */
static void print_timestamp(struct writer *w, const json_t *result)
{
	AUTO_FREE char *date = xstrndup(fields_text(result, "date"), strlen("2026-11-21T03:40:49"));

	attribute(w, "timestamp", *date ? date : "1970-01-01T00:00:00");
}

/* @suite: array of results */
static void print_suite(struct writer *w, const char *name, const json_t *suite, size_t id)
{
	const json_t *result, *first = json_array_get(suite, 0);
	json_auto_t *seen = json_object();
	struct counts c = { 0 };
	size_t i;

	json_array_foreach(suite, i, result)
		count(&c, result);
	begin(w, "testsuite");
	attribute(w, "name", name);
	attribute(w, "package", "hotrig");
	attribute_number(w, "id", id);
	print_timestamp(w, first);
	attribute(w, "hostname", "localhost");	/* records say nothing of hosts */
	attribute_number(w, "tests", c.tests);
	attribute_number(w, "failures", c.failures);
	attribute_number(w, "errors", c.errors);
	attribute_number(w, "skipped", c.skipped);
	attribute_seconds(w, c.seconds);
	print_properties(w, first);
	json_array_foreach(suite, i, result) {
		const char *scenario = fields_text(result, "scenario");
		json_int_t repeat = json_integer_value(json_object_get(seen, scenario));

		print_case(w, result, name, (size_t)repeat);
		json_object_set_new(seen, scenario, json_integer(repeat + 1));
	}
	element(w, "system-out", "");
	element(w, "system-err", "");
	end(w);
}

/* Kernels in the order in which they come. */
static json_t *make_suites(const json_t *results)
{
	json_t *suites = json_object(), *result;
	size_t i;

	json_array_foreach(results, i, result) {
		AUTO_FREE char *kernel = fields_kernel(result), *name = report_line(kernel, NAME_MAX_BYTES);
		json_t *suite = json_object_get(suites, name);

		if (!suite) {
			suite = json_array();
			json_object_set_new(suites, name, suite);
		}
		json_array_append(suite, result);
	}
	return suites;
}

static void print_document(struct writer *w, json_t *suites)
{
	const char *name;
	json_t *suite;
	size_t id = 0;

	w->failed |= xmlTextWriterSetIndent(w->xml, 1) < 0;
	w->failed |= xmlTextWriterStartDocument(w->xml, NULL, "UTF-8", NULL) < 0;
	begin(w, "testsuites");
	json_object_foreach(suites, name, suite)
		print_suite(w, name, suite, id++);
	w->failed |= xmlTextWriterEndDocument(w->xml) < 0;
}

int junit_print(FILE *out, const json_t *results, struct rig_err *err)
{
	xmlBuffer *buffer = xmlBufferCreate();
	struct writer w = { .xml = buffer ? xmlNewTextWriterMemory(buffer, 0) : NULL };
	json_auto_t *suites = make_suites(results);

	if (w.xml)
		print_document(&w, suites);
	xmlFreeTextWriter(w.xml);	/* what it holds goes to the buffer; NULL is fine */
	w.failed |= !w.xml;
	if (!w.failed)
		fwrite(xmlBufferContent(buffer), 1, (size_t)xmlBufferLength(buffer), out);
	xmlBufferFree(buffer);
	return w.failed ? rig_err_set(err, RIG_HOST, ENOMEM, "no memory for a report in JUnit's form") : 0;
}
