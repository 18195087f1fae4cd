/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * kernel_samples: small files that look like kernels, config and packages, for unit tests.
 */
#ifndef RIG_TESTS_KERNEL_SAMPLES_H
#define RIG_TESTS_KERNEL_SAMPLES_H

/* cmocka.h wants these before it */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <archive.h>
#include <archive_entry.h>
#include <cmocka.h>
#include <elf.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include "base/clean.h"
#include "base/io.h"
#include "base/mem.h"

#define SAMPLE __attribute__((unused)) static

#define SAMPLE_CONFIG "CONFIG_A=y\nCONFIG_B=m\n# CONFIG_C is not set\nCONFIG_D=250\nCONFIG_AB=n\n"
#define SAMPLE_BUILD_ID "000102030405060708090a0b0c0d0e0f10111213"

struct sample {
	char *data;
	size_t len, cap;
};

SAMPLE void sample_add(struct sample *s, const void *data, size_t len)
{
	while (s->len + len > s->cap) {
		s->cap = s->cap ? s->cap * 2 : 4096;
		s->data = xrealloc(s->data, s->cap, 1);
	}
	memcpy(s->data + s->len, data, len);
	s->len += len;
}

SAMPLE void sample_pad(struct sample *s, size_t to)
{
	while (s->len < to)
		sample_add(s, "", 1);
}

SAMPLE void sample_put32(struct sample *s, size_t at, uint32_t value)
{
	memcpy(s->data + at, &value, sizeof(value));
}

SAMPLE la_ssize_t sample_write(struct archive *a, void *arg, const void *data, size_t len)
{
	(void)a;
	sample_add(arg, data, len);
	return (la_ssize_t)len;
}

SAMPLE struct sample sample_gzip(const char *data, size_t len)
{
	struct archive *a = archive_write_new();
	struct archive_entry *e = archive_entry_new();
	struct sample s = { 0 };

	archive_write_add_filter_gzip(a);
	archive_write_set_format_raw(a);
	archive_write_set_bytes_in_last_block(a, 1);
	assert_int_equal(archive_write_open(a, &s, NULL, sample_write, NULL), ARCHIVE_OK);
	archive_entry_set_filetype(e, AE_IFREG);
	assert_int_equal(archive_write_header(a, e), ARCHIVE_OK);
	assert_int_equal(archive_write_data(a, data, len), len);
	archive_entry_free(e);
	archive_write_free(a);
	return s;
}

SAMPLE void sample_add_note(struct sample *s, const char *name, uint32_t type, uint32_t len)
{
	uint32_t head[3] = { 4, len, type };
	char desc[20];

	for (size_t i = 0; i < sizeof(desc); i++)
		desc[i] = (char)i;
	sample_add(s, head, sizeof(head));
	sample_add(s, name, 4);
	sample_add(s, desc, len);
}

/* banners, config and notes in one segment; @config NULL: no IKCONFIG */
SAMPLE struct sample sample_vmlinux(const char *release, const char *config)
{
	Elf64_Ehdr h = { .e_ident = ELFMAG, .e_type = ET_EXEC, .e_machine = EM_X86_64,
			 .e_version = EV_CURRENT, .e_phoff = sizeof(h), .e_ehsize = sizeof(h),
			 .e_phentsize = sizeof(Elf64_Phdr), .e_phnum = 2 };
	Elf64_Phdr ph[2] = { { .p_type = PT_LOAD }, { .p_type = PT_NOTE, .p_align = 4 } };
	AUTO_FREE char *weak = xasprintf("Linux version %s (x@y) # SMP\n", release);
	AUTO_FREE char *final = xasprintf("Linux version %s (x@y) #1 SMP\n", release);
	struct sample s = { 0 }, packed;

	h.e_ident[EI_CLASS] = ELFCLASS64;
	h.e_ident[EI_DATA] = ELFDATA2LSB;
	h.e_ident[EI_VERSION] = EV_CURRENT;
	sample_add(&s, &h, sizeof(h));
	sample_add(&s, ph, sizeof(ph));
	sample_add(&s, "%s version %s", sizeof("%s version %s"));
	sample_add(&s, weak, strlen(weak) + 1);
	sample_add(&s, final, strlen(final) + 1);
	if (config) {
		packed = sample_gzip(config, strlen(config));
		sample_add(&s, "IKCFG_ST", 8);
		sample_add(&s, packed.data, packed.len);
		sample_add(&s, "IKCFG_ED", 8);
		free(packed.data);
	}
	sample_pad(&s, (s.len + 3) & ~(size_t)3);
	ph[1].p_offset = s.len;
	sample_add_note(&s, "Xen", 18, 8);
	sample_add_note(&s, "GNU", NT_GNU_BUILD_ID, 20);
	ph[1].p_filesz = s.len - ph[1].p_offset;
	ph[0].p_filesz = s.len;
	memcpy(s.data + sizeof(h), ph, sizeof(ph));
	return s;
}

