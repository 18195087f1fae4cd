// SPDX-License-Identifier: GPL-2.0-or-later
#include "base/clean.h"
#include "base/clock.h"
#include "base/mem.h"
#include "record/record.h"
#include "run/lost_run.h"
#include "run/result.h"
#include "run/run.h"

int lost_run_record(const struct run_request *request, const struct rig_err *why, struct run_result *ret,
		    struct rig_err *err)
{
	AUTO_FREE char *label = runner_label(request);
	struct run run = { .request = request, .scenario = request->scenario, .kernel = request->kernel };
	struct run_result result = { 0 };
	int e = record_create(request->results, label, &run.record, err);

	if (e < 0)
		return e;
	run.time.start_ns = clock_ns();
	run.steps = json_array();
	result_settle(&run, why, &result);
	result.record = result_json(&run, &result, why);
	json_object_del(result.record, "rig_peak_kib");		/* this process did not run it */
	e = record_commit(run.record, result.record, &result.path, err);
	record_destroy(run.record);
	json_decref(run.steps);
	if (e < 0)
		json_decref(result.record);
	else
		*ret = result;
	return e;
}
