/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * scenario_step: steps out of a tree, and what they may be refused with.  Level 2, private to the
 * scenario module.
 */
#ifndef RIG_SCENARIO_STEP_H
#define RIG_SCENARIO_STEP_H

#include "scenario/scenario.h"
#include "scenario/scenario_doc.h"

#define MAX_STEPS 10000		/* unrolled */
#define MAX_REPEAT 1000

struct step_list {
	struct step *v;
	size_t n, cap;
};

/* what "expect" may say, by kind of step */
enum {
	REFUSE_ERRNO	= 1 << 0,
	REFUSE_QMP	= 1 << 1,
	REFUSE_OST	= 1 << 2,
	REFUSE_RUN	= 1 << 3,	/* exit, output: how a program ends */
	REFUSE_OR	= 1 << 4,	/* or: not refused is as good */
	REFUSE_END	= 1 << 5,	/* unfinished: no refusal, and no end either */
};

/** step_list_read() - append every step of the array @node, repeats unrolled */
int step_list_read(const struct doc_node *node, struct step_list *list, struct rig_err *err)
	RIG_CHECKED;
void step_list_deinit(struct step_list *list);

/** expect_read() - @kind: the action's key, for messages; @may: REFUSE_* */
int expect_read(const struct doc_node *node, const char *kind, unsigned int may,
		struct expect *ret, struct rig_err *err) RIG_CHECKED;
void expect_deinit(struct expect *expect);

/** ost_status_read() - "busy" or "0x82" */
int ost_status_read(const struct doc_node *node, unsigned int *ret, struct rig_err *err)
	RIG_CHECKED;
/** errno_read() - "EBUSY" */
int errno_read(const struct doc_node *node, int *ret, struct rig_err *err) RIG_CHECKED;

/** claim_id_read() - "A1" */
int claim_id_read(const struct doc_node *node, char **ret, struct rig_err *err) RIG_CHECKED;

/** policy_read() - a name that memhp_default_state= and auto_online_blocks know */
int policy_read(const struct doc_node *node, char **ret, struct rig_err *err) RIG_CHECKED;

/** plug_read() - the value of "plug" */
int plug_read(const struct doc_node *node, struct step *step, struct rig_err *err) RIG_CHECKED;
/** node_id_read() - the key "node" of @node; *has: it is there */
int node_id_read(const struct doc_node *node, bool *has, unsigned int *ret, struct rig_err *err) RIG_CHECKED;

/** blocks_read() - the value of "online" or "offline" */
int blocks_read(const struct doc_node *node, struct step *step, struct rig_err *err) RIG_CHECKED;

/** devmem_read(), poison_read() - the values of "devmem" and "poison" */
int devmem_read(const struct doc_node *node, struct step *step, struct rig_err *err) RIG_CHECKED;
int poison_read(const struct doc_node *node, struct step *step, struct rig_err *err) RIG_CHECKED;

/* One reader by action, scenario_action.c; @node is the action's value. */
int action_read(const struct doc_node *node, struct step *step, struct rig_err *err) RIG_CHECKED;

/* The same for what is about persistent memory, and the legacy ranges of a scenario: scenario_pmem.c. */
int namespace_read(const struct doc_node *node, struct step *step, struct rig_err *err) RIG_CHECKED;
int convert_read(const struct doc_node *node, struct step *step, struct rig_err *err) RIG_CHECKED;
int pmem_ranges_read(const struct doc_node *node, struct pmem_range **ret, size_t *ret_nr,
		     struct rig_err *err) RIG_CHECKED;

/** scenario_check_flow() - what only the order of the steps can tell, see scenario_parse() */
int scenario_check_flow(const struct scenario *s, struct rig_err *err) RIG_CHECKED;

extern const struct doc_word word_id, word_name;

#endif
