// SPDX-License-Identifier: GPL-2.0-or-later
#include <elfutils/libdwelf.h>
#include <fcntl.h>
#include <gelf.h>
#include <libelf.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include "base/clean.h"
#include "base/mem.h"
#include "kernel/bzimage.h"
#include "kernel/dwarf_types.h"
#include "kernel/kernel_types.h"

#define MAX_BTF_BYTES	(256u << 20)
#define TREE_IMAGE	"/arch/x86/boot/bzImage"

static void end_elf(Elf **elf)
{
	elf_end(*elf);
}
#define AUTO_ELF __attribute__((cleanup(end_elf)))

void kernel_types_deinit(struct kernel_types *t)
{
	free(t->btf);
	*t = (struct kernel_types){ 0 };
}

static int none(const char *path, struct rig_err *err)
{
	return rig_err_set(err, RIG_MISSING, ENOENT,
			   "kernel '%s' has neither BTF nor debug information (CONFIG_DEBUG_INFO_BTF)", path);
}

static Elf_Scn *find_section(Elf *elf, const char *name)
{
	Elf_Scn *section = NULL;
	size_t names;
	GElf_Shdr head;

	if (elf_getshdrstrndx(elf, &names) < 0)
		return NULL;
	while ((section = elf_nextscn(elf, section))) {
		const char *its = gelf_getshdr(section, &head) ?
					  elf_strptr(elf, names, head.sh_name) : NULL;

		/* a file with debug information alone has the names of all sections */
		if (its && !strcmp(its, name) && head.sh_type != SHT_NOBITS)
			return section;
	}
	return NULL;
}

/* -ENOENT: there is no such section. */
static int read_btf(Elf *elf, const char *path, struct kernel_types *ret, struct rig_err *err)
{
	Elf_Scn *section = find_section(elf, ".BTF");
	Elf_Data *data = section ? elf_rawdata(section, NULL) : NULL;

	if (!section)
		return none(path, err);
	if (!data || !data->d_buf || !data->d_size || data->d_size > MAX_BTF_BYTES)
		return rig_err_set(err, RIG_HOST, EINVAL, "the BTF of '%s' cannot be read: %s", path,
				   data ? "it is empty or too large" : elf_errmsg(-1));
	*ret = (struct kernel_types){ xcalloc(1, data->d_size), data->d_size, "BTF" };
	memcpy(ret->btf, data->d_buf, data->d_size);
	return 0;
}

static int read_dwarf(Elf *elf, const char *path, struct kernel_types *ret, struct rig_err *err)
{
	struct kernel_types types = { .source = "DWARF" };
	int r = dwarf_types_to_btf(elf, &types.btf, &types.len, err);

	if (r == -ENOENT)
		return none(path, err);
	if (r < 0)
		return rig_err_wrap(err, "kernel '%s'", path);
	*ret = types;
	return 0;
}

static int open_image(const char *path, struct rig_err *err)
{
	/* O_NONBLOCK: opening a FIFO by mistake must not hang */
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);

	if (fd < 0)
		return rig_err_set(err, RIG_HOST, errno, "cannot open '%s': %s", path,
				   strerror(errno));
	return fd;
}

static int read_vmlinux(const char *path, int fd, struct kernel_types *ret, struct rig_err *err)
{
	AUTO_ELF Elf *elf = elf_begin(fd, ELF_C_READ_MMAP, NULL);
	int r;

	if (!elf)
		return rig_err_set(err, RIG_HOST, EINVAL, "cannot read '%s': %s", path, elf_errmsg(-1));
	r = read_btf(elf, path, ret, err);
	return r == -ENOENT ? read_dwarf(elf, path, ret, err) : r;
}

static bool has_build_id(int fd, const char *hex)
{
	AUTO_ELF Elf *elf = elf_begin(fd, ELF_C_READ_MMAP, NULL);
	const void *id = NULL;
	ssize_t len = elf ? dwelf_elf_gnu_build_id(elf, &id) : 0;

	if (len <= 0 || strlen(hex) != (size_t)len * 2)
		return false;
	for (ssize_t i = 0; i < len; i++) {
		char byte[3];

		snprintf(byte, sizeof(byte), "%02x", ((const unsigned char *)id)[i]);
		if (strncmp(hex + 2 * i, byte, 2))
			return false;
	}
	return true;
}

/* The linked kernel that the bzImage of a build tree was made of: only that one has the same id. */
static int read_tree(const struct kernel *k, struct kernel_types *ret, struct rig_err *err)
{
	size_t len = strlen(k->image), end = strlen(TREE_IMAGE);
	AUTO_FREE char *path = NULL;
	AUTO_CLOSE int fd = -1;
	struct rig_err ignored;

	if (!k->build_id || len <= end || strcmp(k->image + len - end, TREE_IMAGE))
		return none(k->image, err);
	path = xasprintf("%.*s/vmlinux", (int)(len - end), k->image);
	fd = open_image(path, &ignored);
	if (fd < 0 || !has_build_id(fd, k->build_id))
		return none(k->image, err);
	return read_vmlinux(path, fd, ret, err);
}

static int read_bzimage(const struct kernel *k, int fd, const unsigned char *head, size_t len,
			struct kernel_types *ret, struct rig_err *err)
{
	AUTO_FREE char *data = NULL;
	struct bzimage image = { 0 };
	AUTO_ELF Elf *elf = NULL;
	size_t data_len;
	struct stat st;
	int r;

	if (fstat(fd, &st) < 0)
		return rig_err_set(err, RIG_HOST, errno, "cannot look at '%s': %s", k->image,
				   strerror(errno));
	r = bzimage_parse(k->image, head, len, (uint64_t)st.st_size, &image, err);
	if (r < 0)
		return r;
	free(image.version);
	if (bzimage_unpack(fd, &image, &data, &data_len, err) < 0)
		return rig_err_wrap(err, "kernel '%s'", k->image);
	elf = elf_memory(data, data_len);
	if (!elf)
		return rig_err_set(err, RIG_HOST, EINVAL, "what is in '%s' cannot be read: %s", k->image,
				   elf_errmsg(-1));
	r = read_btf(elf, k->image, ret, err);
	return r == -ENOENT ? read_tree(k, ret, err) : r;
}

int kernel_types_read(const struct kernel *k, struct kernel_types *ret, struct rig_err *err)
{
	AUTO_FREE unsigned char *head = xcalloc(BZIMAGE_HEAD_BYTES, 1);
	AUTO_CLOSE int fd = open_image(k->image, err);
	ssize_t n;

	if (fd < 0)
		return fd;
	n = pread(fd, head, BZIMAGE_HEAD_BYTES, 0);
	if (n < 0)
		return rig_err_set(err, RIG_HOST, errno, "cannot read '%s': %s", k->image,
				   strerror(errno));
	elf_version(EV_CURRENT);
	if (n >= SELFMAG && !memcmp(head, ELFMAG, SELFMAG))
		return read_vmlinux(k->image, fd, ret, err);
	return read_bzimage(k, fd, head, (size_t)n, ret, err);
}
