// SPDX-License-Identifier: GPL-2.0-or-later
#include <gelf.h>
#include <stdbool.h>
#include <string.h>

#include "base/clean.h"
#include "image/elf_object.h"

static int not_elf(const char *path, const char *why, struct rig_err *err)
{
	return rig_err_set(err, RIG_HOST, ENOEXEC, "'%s' is no usable ELF file: %s", path, why);
}

/* The interpreter is not a section of every file, but a program header of every program. */
static int read_interpreter(Elf *elf, const char *path, const char *data, size_t len,
			    struct elf_object *o, struct rig_err *err)
{
	size_t n = 0;

	if (elf_getphdrnum(elf, &n) != 0)
		return not_elf(path, elf_errmsg(-1), err);
	for (size_t i = 0; i < n; i++) {
		GElf_Phdr ph;

		if (!gelf_getphdr(elf, (int)i, &ph))
			return not_elf(path, elf_errmsg(-1), err);
		if (ph.p_type != PT_INTERP || o->interpreter)
			continue;
		if (ph.p_offset >= len || ph.p_filesz > len - ph.p_offset || ph.p_filesz < 2 ||
		    data[ph.p_offset] != '/')
			return not_elf(path, "its PT_INTERP makes no sense", err);
		o->interpreter = xstrndup(data + ph.p_offset, ph.p_filesz);
	}
	return 0;
}

static void set_path(char **path, const char *to)
{
	free(*path);
	*path = xstrdup(to);
}

static int read_dynamic(Elf *elf, const char *path, Elf_Scn *section, const GElf_Shdr *sh,
			struct elf_object *o, struct rig_err *err)
{
	Elf_Data *table = elf_getdata(section, NULL);
	bool has_runpath = false;
	GElf_Dyn dyn;

	for (int i = 0; table && gelf_getdyn(table, i, &dyn) && dyn.d_tag != DT_NULL; i++) {
		const char *text;

		if (dyn.d_tag != DT_NEEDED && dyn.d_tag != DT_RUNPATH && dyn.d_tag != DT_RPATH)
			continue;
		text = elf_strptr(elf, sh->sh_link, dyn.d_un.d_val);
		if (!text)
			return not_elf(path, elf_errmsg(-1), err);
		if (dyn.d_tag == DT_NEEDED)
			strv_add(&o->needed, text);
		else if (dyn.d_tag == DT_RUNPATH || !has_runpath)
			set_path(&o->runpath, text);
		has_runpath |= dyn.d_tag == DT_RUNPATH;
	}
	return 0;
}

static int read_facts(Elf *elf, const char *path, const char *data, size_t len,
		      struct elf_object *o, struct rig_err *err)
{
	Elf_Scn *section = NULL;
	GElf_Ehdr eh;
	GElf_Shdr sh;
	int r;

	if (elf_kind(elf) != ELF_K_ELF || !gelf_getehdr(elf, &eh))
		return not_elf(path, "its header is missing or damaged", err);
	o->elf_class = gelf_getclass(elf);
	o->machine = eh.e_machine;
	r = read_interpreter(elf, path, data, len, o, err);
	while (!r && (section = elf_nextscn(elf, section))) {
		if (!gelf_getshdr(section, &sh))
			return not_elf(path, elf_errmsg(-1), err);
		if (sh.sh_type == SHT_DYNAMIC)
			r = read_dynamic(elf, path, section, &sh, o, err);
	}
	return r;
}

int elf_object_parse(const char *path, const char *data, size_t len, struct elf_object *ret,
		     struct rig_err *err)
{
	struct elf_object o = { 0 };
	Elf *elf;
	int r;

	if (len < EI_NIDENT || memcmp(data, ELFMAG, SELFMAG))
		return not_elf(path, "it does not begin like one", err);
	elf_version(EV_CURRENT);
	elf = elf_memory((char *)data, len);	/* only read from: no elf_update() here */
	if (!elf)
		return not_elf(path, elf_errmsg(-1), err);
	r = read_facts(elf, path, data, len, &o, err);
	elf_end(elf);
	if (r < 0)
		elf_object_deinit(&o);
	else
		*ret = o;
	return r;
}

void elf_object_deinit(struct elf_object *o)
{
	free(o->interpreter);
	free(o->runpath);
	strv_deinit(&o->needed);
	*o = (struct elf_object){ 0 };
}
