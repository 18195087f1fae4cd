// SPDX-License-Identifier: GPL-2.0-or-later
#include <errno.h>

#include "base/clean.h"
#include "base/io.h"
#include "base/mem.h"
#include "record/result_file.h"

#define MAX_RESULT	(16u << 20)

int result_file_read(const char *folder, json_t **ret, struct rig_err *err)
{
	AUTO_FREE char *path = xasprintf("%s/result.json", folder), *text = NULL;
	json_error_t why;
	json_t *result;
	size_t len;
	int r = io_read_file(path, MAX_RESULT, &text, &len, err);

	if (r < 0)
		return r;
	result = json_loadb(text, len, 0, &why);
	if (!result)
		return rig_err_set(err, RIG_HOST, EBADMSG, "'%s' is damaged: line %d: %s", path, why.line, why.text);
	*ret = result;
	return 0;
}
