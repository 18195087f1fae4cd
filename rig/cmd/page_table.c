// SPDX-License-Identifier: GPL-2.0-or-later
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "base/clean.h"
#include "base/mem.h"
#include "cmd/page_table.h"
#include "page/layout.h"

#define BOLD	"\033[1m"
#define DIM	"\033[2m"
#define RED	"\033[31m"
#define PLAIN	"\033[0m"

const char *page_size_text(uint64_t pages, char buf[24])
{
	static const char *const units[] = { "KiB", "MiB", "GiB", "TiB" };
	double size = (double)(pages << LAYOUT_PAGE_SHIFT) / 1024;
	size_t unit = 0;

	while (size >= 1024 && unit + 1 < ARRAY_SIZE(units)) {
		size /= 1024;
		unit++;
	}
	snprintf(buf, 24, size < 10 && unit ? "%.1f %s" : "%.0f %s", size, units[unit]);
	return buf;
}

static const char *or_unknown(const char *text)
{
	return text ? text : "?";
}

/* @none: what is printed for a number that is not there */
static const char *number_text(int64_t value, const char *none, char buf[24])
{
	snprintf(buf, 24, "%" PRId64, value);
	return value == ROW_UNKNOWN ? none : buf;
}

/* What stands last in a line, where it may be long. */
static void print_flags(const struct page_row *r, FILE *out)
{
	if (r->kpageflags)
		fprintf(out, "kpageflags=%s", r->kpageflags);
	else
		fputs(or_unknown(r->flags), out);
	if (r->bytes)
		fprintf(out, " (all bytes %s: never initialised)", r->bytes);
}

static const char *row_color(const struct page_row *r)
{
	if (r->kind == ROW_FAULT || (r->flags && strstr(r->flags, "hwpoison")))
		return RED;
	return r->kind == ROW_GAP || r->bytes ? DIM : "";
}

static void print_row(const struct page_row *r, bool color, FILE *out)
{
	char range[48], refs[24], order[24], node[24];
	const char *paint = color ? row_color(r) : "";

	snprintf(range, sizeof(range), "0x%" PRIx64 "-0x%" PRIx64, r->pfn, r->pfn + r->nr - 1);
	fprintf(out, "%s%-23s %9" PRIu64 "  ", paint, range, r->nr);
	if (r->kind == ROW_PAGES) {
		fprintf(out, "%-9s %5s %5s  %-8s %4s  ", or_unknown(r->type),
			number_text(r->order, "-", order), number_text(r->refcount, "?", refs),
			or_unknown(r->zone), number_text(r->node, "?", node));
		print_flags(r, out);
	} else {
		fputs(r->kind == ROW_FAULT ? "cannot be read" : "no struct pages", out);
	}
	fprintf(out, "%s\n", *paint ? PLAIN : "");
}

static bool same_device(const char *a, const char *b)
{
	return a == b || (a && b && !strcmp(a, b));
}

void page_table_print(const struct page_rows *rows, bool color, FILE *out)
{
	const char *device = NULL;

	fprintf(out, "%s%-23s %9s  %-9s %5s %5s  %-8s %4s  %s%s\n", color ? BOLD : "", "PFN", "PAGES",
		"TYPE", "ORDER", "REFS", "ZONE", "NODE", "FLAGS", color ? PLAIN : "");
	for (size_t i = 0; i < rows->nr; i++) {
		const struct page_row *r = &rows->row[i];

		/* a gap is nobody's: what is behind it tells */
		if (r->kind != ROW_GAP && !same_device(device, r->device)) {
			device = r->device;
			fprintf(out, "%s%s%s%s\n", color ? BOLD : "", device ? "device " : "boot memory",
				device ? device : "", color ? PLAIN : "");
		}
		print_row(r, color, out);
	}
}

static int compare_text(const char *a, const char *b)
{
	return a && b ? strcmp(a, b) : (a != NULL) - (b != NULL);
}

/* By what a summary tells apart. */
static int compare_states(const void *left, const void *right)
{
	const struct page_row *a = left, *b = right;
	int c = (a->kind > b->kind) - (a->kind < b->kind);

	c = c ? c : compare_text(a->type, b->type);
	c = c ? c : compare_text(a->zone, b->zone);
	c = c ? c : (a->node > b->node) - (a->node < b->node);
	c = c ? c : compare_text(a->flags, b->flags);
	c = c ? c : compare_text(a->kpageflags, b->kpageflags);
	return c ? c : compare_text(a->bytes, b->bytes);
}

static int compare_pages(const void *left, const void *right)
{
	const struct page_row *a = left, *b = right;

	return a->nr == b->nr ? compare_states(a, b) : a->nr < b->nr ? 1 : -1;
}

void page_table_summary(const struct page_rows *rows, bool color, FILE *out)
{
	AUTO_FREE struct page_row *sum = xcalloc(rows->nr + 1, sizeof(*sum));
	size_t nr = 0;
	char size[24], node[24];

	for (size_t i = 0; i < rows->nr; i++)
		sum[i] = rows->row[i];
	qsort(sum, rows->nr, sizeof(*sum), compare_states);
	for (size_t i = 0; i < rows->nr; i++) {
		if (nr && !compare_states(&sum[nr - 1], &sum[i]))
			sum[nr - 1].nr += sum[i].nr;
		else
			sum[nr++] = sum[i];
	}
	qsort(sum, nr, sizeof(*sum), compare_pages);
	fprintf(out, "%s%11s %9s  %-9s %-8s %4s  %s%s\n", color ? BOLD : "", "PAGES", "SIZE", "TYPE",
		"ZONE", "NODE", "FLAGS", color ? PLAIN : "");
	for (size_t i = 0; i < nr; i++) {
		const struct page_row *r = &sum[i];

		if (r->kind != ROW_PAGES)
			continue;		/* the total has them */
		fprintf(out, "%11" PRIu64 " %9s  %-9s %-8s %4s  ", r->nr, page_size_text(r->nr, size),
			or_unknown(r->type), or_unknown(r->zone), number_text(r->node, "?", node));
		print_flags(r, out);
		putc('\n', out);
	}
}

void page_table_total(const struct page_rows *rows, FILE *out)
{
	uint64_t pages[ROW_GAP + 1] = { 0 };
	size_t nr[ROW_GAP + 1] = { 0 };
	char size[24];

	for (size_t i = 0; i < rows->nr; i++) {
		pages[rows->row[i].kind] += rows->row[i].nr;
		nr[rows->row[i].kind]++;
	}
	fprintf(out, "%" PRIu64 " pages, %s", pages[ROW_PAGES], page_size_text(pages[ROW_PAGES], size));
	if (nr[ROW_GAP])
		fprintf(out, "; no struct pages in %zu range%s, %s", nr[ROW_GAP], nr[ROW_GAP] == 1 ? "" : "s",
			page_size_text(pages[ROW_GAP], size));
	if (nr[ROW_FAULT])
		fprintf(out, "; %" PRIu64 " struct pages that cannot be read", pages[ROW_FAULT]);
	putc('\n', out);
}
