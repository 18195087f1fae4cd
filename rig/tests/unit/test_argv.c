// SPDX-License-Identifier: GPL-2.0-or-later
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clean.h"
#include "vm/vm.h"

static struct kernel kernel = { .image = (char *)"/boot/vmlinuz" };
static const struct vm_fds fds = { 11, 12, 13 };

static struct vm_config make_config(const char *shape)
{
	return (struct vm_config){ .shape = machine_find(shape), .kernel = &kernel,
				   .initrd = "/cache/initrd", .cmdline = "console=ttyS0 panic=-1",
				   .accel = ACCEL_TCG };
}

/* The position of @option followed by @value (NULL: any); -1 when it is not there. */
static int find(const struct strv *argv, const char *option, const char *value)
{
	for (size_t i = 0; i + 1 < argv->n; i++)
		if (!strcmp(argv->v[i], option) && (!value || !strcmp(argv->v[i + 1], value)))
			return (int)i;
	return -1;
}

static void assert_has(const struct strv *argv, const char *option, const char *value)
{
	if (find(argv, option, value) < 0)
		fail_msg("no %s %s", option, value ? value : "");
}

static unsigned int count(const struct strv *argv, const char *text)
{
	unsigned int n = 0;

	for (size_t i = 0; i < argv->n; i++)
		n += strstr(argv->v[i], text) != NULL;
	return n;
}

static void test_small(void **state)
{
	AUTO_STRV struct strv argv = { 0 };
	struct vm_config config = make_config("small");

	(void)state;
	vm_argv(&config, &fds, &argv);
	assert_string_equal(argv.v[0], "qemu-system-x86_64");
	assert_null(argv.v[argv.n]);
	assert_has(&argv, "-machine", "q35,nvdimm=on");
	assert_has(&argv, "-accel", "tcg,thread=single");
	assert_has(&argv, "-cpu", "max,cx16=off,erms=off,fsrm=off,la57=off");
	assert_has(&argv, "-m", "size=2048M,slots=8,maxmem=65536M");
	assert_has(&argv, "-chardev", "socket,id=qmp,fd=11");
	assert_has(&argv, "-mon", "chardev=qmp,mode=control");
	assert_has(&argv, "-chardev", "socket,id=console,fd=12");
	assert_has(&argv, "-chardev", "socket,id=agent,fd=13");
	assert_has(&argv, "-action", "reboot=shutdown,shutdown=pause,panic=pause");
	assert_has(&argv, "-device", "pvpanic");
	assert_has(&argv, "-device", "vmcoreinfo");
	assert_has(&argv, "-kernel", "/boot/vmlinuz");
	assert_has(&argv, "-initrd", "/cache/initrd");
	assert_has(&argv, "-append", "console=ttyS0 panic=-1");
	assert_int_equal(count(&argv, "pcie-root-port"), 2);
	assert_int_equal(count(&argv, "-numa"), 0);
	/* before anything that adds a device */
	assert_int_equal(count(&argv, "-nodefaults"), 1);
	assert_int_equal(count(&argv, "-no-user-config"), 1);
}

static void test_kvm_and_program(void **state)
{
	AUTO_STRV struct strv argv = { 0 };
	struct vm_config config = make_config("five-level");

	(void)state;
	config.accel = ACCEL_KVM;
	config.qemu = "/opt/qemu";
	config.initrd = NULL;
	vm_argv(&config, &fds, &argv);
	assert_string_equal(argv.v[0], "/opt/qemu");
	assert_has(&argv, "-accel", "kvm");
	assert_has(&argv, "-cpu", "host,+la57,enforce");
	assert_int_equal(find(&argv, "-initrd", NULL), -1);
}

static void test_two_nodes(void **state)
{
	AUTO_STRV struct strv argv = { 0 };
	struct vm_config config = make_config("two-nodes");

	(void)state;
	vm_argv(&config, &fds, &argv);
	assert_has(&argv, "-object", "memory-backend-ram,id=ram0,size=2048M");
	assert_has(&argv, "-numa", "node,nodeid=0,memdev=ram0");
	assert_has(&argv, "-numa", "node,nodeid=1");
	assert_int_equal(count(&argv, "memory-backend-ram"), 1);
}

