// SPDX-License-Identifier: GPL-2.0-or-later
#include <errno.h>
#include <fcntl.h>
#include <string.h>

#include "base/clean.h"
#include "base/mem.h"
#include "vm/accel.h"
#include "vm/accel_memory.h"

struct probe {
	uint64_t console_bytes;
	bool remember;
	bool doubtful;		/* neither proved nor refuted: only who insists gets KVM */
	struct accel_verdict verdict;
};

static void count_console(void *arg, const char *data, size_t len)
{
	struct probe *p = arg;

	(void)data;
	p->console_bytes += len;
}

static void set_unusable(struct probe *p, const char *why)
{
	p->verdict = (struct accel_verdict){ false, xstrdup(why) };
}

/*
 * What the end of the probe says.  A kernel that panics or resets after it has spoken is an
 * ordinary kernel under a working KVM, though nothing to remember.
 */
static void judge_end(struct probe *p, enum vm_end end, const struct rig_err *why)
{
	switch (end) {
	case VM_INTERNAL_ERROR:
		p->remember = true;
		set_unusable(p, "internal-error");
		return;
	case VM_EXITED:
		/* somebody may have killed it: only QEMU's own fault is worth remembering */
		p->remember = why->cause == RIG_QEMU;
		set_unusable(p, why->text);
		return;
	case VM_RUNNING:
		/* stuck after it has spoken: KVM or the kernel, and TCG will tell */
		p->doubtful = p->console_bytes > 0;
		p->remember = !p->doubtful;
		set_unusable(p, p->doubtful ? "no word from the agent in time" :
					      "not a byte on the console");
		return;
	case VM_PANICKED:
	case VM_SHUTDOWN:
		p->remember = !p->console_bytes;
		if (p->console_bytes)
			p->verdict = (struct accel_verdict){ .usable = true };
		else
			set_unusable(p, "it ended before the first byte on the console");
	}
}

/* QEMU did not even start.  Is it KVM, or would it fail without KVM just as well? */
static int judge_start(struct probe *p, struct rig_err *err)
{
	if (err->cause != RIG_QEMU)
		return -err->eno;
	p->remember = strcasestr(err->text, "kvm");
	set_unusable(p, err->text);
	return 0;
}

static int run_probe(struct loop *loop, const struct accel_request *rq, struct probe *p,
		     struct rig_err *err)
{
	struct vm_config config = *rq->guest;
	struct vm *vm = NULL;
	int r;

	config.accel = ACCEL_KVM;
	config.console = count_console;
	config.qmp_trace = config.agent_trace = NULL;
	config.arg = p;
	r = vm_create(loop, &config, rq->until_ns, &vm, err);
	if (r < 0)
		return judge_start(p, err);
	r = qmp_negotiate(vm_agent(vm), rq->until_ns, err);
	if (r < 0)
		r = vm_explain(vm, err);
	if (r == 0) {
		p->remember = true;
		p->verdict = (struct accel_verdict){ .usable = true };
	} else if (err->cause != RIG_INTERRUPTED) {
		judge_end(p, vm_end(vm, NULL), vm_why(vm));
		r = 0;
	}
	vm_destroy(vm);
	return r;
}

/* A loop of its own: the end of the probe must not cancel the caller's. */
static int probe_kvm(const struct accel_request *rq, struct probe *p, struct rig_err *err)
{
	struct loop *loop = NULL;
	int r = loop_create(&loop, err);

	if (r < 0)
		return r;
	r = run_probe(loop, rq, p, err);
	loop_destroy(loop);
	return r;
}

static int fall_back(const struct accel_request *rq, char *why, enum accel *ret, char **ret_why,
		     struct rig_err *err)
{
	if (rq->wanted == ACCEL_KVM) {
		int r = rig_err_set(err, RIG_HOST, ENODEV, "%s: use --accel tcg or auto", why);

		free(why);
		return r;
	}
	*ret = ACCEL_TCG;
	*ret_why = why;
	return 0;
}

int accel_decide(const struct accel_request *rq, enum accel *ret, char **why, struct rig_err *err)
{
	const char *device = rq->kvm_device ? rq->kvm_device : "/dev/kvm";
	const char *qemu = rq->guest->qemu ? rq->guest->qemu : "qemu-system-x86_64";
	const char *cpu = rq->guest->shape->cpu_kvm;
	AUTO_CLOSE int fd = -1;
	AUTO_FREE char *reason = NULL;
	struct probe p = { 0 };
	int r;

	if (rq->wanted == ACCEL_TCG) {
		*ret = ACCEL_TCG;
		*why = NULL;
		return 0;
	}
	fd = open(device, O_RDWR | O_CLOEXEC);
	if (fd < 0)
		return fall_back(rq, xasprintf("kvm cannot be opened ('%s': %s)", device,
					       strerror(errno)), ret, why, err);
	if (!accel_memory_load(qemu, cpu, &p.verdict)) {
		r = probe_kvm(rq, &p, err);
		if (r < 0)
			return r;
		if (p.remember)
			accel_memory_store(qemu, cpu, &p.verdict);
	}
	reason = p.verdict.why;
	if (!p.verdict.usable && !(p.doubtful && rq->wanted == ACCEL_KVM))
		return fall_back(rq, xasprintf("kvm opens, but guests die in it (%s)", reason), ret,
				 why, err);
	*ret = ACCEL_KVM;
	*why = NULL;
	return 0;
}
