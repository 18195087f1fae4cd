/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * record_owner: whose an unfinished folder in results is.  Level 4, only for record.c.
 *
 * A folder says in its name which process makes it: pid, and when that started, because pids come
 * again.  The maker also holds a lock on it: a pid means nothing in another container that shares
 * the results.  What has neither a living maker nor a lock is swept.
 */
#ifndef RIG_RECORD_OWNER_H
#define RIG_RECORD_OWNER_H

/** record_owner_folder() - name of this process's @n-th unfinished folder; caller frees */
char *record_owner_folder(unsigned int n);

#endif
