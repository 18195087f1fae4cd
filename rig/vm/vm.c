// SPDX-License-Identifier: GPL-2.0-or-later
#include <errno.h>
#include <signal.h>
#include <string.h>
#include <sys/socket.h>

#include "base/clean.h"
#include "base/clock.h"
#include "base/poll.h"
#include "vm/child.h"
#include "vm/guest_state.h"
#include "vm/links.h"
#include "vm/proc_stat.h"
#include "vm/vm.h"

#define QMP_LINE_BYTES		(4u << 20)	/* the schema is 200 KiB */
#define QMP_EVENT_BYTES		(16u << 20)
#define AGENT_LINE_BYTES	(8u << 20)	/* a reply with a map of pages */
#define AGENT_EVENT_BYTES	(16u << 20)
#define MAX_VCPU_THREADS	64

#define QUIT_MS		1000
#define TERM_MS		1000
#define KILL_MS		2000
#define EXPLAIN_MS	1000
#define UNMAP_POLL_MS	10

struct vm {
	struct loop *loop;
	struct vm_config config;	/* only the callbacks are used after vm_create() */
	struct child *child;
	struct qmp_client *qmp, *agent;
	int console_fd;
	struct guest_state state;
	bool negotiated;
	pid_t vcpu_tids[MAX_VCPU_THREADS];
	unsigned int nr_vcpu_tids;
};

/* --- console --- */

/* One read; false when there is nothing now or never again. */
static bool read_console(struct vm *vm)
{
	char data[65536];
	ssize_t n = vm->console_fd < 0 ? 0 : read(vm->console_fd, data, sizeof(data));

	if (n < 0 && errno == EINTR)
		return true;
	if (n > 0) {
		if (vm->config.console)
			vm->config.console(vm->config.arg, data, (size_t)n);
		return true;
	}
	if ((n == 0 || errno != EAGAIN) && vm->console_fd >= 0) {
		loop_unwatch(vm->loop, vm->console_fd);
		close(TAKE_FD(vm->console_fd));
	}
	return false;
}

/* One read a round: a guest that never stops talking must not starve the others. */
static void on_console(void *arg, int fd)
{
	(void)fd;
	read_console(arg);
}

/* What QEMU has already passed on.  Bounded, because it may be passing on more and more. */
static void drain_console(void *arg)
{
	for (int i = 0; i < 64 && read_console(arg); i++)
		;
}

/* --- start --- */

void vm_console_send(struct vm *vm, const char *line)
{
	/* what does not fit at once is lost: nobody may wait for a guest that does not read */
	if (vm->console_fd >= 0 && send(vm->console_fd, line, strlen(line), MSG_DONTWAIT | MSG_NOSIGNAL) < 0)
		return;
}

static void on_child_ended(void *arg)
{
	struct vm *vm = arg;

	/* its last words may lie unread in the link, and tell why it left */
	if (vm->qmp)
		qmp_drain(vm->qmp);
	guest_state_set_exited(&vm->state);
}

static int start_qemu(struct vm *vm, const struct vm_config *config, struct links *l,
		      struct rig_err *err)
{
	int keep[] = { l->theirs.qmp, l->theirs.console, l->theirs.agent, config->monitor_fd }, r;
	AUTO_STRV struct strv argv = { 0 };
	struct child_config child = { .loop = vm->loop, .keep_fds = keep,
				      .nr_keep_fds = config->monitor_fd ? 4 : 3, .ended = on_child_ended,
				      .arg = vm };

	vm_argv(config, &l->theirs, &argv);
	child.argv = argv.v;
	r = child_create(&child, &vm->child, err);
	if (r == -ENOENT)
		return rig_err_set(err, RIG_HOST, ENOENT, "QEMU is missing: there is no '%s'; install "
				   "qemu-system-x86 or name another program", argv.v[0]);
	vm->state.child = vm->child;
	links_close(&l->theirs);
	return r;
}

