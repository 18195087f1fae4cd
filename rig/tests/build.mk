# One real build of a kernel from source, booted.  Takes minutes, and some GB in the cache; not part of `make check`.
#
#   make check-build                       debian-source:6.12, and the DIMM scenarios on it; and 6.1
#   make check-build TREE=DIR OLDER=DIR    other trees: OLDER is built and booted once, TREE looked at closely
#   make check-bisect                      of that: bisects of a repository made of it; BISECTS=steady, flaky
#
# Needs of the Makefile that includes it: build, B, Q.

TREE	?= debian-source:6.12
OLDER	?= debian-source:6.1
BISECTS	?= steady flaky

.PHONY: check-build check-bisect install-build-packages
install-build-packages:
	$(Q)sh images/install.sh images/build-packages.txt

check-build: build install-build-packages
	$(Q)sh rig/tests/check-build.sh '$(TREE)' $(B) '$(OLDER)'
	$(Q)$(MAKE) --no-print-directory check-bisect

check-bisect: build install-build-packages
	$(Q)sh rig/tests/check-bisect.sh '$(TREE)' $(B) '$(BISECTS)'
