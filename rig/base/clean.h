/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * clean: scope-bound release of memory and descriptors.  Level 0.
 *
 * Declare guarded variables initialised.  TAKE_PTR() and TAKE_FD() hand the value out and disarm
 * the guard.  For jansson use its own json_auto_t.
 */
#ifndef RIG_CLEAN_H
#define RIG_CLEAN_H

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

static inline void clean_free(void *p)
{
	free(*(void **)p);
}

static inline void clean_close(const int *fd)
{
	int saved = errno;

	if (*fd >= 0)
		close(*fd);
	errno = saved;
}

static inline void clean_fclose(FILE **f)
{
	if (*f)
		fclose(*f);
}

#define AUTO_FREE	__attribute__((cleanup(clean_free)))
#define AUTO_CLOSE	__attribute__((cleanup(clean_close)))
#define AUTO_FCLOSE	__attribute__((cleanup(clean_fclose)))

#define TAKE_PTR(p) ({ __typeof__(p) taken_ = (p); (p) = NULL; taken_; })
#define TAKE_FD(fd) ({ int taken_ = (fd); (fd) = -1; taken_; })

#define ARRAY_SIZE(a) (sizeof(a) / sizeof((a)[0]))

#endif
