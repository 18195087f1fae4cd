// SPDX-License-Identifier: GPL-2.0-or-later
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "base/clean.h"
#include "base/io.h"
#include "base/mem.h"
#include "run/backend.h"
#include "run/device_kind.h"

uint64_t backend_bytes(const struct plug *p)
{
	return p->size_bytes + (device_kind(p->device)->labels ? LABEL_BYTES : 0);
}

int backend_fill(const struct plug *p, int fd, struct rig_err *err)
{
	const size_t chunk_bytes = 1u << 20;
	AUTO_FREE char *chunk = xcalloc(1, chunk_bytes);

	if (lseek(fd, 0, SEEK_SET) < 0)
		return rig_err_set(err, RIG_HOST, errno, "cannot go to the start of a memfd: %s", strerror(errno));
	memset(chunk, p->pattern, chunk_bytes);
	for (uint64_t at = 0; at < p->size_bytes; at += chunk_bytes) {
		uint64_t left = p->size_bytes - at;
		int r = io_write_all(fd, chunk, left < chunk_bytes ? (size_t)left : chunk_bytes);

		if (r < 0)
			return rig_err_set(err, RIG_HOST, -r, "cannot fill the backend of '%s': %s", p->id,
					   strerror(-r));
	}
	return 0;
}

/* A memfd of our own, filled, that QEMU opens through /proc: nothing with a name is left behind. */
static int filled(const struct plug *p, int *ret, struct rig_err *err)
{
	AUTO_CLOSE int fd = memfd_create("hotrig-backend", MFD_CLOEXEC);
	int r;

	if (fd < 0)
		return rig_err_set(err, RIG_HOST, errno, "cannot make a memfd: %s", strerror(errno));
	r = backend_fill(p, fd, err);
	if (r < 0)
		return r;
	if (ftruncate(fd, (off_t)backend_bytes(p)) < 0)
		return rig_err_set(err, RIG_HOST, errno, "cannot size the backend of '%s': %s", p->id,
				   strerror(errno));
	*ret = TAKE_FD(fd);
	return 0;
}

static json_t *arguments(const struct plug *p, int fd)
{
	json_t *args = json_pack("{ss+ sI sb}", "id", "mem-", p->id, "size", (json_int_t)backend_bytes(p), "share",
				 1);

	if (fd < 0) {
		json_object_set_new(args, "qom-type", json_string("memory-backend-memfd"));
		return args;
	}
	json_object_set_new(args, "qom-type", json_string("memory-backend-file"));
	json_object_set_new(args, "mem-path", json_sprintf("/proc/%d/fd/%d", (int)getpid(), fd));
	return args;
}

int backend_add(struct run *run, const struct plug *p, uint64_t until_ns, int *ret, struct rig_err *err)
{
	AUTO_CLOSE int fd = -1;
	int r = p->has_pattern ? filled(p, &fd, err) : 0;

	if (r < 0)
		return r;
	r = qmp_call(vm_qmp(run->vm), "object-add", arguments(p, fd), until_ns, NULL, NULL, err);
	if (r < 0)
		return rig_err_wrap(err, "backend of '%s'", p->id);
	*ret = TAKE_FD(fd);
	return 0;
}

int backend_del(struct run *run, const char *id, uint64_t until_ns, struct rig_err *err)
{
	return qmp_call(vm_qmp(run->vm), "object-del", json_pack("{ss+}", "id", "mem-", id), until_ns, NULL,
			NULL, err);
}
