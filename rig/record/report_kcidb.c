// SPDX-License-Identifier: GPL-2.0-or-later
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/clean.h"
#include "base/io.h"
#include "base/mem.h"
#include "record/fields.h"
#include "record/report_kcidb.h"
#include "record/report_text.h"

#define TEXT_MAX_BYTES	1000
#define ORIGIN_MAX	60

struct report {
	const char *origin;
	json_t *checkouts, *builds, *tests, *issues, *incidents;	/* objects by id until the end */
};

int kcidb_check_origin(const char *origin, struct rig_err *err)
{
	size_t len = strlen(origin);

	if (len && len <= ORIGIN_MAX && strspn(origin, "abcdefghijklmnopqrstuvwxyz0123456789_") == len)
		return 0;
	return rig_err_set(err, RIG_USAGE, EINVAL, "'%.80s' is no origin: it is small letters, digits and '_'", origin);
}

/* "hotrig:<digest>": unique as far as @what tells apart; caller frees */
static char *make_id(const struct report *r, const char *kind, const char *what)
{
	AUTO_FREE char *text = xasprintf("%s\n%s", kind, what);
	char hex[65];

	io_sha256_hex(text, strlen(text), hex);
	return xasprintf("%s:%s-%.32s", r->origin, kind, hex);
}

/* A text that is not there is left out: no value of KCIDB may be null. */
static void set_text(json_t *o, const char *key, const char *text)
{
	AUTO_FREE char *clean = report_text(text, TEXT_MAX_BYTES);

	if (*clean)
		json_object_set_new(o, key, json_string(clean));
}

static json_t *object(const struct report *r, const char *id)
{
	return json_pack("{ssss}", "id", id, "origin", r->origin);
}

/* "2026-11-21T03:40:49Z", less how long it took; NULL: it has no date.  Caller frees */
static char *start_time(const json_t *result)
{
	struct tm tm = { 0 };
	const char *end = strptime(fields_text(result, "date"), "%Y-%m-%dT%H:%M:%SZ", &tm);
	char text[40];
	time_t when;

	if (!end || *end)
		return NULL;
	when = timegm(&tm) - (time_t)fields_seconds(result);
	strftime(text, sizeof(text), "%Y-%m-%dT%H:%M:%S+00:00", gmtime_r(&when, &tm));
	return xstrdup(text);
}

/*
 * What is known of the source of a packaged kernel is its release; a record does not say which commit a kernel of
 * one's own was built from.
 */
static void add_checkout(struct report *r, const json_t *kernel, const char *id)
{
	json_t *checkout = object(r, id);

	set_text(checkout, "comment", *fields_text(kernel, "release") ? fields_text(kernel, "release") :
		 fields_text(kernel, "spec"));
	json_object_set_new(checkout, "valid", json_true());
	json_object_set_new(r->checkouts, id, checkout);
}

/* The id of the build, which is added unless it is there; caller frees.  Without an image there was none. */
static char *add_build(struct report *r, const json_t *result)
{
	static const char *const keys[] = { "spec", "release", "image_sha256", "build_id", "config_sha256" };
	const json_t *kernel = json_object_get(result, "kernel");
	const char *image = fields_text(kernel, "image_sha256");
	const char *what = *image ? image : fields_text(kernel, "spec");
	AUTO_FREE char *checkout_id = make_id(r, "checkout", what);
	char *id = make_id(r, "build", what);
	json_t *build, *misc;

	if (json_object_get(r->builds, id))
		return id;
	add_checkout(r, kernel, checkout_id);
	build = object(r, id);
	misc = json_object();
	json_object_set_new(build, "checkout_id", json_string(checkout_id));
	json_object_set_new(build, "architecture", json_string("x86_64"));
	json_object_set_new(build, "status", json_string(*image ? "PASS" : "MISS"));
	set_text(build, "comment", fields_text(kernel, "version"));
	for (size_t i = 0; i < ARRAY_SIZE(keys); i++)
		set_text(misc, keys[i], fields_text(kernel, keys[i]));
	json_object_set_new(build, "misc", misc);
	json_object_set_new(r->builds, id, build);
	return id;
}

static const char *test_status(const json_t *result)
{
	switch (fields_outcome(result)) {
	case OUTCOME_PASS:
	case OUTCOME_XPASS:
		return "PASS";
	case OUTCOME_SKIP:
		return "SKIP";
	case OUTCOME_ERROR:
		return fields_began(result) ? "ERROR" : "MISS";
	case OUTCOME_FAIL:
		return fields_kind(result) == FAIL_BOOT ? "MISS" : "FAIL";
	case OUTCOME_XFAIL:
		break;
	}
	return "FAIL";
}

/* "hotrig.dimm.online-movable": parts of letters, digits, '-' and '_', never empty; caller frees */
static char *test_path(const char *scenario)
{
	char *path = xasprintf("hotrig.%s", *scenario ? scenario : "unnamed"), *to = path;

	for (const char *p = path; *p; p++) {
		unsigned char c = (unsigned char)*p;

		if (c == '/' || c == '.') {
			if (to > path && to[-1] != '.')
				*to++ = '.';
		} else {
			*to++ = (c | 0x20) >= 'a' && (c | 0x20) <= 'z' ? *p : (c >= '0' && c <= '9') || c == '-' ? *p : '_';
		}
	}
	if (to[-1] == '.')
		to--;
	*to = '\0';
	return path;
}

