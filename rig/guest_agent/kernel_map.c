// SPDX-License-Identifier: GPL-2.0-or-later
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

struct symbol {
	const char *name;
	uint64_t addr;
};

static int read_symbols(struct symbol *symbols, size_t nr, struct rig_err *err)
{
	AUTO_FCLOSE FILE *f = fopen("/proc/kallsyms", "re");
	char line[512], name[256];
	uint64_t addr;
	char type;

	if (!f)
		return rig_err_set(err, RIG_AGENT, errno, "cannot open '/proc/kallsyms': %s",
				   strerror(errno));
	while (fgets(line, sizeof(line), f)) {
		/* cheap test first: there are 150000 lines */
		for (size_t i = 0; i < nr; i++) {
			if (symbols[i].addr || !strstr(line, symbols[i].name))
				continue;
			if (sscanf(line, "%" SCNx64 " %c %255s", &addr, &type, name) == 3 &&
			    !strcmp(name, symbols[i].name))
				symbols[i].addr = addr;
		}
	}
	return 0;
}

/* "NUMBER(PAGE_BUDDY_MAPCOUNT_VALUE)=-129" */
static uint32_t vmcoreinfo_number(const char *text, const char *name)
{
	AUTO_FREE char *key = xasprintf("NUMBER(%s)=", name);
	const char *at = strstr(text, key);

	return at ? (uint32_t)strtol(at + strlen(key), NULL, 10) : 0;
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

static int kernel_map_create(struct kernel_map *m, struct rig_err *err)
{
	struct symbol symbols[] = { { "mem_section", 0 }, { "vmcoreinfo_data", 0 }, { "node_data", 0 } };
	char note[KERNEL_PAGE_BYTES + 1] = "";
	uint64_t data = 0;
	int r;

	r = kreader_create(&m->reader, err);
	if (r < 0 || (r = read_symbols(symbols, ARRAY_SIZE(symbols), err)) < 0)
		return r;
	if (!symbols[0].addr)
		return rig_err_set(err, RIG_AGENT, ENOENT,
				   "no symbol mem_section in /proc/kallsyms (CONFIG_KALLSYMS_ALL?)");
	if (symbols[1].addr &&
	    (kreader_copy(m->reader, symbols[1].addr, &data, sizeof(data)) < 0 ||
	     kreader_copy(m->reader, data, note, KERNEL_PAGE_BYTES) < 0))
		note[0] = '\0';
	r = layout_in_child(vmcoreinfo_number(note, "PAGE_BUDDY_MAPCOUNT_VALUE"),
			    vmcoreinfo_number(note, "PAGE_OFFLINE_MAPCOUNT_VALUE"), &m->layout, err);
	m->mem_section = symbols[0].addr;
	m->node_data = symbols[2].addr;
	return r;
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
	uint64_t per_root = KERNEL_PAGE_BYTES / l->section_bytes, roots = 0, root = 0, usage = 0;
	unsigned char section[64];

	*ret = (struct section_info){ 0 };
	/* SPARSEMEM_EXTREME: mem_section points to an array of pointers to pages of sections */
	if (l->section_bytes > sizeof(section) ||
	    kreader_copy(m->reader, m->mem_section, &roots, sizeof(roots)) < 0 || !roots ||
	    kreader_copy(m->reader, roots + nr / per_root * sizeof(root), &root, sizeof(root)) < 0 ||
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
