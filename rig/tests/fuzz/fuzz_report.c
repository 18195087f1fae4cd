// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Any JSON, as a record and as a run in a merged record: no crash, XML that a parser takes, and only texts in the
 * index that the index takes back.
 */
#include <libxml/parser.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clean.h"
#include "history/history_run.h"
#include "record/report_junit.h"
#include "record/report_kcidb.h"
#include "record/report_ktap.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len);

static void check_xml(const char *text, size_t len)
{
	xmlDoc *doc = xmlReadMemory(text, (int)len, NULL, NULL, XML_PARSE_NONET | XML_PARSE_NOERROR | XML_PARSE_NOWARNING);

	if (!doc)
		abort();
	xmlFreeDoc(doc);
}

static void check_reports(json_t *record)
{
	json_auto_t *results = json_pack("[OO]", record, record), *kcidb = kcidb_report(results, KCIDB_ORIGIN);
	AUTO_FREE char *junit = NULL, *ktap = NULL, *json = json_dumps(kcidb, 0);
	struct rig_err err;
	size_t len;
	FILE *out = open_memstream(&junit, &len);

	if (!json || !out || junit_print(out, results, &err) < 0)
		abort();
	fclose(out);
	check_xml(junit, len);
	out = open_memstream(&ktap, &len);
	if (!out)
		abort();
	ktap_begin(out, 1);
	ktap_result(out, 1, record);
	fclose(out);
}

static void check_run(int r, struct history_run *run)
{
	struct rig_err err;

	if (r < 0)
		return;
	if (history_run_check(run, &err) < 0)
		abort();
	history_run_deinit(run);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	json_auto_t *record = json_loadb((const char *)data, len, 0, NULL);
	struct history_run run;
	struct rig_err err;

	if (!record)
		return 0;
	check_reports(record);
	check_run(history_run_of_record("results/20261121T034049Z-x-1", record, &run, &err), &run);
	check_run(history_run_of_cell(record, record, "m", "2026-11-21T03:40:49Z", &run, &err), &run);
	return 0;
}