static json_t *environment(const json_t *result)
{
	json_t *misc = json_object(), *environment = json_pack("{so}", "misc", misc);

	set_text(environment, "comment", "QEMU guest");
	set_text(misc, "accel", fields_text(result, "accel"));
	set_text(misc, "machine", fields_text(result, "machine"));
	set_text(misc, "qemu", fields_text(json_object_get(result, "qemu"), "version"));
	set_text(misc, "variant", fields_text(json_object_get(result, "variant"), "name"));
	return environment;
}

static json_t *test_misc(const json_t *result)
{
	static const char *const keys[] = { "outcome", "fail_kind", "class", "class_why", "folder" };
	json_t *misc = json_object();

	for (size_t i = 0; i < ARRAY_SIZE(keys); i++)
		set_text(misc, keys[i], fields_text(result, keys[i]));
	return misc;
}

static json_t *make_test(struct report *r, const json_t *result, const char *build_id, const char *id,
			 const char *path, const char *status)
{
	AUTO_FREE char *summary = report_summary(result), *details = report_details(result);
	AUTO_FREE char *start = start_time(result);
	json_t *test = object(r, id);

	json_object_set_new(test, "build_id", json_string(build_id));
	json_object_set_new(test, "path", json_string(path));
	json_object_set_new(test, "status", json_string(status));
	json_object_set_new(test, "environment", environment(result));
	json_object_set_new(test, "misc", test_misc(result));
	set_text(test, "comment", summary);
	if (*details)
		json_object_set_new(test, "log_excerpt", json_string(details));
	if (start)
		json_object_set_new(test, "start_time", json_string(start));
	if (fields_seconds(result) > 0)
		json_object_set_new(test, "duration", json_real(fields_seconds(result)));
	return test;
}

static void add_incident(struct report *r, const char *bug, const char *test_id, const char *build_id)
{
	AUTO_FREE char *issue_id = make_id(r, "issue", bug);
	AUTO_FREE char *what = xasprintf("%s\n%s", issue_id, test_id);
	AUTO_FREE char *id = make_id(r, "incident", what);
	json_t *issue = object(r, issue_id), *incident = object(r, id);

	json_object_set_new(issue, "version", json_integer(1));
	json_object_set_new(issue, "culprit", json_pack("{sbsbsb}", "code", 1, "tool", 0, "harness", 0));
	set_text(issue, "comment", bug);
	json_object_set_new(r->issues, issue_id, issue);
	json_object_set_new(incident, "issue_id", json_string(issue_id));
	json_object_set_new(incident, "issue_version", json_integer(1));
	json_object_set_new(incident, "test_id", json_string(test_id));
	json_object_set_new(incident, "build_id", json_string(build_id));
	json_object_set_new(incident, "present", json_true());
	json_object_set_new(r->incidents, id, incident);
}

static void add_incidents(struct report *r, const json_t *result, const char *test_id, const char *build_id)
{
	const json_t *bugs = json_object_get(result, "known_bugs"), *bug;
	size_t i;

	if (fields_outcome(result) != OUTCOME_XFAIL)
		return;
	json_array_foreach(bugs, i, bug)
		if (json_is_string(bug))
			add_incident(r, json_string_value(bug), test_id, build_id);
}

/* What tells this run from all others: its folder, and what else is there should another machine have one alike. */
static char *run_name(const json_t *result, size_t number)
{
	const char *folder = fields_text(result, "folder");
	AUTO_FREE char *kernel = fields_kernel(result);
	AUTO_FREE char *unnamed = *folder ? NULL : xasprintf("%zu", number);

	return xasprintf("%s\n%s\n%s\n%s\n%s", unnamed ? unnamed : folder, fields_text(result, "date"), kernel,
			 fields_text(result, "scenario"),
			 fields_text(json_object_get(result, "kernel"), "image_sha256"));
}

static void add_result(struct report *r, const json_t *result, size_t number)
{
	AUTO_FREE char *build_id = add_build(r, result), *name = run_name(result, number);
	AUTO_FREE char *id = make_id(r, "test", name), *path = test_path(fields_text(result, "scenario"));
	AUTO_FREE char *boot_id = make_id(r, "boot", name);

	if (fields_outcome(result) == OUTCOME_FAIL && fields_kind(result) == FAIL_BOOT)
		json_object_set_new(r->tests, boot_id, make_test(r, result, build_id, boot_id, "boot", "FAIL"));
	json_object_set_new(r->tests, id, make_test(r, result, build_id, id, path, test_status(result)));
	add_incidents(r, result, id, build_id);
}

/* In the order in which they were added. */
static json_t *values(json_t *by_id)
{
	json_t *list = json_array(), *value;
	const char *id;

	json_object_foreach(by_id, id, value)
		json_array_append(list, value);
	json_decref(by_id);
	return list;
}

json_t *kcidb_report(const json_t *results, const char *origin)
{
	struct report r = {
		.origin = origin, .checkouts = json_object(), .builds = json_object(), .tests = json_object(),
		.issues = json_object(), .incidents = json_object(),
	};
	const json_t *result;
	size_t i;

	json_array_foreach(results, i, result)
		add_result(&r, result, i);
	return json_pack("{s{sisi} so so so so so}", "version", "major", 5, "minor", 3, "checkouts", values(r.checkouts),
			 "builds", values(r.builds), "tests", values(r.tests), "issues", values(r.issues), "incidents",
			 values(r.incidents));
}
