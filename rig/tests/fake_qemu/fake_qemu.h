/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * fake_qemu: speaks just enough QMP on the passed descriptor to be started as QEMU.
 *
 * A test program includes this and is its own fake: it names itself as the QEMU to start, and its
 * main() calls fake_qemu_run() when fake_qemu_is_wanted().  FAKE_QEMU holds the behaviour from the
 * start: "good", "exit", "silent", "greet-die", "stubborn", "close-qmp", "flood", "chatter",
 * "internal", "agent", and of migration "save-fails", "save-cancelled", "save-silent", "save-once",
 * "save-dies".  Later on, commands x-panic, x-reset, x-internal, x-stop, x-die and x-leave make it do
 * what the name says.
 *
 * migrate writes FAKE_STATE to the descriptor "state", migrate-incoming takes nothing else and
 * leaves as QEMU does.  x-map maps FAKE_BACKEND bytes of memfd, which go after the third
 * query-status behind x-unmap, for QEMU lets go of memory only while its main loop turns.
 */
#ifndef RIG_TESTS_FAKE_QEMU_H
#define RIG_TESTS_FAKE_QEMU_H

#include <stdbool.h>

#define FAKE_STATE	"the state of the devices"
#define FAKE_BACKEND	(2u << 20)

bool fake_qemu_is_wanted(int argc, char **argv);
int fake_qemu_run(int argc, char **argv);

#endif
