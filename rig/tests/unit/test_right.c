// SPDX-License-Identifier: GPL-2.0-or-later
/* What a right kernel shows in each state is right to every judge. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "sample_scene.h"

static void judge(struct sample *s, const struct snapshot *seen, struct findings *out)
{
	struct page_layout outside = s->layout;

	sample_know_zones(&outside);
	model_learn(&s->model, seen);
	model_agree(&outside, seen, SAMPLE_STEP, out);
	model_agree_faults(&s->model, seen, SAMPLE_STEP, out);
	model_compare(&s->model, seen, SAMPLE_STEP, out);
	model_balance(&s->model, seen, SAMPLE_STEP, out);
	model_compare_boot(&s->model, &s->base, seen, SAMPLE_STEP, out);
}

static int one_state(enum sample_kernel kernel, bool raw, enum sample_state state)
{
	struct findings out = { 0 };
	struct snapshot right;
	struct sample s;
	int errors;

	sample_init(&s, kernel, raw);
	sample_enter(&s, state);
	sample_right(&s, &right);
	if (raw)
		sample_see_outside(&right);
	judge(&s, &right, &out);
	for (size_t k = 0; k < out.nr; k++)
		print_error("kernel %d raw %d state %d: %s 0x%llx+%llu: %s: %s\n", (int)kernel, raw, (int)state,
			    out.f[k].invariant, (unsigned long long)out.f[k].first_pfn,
			    (unsigned long long)out.f[k].nr_pfns, out.f[k].expected, out.f[k].seen);
	errors = out.nr > 0;
	findings_deinit(&out);
	snapshot_deinit(&right);
	sample_deinit(&s);
	return errors;
}

static void right_snapshots_have_no_findings(void **state)
{
	int errors = 0;

	(void)state;
	for (int kernel = 0; kernel < SAMPLE_NR_KERNELS; kernel++)
		for (int raw = 0; raw < 2; raw++)
			for (int i = 0; i < SAMPLE_NR_STATES; i++)
				if (sample_can((enum sample_kernel)kernel, (enum sample_state)i))
					errors += one_state((enum sample_kernel)kernel, raw, (enum sample_state)i);
	assert_int_equal(errors, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(right_snapshots_have_no_findings),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
