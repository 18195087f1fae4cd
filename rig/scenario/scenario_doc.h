/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * scenario_doc: JSON text as a tree that knows its lines.  Level 2.
 * For scenarios and whatever else people write for the rig in JSON.
 *
 * jansson parses and holds the values but keeps no positions and takes the last of two equal keys.
 * So a second pass over text that jansson accepted builds a tree beside the values: every node has
 * its key, its line and the way back to the root, and duplicate keys are refused there.
 */
#ifndef RIG_SCENARIO_DOC_H
#define RIG_SCENARIO_DOC_H

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"

#define DOC_MAX_BYTES (1024 * 1024)

struct doc;

struct doc_node {
	const struct doc *doc;
	const struct doc_node *parent;	/* NULL: the root */
	struct doc_node *next;		/* in document order */
	struct doc_node *child;
	char *key;			/* NULL: element of an array, or the root */
	size_t index;			/* in an array */
	unsigned int line;		/* of the key; in an array, of the value */
	const json_t *value;		/* owned by the doc */
};

struct doc {
	char *path;			/* stands in messages */
	json_t *json;
	struct doc_node *root;
};

/** doc_read_file() - the text of a document, @ret for the caller to free; RIG_USAGE when it cannot be read:
 *  whoever named the file can mend it */
int doc_read_file(const char *path, char **ret, size_t *ret_len, struct rig_err *err) RIG_CHECKED;

/** doc_parse() - Errors: "PATH:LINE:COLUMN: ..." for syntax, else as doc_err() */
int doc_parse(const char *path, const char *text, size_t len, struct doc **ret,
	      struct rig_err *err) RIG_CHECKED;
void doc_destroy(struct doc *doc);

static inline void doc_clean(struct doc **doc)
{
	doc_destroy(*doc);
}
#define AUTO_DOC __attribute__((cleanup(doc_clean)))

/** doc_pointer() - JSON pointer of a node, "" for the root; caller frees */
char *doc_pointer(const struct doc_node *node);

/** doc_err() - RIG_USAGE, "PATH:LINE: POINTER: text"; the root has no pointer.  -EINVAL */
int doc_err(const struct doc_node *node, struct rig_err *err, const char *fmt, ...)
	__attribute__((format(printf, 3, 4)));

/** doc_clip() - how much of a value of the file to quote with "%.*s" */
int doc_clip(const char *text);

/** doc_check_keys() - an object with no key outside @known, which ends with NULL */
int doc_check_keys(const struct doc_node *node, const char *const *known, struct rig_err *err)
	RIG_CHECKED;
const struct doc_node *doc_get(const struct doc_node *node, const char *key);	/* NULL: absent */
/** doc_need() - the member @key, or an error naming what is missing */
int doc_need(const struct doc_node *node, const char *key, const struct doc_node **ret,
	     struct rig_err *err) RIG_CHECKED;

/* Values.  Strings are allocated; what is in @ret before is not freed.  See scenario_value.c. */

/** what a short name is made of; @first and @rest are the characters allowed */
struct doc_word {
	const char *what;		/* "id" */
	const char *first, *rest;
	size_t max_bytes;
	const char *shape;		/* the rule in words */
};

int doc_check_type(const struct doc_node *node, json_type want, struct rig_err *err) RIG_CHECKED;
/** doc_check_list() - an array that is not empty */
int doc_check_list(const struct doc_node *node, struct rig_err *err) RIG_CHECKED;
/** doc_read_text() - a string of any bytes, not empty and not only blanks */
int doc_read_text(const struct doc_node *node, char **ret, struct rig_err *err) RIG_CHECKED;
/** doc_read_line() - the same without control characters */
int doc_read_line(const struct doc_node *node, char **ret, struct rig_err *err) RIG_CHECKED;
int doc_read_word(const struct doc_node *node, const struct doc_word *word, char **ret,
		  struct rig_err *err) RIG_CHECKED;
/** doc_read_choice() - index of the string in @names, which ends with NULL */
int doc_read_choice(const struct doc_node *node, const char *const *names, unsigned int *ret,
		    struct rig_err *err) RIG_CHECKED;
int doc_read_bool(const struct doc_node *node, bool *ret, struct rig_err *err) RIG_CHECKED;
/** doc_read_uint() - an integer, @min to @max inclusive */
int doc_read_uint(const struct doc_node *node, unsigned int min, unsigned int max,
		  unsigned int *ret, struct rig_err *err) RIG_CHECKED;
/** doc_read_size() - "256M": bytes, not 0 */
int doc_read_size(const struct doc_node *node, uint64_t *ret_bytes, struct rig_err *err)
	RIG_CHECKED;
/** doc_read_size_or_zero() - the same, or "0" */
int doc_read_size_or_zero(const struct doc_node *node, uint64_t *ret_bytes, struct rig_err *err)
	RIG_CHECKED;
/** doc_read_hex() - "0x140000000", 0 to @max inclusive */
int doc_read_hex(const struct doc_node *node, uint64_t max, uint64_t *ret, struct rig_err *err)
	RIG_CHECKED;
/** doc_read_duration() - "500ms", "30s", "2m": up to a day, not 0 */
int doc_read_duration(const struct doc_node *node, uint64_t *ret_ms, struct rig_err *err)
	RIG_CHECKED;

typedef int doc_read_fn(const struct doc_node *node, char **ret, struct rig_err *err);
/** doc_read_strings() - an array, not empty, each element read by @read; NULL-terminated */
int doc_read_strings(const struct doc_node *node, doc_read_fn *read, char ***ret,
		     struct rig_err *err) RIG_CHECKED;

#endif
