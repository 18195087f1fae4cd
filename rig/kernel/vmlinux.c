// SPDX-License-Identifier: GPL-2.0-or-later
#include <ctype.h>
#include <elf.h>
#include <gelf.h>
#include <libelf.h>
#include <string.h>

#include "base/clean.h"
#include "base/mem.h"
#include "kernel/unpack.h"
#include "kernel/vmlinux.h"

#define MAX_LOADED_BYTES	(1u << 30)
#define MAX_CONFIG_BYTES	(4u << 20)
#define MAX_PROGRAM_HEADERS	64
#define BANNER			"Linux version "
#define XEN_ELFNOTE_PHYS32_ENTRY 18

void vmlinux_deinit(struct vmlinux *v)
{
	free(v->version);
	free(v->build_id);
	free(v->config);
	*v = (struct vmlinux){ 0 };
}

static int no_kernel(const char *path, const char *why, struct rig_err *err)
{
	return rig_err_set(err, RIG_HOST, EINVAL, "'%s' is no x86-64 kernel image: %s", path, why);
}

static int truncated(const char *path, struct rig_err *err)
{
	return rig_err_set(err, RIG_HOST, EINVAL, "kernel image '%s' is truncated", path);
}

static int check_header(const char *path, const Elf64_Ehdr *h, size_t len, struct rig_err *err)
{
	if (len < SELFMAG || memcmp(h->e_ident, ELFMAG, SELFMAG))
		return no_kernel(path, "it is no ELF file", err);
	if (len < sizeof(*h))
		return truncated(path, err);
	if (h->e_ident[EI_CLASS] != ELFCLASS64 || h->e_ident[EI_DATA] != ELFDATA2LSB ||
	    h->e_machine != EM_X86_64)
		return no_kernel(path, "it is an ELF file for another machine", err);
	if (h->e_type != ET_EXEC && h->e_type != ET_DYN)
		return no_kernel(path, "it is an ELF object or core, not a linked vmlinux", err);
	if (!h->e_phnum || h->e_phnum > MAX_PROGRAM_HEADERS || h->e_phentsize != sizeof(Elf64_Phdr))
		return no_kernel(path, "its ELF program headers make no sense", err);
	return 0;
}

static int read_exactly(const char *path, int fd, void *data, size_t len, uint64_t offset,
			struct rig_err *err)
{
	char *p = data;

	while (len) {
		ssize_t n = pread(fd, p, len, (off_t)offset);

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return rig_err_set(err, RIG_HOST, errno, "cannot read '%s': %s", path,
					   strerror(errno));
		if (!n)
			return truncated(path, err);
		p += n;
		len -= (size_t)n;
		offset += (uint64_t)n;
	}
	return 0;
}

int vmlinux_load(const char *path, int fd, uint64_t file_bytes, char **ret, size_t *ret_len,
		 struct rig_err *err)
{
	Elf64_Phdr ph[MAX_PROGRAM_HEADERS];
	AUTO_FREE char *data = NULL;
	Elf64_Ehdr h = { 0 };
	uint64_t end;
	int r;

	r = read_exactly(path, fd, &h, file_bytes < sizeof(h) ? file_bytes : sizeof(h), 0, err);
	if (!r)
		r = check_header(path, &h, file_bytes, err);
	if (!r)
		r = read_exactly(path, fd, ph, h.e_phnum * sizeof(*ph), h.e_phoff, err);
	if (r < 0)
		return r;
	end = h.e_phoff + h.e_phnum * sizeof(*ph);
	for (unsigned int i = 0; i < h.e_phnum; i++) {
		if (ph[i].p_type != PT_LOAD && ph[i].p_type != PT_NOTE)
			continue;
		if (ph[i].p_offset > file_bytes || ph[i].p_filesz > file_bytes - ph[i].p_offset)
			return truncated(path, err);
		if (ph[i].p_offset + ph[i].p_filesz > end)
			end = ph[i].p_offset + ph[i].p_filesz;
	}
	if (end > MAX_LOADED_BYTES)
		return no_kernel(path, "its segments are larger than 1 GiB", err);
	data = xcalloc(end + 1, 1);
	r = read_exactly(path, fd, data, end, 0, err);
	if (r < 0)
		return r;
	*ret = TAKE_PTR(data);
	*ret_len = end;
	return 0;
}

