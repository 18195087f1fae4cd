// SPDX-License-Identifier: GPL-2.0-or-later
/* A matrix in memory, and how it is let go.  Its keys: matrix_parse.c. */
#include <stdlib.h>

#include "base/clean.h"
#include "base/mem.h"
#include "matrix/matrix_parse.h"

void strings_clean(char ***v)
{
	strings_free(*v);
}

static void kernel_deinit(struct matrix_kernel *k)
{
	free(k->name);
	free(k->spec);
	free(k->source);
	free(k->apply);
	strings_free(k->config);
}

static void variant_deinit(struct matrix_variant *v)
{
	free(v->name);
	free(v->machine);
	strings_free(v->kernel_args);
	strings_free(v->config);
}

static void rows_free(struct matrix *m)
{
	for (size_t i = 0; i < m->nr_rows; i++) {
		free(m->row[i].kernels.index);
		free(m->row[i].variants.index);
		free(m->row[i].sets.index);
	}
	free(m->row);
	for (size_t i = 0; i < m->nr_excludes; i++) {
		free(m->exclude[i].kernels.index);
		free(m->exclude[i].variants.index);
		strings_free(m->exclude[i].scenarios);
		free(m->exclude[i].reason);
	}
	free(m->exclude);
}

void matrix_destroy(struct matrix *m)
{
	if (!m)
		return;
	rows_free(m);
	for (size_t i = 0; i < m->nr_kernels; i++)
		kernel_deinit(&m->kernel[i]);
	for (size_t i = 0; i < m->nr_variants; i++)
		variant_deinit(&m->variant[i]);
	for (size_t i = 0; i < m->nr_sets; i++) {
		free(m->set[i].name);
		strings_free(m->set[i].scenarios);
	}
	free(m->kernel);
	free(m->variant);
	free(m->set);
	free(m->summary);
	doc_destroy(m->doc);
	free(m);
}

int matrix_load(const char *path, struct matrix **ret, struct rig_err *err)
{
	AUTO_FREE char *text = NULL;
	size_t len;
	int r = doc_read_file(path, &text, &len, err);

	return r < 0 ? r : matrix_parse(path, text, len, ret, err);
}
