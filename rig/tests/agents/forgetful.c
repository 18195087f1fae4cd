// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The real agent on a kernel that seems to lose things: a uevent of each offline, a word of each fill, a label slot
 * that was taken, who a namespace was; and that warns when a fill is released.  Linked with --wrap of the functions below.
 */
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include "base/clean.h"
#include "tests/agents/greet.h"

command_fn __wrap_cmd_check_fill, __wrap_cmd_release_fill, __real_cmd_release_fill;
command_fn __wrap_cmd_query_namespaces, __real_cmd_query_namespaces;
void __wrap_agent_event(struct agent *a, const char *name, json_t *data);
void __real_agent_event(struct agent *a, const char *name, json_t *data);

void __wrap_agent_event(struct agent *a, const char *name, json_t *data)
{
	const char *action = json_string_value(json_object_get(data, "action"));

	if (!strcmp(name, "UEVENT") && action && !strcmp(action, "offline"))
		json_decref(data);
	else
		__real_agent_event(a, name, data);
}

int __wrap_cmd_check_fill(const struct request *req, json_t **ret, struct rig_err *err)
{
	(void)req;
	(void)err;
	*ret = json_pack("{si ss si}", "errno", 0, "while", "", "bad-offset", 4096);
	return 0;
}

int __wrap_cmd_release_fill(const struct request *req, json_t **ret, struct rig_err *err)
{
	static const char warning[] = "<4>WARNING: CPU: 0 PID: 1 at mm/planted.c:1 planted_function+0x1/0x2\n";
	AUTO_CLOSE int fd = open("/dev/kmsg", O_WRONLY | O_CLOEXEC);

	if (fd < 0 || write(fd, warning, strlen(warning)) < 0)
		return rig_err_set(err, RIG_AGENT, errno, "cannot write to the kernel log: %s", strerror(errno));
	return __real_cmd_release_fill(req, ret, err);
}

int __wrap_cmd_query_namespaces(const struct request *req, json_t **ret, struct rig_err *err)
{
	int r = __real_cmd_query_namespaces(req, ret, err);
	static unsigned int looks;
	json_t *entry;
	size_t i;

	looks++;
	json_array_foreach(r < 0 ? NULL : json_object_get(*ret, "nd"), i, entry) {
		if (json_object_get(entry, "available_slots"))
			json_object_set_new(entry, "available_slots", json_string("500"));
		if (json_object_get(entry, "uuid"))
			json_object_set_new(entry, "uuid", json_sprintf("%u", looks));
	}
	return r;
}
