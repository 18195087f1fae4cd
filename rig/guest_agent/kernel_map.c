// SPDX-License-Identifier: GPL-2.0-or-later
#include <elf.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/clean.h"
#include "base/io.h"
#include "base/mem.h"
#include "guest_agent/kernel_map.h"

#define KERNEL_PAGE_BYTES 4096u
#define BTF_MAX_BYTES (64u << 20)
#define NOTES_MAX_BYTES (1u << 20)
#define VMCOREINFO_NAME "VMCOREINFO"
#define KALLSYMS_PIECE (64u << 10)

/*
 * The kernel's notes for crash dumps hold nearly all that is needed, and /proc/kcore has them in its
 * header since v4.19.  /proc/kallsyms has 200000 lines, which takes the guest longer to print than
 * everything else here together, so it is asked only for what the notes do not have.
 */
static int read_notes(char **ret, size_t *ret_len)
{
	AUTO_CLOSE int fd = open("/proc/kcore", O_RDONLY | O_CLOEXEC);
	AUTO_FREE char *notes = NULL;
	Elf64_Ehdr head;
	Elf64_Phdr part;

	if (fd < 0)
		return -errno;
	/* the header's e_phnum may change with memory, but the notes stay the first entry */
	if (pread(fd, &head, sizeof(head), 0) != sizeof(head) ||
	    memcmp(head.e_ident, ELFMAG, SELFMAG) ||
	    pread(fd, &part, sizeof(part), (off_t)head.e_phoff) != sizeof(part) ||
	    part.p_type != PT_NOTE || part.p_filesz > NOTES_MAX_BYTES)
		return -ENOENT;
	notes = xcalloc(part.p_filesz + 1, 1);
	if (pread(fd, notes, part.p_filesz, (off_t)part.p_offset) != (ssize_t)part.p_filesz)
		return -EIO;
	*ret_len = part.p_filesz;
	*ret = TAKE_PTR(notes);
	return 0;
}

/* "KEY=value" at the start of a line; NULL when there is none. */
static const char *note_value(const char *text, const char *key)
{
	size_t len = strlen(key);

	for (const char *at = text; (at = strstr(at, key)); at += len)
		if ((at == text || at[-1] == '\n') && at[len] == '=')
			return at + len + 1;
	return NULL;
}

/* The text among the notes; "" when the kernel does not have it there. */
static char *read_vmcoreinfo(void)
{
	AUTO_FREE char *notes = NULL;
	size_t len = 0, at = 0;

	if (read_notes(&notes, &len) < 0)
		return xstrdup("");
	while (at + sizeof(Elf64_Nhdr) <= len) {
		Elf64_Nhdr n;
		size_t name = at + sizeof(n), text;

		memcpy(&n, notes + at, sizeof(n));
		text = name + (n.n_namesz + 3ul) / 4 * 4;
		at = text + (n.n_descsz + 3ul) / 4 * 4;
		if (at > len)
			break;
		if (n.n_namesz == sizeof(VMCOREINFO_NAME) && !strcmp(notes + name, VMCOREINFO_NAME))
			return xstrndup(notes + text, n.n_descsz);
	}
	return xstrdup("");
}

struct symbol {
	const char *name;
	uint64_t addr;		/* 0: not found yet */
};

/* One line "ADDRESS TYPE NAME[\tMODULE]" without its end. */
static void take_symbol(const char *line, size_t len, struct symbol *symbols, size_t nr)
{
	for (size_t i = 0; i < nr; i++) {
		size_t name_len = strlen(symbols[i].name);

		if (!symbols[i].addr && len > name_len && line[len - name_len - 1] == ' ' &&
		    !memcmp(line + len - name_len, symbols[i].name, name_len))
			symbols[i].addr = strtoull(line, NULL, 16);
	}
}

/* Read in pieces, as the whole is ten MB, until everything is found. */
static int read_symbols(struct symbol *symbols, size_t nr, struct rig_err *err)
{
	AUTO_CLOSE int fd = open("/proc/kallsyms", O_RDONLY | O_CLOEXEC);
	AUTO_FREE char *buf = xcalloc(KALLSYMS_PIECE, 1);
	size_t have = 0, missing = nr;
	ssize_t n = 1;

	if (fd < 0)
		return rig_err_set(err, RIG_AGENT, errno, "cannot open '/proc/kallsyms': %s",
				   strerror(errno));
	while (missing && (n = read(fd, buf + have, KALLSYMS_PIECE - have)) > 0) {
		char *line = buf, *end;

		have += (size_t)n;
		while ((end = memchr(line, '\n', have - (size_t)(line - buf)))) {
			take_symbol(line, (size_t)(end - line), symbols, nr);
			line = end + 1;
		}
		have -= (size_t)(line - buf);
		memmove(buf, line, have);
		missing = 0;
		for (size_t i = 0; i < nr; i++)
			missing += !symbols[i].addr;
	}
	if (n < 0)
		return rig_err_set(err, RIG_AGENT, errno, "cannot read '/proc/kallsyms': %s",
				   strerror(errno));
	return 0;
}

