// SPDX-License-Identifier: GPL-2.0-or-later
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clean.h"
#include "base/io.h"
#include "base/mem.h"
#include "matrix/plan.h"

#define PIECES_OF_A_SHARE 8	/* a group is cut into pieces of at most such a part of a fair share: no shard gets more than
				 * one of them too much */

/* Something to be shared out: a cell, or a piece of a group. */
struct load {
	size_t number;		/* of the cell, or of the piece */
	const char *group, *name;
	uint64_t ms;
};

static int longest_first(const void *x, const void *y)
{
	const struct load *a = x, *b = y;

	return a->ms != b->ms ? (a->ms < b->ms) - (a->ms > b->ms) : strcmp(a->name, b->name);
}

static int by_group(const void *x, const void *y)
{
	const struct load *a = x, *b = y;
	int order = strcmp(a->group, b->group);

	return order ? order : longest_first(x, y);
}

static size_t lightest(const uint64_t *ms, size_t n)
{
	size_t best = 0;

	for (size_t i = 1; i < n; i++)
		if (ms[i] < ms[best])
			best = i;
	return best;
}

/* Cuts a group into pieces, numbered from @first; longest first into the lightest.  How many there are. */
static size_t cut_group(const struct load *cell, size_t nr, uint64_t limit, size_t first, size_t *piece_of)
{
	AUTO_FREE uint64_t *ms = NULL;
	uint64_t sum = 0;
	size_t pieces;

	for (size_t i = 0; i < nr; i++)
		sum += cell[i].ms;
	pieces = (size_t)((sum + limit - 1) / limit);
	pieces = pieces > nr ? nr : pieces;
	ms = xcalloc(pieces, sizeof(*ms));
	for (size_t i = 0; i < nr; i++) {
		size_t p = lightest(ms, pieces);

		ms[p] += cell[i].ms;
		piece_of[cell[i].number] = first + p;
	}
	return pieces;
}

static size_t cut_all(const struct load *cell, size_t nr, uint64_t limit, size_t *piece_of)
{
	size_t pieces = 0;

	for (size_t i = 0, end; i < nr; i = end) {
		for (end = i + 1; end < nr && !strcmp(cell[end].group, cell[i].group); end++)
			;
		pieces += cut_group(&cell[i], end - i, limit, pieces, piece_of);
	}
	return pieces;
}

static void share_out(struct load *piece, size_t nr, struct plan *p, size_t *shard_of)
{
	qsort(piece, nr, sizeof(*piece), longest_first);
	for (size_t i = 0; i < nr; i++) {
		size_t shard = lightest(p->ms, p->nr_shards);

		shard_of[piece[i].number] = shard;
		p->ms[shard] += piece[i].ms;
	}
}

static void balance(const struct cells *cells, const struct durations *d, struct plan *p)
{
	AUTO_FREE struct load *cell = xcalloc(cells->nr, sizeof(*cell)), *piece = xcalloc(cells->nr, sizeof(*piece));
	AUTO_FREE size_t *piece_of = xcalloc(cells->nr, sizeof(*piece_of));
	AUTO_FREE size_t *shard_of = xcalloc(cells->nr, sizeof(*shard_of));
	uint64_t sum = 0, limit;
	size_t pieces;

	for (size_t i = 0; i < cells->nr; i++) {
		cell[i] = (struct load){ i, cells->cell[i].group, cells->cell[i].name, durations_ms(d, &cells->cell[i]) };
		sum += cell[i].ms;
	}
	limit = sum / p->nr_shards / PIECES_OF_A_SHARE + 1;
	qsort(cell, cells->nr, sizeof(*cell), by_group);
	pieces = cut_all(cell, cells->nr, limit, piece_of);
	for (size_t i = 0; i < cells->nr; i++) {
		struct load *to = &piece[piece_of[cell[i].number]];

		to->number = piece_of[cell[i].number];
		to->name = to->name ? to->name : cell[i].name;
		to->ms += cell[i].ms;
	}
	share_out(piece, pieces, p, shard_of);
	for (size_t i = 0; i < cells->nr; i++)
		p->shard[i] = (unsigned int)shard_of[piece_of[i]];
}

static unsigned int shard_by_name(const char *name, unsigned int nr_shards)
{
	char hex[65];

	io_sha256_hex(name, strlen(name), hex);
	hex[15] = '\0';
	return (unsigned int)(strtoull(hex, NULL, 16) % nr_shards);
}

static void digest(const struct matrix *m, const struct cells *cells, struct plan *p)
{
	AUTO_FREE char *text = NULL;
	size_t len;
	FILE *out = open_memstream(&text, &len);

	if (!out)
		abort();
	fprintf(out, "%s\n%u\n", m->digest, p->nr_shards);
	for (size_t i = 0; i < cells->nr; i++)
		fprintf(out, "%s %s %u\n", cells->cell[i].name, cells->cell[i].digest, p->shard[i]);
	fclose(out);
	io_sha256_hex(text, len, p->digest);
}

void plan_make(const struct matrix *m, const struct cells *cells, unsigned int nr_shards, const struct durations *d,
	       struct plan *ret)
{
	struct plan p = {
		.nr_shards = nr_shards, .shard = xcalloc(cells->nr + 1, sizeof(*p.shard)),
		.ms = xcalloc(nr_shards, sizeof(*p.ms)),
	};

	if (d)
		balance(cells, d, &p);
	for (size_t i = 0; i < cells->nr && !d; i++)
		p.shard[i] = shard_by_name(cells->cell[i].name, nr_shards);
	digest(m, cells, &p);
	*ret = p;
}

void plan_deinit(struct plan *p)
{
	free(p->shard);
	free(p->ms);
	*p = (struct plan){ 0 };
}
