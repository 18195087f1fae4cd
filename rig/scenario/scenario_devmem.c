// SPDX-License-Identifier: GPL-2.0-or-later
/* The values of "devmem" and "poison": one page of memory by its physical address. */
#include <string.h>

#include "base/clean.h"
#include "scenario/scenario_step.h"

#define PAGE_BYTES 4096u
#define MAX_ADDR ((1ull << 52) - PAGE_BYTES)	/* x86 has no higher ones */

static int read_offset(const struct doc_node *node, uint64_t *ret, struct rig_err *err)
{
	const struct doc_node *n = doc_get(node, "offset");
	int r = n ? doc_read_size(n, ret, err) : 0;

	return !r && *ret % PAGE_BYTES ? doc_err(n, err, "must be a multiple of 4K") : r;
}

static int read_at(const struct doc_node *node, struct step *step, struct rig_err *err)
{
	static const char *const keys[] = { "device", "offset", NULL };
	const struct doc_node *n;
	int r;

	if (json_is_string(node->value)) {
		r = doc_read_hex(node, MAX_ADDR, &step->devmem.offset, err);
		return !r && step->devmem.offset % PAGE_BYTES ? doc_err(node, err, "must be a multiple of 4K") : r;
	}
	if (!json_is_object(node->value))
		return doc_err(node, err, "use an address such as '0x140000000', or { \"device\": ID }");
	r = doc_check_keys(node, keys, err);
	if (!r)
		r = doc_need(node, "device", &n, err);
	if (!r)
		r = doc_read_word(n, &word_id, &step->device, err);
	return r ? r : read_offset(node, &step->devmem.offset, err);
}

int devmem_read(const struct doc_node *node, struct step *step, struct rig_err *err)
{
	static const char *const keys[] = { "at", "do", "pattern", NULL };
	static const char *const verbs[] = { "read", "write", NULL };
	struct devmem *m = &step->devmem;
	const struct doc_node *n;
	unsigned int verb = 0;
	uint64_t byte = 0;
	int r;

	r = doc_check_keys(node, keys, err);
	if (!r)
		r = doc_need(node, "at", &n, err);
	if (!r)
		r = read_at(n, step, err);
	if (!r)
		r = doc_need(node, "do", &n, err);
	if (!r)
		r = doc_read_choice(n, verbs, &verb, err);
	m->write = verb;
	n = doc_get(node, "pattern");
	m->has_pattern = n;
	if (!r && m->write)
		r = doc_need(node, "pattern", &n, err);
	if (!r && n)
		r = doc_read_hex(n, 0xff, &byte, err);
	m->pattern = (unsigned char)byte;
	return r;
}

int poison_read(const struct doc_node *node, struct step *step, struct rig_err *err)
{
	static const char *const keys[] = { "device", "offset", "how", NULL };
	static const char *const ways[] = {
		[POISON_SOFT] = "soft", [POISON_HARD] = "hard", [POISON_LIFTED] = "unpoison", [POISON_LIFTED + 1] = NULL
	};
	const struct doc_node *n;
	unsigned int way = 0;
	int r;

	r = doc_check_keys(node, keys, err);
	if (!r)
		r = doc_need(node, "device", &n, err);
	if (!r)
		r = doc_read_word(n, &word_id, &step->device, err);
	if (!r)
		r = read_offset(node, &step->poison.offset, err);
	if (!r)
		r = doc_need(node, "how", &n, err);
	if (!r)
		r = doc_read_choice(n, ways, &way, err);
	step->poison.how = (enum poison_how)way;
	return r;
}
