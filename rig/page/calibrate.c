// SPDX-License-Identifier: GPL-2.0-or-later
#include <string.h>

#include "page/calibrate.h"
#include "page/state.h"

/* What many samples say of page->flags. */
struct evidence {
	uint64_t all_reserved, any_buddy;
	size_t nr_reserved, nr_buddy;
	bool wrong_place;	/* a zone that the kernel does not have */
};

/* Is the page what it is said to be, as far as the layout can tell? */
static bool is_true(const struct page_layout *l, const struct page_sample *sample,
		    const struct page_state *s)
{
	int buddy = layout_type_index(l, "buddy");

	if (sample->kind == SAMPLE_BUDDY)
		return l->mapcount.has && buddy >= 0 && s->type == buddy;
	return l->refcount.has && s->refcount == 1 && (!l->mapcount.has || s->type == PAGE_TYPE_NONE);
}

static bool gather(const struct page_layout *l, const struct page_sample *samples, size_t nr,
		   struct evidence *ret)
{
	struct evidence e = { .all_reserved = ~0ull };

	for (size_t i = 0; i < nr; i++) {
		struct page_state s;
		uint64_t flags;

		page_decode(l, samples[i].raw, 0, 0, &s);
		if (!is_true(l, &samples[i], &s))
			return false;
		memcpy(&flags, (const char *)samples[i].raw + l->flags.offset, sizeof(flags));
		if (samples[i].kind == SAMPLE_RESERVED) {
			e.all_reserved &= flags;
			e.nr_reserved++;
		} else {
			e.any_buddy |= flags;
			e.nr_buddy++;
		}
		e.wrong_place |= l->nr_zones && s.zone >= l->nr_zones;
	}
	*ret = e;
	return true;
}

static void forget_places(struct page_layout *l)
{
	memset(l->zone_name, 0, sizeof(l->zone_name));
	l->nr_zones = 0;
	l->node_bits = l->zone_bits = 0;
}

bool layout_calibrate(struct page_layout *l, const struct page_sample *samples, size_t nr)
{
	uint64_t bits, below = 1ull << LAYOUT_MAX_FLAGS;
	struct evidence e;
	int bit;

	if (!gather(l, samples, nr, &e))
		return layout_flag_bit(l, "reserved") >= 0;
	if (e.wrong_place)
		forget_places(l);
	if (layout_flag_bit(l, "reserved") >= 0)
		return true;
	if (e.nr_reserved < CALIBRATE_MIN_SAMPLES || e.nr_buddy < CALIBRATE_MIN_SAMPLES)
		return false;
	if (l->nr_zones && l->zone_shift < LAYOUT_MAX_FLAGS)
		below = 1ull << l->zone_shift;
	/* a candidate above all flags would be a link, and one that has a name is not the one */
	bits = e.all_reserved & ~e.any_buddy;
	if (!bits || bits & (bits - 1) || bits >= below)
		return false;
	bit = __builtin_ctzll(bits);
	if (*l->flag_name[bit])
		return false;
	strcpy(l->flag_name[bit], "reserved");
	if (l->nr_flags <= (uint32_t)bit)
		l->nr_flags = (uint32_t)bit + 1;
	return true;
}
