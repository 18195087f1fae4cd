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
#include "page/vmcoreinfo.h"

#define BTF_MAX_BYTES (64u << 20)
#define NOTES_MAX_BYTES (1u << 20)
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

/* The text among the notes; "" when the kernel does not have it there. */
static char *read_vmcoreinfo(void)
{
	AUTO_FREE char *notes = NULL;
	size_t len = 0;
	char *text = NULL;

	if (read_notes(&notes, &len) == 0)
		text = vmcoreinfo_find(notes, len);
	return text ? text : xstrdup("");
}

struct symbol {
	const char *name;
	size_t bytes;		/* of a variable; 0: what is there is not for reading */
	uint64_t addr;		/* 0: not found yet */
};

/* One line "ADDRESS TYPE NAME[\tMODULE]" without its end; a compiler may add ".SUFFIX" to the name of a function. */
static void take_symbol(const char *line, size_t len, struct symbol *symbols, size_t nr)
{
	const char *type = memchr(line, ' ', len), *name = type ? memchr(type + 1, ' ', len - (size_t)(type + 1 - line)) : NULL;
	size_t left = name ? len - (size_t)(++name - line) : 0;

	for (size_t i = 0; i < nr && name; i++) {
		size_t name_len = strlen(symbols[i].name);

		if (!symbols[i].addr && left >= name_len && !memcmp(name, symbols[i].name, name_len) &&
		    (left == name_len || name[name_len] == '.'))
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

/* PAGE_BUDDY_MAPCOUNT_VALUE and the like: a negative int, or a mask */
static uint32_t note_word(const char *note, const char *key)
{
	int64_t value = 0;

	vmcoreinfo_number(note, key, &value);
	return (uint32_t)value;
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

/* The note has mem_section's value, as an array is to the one who wrote it; kallsyms its place. */
static int find_tables(struct kernel_map *m, const char *note, struct rig_err *err)
{
	struct symbol symbols[] = {
		{ .name = "mem_section" }, { .name = "node_data" }, { .name = "contig_page_data" },
	};
	bool sections = memmap_table_from_note(note, &m->layout, &m->sections);
	int r;

	if (node_table_from_note(note, &m->nodes) && sections)
		return 0;
	r = read_symbols(symbols, ARRAY_SIZE(symbols), err);
	if (r < 0)
		return r;
	m->nodes = (struct node_table){ symbols[1].addr, symbols[2].addr };
	if (sections)
		return 0;
	if (!symbols[0].addr)
		return rig_err_set(err, RIG_AGENT, ENOENT,
				   "no symbol mem_section in /proc/kallsyms (CONFIG_KALLSYMS_ALL?)");
	m->sections = (struct memmap_table){ .nr = UINT64_MAX };
	r = kernel_memory_copy(&m->memory, symbols[0].addr, &m->sections.addr,
			       sizeof(m->sections.addr));
	return r < 0 ? rig_err_set(err, RIG_AGENT, -r, "cannot read mem_section") : 0;
}

static int kernel_map_create(struct kernel_map *m, struct rig_err *err)
{
	AUTO_FREE char *note = read_vmcoreinfo();
	int r = kreader_create(&m->reader, err);

	if (r < 0)
		return r;
	m->memory = kreader_memory(m->reader);
	r = layout_in_child(note_word(note, "NUMBER(PAGE_BUDDY_MAPCOUNT_VALUE)"),
			    note_word(note, "NUMBER(PAGE_OFFLINE_MAPCOUNT_VALUE)"), &m->layout, err);
	if (r < 0)
		return r;
	if (!memmap_layout_known(&m->layout))
		return rig_err_set(err, RIG_AGENT, ERANGE,
				   "the kernel's BTF has a mem_section of unknown shape");
	return find_tables(m, note, err);
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

static const struct symbol *known_symbol(const char *name)
{
	static struct symbol symbols[] = {
		{ .name = "max_pfn", .bytes = 8 },		{ .name = "max_low_pfn", .bytes = 8 },
		{ .name = "high_memory", .bytes = 8 },		{ .name = "lru_disable_count", .bytes = 4 },
		{ .name = "slab_nodes", .bytes = 8 },		{ .name = "totalreserve_pages", .bytes = 8 },
		{ .name = "vm_committed_as_batch", .bytes = 4 },	{ .name = "pcpu_chunk_lists", .bytes = 8 },
		{ .name = "pcpu_nr_slots", .bytes = 4 },		{ .name = "cpuset_hotplug_workfn" },
		{ .name = "node_demotion", .bytes = 8 },		{ .name = "nr_node_ids", .bytes = 4 },
	};
	static bool found;
	struct rig_err ignored;

	if (!found && read_symbols(symbols, ARRAY_SIZE(symbols), &ignored) < 0)
		return NULL;
	found = true;
	for (size_t i = 0; i < ARRAY_SIZE(symbols); i++)
		if (!strcmp(symbols[i].name, name))
			return &symbols[i];
	return NULL;
}

int kernel_map_variable(const char *name, uint64_t *ret)
{
	const struct symbol *symbol = known_symbol(name);
	struct kernel_map *m;
	struct rig_err ignored;

	*ret = 0;
	if (!symbol || !symbol->bytes || !symbol->addr || kernel_map_get(&m, &ignored) < 0)
		return -ENOENT;
	return kernel_memory_copy(&m->memory, symbol->addr, ret, symbol->bytes) == 0 ? 0 : -ENOENT;
}

bool kernel_map_lacks(const char *function)
{
	const struct symbol *symbol = known_symbol(function), *any = known_symbol("max_pfn");

	/* with kptr_restrict all addresses are hidden */
	return symbol && !symbol->addr && any && any->addr;
}
