// SPDX-License-Identifier: GPL-2.0-or-later
#include <elf.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "page/vmcoreinfo.h"

#define NOTE_NAME "VMCOREINFO"

static size_t aligned(size_t bytes)
{
	return (bytes + 3) & ~(size_t)3;
}

char *vmcoreinfo_find(const void *notes, size_t len)
{
	const char *at = notes;
	Elf64_Nhdr n;

	while (len >= sizeof(n)) {
		size_t name = sizeof(n), text, next;

		memcpy(&n, at, sizeof(n));
		text = name + aligned(n.n_namesz);
		next = text + aligned(n.n_descsz);
		/* the padding behind the last note may be missing */
		if (text > len || n.n_descsz > len - text)
			return NULL;
		if (n.n_namesz == sizeof(NOTE_NAME) && !memcmp(at + name, NOTE_NAME, sizeof(NOTE_NAME)))
			return xstrndup(at + text, n.n_descsz < VMCOREINFO_MAX_BYTES ?
						   n.n_descsz : VMCOREINFO_MAX_BYTES);
		if (next > len)
			return NULL;
		at += next;
		len -= next;
	}
	return NULL;
}

/* What stands behind "KEY=" at the start of a line, up to its end. */
static const char *find_value(const char *text, const char *key, size_t *ret_len)
{
	size_t key_len = strlen(key);

	for (const char *line = text; line; line = strchr(line, '\n')) {
		line += *line == '\n';
		if (strncmp(line, key, key_len) || line[key_len] != '=')
			continue;
		line += key_len + 1;
		*ret_len = strcspn(line, "\n");
		return line;
	}
	return NULL;
}

bool vmcoreinfo_address(const char *text, const char *key, uint64_t *ret)
{
	size_t len = 0;
	const char *value = find_value(text, key, &len);

	if (value && len > 2 && !strncmp(value, "0x", 2)) {	/* a few have it, as NUMBER(VMALLOC_START) */
		value += 2;
		len -= 2;
	}
	if (!value || !len || len > 16 || strspn(value, "0123456789abcdef") != len)
		return false;
	*ret = strtoull(value, NULL, 16);
	return true;
}

bool vmcoreinfo_number(const char *text, const char *key, int64_t *ret)
{
	size_t len = 0, sign;
	const char *value = find_value(text, key, &len);
	int64_t number;

	if (!value)
		return false;
	sign = *value == '-';
	if (len == sign || strspn(value + sign, "0123456789") != len - sign)
		return false;
	errno = 0;
	number = strtoll(value, NULL, 10);
	if (errno)
		return false;
	*ret = number;
	return true;
}

bool vmcoreinfo_text(const char *text, const char *key, char *buf, size_t len)
{
	size_t value_len = 0;
	const char *value = find_value(text, key, &value_len);

	if (!value || !value_len || value_len >= len)
		return false;
	for (size_t i = 0; i < value_len; i++)
		if (value[i] < 0x20 || value[i] > 0x7e)
			return false;
	memcpy(buf, value, value_len);
	buf[value_len] = '\0';
	return true;
}