static int make_clients(struct vm *vm, struct links *l, struct rig_err *err)
{
	struct qmp_config qmp = {
		.name = "qmp", .greeting_key = "QMP", .blame = RIG_QEMU,
		.max_line_bytes = QMP_LINE_BYTES, .max_event_bytes = QMP_EVENT_BYTES,
		.trace = vm->config.qmp_trace, .trace_arg = vm->config.arg,
	};
	struct qmp_config agent = {
		.name = "agent", .greeting_key = "HOTRIG", .blame = RIG_AGENT,
		.max_line_bytes = AGENT_LINE_BYTES, .max_event_bytes = AGENT_EVENT_BYTES,
		.trace = vm->config.agent_trace, .trace_arg = vm->config.arg,
	};
	int r;

	vm->console_fd = TAKE_FD(l->ours.console);
	loop_watch(vm->loop, vm->console_fd, on_console, vm);
	r = qmp_client_create(vm->loop, TAKE_FD(l->ours.qmp), &qmp, &vm->qmp, err);
	if (r < 0)
		return r;
	guest_state_watch(&vm->state, vm->qmp);
	return qmp_client_create(vm->loop, TAKE_FD(l->ours.agent), &agent, &vm->agent, err);
}

static void add_vcpu_thread(struct vm *vm, pid_t tid)
{
	for (unsigned int i = 0; i < vm->nr_vcpu_tids; i++)
		if (vm->vcpu_tids[i] == tid)
			return;		/* a single TCG thread runs all of them */
	if (vm->nr_vcpu_tids < MAX_VCPU_THREADS)
		vm->vcpu_tids[vm->nr_vcpu_tids++] = tid;
}

static int learn_threads(struct vm *vm, uint64_t until_ns, struct rig_err *err)
{
	json_auto_t *cpus = NULL;
	json_t *cpu;
	size_t i;
	int r = qmp_call(vm->qmp, "query-cpus-fast", NULL, until_ns, &cpus, NULL, err);

	if (r < 0)
		return r;
	json_array_foreach(cpus, i, cpu) {
		json_int_t tid = json_integer_value(json_object_get(cpu, "thread-id"));

		if (tid > 0 && tid <= INT32_MAX)
			add_vcpu_thread(vm, (pid_t)tid);
	}
	return 0;
}

/* Events from before the negotiation are lost, what they led to is not. */
static int learn_status(struct vm *vm, uint64_t until_ns, struct rig_err *err)
{
	json_auto_t *status = NULL;
	const char *name;
	int r = qmp_call(vm->qmp, "query-status", NULL, until_ns, &status, NULL, err);

	if (r < 0)
		return r;
	name = json_string_value(json_object_get(status, "status"));
	if (!name)
		return rig_err_set(err, RIG_QEMU, EBADMSG, "QEMU's query-status has no status");
	guest_state_set_status(&vm->state, name);
	return 0;
}

static int connect_qmp(struct vm *vm, uint64_t until_ns, struct rig_err *err)
{
	int r = qmp_negotiate(vm->qmp, until_ns, err);

	vm->negotiated = r == 0;
	if (r == 0)
		r = learn_threads(vm, until_ns, err);
	if (r == 0)
		r = learn_status(vm, until_ns, err);
	if (r == 0)
		return 0;
	vm_explain(vm, err);
	if (err->cause == RIG_TIMEOUT) {
		err->cause = RIG_QEMU;	/* the guest has no part in this */
		if (*vm_stderr(vm))
			return rig_err_set(err, RIG_QEMU, err->eno, "%.300s; QEMU said: %.500s",
					   err->text, vm_stderr(vm));
	}
	return rig_err_wrap(err, "cannot start QEMU");
}

int vm_create(struct loop *loop, const struct vm_config *config, uint64_t until_ns,
	      struct vm **ret, struct rig_err *err)
{
	AUTO_LINKS struct links l = LINKS_NONE;
	struct vm *vm = xcalloc(1, sizeof(*vm));
	int r;

	vm->loop = loop;
	vm->config = *config;
	vm->console_fd = -1;
	vm->state = (struct guest_state){ .loop = loop, .before_cancel = drain_console, .arg = vm };
	r = guest_state_init(&vm->state, err);
	if (r == 0)
		r = links_init(&l, err);
	if (r == 0)
		r = start_qemu(vm, config, &l, err);
	if (r == 0)
		r = make_clients(vm, &l, err);
	if (r == 0)
		r = connect_qmp(vm, until_ns, err);
	if (r < 0) {
		vm_destroy(vm);
		return r;
	}
	*ret = vm;
	return 0;
}

/* --- end --- */

/* Ask, tell, kill. */
static void stop_qemu(struct vm *vm)
{
	struct rig_err err;
	uint64_t id;

	if (vm->negotiated && !qmp_broken(vm->qmp) && !child_has_ended(vm->child) &&
	    qmp_send(vm->qmp, "quit", NULL, false, clock_ns(), &id, &err) == 0) {
		qmp_abandon(vm->qmp, id);
		if (child_stop(vm->child, 0, clock_in_ms(QUIT_MS)))
			return;
	}
	if (!child_stop(vm->child, SIGTERM, clock_in_ms(TERM_MS)))
		child_stop(vm->child, SIGKILL, clock_in_ms(KILL_MS));
}

