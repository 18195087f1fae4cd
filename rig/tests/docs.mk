# SPDX-License-Identifier: GPL-2.0-or-later
# Checks of what is not run: layers, documentation, schema, text.  Included by Makefile.
#
#   make check-layers    no include goes upward
#   make check-docs      documentation, man pages and schemas say what the program does
#   make lint            shell scripts, man pages, what must not be in the tree, clang's warnings

SHELL_SCRIPTS := $(wildcard images/*.sh rig/tests/*.sh rig/tests/*/*.sh .ci/run)
MAN_PAGES := $(wildcard rig/man/*.[1-9])

.PHONY: check-layers check-docs check-schema lint lint-shell lint-man lint-text lint-clang

check-layers:
	$(Q)sh rig/tests/check-layers.sh

check-docs: hotrig check-schema
	$(Q)python3 rig/tests/check-docs.py

# 77: no python3-jsonschema, which the script says
check-schema:
	$(Q)python3 rig/tests/check-schema.py || [ $$? = 77 ]

lint: check-layers lint-shell lint-man lint-text lint-clang

lint-shell:
	$(Q)if command -v shellcheck >/dev/null; then shellcheck -S warning $(SHELL_SCRIPTS); \
	else echo 'lint: SKIP: no shellcheck'; fi

# From within the folder, where the pages find each other.  Its exit code tells of warnings alone.
lint-man:
	$(Q)cd rig/man && out=$$(mandoc -Tlint -Wstyle $(notdir $(MAN_PAGES)) 2>&1); \
	[ -z "$$out" ] || { echo "$$out"; exit 1; }

lint-text:
	$(Q)sh rig/tests/check-text.sh

# The other compiler, in a folder of its own: everything but the last link, which would replace ./hotrig.
lint-clang:
	$(Q)$(MAKE) --no-print-directory CC='clang -Wno-unknown-warning-option' B=$(B)-clang DEVELOPER=1 \
		$(B)-clang/librig.a $(B)-clang/rig/main.o $(B)-clang/hotrig-agent