/* @vmlinux is packed with gzip; garbage when NULL */
SAMPLE struct sample sample_bzimage(const char *release, const struct sample *vmlinux)
{
	const size_t setup = 4 * 512;	/* with the boot sector */
	AUTO_FREE char *version = xasprintf("%s (x@y) #1 SMP", release);
	struct sample s = { 0 }, packed = { 0 };

	if (vmlinux)
		packed = sample_gzip(vmlinux->data, vmlinux->len);
	else
		sample_add(&packed, "garbage that is no archive of any kind", 38);
	sample_pad(&s, setup);
	s.data[0x1f1] = 3;
	memcpy(s.data + 0x1fe, "\x55\xaa", 2);
	memcpy(s.data + 0x202, "HdrS\x0f\x02", 6);
	memcpy(s.data + 0x20e, "\x00\x02", 2);
	s.data[0x236] = 0x7f;
	strcpy(s.data + 0x400, version);
	sample_put32(&s, 0x248, 64);
	sample_put32(&s, 0x24c, (uint32_t)packed.len);
	sample_pad(&s, setup + 64);
	sample_add(&s, packed.data, packed.len);
	sample_pad(&s, (s.len + 15) & ~(size_t)15);
	sample_put32(&s, 0x1f4, (uint32_t)(s.len - setup) / 16);
	free(packed.data);
	return s;
}

SAMPLE void sample_store(const char *path, const void *data, size_t len)
{
	AUTO_FREE char *above = xstrdup(path);
	struct rig_err err;

	*strrchr(above, '/') = '\0';
	assert_int_equal(io_mkdirs(above, &err), 0);
	assert_int_equal(io_write_file(path, data, len, &err), 0);
}

SAMPLE void sample_store_text(const char *path, const char *text)
{
	sample_store(path, text, strlen(text));
}

SAMPLE void sample_store_script(const char *path, const char *text)
{
	sample_store_text(path, text);
	assert_int_equal(chmod(path, 0755), 0);
}

SAMPLE void sample_add_member(struct archive *a, const char *name, const void *data, size_t len)
{
	struct archive_entry *e = archive_entry_new();

	archive_entry_set_pathname(e, name);
	archive_entry_set_filetype(e, AE_IFREG);
	archive_entry_set_perm(e, 0644);
	archive_entry_set_size(e, (la_int64_t)len);
	assert_int_equal(archive_write_header(a, e), ARCHIVE_OK);
	assert_int_equal(archive_write_data(a, data, len), len);
	archive_entry_free(e);
}

/* A package of @release, with members that must not be taken */
SAMPLE struct sample sample_deb(const char *release)
{
	struct sample vmlinux = sample_vmlinux(release, NULL), tar = { 0 }, deb = { 0 };
	struct sample image = sample_bzimage(release, &vmlinux);
	struct archive *a = archive_write_new();
	char *member[3];

	member[0] = xasprintf("./boot/vmlinuz-%s", release);
	member[1] = xasprintf("./boot/config-%s", release);
	member[2] = xasprintf("./usr/lib/modules/%s/kernel/x.ko", release);
	archive_write_add_filter_gzip(a);
	archive_write_set_format_ustar(a);
	archive_write_set_bytes_in_last_block(a, 1);
	assert_int_equal(archive_write_open(a, &tar, NULL, sample_write, NULL), ARCHIVE_OK);
	sample_add_member(a, member[0], image.data, image.len);
	sample_add_member(a, member[1], SAMPLE_CONFIG, strlen(SAMPLE_CONFIG));
	sample_add_member(a, member[2], "module", 6);
	sample_add_member(a, "./usr/share/doc/changelog", "text", 4);
	sample_add_member(a, "./boot/../../../escaped", "text", 4);
	archive_write_free(a);
	a = archive_write_new();
	archive_write_set_format_ar_svr4(a);
	archive_write_set_bytes_in_last_block(a, 1);
	assert_int_equal(archive_write_open(a, &deb, NULL, sample_write, NULL), ARCHIVE_OK);
	sample_add_member(a, "debian-binary", "2.0\n", 4);
	sample_add_member(a, "data.tar.gz", tar.data, tar.len);
	archive_write_free(a);
	for (int i = 0; i < 3; i++)
		free(member[i]);
	free(vmlinux.data);
	free(image.data);
	free(tar.data);
	return deb;
}

#endif