static bool links_ended(void *arg)
{
	const struct vm *vm = arg;

	return qmp_broken(vm->qmp) && (!vm->agent || qmp_broken(vm->agent));
}

void vm_destroy(struct vm *vm)
{
	struct rig_err err;
	int saved = errno;

	if (!vm)
		return;
	vm->state.ignore = true;
	if (vm->child)
		stop_qemu(vm);
	guest_state_deinit(&vm->state);
	/* QEMU is gone, its last words lie in the sockets: they belong to the record */
	drain_console(vm);
	if (vm->child && vm->qmp &&
	    loop_until(vm->loop, links_ended, vm, clock_in_ms(500), "the end of the links", &err) < 0)
		vm->negotiated = false;		/* ^C or foreign cancel: then without them */
	child_destroy(vm->child);
	qmp_client_destroy(vm->qmp);
	qmp_client_destroy(vm->agent);
	if (vm->console_fd >= 0) {
		loop_unwatch(vm->loop, vm->console_fd);
		close(vm->console_fd);
	}
	free(vm);
	errno = saved;
}

static bool has_end(void *arg)
{
	const struct vm *vm = arg;

	return vm->state.end != VM_RUNNING;
}

int vm_explain(struct vm *vm, struct rig_err *err)
{
	/* a reader of its memory found no process */
	bool gone = err->cause == RIG_HOST && err->eno == ESRCH;
	struct rig_err ignored;

	if ((err->eno != EPIPE && !gone) || err->cause == RIG_KERNEL)
		return -err->eno;
	if (has_end(vm) || loop_until(vm->loop, has_end, vm, clock_in_ms(EXPLAIN_MS),
				      "the reason for a closed link", &ignored) == 0)
		*err = vm->state.why;
	return -err->eno;
}

/* --- what is known --- */

struct qmp_client *vm_qmp(struct vm *vm)
{
	return vm->qmp;
}

struct qmp_client *vm_agent(struct vm *vm)
{
	return vm->agent;
}

pid_t vm_pid(const struct vm *vm)
{
	return child_pid(vm->child);
}

const char *vm_stderr(const struct vm *vm)
{
	return child_output(vm->child);
}

enum vm_end vm_end(const struct vm *vm, const char **detail)
{
	if (detail)
		*detail = vm->state.detail;
	return vm->state.end;
}

const struct rig_err *vm_why(const struct vm *vm)
{
	return vm->state.end == VM_RUNNING ? NULL : &vm->state.why;
}

static struct proc_times vcpu_times(const struct vm *vm)
{
	struct proc_times sum = { 0 }, t;

	for (unsigned int i = 0; i < vm->nr_vcpu_tids && !child_has_ended(vm->child); i++) {
		if (!proc_stat_thread(child_pid(vm->child), vm->vcpu_tids[i], &t))
			continue;
		sum.cpu_ns += t.cpu_ns;
		sum.wait_ns += t.wait_ns;
	}
	return sum;
}

uint64_t vm_vcpu_cpu_ns(const struct vm *vm)
{
	return vcpu_times(vm).cpu_ns;
}

uint64_t vm_vcpu_wait_ns(const struct vm *vm)
{
	return vcpu_times(vm).wait_ns;
}

struct mapped {
	struct vm *vm;
	uint64_t bytes;
};

/* No event tells of it, and it goes on only while the main loop turns, which a command makes it do. */
static bool is_unmapped(void *arg)
{
	const struct mapped *m = arg;
	struct rig_err ignored;
	uint64_t id;

	if (vm_memfd_bytes(m->vm) <= m->bytes)
		return true;
	if (qmp_send(m->vm->qmp, "query-status", NULL, false, 0, &id, &ignored) == 0)
		qmp_abandon(m->vm->qmp, id);
	return false;
}

bool vm_await_unmapped(struct vm *vm, uint64_t bytes, uint64_t until_ns)
{
	struct mapped m = { vm, bytes };
	struct rig_err ignored;

	return poll_until(vm->loop, is_unmapped, &m, UNMAP_POLL_MS, until_ns, "QEMU to let go of a backend",
			  &ignored) == 0;
}

uint64_t vm_memfd_bytes(const struct vm *vm)
{
	return child_has_ended(vm->child) ? 0 : proc_stat_memfd_bytes(child_pid(vm->child));
}
