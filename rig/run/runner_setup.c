// SPDX-License-Identifier: GPL-2.0-or-later
/* What a run is made of before it starts: image, command line, machine. */
#include <errno.h>
#include <inttypes.h>
#include <string.h>

#include "base/clean.h"
#include "base/mem.h"
#include "run/device_kind.h"
#include "run/runner.h"

/*
 * panic=-1, oops=panic: a kernel that oopsed is not to be trusted, and ends where the evidence is.
 * printk.devkmsg=on: markers of the rig in the log are not rate-limited.
 * no_timer_check: the PIT check that TCG's timing makes fail now and then is not what is tested.
 */
#define BASE_ARGS "console=ttyS0 panic=-1 oops=panic printk.devkmsg=on no_timer_check"

/* What init loads where the kernel has it as a module: the link, and ways to tell of a panic. */
static const struct kernel_need boot_modules[] = {
	{ "VIRTIO_PCI", "virtio_pci" },
	{ "VIRTIO_CONSOLE", "virtio_console" },
	{ "PVPANIC_MMIO", "pvpanic-mmio" },
	{ "FW_CFG_SYSFS", "qemu_fw_cfg" },
	{ NULL, NULL },
};

static bool carried_config(const char *module, char *config, size_t size)
{
	size_t i;

	/* memory-notifier-error-inject is CONFIG_MEMORY_NOTIFIER_ERROR_INJECT, as most are */
	for (i = 0; module[i] && i + 1 < size; i++)
		config[i] = module[i] == '-' ? '_' : (char)(module[i] >= 'a' && module[i] <= 'z' ?
							   module[i] - 32 : module[i]);
	config[i] = '\0';
	return !module[i];
}

/* mke2fs makes the file systems of fills; without one the image, and so the template, is the same for all. */
static bool has_file_system(const struct scenario *s)
{
	for (size_t i = 0; i < s->nr_steps; i++)
		if (s->steps[i].kind == STEP_FILL && s->steps[i].fill.kind == FILL_DAX_FILE)
			return true;
	return false;
}

int runner_image(const struct run_request *request, struct image *ret, struct rig_err *err)
{
	char *tools[] = { (char *)"ndctl", (char *)"daxctl", NULL, NULL };
	AUTO_STRV struct strv load = { 0 }, carry = { 0 };
	char *none[] = { NULL };
	struct image_spec spec = { .agent = request->agent, .tools = tools };
	char config[128];

	if (has_file_system(request->scenario))
		tools[2] = (char *)"mke2fs";
	kernel_needs_load(boot_modules, request->kernel, &load);
	for (size_t i = 0; i < request->scenario->nr_steps; i++)
		if (request->scenario->steps[i].kind == STEP_PLUG)
			kernel_needs_load(device_kind(request->scenario->steps[i].plug.device)->needs,
					  request->kernel, &load);
	if (request->scenario->nr_pmem)
		kernel_needs_load(legacy_pmem_needs, request->kernel, &load);
	for (char **m = request->scenario->modules; m && *m; m++)
		if (!carried_config(*m, config, sizeof(config)) ||
		    kernel_option(request->kernel, config) != KERNEL_BUILTIN)
			strv_add(&carry, *m);
	spec.load = load.n ? load.v : none;
	spec.carry = carry.n ? carry.v : none;
	return image_build(request->kernel, &spec, ret, err);
}

const char *runner_machine(const struct run_request *request)
{
	return request->variant && request->variant->machine ? request->variant->machine : request->scenario->machine;
}

static char *args_append(char *line, char *const *args)
{
	for (; args && *args; args++) {
		char *more = xasprintf("%s %s", line, *args);

		free(line);
		line = more;
	}
	return line;
}

struct vm_config runner_vm_config(const struct run_request *request, const struct image *image,
				  char **cmdline)
{
	const struct scenario *s = request->scenario;
	enum agent_link link = vm_agent_link(request->kernel);
	char *line = xasprintf("%s memhp_default_state=%s%s", BASE_ARGS, s->online_policy,
			       link == LINK_SERIAL ? " hotrig.link=serial" : "");

	for (size_t i = 0; i < s->nr_pmem; i++) {
		char *more = xasprintf("%s memmap=0x%" PRIx64 "!0x%" PRIx64, line, s->pmem[i].size_bytes,
				       s->pmem[i].addr);

		free(line);
		line = more;
	}
	line = args_append(line, s->kernel_args);
	line = args_append(line, request->variant ? request->variant->kernel_args : NULL);
	*cmdline = line;
	return (struct vm_config){
		.shape = machine_find(runner_machine(request)), .kernel = request->kernel, .initrd = image->path,
		.cmdline = line, .accel = request->accel, .link = link, .qemu = request->qemu,
	};
}