/* A node has memory and vCPUs, one of them, or neither. */
static void test_four_nodes(void **state)
{
	AUTO_STRV struct strv argv = { 0 };
	struct vm_config config = make_config("four-nodes");

	(void)state;
	vm_argv(&config, &fds, &argv);
	assert_has(&argv, "-smp", "4,sockets=4");
	assert_has(&argv, "-numa", "node,nodeid=0,cpus=0-0,memdev=ram0");
	assert_has(&argv, "-numa", "node,nodeid=1,cpus=1-1,memdev=ram1");
	assert_has(&argv, "-numa", "node,nodeid=2,cpus=2-3");
	assert_has(&argv, "-numa", "node,nodeid=3");
	assert_int_equal(count(&argv, "memory-backend-ram"), 2);
}

static void test_two_cpus(void **state)
{
	AUTO_STRV struct strv argv = { 0 };
	struct vm_config config = make_config("two-cpus");

	(void)state;
	vm_argv(&config, &fds, &argv);
	assert_has(&argv, "-smp", "2");
	assert_has(&argv, "-accel", "tcg,thread=multi");
}

/* Boot memory in files: shared by the guest that is to be kept, private for those that start from it. */
static void test_ram_files(void **state)
{
	static const char *const share[] = { "on", "off" };

	(void)state;
	for (int private = 0; private < 2; private++) {
		AUTO_STRV struct strv one = { 0 }, two = { 0 };
		AUTO_FREE char *backend = NULL;
		struct vm_config config = make_config("small");

		backend = xasprintf("memory-backend-file,id=ram0,size=2048M,mem-path=/t/x/ram0,share=%s", share[private]);
		config.ram = "/t/x/ram";
		config.ram_private = private;
		vm_argv(&config, &fds, &one);
		assert_has(&one, "-machine", "q35,nvdimm=on,memory-backend=ram0");
		assert_has(&one, "-object", backend);
		assert_int_equal(count(&one, "-numa"), 0);
		config.shape = machine_find("two-nodes");
		vm_argv(&config, &fds, &two);
		assert_has(&two, "-machine", "q35,nvdimm=on");	/* with nodes, each names its own */
		assert_has(&two, "-object", backend);
		assert_has(&two, "-numa", "node,nodeid=0,memdev=ram0");
		assert_has(&two, "-numa", "node,nodeid=1");
		for (int i = 0; i < 2; i++) {
			assert_int_equal(count(i ? &two : &one, "memory-backend-file"), 1);
			assert_int_equal(count(i ? &two : &one, "memory-backend-ram"), 0);
		}
	}
}

static void test_incoming(void **state)
{
	AUTO_STRV struct strv cold = { 0 }, warm = { 0 };
	struct vm_config config = make_config("small");

	(void)state;
	vm_argv(&config, &fds, &cold);
	assert_int_equal(find(&cold, "-incoming", NULL), -1);
	config.incoming = true;
	vm_argv(&config, &fds, &warm);
	assert_has(&warm, "-incoming", "defer");
	assert_int_equal(warm.n, cold.n + 2);	/* all else is the same machine */
}

/* The rig's own monitor comes first and alone when nobody asked for a second one. */
static void test_second_monitor(void **state)
{
	AUTO_STRV struct strv argv = { 0 }, none = { 0 };
	struct vm_config config = make_config("small");

	(void)state;
	vm_argv(&config, &fds, &none);
	assert_int_equal(count(&none, "mode=control"), 1);
	config.monitor_fd = 14;
	vm_argv(&config, &fds, &argv);
	assert_has(&argv, "-chardev", "socket,id=qmp2,fd=14,server=on,wait=off");
	assert_has(&argv, "-mon", "chardev=qmp2,mode=control");
	assert_int_equal(count(&argv, "mode=control"), 2);
	assert_true(find(&argv, "-mon", "chardev=qmp,mode=control") <
		    find(&argv, "-mon", "chardev=qmp2,mode=control"));
}

