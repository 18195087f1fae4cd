# Kernels with a bug each, planted by a patch in kernels/planted/: which invariant catches which?
# A full build for the first, then a minute for each and the whole catalogue on it: hours, not part of `make check`.
# Ended early, the same command goes on where it was.
#
#   make check-planted                     one bug of each class, every scenario
#   make check-planted PLANTED='*'         every bug, every scenario
#   make check-planted PLANTED='stale-* tail-refcount' SCENARIOS='dimm/* dax/*'
#                                          some bugs, some scenarios: lists of names or patterns
#
# Needs of the Makefile that includes it: build, B, Q.  TREE and what a build needs: build.mk.

PLANTED	?= altmap-leaked directmap-executable kpagecount-uninitialised kswapd-missing lost-ost \
	kmem-iomem-residue offline-flag-missing pgmap-stale selfhosted-refcount subsection-short taint-missing \
	tail-uninitialised veto-leaves-isolated vmem-managed-drift wrong-node
SCENARIOS ?= $(patsubst scenarios/%/,%/*,$(wildcard scenarios/*/))

.PHONY: check-planted
check-planted: build install-build-packages
	$(Q)sh rig/tests/check-planted.sh '$(TREE)' $(B) kernels/planted '$(PLANTED)' '$(SCENARIOS)'
