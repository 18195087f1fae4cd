// SPDX-License-Identifier: GPL-2.0-or-later
#include <ctype.h>
#include <string.h>

#include "base/clean.h"
#include "base/mem.h"
#include "kernel/bzimage.h"
#include "kernel/unpack.h"

#define MAX_PAYLOAD_BYTES	(256u << 20)
#define MAX_VMLINUX_BYTES	(1u << 30)

#define OFF_SETUP_SECTS		0x1f1
#define OFF_SYSSIZE		0x1f4	/* in 16-byte units */
#define OFF_BOOT_FLAG		0x1fe
#define OFF_MAGIC		0x202
#define OFF_PROTOCOL		0x206
#define OFF_KERNEL_VERSION	0x20e
#define OFF_XLOADFLAGS		0x236
#define OFF_PAYLOAD_OFFSET	0x248
#define OFF_PAYLOAD_LENGTH	0x24c
#define HEADER_BYTES		0x250
#define SECTOR_BYTES		512u

static unsigned int le16(const unsigned char *p)
{
	return p[0] | (unsigned int)p[1] << 8;
}

static uint32_t le32(const unsigned char *p)
{
	return le16(p) | (uint32_t)le16(p + 2) << 16;
}

/* What people hand in by mistake, by magic number */
static const char *guess_kind(const unsigned char *head, size_t len)
{
	static const struct {
		size_t offset, len;
		const char *magic, *kind;
	} kinds[] = {
		{ 0x38, 4, "ARM\x64", "an arm64 kernel image" },
		{ 0x38, 4, "RSC\x05", "a RISC-V kernel image" },
		{ 0x24, 4, "\x18\x28\x6f\x01", "an ARM zImage" },
		{ 0, 2, "\x1f\x8b", "compressed with gzip: unpack it first" },
		{ 0, 6, "\xfd" "7zXZ\0", "compressed with xz: unpack it first" },
		{ 0, 4, "\x28\xb5\x2f\xfd", "compressed with zstd: unpack it first" },
		{ 0, 8, "!<arch>\n", "an archive or package: unpack it first" },
		{ 0, 6, "070701", "an initramfs" },
		{ 0, 4, "QFI\xfb", "a disk image" },
		{ 0, 2, "#!", "a script" },
		{ 0, 2, "MZ", "an EFI program without a Linux setup header" },
	};

	for (size_t i = 0; i < ARRAY_SIZE(kinds); i++)
		if (len >= kinds[i].offset + kinds[i].len &&
		    !memcmp(head + kinds[i].offset, kinds[i].magic, kinds[i].len))
			return kinds[i].kind;
	for (size_t i = 0; i < len && i < 512; i++)
		if (!isprint(head[i]) && !isspace(head[i]))
			return "neither a bzImage nor an ELF vmlinux";
	return len ? "a text file" : "empty";
}

static int not_a_kernel(const char *path, const char *kind, struct rig_err *err)
{
	return rig_err_set(err, RIG_HOST, EINVAL, "'%s' is no x86-64 kernel image: it is %s", path,
			   kind);
}

static char *take_version(const unsigned char *head, size_t len, unsigned int setup_sects)
{
	size_t start = le16(head + OFF_KERNEL_VERSION), end, limit;

	limit = (setup_sects + 1) * SECTOR_BYTES;
	if (limit > len)
		limit = len;
	if (!start)
		return NULL;
	start += 0x200;
	for (end = start; end < limit && head[end]; end++)
		if (!isprint(head[end]))
			return NULL;
	return end < limit && end > start ? xstrndup((const char *)head + start, end - start)
					  : NULL;
}

int bzimage_parse(const char *path, const unsigned char *head, size_t len, uint64_t file_bytes,
		  struct bzimage *ret, struct rig_err *err)
{
	unsigned int setup_sects;
	uint64_t setup_bytes, want_bytes;

	if (len < OFF_PROTOCOL || le16(head + OFF_BOOT_FLAG) != 0xaa55 ||
	    memcmp(head + OFF_MAGIC, "HdrS", 4))
		return not_a_kernel(path, guess_kind(head, len), err);
	if (len < HEADER_BYTES)
		return rig_err_set(err, RIG_HOST, EINVAL,
				   "kernel image '%s' is truncated: its header ends after %zu bytes", path, len);
	if (le16(head + OFF_PROTOCOL) < 0x20c || !(le16(head + OFF_XLOADFLAGS) & 1))
		return not_a_kernel(path, "a bzImage for 32-bit x86, or older than Linux 3.8", err);
	/* 0 means 4, by the oldest boot protocol */
	setup_sects = head[OFF_SETUP_SECTS] ? head[OFF_SETUP_SECTS] : 4;
	setup_bytes = (setup_sects + 1) * SECTOR_BYTES;
	want_bytes = setup_bytes + (uint64_t)le32(head + OFF_SYSSIZE) * 16;
	/* syssize is rounded up */
	if (file_bytes + 15 < want_bytes)
		return rig_err_set(err, RIG_HOST, EINVAL,
				   "kernel image '%s' is truncated: %llu of %llu bytes", path,
				   (unsigned long long)file_bytes, (unsigned long long)want_bytes);
	*ret = (struct bzimage){
		.version = take_version(head, len, setup_sects),
		.payload_offset = setup_bytes + le32(head + OFF_PAYLOAD_OFFSET),
		.payload_bytes = le32(head + OFF_PAYLOAD_LENGTH),
	};
	if (ret->payload_offset + ret->payload_bytes > file_bytes)
		ret->payload_bytes = 0;
	return 0;
}

static int read_at(int fd, char *data, size_t len, uint64_t offset, struct rig_err *err)
{
	while (len) {
		ssize_t n = pread(fd, data, len, (off_t)offset);

		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			return rig_err_set(err, RIG_HOST, n ? errno : EIO,
					   "cannot read the payload: %s",
					   n ? strerror(errno) : "file ends early");
		data += n;
		len -= (size_t)n;
		offset += (uint64_t)n;
	}
	return 0;
}

int bzimage_unpack(int fd, const struct bzimage *image, char **ret, size_t *ret_len,
		   struct rig_err *err)
{
	AUTO_FREE char *payload = NULL;
	size_t len = image->payload_bytes;
	int r;

	if (len < 16 || len > MAX_PAYLOAD_BYTES)
		return rig_err_set(err, RIG_HOST, EINVAL, "no payload of a sensible size");
	payload = xcalloc(len, 1);
	r = read_at(fd, payload, len, image->payload_offset, err);
	if (r < 0)
		return r;
	/*
	 * All but gzip carry the unpacked size in four bytes behind the stream, which a strict
	 * decoder takes for the start of a broken next one.
	 */
	if (memcmp(payload, "\x1f\x8b", 2))
		len -= 4;
	return unpack_bytes(payload, len, MAX_VMLINUX_BYTES, ret, ret_len, err);
}