/* "NUMBER(PAGE_BUDDY_MAPCOUNT_VALUE)=-129" */
static uint32_t note_number(const char *text, const char *key)
{
	const char *value = note_value(text, key);

	return value ? (uint32_t)strtol(value, NULL, 10) : 0;
}

static uint64_t note_address(const char *text, const char *key)
{
	const char *value = note_value(text, key);

	return value ? strtoull(value, NULL, 16) : 0;
}

/*
 * BTF is several MB and libbpf keeps a copy while it looks: a child does it, so that the agent
 * stays small, which matters when the guest is short of memory.
 */
static int layout_in_child(uint32_t buddy, uint32_t offline, struct page_layout *ret,
			   struct rig_err *err)
{
	struct shared {
		struct page_layout layout;
		struct rig_err err;
		int result;
	} *shared = mmap(NULL, sizeof(*shared), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS,
			 -1, 0);
	int r = 0, status;
	pid_t pid;

	if (shared == MAP_FAILED)
		return rig_err_set(err, RIG_AGENT, errno, "cannot map memory: %s", strerror(errno));
	shared->result = 1;
	pid = fork();
	if (pid == 0) {
		char *btf;
		size_t len;

		shared->result = io_read_file("/sys/kernel/btf/vmlinux", BTF_MAX_BYTES, &btf, &len,
					      &shared->err);
		if (!shared->result)
			shared->result = layout_from_btf(btf, len, buddy, offline, &shared->layout,
							 &shared->err);
		_exit(0);
	}
	if (pid < 0 || waitpid(pid, &status, 0) < 0 || shared->result > 0)
		r = rig_err_set(err, RIG_AGENT, EIO, "the child that reads BTF died");
	else if (shared->result < 0) {
		*err = shared->err;
		r = shared->result;
	} else {
		*ret = shared->layout;
	}
	munmap(shared, sizeof(*shared));
	return r;
}

/* vmcoreinfo has mem_section's value, as it is an array to the one who wrote it; kallsyms its place. */
static int find_tables(struct kernel_map *m, const char *note, struct rig_err *err)
{
	struct symbol symbols[] = { { "mem_section", 0 }, { "node_data", 0 } };
	int r;

	m->section_roots = note_address(note, "SYMBOL(mem_section)");
	m->node_data = note_address(note, "SYMBOL(node_data)");
	if (m->section_roots && m->node_data)
		return 0;
	r = read_symbols(symbols, ARRAY_SIZE(symbols), err);
	if (r < 0)
		return r;
	m->node_data = symbols[1].addr;
	if (!symbols[0].addr)
		return rig_err_set(err, RIG_AGENT, ENOENT,
				   "no symbol mem_section in /proc/kallsyms (CONFIG_KALLSYMS_ALL?)");
	r = kreader_copy(m->reader, symbols[0].addr, &m->section_roots, sizeof(m->section_roots));
	return r < 0 ? rig_err_set(err, RIG_AGENT, -r, "cannot read mem_section") : 0;
}

static int kernel_map_create(struct kernel_map *m, struct rig_err *err)
{
	AUTO_FREE char *note = read_vmcoreinfo();
	int r;

	r = kreader_create(&m->reader, err);
	if (r < 0 || (r = find_tables(m, note, err)) < 0)
		return r;
	return layout_in_child(note_number(note, "NUMBER(PAGE_BUDDY_MAPCOUNT_VALUE)"),
			       note_number(note, "NUMBER(PAGE_OFFLINE_MAPCOUNT_VALUE)"), &m->layout, err);
}

int kernel_map_get(struct kernel_map **ret, struct rig_err *err)
{
	static struct kernel_map map;	/* there is one kernel */
	static struct rig_err why;
	static int state = 1;

	if (state > 0)
		state = kernel_map_create(&map, &why);
	if (state < 0) {
		*err = why;
		return state;
	}
	*ret = &map;
	return 0;
}

void kernel_map_section(struct kernel_map *m, uint64_t nr, struct section_info *ret)
{
	const struct page_layout *l = &m->layout;
	uint64_t per_root = KERNEL_PAGE_BYTES / l->section_bytes, root = 0, usage = 0;
	unsigned char section[64];

	*ret = (struct section_info){ 0 };
	/* SPARSEMEM_EXTREME: an array of pointers to pages of sections */
	if (l->section_bytes > sizeof(section) ||
	    kreader_copy(m->reader, m->section_roots + nr / per_root * sizeof(root), &root,
			 sizeof(root)) < 0 ||
	    !root ||
	    kreader_copy(m->reader, root + nr % per_root * l->section_bytes, section,
			 l->section_bytes) < 0)
		return;
	memcpy(&ret->mem_map, section + l->section_mem_map.offset, sizeof(ret->mem_map));
	memcpy(&usage, section + l->section_usage.offset, sizeof(usage));
	ret->has_usage = usage &&
			 kreader_copy(m->reader, usage + l->usage_subsection_map.offset,
				      &ret->subsections, sizeof(ret->subsections)) == 0;
}

uint64_t kernel_map_page_address(const struct kernel_map *m, const struct section_info *section,
				 uint64_t pfn)
{
	uint64_t coded = section->mem_map & ~((1ull << m->layout.section_bits.last) - 1);

	return coded + pfn * m->layout.page_bytes;
}