/* ttyS0 is the console and ttyS1 the agent: the order of the options decides. */
static void test_links(void **state)
{
	AUTO_STRV struct strv virtio = { 0 }, serial = { 0 };
	struct vm_config config = make_config("small");

	(void)state;
	vm_argv(&config, &fds, &virtio);
	assert_has(&virtio, "-device", "virtserialport,bus=vser.0,nr=1,chardev=agent,"
		   "name=org.hotrig.agent");
	assert_int_equal(count(&virtio, "chardev:"), 1);
	config.link = LINK_SERIAL;
	vm_argv(&config, &fds, &serial);
	assert_int_equal(count(&serial, "virt"), 0);
	assert_true(find(&serial, "-serial", "chardev:console") <
		    find(&serial, "-serial", "chardev:agent"));
	assert_true(find(&serial, "-serial", "chardev:console") >= 0);
}

static void test_link_by_kernel(void **state)
{
	char both[] = "CONFIG_VIRTIO_CONSOLE=y\nCONFIG_VIRTIO_PCI=y\n";
	char modules[] = "CONFIG_VIRTIO_CONSOLE=m\nCONFIG_VIRTIO_PCI=m\n";
	char none[] = "# CONFIG_VIRTIO_CONSOLE is not set\nCONFIG_VIRTIO_PCI=y\n";
	struct kernel k = { .config = both };

	(void)state;
	assert_int_equal(vm_agent_link(&k), LINK_VIRTIO_SERIAL);
	k.config = modules;
	assert_int_equal(vm_agent_link(&k), LINK_SERIAL);	/* configured, but we have none */
	k.modules = (char *)"/lib/modules/x";
	assert_int_equal(vm_agent_link(&k), LINK_VIRTIO_SERIAL);
	k.config = none;
	assert_int_equal(vm_agent_link(&k), LINK_SERIAL);
	k.config = NULL;
	assert_int_equal(vm_agent_link(&k), LINK_SERIAL);
}

static void test_shapes(void **state)
{
	const struct machine_shape *s;

	(void)state;
	for (unsigned int i = 0; (s = machine_at(i)); i++) {
		unsigned int cpus = 0;
		uint64_t sum = 0;

		assert_ptr_equal(machine_find(s->name), s);
		assert_in_range(s->nr_nodes, 1, MACHINE_MAX_NODES);
		for (unsigned int n = 0; n < s->nr_nodes; n++)
			sum += s->node_bytes[n];
		for (unsigned int n = 0; n < s->nr_nodes; n++)
			cpus += s->node_cpus[n];
		assert_int_equal(sum, s->memory_bytes);
		assert_true(!cpus || cpus == s->nr_cpus);
		assert_true(s->max_bytes > s->memory_bytes && s->slots);
		assert_int_equal(s->max_bytes % (1 << 20) + s->memory_bytes % (1 << 20), 0);
		assert_non_null(s->summary);
	}
	assert_null(machine_find("no-such"));
	assert_null(machine_find(""));
}

static void test_print(void **state)
{
	AUTO_STRV struct strv argv = { 0 };
	AUTO_FREE char *text = NULL;
	size_t len;
	FILE *out = open_memstream(&text, &len);

	(void)state;
	strv_add(&argv, "qemu");
	strv_add(&argv, "-nodefaults");
	strv_add(&argv, "-append");
	strv_add(&argv, "a=1 b='c'");
	strv_add(&argv, "-x");
	strv_add(&argv, "");
	vm_argv_print(out, &argv);
	fclose(out);
	assert_string_equal(text, "qemu \\\n\t-nodefaults \\\n\t-append 'a=1 b='\\''c'\\''' "
			    "\\\n\t-x ''\n");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_small),
		cmocka_unit_test(test_kvm_and_program),
		cmocka_unit_test(test_two_nodes),
		cmocka_unit_test(test_four_nodes),
		cmocka_unit_test(test_two_cpus),
		cmocka_unit_test(test_ram_files),
		cmocka_unit_test(test_incoming),
		cmocka_unit_test(test_second_monitor),
		cmocka_unit_test(test_links),
		cmocka_unit_test(test_link_by_kernel),
		cmocka_unit_test(test_shapes),
		cmocka_unit_test(test_print),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
