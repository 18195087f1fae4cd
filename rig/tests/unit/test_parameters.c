// SPDX-License-Identifier: GPL-2.0-or-later
/* Parameters on a command line, and how the kernel shows what they were set to. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <string.h>

#include "base/clean.h"
#include "run/parameters.h"

static void are_found_on_the_command_line(void **state)
{
	AUTO_FREE struct parameter *list = NULL;
	size_t n = parameters_of("quiet memory-hotplug.memmap-on-memory=force panic=-1 a.b=1 a.b= "
				 "dyndbg=\"file mm/memory_hotplug.c +p\" .x=1 m.=1 m.n pci=a.b=c", &list);

	(void)state;
	assert_int_equal(n, 2);
	assert_string_equal(list[0].name, "memory_hotplug.memmap_on_memory");
	assert_string_equal(list[0].path, "/sys/module/memory_hotplug/parameters/memmap_on_memory");
	assert_string_equal(list[0].value, "force");
	assert_string_equal(list[1].name, "a.b");
	assert_string_equal(list[1].value, "");
}

static void one_too_long_is_none(void **state)
{
	AUTO_FREE struct parameter *list = NULL;
	char word[sizeof(list->name) + 8];

	(void)state;
	memset(word, 'v', sizeof(word) - 1);
	memcpy(word, "m.n=", 4);
	word[sizeof(word) - 1] = '\0';
	assert_int_equal(parameters_of(word, &list), 0);
}

static void read_as_they_were_given(void **state)
{
	static const struct {
		const char *value, *text;
		bool is;
	} rows[] = {
		{ "force", "force\n", true },
		{ "force", "Y\n", false },
		{ "force", "forced\n", false },
		{ "301", "301\n", true },
		{ "301", "30\n", false },
		{ "1", "Y\n", true },
		{ "on", "Y\n", true },
		{ "y", "N\n", false },
		{ "off", "N\n", true },
		{ "0", "N\n", true },
		{ "0", "Y\n", false },
		{ "force", "N\n", true },	/* of a bool: f is no */
		{ "true", "Y\n", true },
		{ "", "N\n", false },
		{ "", "\n", true },
		{ "auto-movable", "contig-zones\n", false },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++)
		if (parameter_reads_as(rows[i].value, rows[i].text) != rows[i].is)
			fail_msg("'%s' that reads '%s'", rows[i].value, rows[i].text);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(are_found_on_the_command_line),
		cmocka_unit_test(one_too_long_is_none),
		cmocka_unit_test(read_as_they_were_given),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
