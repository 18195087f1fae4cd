// SPDX-License-Identifier: GPL-2.0-or-later
#include <string.h>

#include "base/clean.h"
#include "wrong_details.h"

static void set_word(const struct page_layout *l, const struct page_edit *e, struct page_state *p)
{
	char raw[64];

	p->all_zero = p->all_ones = false;
	switch (e->word) {
	case WORD_FLAG:
		p->flags ^= layout_flag_mask(l, e->name);
		break;
	case WORD_TYPE:
		p->type_word = UINT32_MAX;
		if (strcmp(e->name, "none")) {
			uint32_t value = l->type[layout_type_index(l, e->name)].value;

			p->type_word = l->type_encoding == TYPE_TOP_BYTE ? value << 24 : ~value;
		}
		break;
	case WORD_RAW_TYPE:
		p->type_word = (uint32_t)e->value;
		break;
	case WORD_REFCOUNT:
		p->refcount = (int32_t)e->value;
		break;
	case WORD_ZONE:
		p->zone = (uint8_t)layout_zone_index(l, e->name);
		break;
	case WORD_NODE:
		p->node = (uint16_t)e->value;
		break;
	case WORD_ORDER:
		p->order = (int16_t)e->value;
		break;
	case WORD_TAIL_ORDER:
		p->tail_order = (uint8_t)e->value;
		break;
	case WORD_HEAD:
		p->head_pfn = e->value;
		break;
	case WORD_PGMAP:
		p->pgmap = (uint64_t)e->value;
		break;
	case WORD_ORIGIN:
		p->origin = e->value;
		break;
	case WORD_FILL:
		memset(raw, (int)e->value, sizeof(raw));
		page_decode(l, raw, 0, e->pfn, p);
		p->head_pfn = PAGE_NO_HEAD;
		break;
	default:
		break;
	}
	page_decode_type(l, p);
}

static void edit_page(const struct page_edit *e, const struct sample *s, struct snapshot *snapshot)
{
	struct page_run *run;
	bool online, in_buddy;

	if (e->word == WORD_GONE) {
		sample_page_remove(snapshot, e->pfn, e->nr);
		return;
	}
	run = sample_page(snapshot, e->pfn, e->nr);
	if (e->word == WORD_KPAGEFLAGS) {
		run->kpageflags ^= 1ull << e->value;
		return;
	}
	if (e->word == WORD_COUNTED) {
		run->counted = true;
		return;
	}
	online = !(run->kpageflags >> KPF_NOPAGE & 1);
	in_buddy = run->kpageflags >> KPF_BUDDY & 1;
	set_word(&s->layout, e, &run->state);
	/* the kernel shows what it has done */
	run->kpageflags = sample_kpageflags(&s->layout, &run->state, online, in_buddy);
}

void wrong_detail_apply(const struct wrong_detail *w, const struct sample *s,
			struct snapshot *snapshot)
{
	if (w->page.word != WORD_NONE)
		edit_page(&w->page, s, snapshot);
	if (w->spoil)
		w->spoil(s, snapshot);
}

const struct wrong_detail *wrong_detail_at(size_t i)
{
	const struct {
		const struct wrong_detail *w;
		size_t n;
	} tables[] = {
		{ wrong_memory, nr_wrong_memory },
		{ wrong_mappings, nr_wrong_mappings },
		{ wrong_online, nr_wrong_online },
		{ wrong_zones, nr_wrong_zones },
		{ wrong_sysfs, nr_wrong_sysfs },
		{ wrong_blocks, nr_wrong_blocks },
		{ wrong_resources, nr_wrong_resources },
		{ wrong_witness, nr_wrong_witness },
		{ wrong_counters, nr_wrong_counters },
		{ wrong_virtio_mem, nr_wrong_virtio_mem },
		{ wrong_hosted, nr_wrong_hosted },
		{ wrong_poisoned, nr_wrong_poisoned },
		{ wrong_namespace, nr_wrong_namespace },
		{ wrong_marks, nr_wrong_marks },
	};

	for (size_t t = 0; t < ARRAY_SIZE(tables); i -= tables[t++].n)
		if (i < tables[t].n)
			return &tables[t].w[i];
	return NULL;
}
