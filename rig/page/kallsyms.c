// SPDX-License-Identifier: GPL-2.0-or-later
#include <errno.h>
#include <stdbool.h>
#include <string.h>

#include "base/clean.h"
#include "page/kallsyms.h"
#include "page/vmcoreinfo.h"

#define NR_TOKENS	256
#define TOKENS_BYTES	8192u		/* as a rule 1 KiB; expanded tokens are short */
#define MAX_SYMBOLS	(4u << 20)
#define MAX_NAME	512		/* KSYM_NAME_LEN: a name and its type, packed or not */
#define PIECE_BYTES	65536u
#define LOWEST_KERNEL	0xffff800000000000ull

struct tables {
	uint64_t names, num_syms, token_table, token_index, offsets, relative_base;
};

static bool find_tables(const char *note, struct tables *t)
{
	return vmcoreinfo_address(note, "SYMBOL(kallsyms_names)", &t->names) &&
	       vmcoreinfo_address(note, "SYMBOL(kallsyms_num_syms)", &t->num_syms) &&
	       vmcoreinfo_address(note, "SYMBOL(kallsyms_token_table)", &t->token_table) &&
	       vmcoreinfo_address(note, "SYMBOL(kallsyms_token_index)", &t->token_index) &&
	       vmcoreinfo_address(note, "SYMBOL(kallsyms_offsets)", &t->offsets) &&
	       vmcoreinfo_address(note, "SYMBOL(kallsyms_relative_base)", &t->relative_base);
}

struct tokens {
	char text[TOKENS_BYTES + 1];
	uint16_t index[NR_TOKENS];
};

static int read_tokens(const struct kernel_memory *m, const struct tables *t, struct tokens *ret)
{
	size_t bytes;
	int r = kernel_memory_copy(m, t->token_index, ret->index, sizeof(ret->index));

	if (r < 0)
		return r;
	/* what is behind the last token may be of somebody else, but must not be read beyond what is mapped */
	bytes = ret->index[NR_TOKENS - 1] + 64u;
	if (bytes > TOKENS_BYTES)
		return -EBADMSG;
	memset(ret->text, 0, sizeof(ret->text));
	for (size_t i = 0; i < NR_TOKENS; i++)
		if (ret->index[i] > ret->index[NR_TOKENS - 1])
			return -EBADMSG;
	return kernel_memory_copy(m, t->token_table, ret->text, bytes);
}

/* Bytes in a row, read by pieces. */
struct stream {
	const struct kernel_memory *m;
	uint64_t addr;
	const unsigned char *view;
	size_t left;
};

/* A piece ends with a page: what follows may not be mapped. */
static int fill(struct stream *s)
{
	size_t most = s->m->max_bytes < PIECE_BYTES ? s->m->max_bytes : PIECE_BYTES;
	size_t in_page = 4096 - s->addr % 4096, want = most > 4096 ? most - s->addr % 4096 : most;
	const void *view;
	int r;

	if (s->left)
		return 0;
	r = s->m->view(s->m->arg, s->addr, want, &view);
	if (r == -EFAULT && want > in_page) {
		want = in_page;
		r = s->m->view(s->m->arg, s->addr, want, &view);
	}
	if (r < 0)
		return r;
	s->view = view;
	s->left = want;
	return 0;
}

static void advance(struct stream *s, size_t bytes)
{
	s->view += bytes;
	s->addr += bytes;
	s->left -= bytes;
}

static int next_byte(struct stream *s, unsigned char *ret)
{
	int r = fill(s);

	if (r < 0)
		return r;
	*ret = *s->view;
	advance(s, 1);
	return 0;
}

static int skip(struct stream *s, size_t bytes)
{
	while (bytes) {
		int r = fill(s);
		size_t part = s->left < bytes ? s->left : bytes;

		if (r < 0)
			return r;
		advance(s, part);
		bytes -= part;
	}
	return 0;
}

/* The tokens of the next name. */
static int next_length(struct stream *s, unsigned int *ret)
{
	unsigned char low, high = 0;
	int r = next_byte(s, &low);

	/* a length of two bytes since 73bbb94466fd ("kallsyms: support "big" kernel symbols", v6.1) */
	if (r == 0 && low & 0x80)
		r = next_byte(s, &high);
	if (r < 0)
		return r;
	*ret = (low & 0x7fu) | (unsigned int)high << 7;
	return *ret <= MAX_NAME ? 0 : -EBADMSG;
}

/* The next name, with its type in front, is "T<name>"?  1 yes, 0 no. */
static int next_is(struct stream *s, const struct tokens *k, const char *name)
{
	bool type = true, same = true;
	unsigned int left;
	int r = next_length(s, &left);

	if (r < 0)
		return r;
	for (; left && same; left--) {
		unsigned char token;

		r = next_byte(s, &token);
		if (r < 0)
			return r;
		for (const char *c = k->text + k->index[token]; *c && same; c++) {
			if (!type)
				same = *name++ == *c;
			type = false;
		}
	}
	r = skip(s, left);
	return r < 0 ? r : same && !*name;
}

/*
 * Offsets are relative to a base; with KALLSYMS_ABSOLUTE_PERCPU (until v6.15) those of all but
 * per-cpu variables are negative and count from one below it.
 */
static int address_of(const struct kernel_memory *m, const struct tables *t, uint32_t i, uint64_t *ret)
{
	uint64_t base, addr;
	int32_t offset;
	int r = kernel_memory_copy(m, t->relative_base, &base, sizeof(base));

	if (r == 0)
		r = kernel_memory_copy(m, t->offsets + i * sizeof(offset), &offset, sizeof(offset));
	if (r < 0)
		return r;
	addr = offset < 0 ? base - 1 - (uint64_t)(int64_t)offset : base + (uint32_t)offset;
	if (addr < LOWEST_KERNEL)
		return -EBADMSG;
	*ret = addr;
	return 0;
}

int kallsyms_find(const struct kernel_memory *memory, const char *vmcoreinfo, const char *name, uint64_t *ret)
{
	AUTO_FREE struct tokens *tokens = NULL;
	struct tables t;
	struct stream s = { .m = memory };
	uint32_t nr;
	int r;

	if (!find_tables(vmcoreinfo, &t))
		return -ENOENT;
	tokens = calloc(1, sizeof(*tokens));
	if (!tokens)
		return -ENOMEM;
	if ((r = kernel_memory_copy(memory, t.num_syms, &nr, sizeof(nr))) < 0 ||
	    (r = read_tokens(memory, &t, tokens)) < 0)
		return r;
	if (nr > MAX_SYMBOLS)
		return -EBADMSG;
	s.addr = t.names;
	for (uint32_t i = 0; i < nr; i++) {
		r = next_is(&s, tokens, name);
		if (r < 0)
			return r;
		if (r)
			return address_of(memory, &t, i, ret);
	}
	return -ENOENT;
}
