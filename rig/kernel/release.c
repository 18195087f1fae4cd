// SPDX-License-Identifier: GPL-2.0-or-later
#include <ctype.h>
#include <string.h>

#include "base/clean.h"
#include "kernel/release.h"

#define MAX_RELEASE_LEN 128

/* the longer one first: "-amd64" ends both */
static const char *const flavours[] = { "cloud-amd64", "amd64" };

const char *release_known_flavour(const char *text)
{
	for (size_t i = 0; i < ARRAY_SIZE(flavours); i++)
		if (!strcmp(text, flavours[i]))
			return flavours[i];
	return NULL;
}

static bool is_digit(char c)
{
	return c >= '0' && c <= '9';
}

static const char *skip_number(const char *p, const char *end)
{
	const char *start = p;

	while (p < end && is_digit(*p))
		p++;
	return p > start ? p : NULL;
}

/* X.Y.Z and more; each part behind a hyphen is a number, so "-rt" and "-unsigned" drop out */
static bool is_base(const char *p, const char *end)
{
	for (int i = 0; i < 3; i++) {
		if (i && (p >= end || *p++ != '.'))
			return false;
		p = skip_number(p, end);
		if (!p)
			return false;
	}
	for (; p < end; p++) {
		if (*p == '-' && (p + 1 == end || !is_digit(p[1])))
			return false;
		if (!isalnum((unsigned char)*p) && !strchr("+-.~", *p))
			return false;
	}
	return true;
}

bool release_parse(const char *name, struct release *ret)
{
	size_t len = strnlen(name, MAX_RELEASE_LEN + 1);

	if (len > MAX_RELEASE_LEN)
		return false;
	for (size_t i = 0; i < ARRAY_SIZE(flavours); i++) {
		size_t tail = strlen(flavours[i]) + 1;

		if (len <= tail || name[len - tail] != '-' ||
		    strcmp(name + len - tail + 1, flavours[i]))
			continue;
		if (!is_base(name, name + len - tail))
			return false;
		*ret = (struct release){ .base_len = len - tail, .flavour = flavours[i] };
		return true;
	}
	return false;
}

bool release_is_bare(const char *name)
{
	size_t len = strnlen(name, MAX_RELEASE_LEN + 1);

	return len <= MAX_RELEASE_LEN && is_base(name, name + len);
}

bool release_in_series(const char *name, const char *series, const char *flavour)
{
	size_t len = strlen(series);
	struct release r;

	return release_parse(name, &r) && !strcmp(r.flavour, flavour) &&
	       !strncmp(name, series, len) && name[len] == '.';
}

bool release_is_path_safe(const char *name)
{
	size_t len = strnlen(name, MAX_RELEASE_LEN + 1);

	if (!len || len > MAX_RELEASE_LEN || *name == '.')
		return false;
	for (const char *p = name; *p; p++)
		if (!isalnum((unsigned char)*p) && !strchr("+-._~:@", *p))
			return false;
	return true;
}

/* deb-version(7): '~' sorts before the end, the end before letters, letters before the rest */
static int weight(char c)
{
	if (c == '~')
		return -1;
	if (!c || is_digit(c))
		return 0;
	return isalpha((unsigned char)c) ? c : (unsigned char)c + 256;
}

static int compare_numbers(const char **a, const char **b)
{
	int first = 0;

	while (**a == '0')
		(*a)++;
	while (**b == '0')
		(*b)++;
	for (; is_digit(**a) && is_digit(**b); (*a)++, (*b)++)
		if (!first)
			first = **a - **b;
	/* more digits win over greater ones, so no number is too long */
	if (is_digit(**a))
		return 1;
	if (is_digit(**b))
		return -1;
	return first;
}

static int compare_part(const char *a, const char *b)
{
	while (*a || *b) {
		int diff;

		while ((*a && !is_digit(*a)) || (*b && !is_digit(*b))) {
			diff = weight(*a) - weight(*b);
			if (diff)
				return diff;
			a += *a != '\0';
			b += *b != '\0';
		}
		diff = compare_numbers(&a, &b);
		if (diff)
			return diff;
	}
	return 0;
}

/* copies the part before the last hyphen, or all; returns the part behind it, or "" */
static const char *split_revision(const char *name, char upstream[MAX_RELEASE_LEN + 1])
{
	const char *hyphen = strrchr(name, '-');
	size_t len = hyphen ? (size_t)(hyphen - name) : strlen(name);

	if (len > MAX_RELEASE_LEN)
		len = MAX_RELEASE_LEN;
	memcpy(upstream, name, len);
	upstream[len] = '\0';
	return hyphen ? hyphen + 1 : "";
}

static void take_base(const char *name, char base[MAX_RELEASE_LEN + 1])
{
	struct release r;
	size_t len = release_parse(name, &r) ? r.base_len : strnlen(name, MAX_RELEASE_LEN);

	memcpy(base, name, len);
	base[len] = '\0';
}

int release_compare(const char *a, const char *b)
{
	char a_base[MAX_RELEASE_LEN + 1], b_base[MAX_RELEASE_LEN + 1];
	char a_upstream[MAX_RELEASE_LEN + 1], b_upstream[MAX_RELEASE_LEN + 1];
	const char *a_revision, *b_revision;
	int diff;

	take_base(a, a_base);
	take_base(b, b_base);
	a_revision = split_revision(a_base, a_upstream);
	b_revision = split_revision(b_base, b_upstream);
	diff = compare_part(a_upstream, b_upstream);
	return diff ? diff : compare_part(a_revision, b_revision);
}
