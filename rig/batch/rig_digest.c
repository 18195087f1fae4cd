// SPDX-License-Identifier: GPL-2.0-or-later
#include <string.h>

#include "base/clean.h"
#include "base/io.h"
#include "base/mem.h"
#include "batch/rig_digest.h"

#define MAX_PROGRAM_BYTES	(256u << 20)

int rig_digest(const char *agent, char hex[65], struct rig_err *err)
{
	const char *const file[] = { "/proc/self/exe", agent };
	char both[2 * 64 + 1];

	for (size_t i = 0; i < ARRAY_SIZE(file); i++) {
		AUTO_FREE char *text = NULL;
		size_t len;
		int r = io_read_file(file[i], MAX_PROGRAM_BYTES, &text, &len, err);

		if (r < 0)
			return r;
		io_sha256_hex(text, len, both + i * 64);
	}
	io_sha256_hex(both, strlen(both), hex);
	return 0;
}
