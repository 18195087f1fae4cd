/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * elf_object: the few facts about an ELF program or library that its loader acts on.  Level 3.
 */
#ifndef RIG_IMAGE_ELF_OBJECT_H
#define RIG_IMAGE_ELF_OBJECT_H

#include <stddef.h>

#include "base/err.h"
#include "base/mem.h"

struct elf_object {
	int elf_class;		/* ELFCLASS64 ... */
	unsigned int machine;	/* EM_X86_64 ... */
	char *interpreter;	/* PT_INTERP, NULL: none */
	char *runpath;		/* DT_RUNPATH, else DT_RPATH, NULL: none */
	struct strv needed;	/* DT_NEEDED in order */
};

/**
 * elf_object_parse() - read the facts out of a file in memory
 * @path: for messages
 * @data: not kept
 */
int elf_object_parse(const char *path, const char *data, size_t len, struct elf_object *ret,
		     struct rig_err *err) RIG_CHECKED;
void elf_object_deinit(struct elf_object *o);
#define AUTO_ELF_OBJECT __attribute__((cleanup(elf_object_deinit)))

#endif
