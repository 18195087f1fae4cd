/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * sample_template: small templates in a folder of the test, and ways to damage them.
 *
 * ram0 has SAMPLE_RAM bytes, none of them zero, so that they take their room on every file system.
 */
#ifndef TEST_SAMPLE_TEMPLATE_H
#define TEST_SAMPLE_TEMPLATE_H

#include "base/clock.h"
#include "template/template.h"

#define SAMPLE_RAM	(8ull << 20)
#define SAMPLE_STATE	"state of the devices"

#define KEY_A	"aaaaaaaaaaaaaaaa0123456789abcdef0123456789abcdef0123456789abcdef"
#define KEY_B	"bbbbbbbbbbbbbbbb0123456789abcdef0123456789abcdef0123456789abcdef"
#define KEY_C	"cccccccccccccccc0123456789abcdef0123456789abcdef0123456789abcdef"
#define NAME_A	"aaaaaaaaaaaaaaaa-0"
#define NAME_B	"bbbbbbbbbbbbbbbb-0"
#define NAME_C	"cccccccccccccccc-0"

#define SOON	clock_in_ms(60)		/* for waits that are meant to fail */
#define LATE	clock_in_ms(10000)

/* cmocka's: *state is the folder, which $HOTRIG_TEMPLATES names; nothing of it is left */
int sample_store_set_up(void **state);
int sample_store_tear_down(void **state);

/** sample_path() - of a file of a template; static buffer of four */
const char *sample_path(const char *name, const char *file);
bool sample_exists(const char *name);
/** sample_folders() - names in the store that begin with @prefix */
unsigned int sample_folders(const char *prefix);

/** sample_begin() - a draft of SAMPLE_RAM bytes; fails the test */
struct template_draft *sample_begin(const char *key);
/** sample_try() - the same, dropped at once; 0 or -errno */
int sample_try(const char *key, struct rig_err *err);
/** sample_fill() - memory and the file "state" */
void sample_fill(struct template_draft *d);
void sample_commit(struct template_draft *d);
void sample_make(const char *key);

void sample_open(const char *key, struct template *t);

/** sample_set_used() - the time of its last use */
void sample_set_used(const char *name, time_t seconds);
/** sample_write() - replace a file of a template */
void sample_write(const char *name, const char *file, const char *text);
/** sample_change_byte() - of a file of a template, its times as they were if @hide */
void sample_change_byte(const char *name, const char *file, off_t at, bool hide);

#endif
