// SPDX-License-Identifier: GPL-2.0-or-later
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "base/err.h"

int rig_err_set(struct rig_err *err, enum rig_cause cause, int eno, const char *fmt, ...)
{
	char text[sizeof(err->text)];	/* an argument may point into err->text */
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	memcpy(err->text, text, sizeof(text));
	err->cause = cause;
	err->eno = eno > 0 ? eno : EIO;
	return -err->eno;
}

int rig_err_wrap(struct rig_err *err, const char *fmt, ...)
{
	char text[sizeof(err->text)] = "";
	va_list ap;
	size_t len;

	va_start(ap, fmt);
	vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	len = strlen(text);
	snprintf(text + len, sizeof(text) - len, ": %s", err->text);
	memcpy(err->text, text, sizeof(text));
	return -err->eno;
}

const char *rig_cause_name(enum rig_cause cause)
{
	static const char *const names[] = {
		[RIG_USAGE] = "usage",		[RIG_HOST] = "host",
		[RIG_QEMU] = "qemu",		[RIG_AGENT] = "agent",
		[RIG_KERNEL] = "kernel",	[RIG_TIMEOUT] = "timeout",
		[RIG_INTERRUPTED] = "interrupted", [RIG_MISSING] = "missing",
	};

	return names[cause];
}
