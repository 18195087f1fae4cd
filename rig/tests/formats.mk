# What `hotrig report` writes, held against published schemas and the KTAP parser of a kernel tree.
#
#   make check-formats
#
# Needs of the Makefile that includes it: hotrig, Q.

.PHONY: check-formats
check-formats: hotrig
	$(Q)python3 rig/tests/check-formats.py
