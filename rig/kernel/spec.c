// SPDX-License-Identifier: GPL-2.0-or-later
#include <ctype.h>
#include <string.h>

#include "base/clean.h"
#include "base/mem.h"
#include "kernel/built.h"
#include "kernel/release.h"
#include "kernel/spec.h"

#define DEBIAN_PREFIX "debian:"

void kernel_spec_deinit(struct kernel_spec *spec)
{
	free(spec->series);
	free(spec->release);
	free(spec->key);
	free(spec->path);
	free(spec->modules);
	free(spec->config);
	*spec = (struct kernel_spec){ 0 };
}

/* "6.12": exactly two numbers */
static bool is_series(const char *s, size_t len)
{
	size_t major = strspn(s, "0123456789"), minor;

	if (!major || major >= len || s[major] != '.')
		return false;
	minor = strspn(s + major + 1, "0123456789");
	return minor && major + 1 + minor == len && len < 16;
}

static int parse_debian(const char *text, struct kernel_spec *ret, struct rig_err *err)
{
	const char *name = text + strlen(DEBIAN_PREFIX), *colon = strchr(name, ':');
	const char *flavour = colon ? colon + 1 : RELEASE_DEFAULT_FLAVOUR;
	size_t len = colon ? (size_t)(colon - name) : strlen(name);
	struct release release;

	if (is_series(name, len)) {
		if (!release_known_flavour(flavour))
			return rig_err_set(err, RIG_USAGE, EINVAL,
					   "'%s' names an unknown flavour: use cloud-amd64 or amd64", text);
		ret->kind = KERNEL_SPEC_SERIES;
		ret->series = xstrndup(name, len);
		ret->flavour = release_known_flavour(flavour);
		return 0;
	}
	if (!colon && release_parse(name, &release)) {
		ret->kind = KERNEL_SPEC_RELEASE;
		ret->release = xstrdup(name);
		return 0;
	}
	return rig_err_set(err, RIG_USAGE, EINVAL,
			   "'%s' names no Debian kernel: use debian:SERIES, debian:SERIES:FLAVOUR or debian:RELEASE, such as debian:6.12, debian:6.12:amd64 or debian:6.1.0-50-cloud-amd64",
			   text);
}

static int parse_built(const char *text, struct kernel_spec *ret, struct rig_err *err)
{
	const char *key = text + strlen(BUILT_PREFIX);

	if (!built_key_is_valid(key))
		return rig_err_set(err, RIG_USAGE, EINVAL,
				   "'%s' names no built kernel: use built:KEY, as 'hotrig kernel build' prints it", text);
	ret->kind = KERNEL_SPEC_BUILT;
	ret->key = xstrdup(key);
	return 0;
}

/* the first ",word=": a comma alone may be part of a path */
static const char *find_keys(const char *text)
{
	for (const char *p = strchr(text, ','); p; p = strchr(p + 1, ',')) {
		const char *q = p + 1;

		while (islower((unsigned char)*q) || *q == '_')
			q++;
		if (q > p + 1 && *q == '=')
			return p;
	}
	return text + strlen(text);
}

static int parse_key(const char *text, const char *key, size_t len, struct kernel_spec *ret,
		     struct rig_err *err)
{
	static const char *const names[] = { "modules=", "config=" };
	char **const values[] = { &ret->modules, &ret->config };

	for (size_t i = 0; i < ARRAY_SIZE(names); i++) {
		size_t name_len = strlen(names[i]);

		if (len < name_len || memcmp(key, names[i], name_len))
			continue;
		if (len == name_len)
			return rig_err_set(err, RIG_USAGE, EINVAL, "'%s' gives no value for '%s'",
					   text, names[i]);
		if (*values[i])
			return rig_err_set(err, RIG_USAGE, EINVAL, "'%s' gives '%s' twice", text,
					   names[i]);
		*values[i] = xstrndup(key + name_len, len - name_len);
		return 0;
	}
	return rig_err_set(err, RIG_USAGE, EINVAL,
			   "'%s' has an unknown part '%.*s': behind the path may follow modules=DIR and config=FILE",
			   text, (int)len, key);
}

static int parse_path(const char *text, struct kernel_spec *ret, struct rig_err *err)
{
	const char *keys = find_keys(text);

	if (keys == text)
		return rig_err_set(err, RIG_USAGE, EINVAL, "'%s' gives no path of a kernel", text);
	ret->kind = KERNEL_SPEC_PATH;
	ret->path = xstrndup(text, (size_t)(keys - text));
	while (*keys) {
		const char *key = keys + 1;
		int r;

		keys = find_keys(key);
		r = parse_key(text, key, (size_t)(keys - key), ret, err);
		if (r < 0)
			return r;
	}
	return 0;
}

int kernel_spec_parse(const char *text, struct kernel_spec *ret, struct rig_err *err)
{
	struct kernel_spec spec = { 0 };
	int r;

	if (!*text)
		return rig_err_set(err, RIG_USAGE, EINVAL,
				   "'' names no kernel: use debian:SERIES or the path of one");
	if (!strncmp(text, DEBIAN_PREFIX, strlen(DEBIAN_PREFIX)))
		r = parse_debian(text, &spec, err);
	else if (!strncmp(text, BUILT_PREFIX, strlen(BUILT_PREFIX)))
		r = parse_built(text, &spec, err);
	else
		r = parse_path(text, &spec, err);
	if (r < 0) {
		kernel_spec_deinit(&spec);
		return r;
	}
	*ret = spec;
	return 0;
}