static char *hex_of(const unsigned char *p, size_t len)
{
	char *hex = xcalloc(len * 2 + 1, 1);

	for (size_t i = 0; i < len; i++)
		snprintf(hex + 2 * i, 3, "%02x", p[i]);
	return hex;
}

static void read_note_segment(Elf *e, const GElf_Phdr *ph, struct vmlinux *v)
{
	Elf_Data *d = elf_getdata_rawchunk(e, (int64_t)ph->p_offset, ph->p_filesz,
					   ph->p_align == 8 ? ELF_T_NHDR8 : ELF_T_NHDR);
	size_t at = 0, name, desc;
	GElf_Nhdr nh;

	while (d && (at = gelf_getnote(d, at, &nh, &name, &desc)) > 0) {
		const unsigned char *base = d->d_buf;

		if (nh.n_namesz == 4 && !memcmp(base + name, "GNU", 4) &&
		    nh.n_type == NT_GNU_BUILD_ID && nh.n_descsz && nh.n_descsz <= 64 &&
		    !v->build_id)
			v->build_id = hex_of(base + desc, nh.n_descsz);
		if (nh.n_namesz == 4 && !memcmp(base + name, "Xen", 4) &&
		    nh.n_type == XEN_ELFNOTE_PHYS32_ENTRY)
			v->pvh = true;
	}
}

static int read_notes(const char *path, char *elf, size_t len, struct vmlinux *v,
		      struct rig_err *err)
{
	Elf64_Ehdr *h = (Elf64_Ehdr *)(void *)elf;
	GElf_Phdr ph;
	Elf *e;

	h->e_shoff = 0;
	h->e_shnum = 0;
	h->e_shstrndx = SHN_UNDEF;
	elf_version(EV_CURRENT);
	e = elf_memory(elf, len);
	if (!e)
		return no_kernel(path, elf_errmsg(-1), err);
	for (int i = 0; i < h->e_phnum; i++)
		if (gelf_getphdr(e, i, &ph) && ph.p_type == PT_NOTE)
			read_note_segment(e, &ph, v);
	elf_end(e);
	return 0;
}

/* "... #1 SMP ...": the banner of the final link */
static bool has_build_number(const char *p, const char *end)
{
	for (; p + 1 < end; p++)
		if (*p == '#' && isdigit((unsigned char)p[1]))
			return true;
	return false;
}

/*
 * The format string "%s version %s" and user mode strings do not match: a digit follows here.
 * Since 6.1 a weak banner without a build number may be there as well; it only serves when alone.
 */
static char *find_version(const char *elf, size_t len)
{
	const char *p = elf, *end = elf + len;
	char *found = NULL;

	while ((p = memmem(p, (size_t)(end - p), BANNER, strlen(BANNER)))) {
		const char *start = p + strlen(BANNER), *q = start;
		bool final;

		while (q < end && q - start < 1024 && isprint((unsigned char)*q))
			q++;
		p = start;
		if (q == end || !isdigit((unsigned char)*start) || (*q != '\n' && *q))
			continue;
		final = has_build_number(start, q);
		if (!final && found)
			continue;
		free(found);
		found = xstrndup(start, (size_t)(q - start));
		if (final)
			break;
	}
	return found;
}

static char *find_config(const char *elf, size_t len)
{
	static const char head[] = "IKCFG_ST\x1f\x8b", tail[] = "IKCFG_ED";
	const char *start = memmem(elf, len, head, strlen(head)), *end;
	struct rig_err ignored;
	size_t config_len;
	char *config;

	if (!start)
		return NULL;
	start += strlen("IKCFG_ST");
	end = memmem(start, len - (size_t)(start - elf), tail, strlen(tail));
	if (!end || unpack_bytes(start, (size_t)(end - start), MAX_CONFIG_BYTES, &config,
				 &config_len, &ignored) < 0)
		return NULL;
	if (strlen(config) == config_len)
		return config;
	free(config);
	return NULL;
}

int vmlinux_parse(const char *path, char *elf, size_t len, struct vmlinux *ret,
		  struct rig_err *err)
{
	struct vmlinux v = { 0 };
	int r;

	r = check_header(path, (const Elf64_Ehdr *)(const void *)elf, len, err);
	if (!r)
		r = read_notes(path, elf, len, &v, err);
	if (r < 0) {
		vmlinux_deinit(&v);
		return r;
	}
	v.version = find_version(elf, len);
	v.config = find_config(elf, len);
	*ret = v;
	return 0;
}
