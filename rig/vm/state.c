// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The machine's state without its memory, by migration into a file: memory that QEMU maps shared is
 * left where it is (x-ignore-shared), so what is written are the devices and the small ROMs.
 */
#include <errno.h>
#include <string.h>

#include "vm/vm.h"

#define FD_NAME "state"

static json_t *capability(const char *name)
{
	return json_pack("{sssb}", "capability", name, "state", 1);
}

/* Events tell of the end of a migration only with the capability of that name. */
static int prepare(struct vm *vm, int fd, uint64_t until_ns, struct rig_err *err)
{
	int r = qmp_call(vm_qmp(vm), "migrate-set-capabilities",
			 json_pack("{s[oo]}", "capabilities", capability("x-ignore-shared"), capability("events")),
			 until_ns, NULL, NULL, err);

	return r < 0 ? r : qmp_pass_fd(vm_qmp(vm), FD_NAME, fd, until_ns, err);
}

static int failed(struct vm *vm, const char *what, uint64_t until_ns, struct rig_err *err)
{
	json_auto_t *info = NULL;
	const char *why;
	int r = qmp_call(vm_qmp(vm), "query-migrate", NULL, until_ns, &info, NULL, err);

	if (r < 0)
		return r;
	why = json_string_value(json_object_get(info, "error-desc"));
	return rig_err_set(err, RIG_QEMU, EIO, "%s failed: %s", what, why ? why : "QEMU does not say why");
}

static int await_end(struct vm *vm, const char *what, size_t from, uint64_t until_ns, struct rig_err *err)
{
	for (;;) {
		const struct qmp_event *e;
		const char *status;
		int r = qmp_wait_event(vm_qmp(vm), "MIGRATION", NULL, &from, until_ns, &e, err);

		if (r < 0)
			return rig_err_wrap(err, "%s", what);
		status = json_string_value(json_object_get(e->data, "status"));
		if (status && !strcmp(status, "completed"))
			return 0;
		if (status && (!strcmp(status, "failed") || !strcmp(status, "cancelled")))
			return failed(vm, what, until_ns, err);
	}
}

int vm_pause(struct vm *vm, uint64_t until_ns, struct rig_err *err)
{
	return qmp_call(vm_qmp(vm), "stop", NULL, until_ns, NULL, NULL, err);
}

int vm_continue(struct vm *vm, uint64_t until_ns, struct rig_err *err)
{
	return qmp_call(vm_qmp(vm), "cont", NULL, until_ns, NULL, NULL, err);
}

int vm_save(struct vm *vm, int fd, uint64_t until_ns, struct rig_err *err)
{
	size_t from = qmp_nr_events(vm_qmp(vm));
	int r = vm_pause(vm, until_ns, err);

	if (r < 0 || (r = prepare(vm, fd, until_ns, err)) < 0 ||
	    (r = qmp_call(vm_qmp(vm), "migrate", json_pack("{ss}", "uri", "fd:" FD_NAME), until_ns, NULL, NULL,
			  err)) < 0)
		return r;
	return await_end(vm, "saving the machine", from, until_ns, err);
}

int vm_restore(struct vm *vm, int fd, uint64_t until_ns, struct rig_err *err)
{
	size_t from = qmp_nr_events(vm_qmp(vm));
	int r = prepare(vm, fd, until_ns, err);

	if (r < 0 || (r = qmp_call(vm_qmp(vm), "migrate-incoming", json_pack("{ss}", "uri", "fd:" FD_NAME), until_ns,
				   NULL, NULL, err)) < 0 ||
	    (r = await_end(vm, "restoring the machine", from, until_ns, err)) < 0) {
		/* a state that QEMU cannot take makes it exit */
		vm_explain(vm, err);
		return -err->eno;
	}
	return 0;
}
