// SPDX-License-Identifier: GPL-2.0-or-later
/* How a memory block is to go online, as the kernel has noted it. */
#include "model/model.h"

/* enum mmop */
static uint32_t type_of(enum online_zone how)
{
	static const uint32_t types[] = { [ZONE_AUTO] = 1, [ZONE_KERNEL] = 2, [ZONE_MOVABLE] = 3 };

	return types[how];
}

enum online_zone model_online_type(const struct model *m, uint32_t block)
{
	const struct model_block *b = model_block_find(m, block, NULL);

	for (enum online_zone how = ZONE_AUTO; b && how <= ZONE_MOVABLE; how++)
		if (b->type_left == type_of(how))
			return how;
	return ZONE_AUTO;
}

void model_online_again(struct model *m, uint32_t block, enum online_zone how)
{
	struct model_block *b = model_block_find(m, block, NULL);

	if (b)
		b->type_left = type_of(how);
	else
		m->boot_types_left = true;
}

void model_no_online(struct model *m, uint32_t block)
{
	model_block_find(m, block, NULL)->type_left = 0;
}
