# Kernels that have a bug which was real: does the scenario that is about it fail there, and nowhere else?
# A full build for the first, then a minute for each; not part of `make check`.
#
#   make check-regress                    every row of kernels/reverts/shown.txt
#   make check-regress REGRESS='R4*'      some kernels
#
# Needs of the Makefile that includes it: build, B, Q.  TREE and what a build needs: build.mk.

REGRESS	?= *

.PHONY: check-regress
check-regress: build install-build-packages
	$(Q)sh rig/tests/check-regress.sh '$(TREE)' $(B) kernels/reverts/shown.txt '$(REGRESS)' debian:6.12
