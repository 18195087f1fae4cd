# hotrig: `make run` and `make check` are all a fresh machine needs.  V=1 shows the commands.
#
#   make run      install what is missing, build, fetch kernels, run the main scenarios
#   make check    install what is missing, build, run every test
#   make build    only build: ./hotrig
#   make bench    measure, print ratios

CC	?= gcc
CLANG	?= clang
B	:= build

WARN	:= -Wall -Wextra -Wshadow -Wvla -Wformat=2 -Wundef -Wstrict-prototypes -Wmissing-prototypes \
	   -Wwrite-strings -Wimplicit-fallthrough -fno-common
# messages are cut at the size of their buffer on purpose
WARN	+= $(shell $(CC) -Werror -Wno-format-truncation -Wformat-truncation=0 -E -x c /dev/null >/dev/null 2>&1 && echo -Wno-format-truncation)
CFLAGS	?= -O2 -g
RIGFLAGS := -std=gnu11 -D_GNU_SOURCE -D_FILE_OFFSET_BITS=64 -Irig $(WARN) $(if $(DEVELOPER),-Werror) -MMD -MP
LIBS	:= -ljansson -larchive -lkmod -ldw -lelf -lbpf -lmd -lsqlite3 -lxml2

SRC	:= $(filter-out rig/main.c,$(wildcard rig/*.c rig/base/*.c $(foreach d,page qmp kernel image vm scenario template splat model known record witness run compare history batch bisect matrix cmd,rig/$(d)/*.c)))
OBJ	:= $(SRC:%.c=$(B)/%.o)
AGENT_SRC := $(filter-out %.bpf.c,$(wildcard rig/guest_agent/*.c)) $(wildcard rig/page/*.c) \
	     rig/base/err.c rig/base/mem.c rig/base/clock.c rig/base/loop.c rig/base/io.c
AGENT_OBJ := $(AGENT_SRC:%.c=$(B)/agent/%.o)

Q	:= $(if $(V),,@)
say	= $(if $(V),,@printf '  %-7s %s\n' $(1) $(2))

.PHONY: all build run check check-catalogue check-unit check-sanitizers check-guest bench clean install-packages kernels

all: build

build: hotrig $(B)/hotrig-agent

hotrig: $(B)/rig/main.o $(B)/librig.a
	$(call say,LD,$@)
	$(Q)$(CC) $(CFLAGS) $(LDFLAGS) -o $@ $^ $(LIBS)

$(B)/librig.a: $(OBJ)
	$(call say,AR,$@)
	$(Q)rm -f $@ && ar rcs $@ $^

$(B)/%.o: %.c
	$(call say,CC,$<)
	$(Q)mkdir -p $(@D)
	$(Q)$(CC) $(RIGFLAGS) $(CFLAGS) -c -o $@ $<

# The agent is static: it runs in an image that has nothing else.
$(B)/hotrig-agent: $(AGENT_OBJ)
	$(call say,LD,$@)
	$(Q)$(CC) $(CFLAGS) -static -s -o $@ $^ -ljansson -lbpf -lelf -lz -lmd

$(B)/agent/%.o: %.c
	$(call say,CC,$<)
	$(Q)mkdir -p $(@D)
	$(Q)$(CC) $(RIGFLAGS) -O2 -DPAGE_READ_OBJECT='"$(B)/page_read.bpf.o"' -c -o $@ $<

$(B)/agent/rig/guest_agent/kreader.o: $(B)/page_read.bpf.o

$(B)/page_read.bpf.o: rig/guest_agent/page_read.bpf.c rig/guest_agent/window.h Makefile
	$(call say,BPF,$<)
	$(Q)mkdir -p $(@D)
	$(Q)$(CLANG) -O2 -g -target bpf -Irig -idirafter /usr/include/$(shell $(CC) -print-multiarch) -c -o $@ $<

# --- set-up -------------------------------------------------------------------------------------

KERNELS	?= debian:6.1 debian:6.12
CORE	?= core
ON_BOTH	:= $(KERNELS:%=--kernel %)
# a release with a silent bug, CVE-2026-72172: what a finding looks like
FAULTY	:= debian:6.1.0-50-cloud-amd64

install-packages:
	$(Q)sh images/install.sh packages.txt

kernels: build
	$(Q)./hotrig kernel fetch $(KERNELS) $(FAULTY)

run: install-packages
	$(Q)$(MAKE) --no-print-directory kernels
	$(Q)./hotrig run $(ON_BOTH) $(CORE)

# --- tests --------------------------------------------------------------------------------------

# Less of it: UNITS=comparison CORE=dimm/online-movable KERNELS=debian:6.12 GUEST_CASES='compare-*' CI_CHECK=lint
UNITS	?= *
TESTS	:= $(patsubst rig/tests/unit/%.c,$(B)/tests/%,$(wildcard $(UNITS:%=rig/tests/unit/test_%.c)))
TEST_HELPERS := $(filter-out rig/tests/unit/test_%,$(wildcard rig/tests/unit/*.c rig/tests/fake_qemu/*.c))
TEST_HELPER_OBJ := $(TEST_HELPERS:%.c=$(B)/%.o)

$(B)/tests/%: $(B)/rig/tests/unit/%.o $(TEST_HELPER_OBJ) $(B)/librig.a
	$(call say,LD,$@)
	$(Q)mkdir -p $(@D)
	$(Q)$(CC) $(CFLAGS) $(LDFLAGS) -o $@ $(filter %.o,$^) $(filter %.a,$^) $(LIBS) -lcmocka

# a part of the agent that needs no guest
$(B)/tests/test_walk_file: $(B)/rig/guest_agent/walk_file.o

$(B)/rig/record/report_junit.o: RIGFLAGS += $(shell pkg-config --cflags libxml-2.0)
# batches of which nothing is booted; in front of the library, so that it has no part of the real ones
FAKE_BATCH := $(B)/rig/tests/fake_batch/fake_batch.o
$(B)/tests/test_bisect_trial $(B)/tests/test_bisect_packages: $(FAKE_BATCH)

$(B)/rig/tests/%.o: RIGFLAGS += -DTEST_FIXTURES='"rig/tests/fixtures"'

-include $(OBJ:.o=.d) $(AGENT_OBJ:.o=.d) $(B)/rig/main.d $(TESTS:$(B)/tests/%=$(B)/rig/tests/unit/%.d) $(TEST_HELPER_OBJ:.o=.d)
.SECONDARY:

# What a fresh machine runs; the parts below can be run alone once the packages are there.
check: install-packages
	$(Q)$(MAKE) --no-print-directory DEVELOPER=1 build
	$(Q)$(MAKE) --no-print-directory DEVELOPER=1 check-unit check-sanitizers
	$(Q)$(MAKE) --no-print-directory check-layers check-docs check-formats lint
	$(Q)$(MAKE) --no-print-directory check-fuzz
	$(Q)$(MAKE) --no-print-directory check-guest
	$(Q)$(MAKE) --no-print-directory DEVELOPER=1 check-guest-bad
	$(Q)$(MAKE) --no-print-directory DEVELOPER=1 check-ci

check-unit: $(TESTS)
	$(Q)[ -n '$(TESTS)' ] || { echo "check-unit: no test is named '$(UNITS)'" >&2; exit 2; }
	$(Q)for t in $(TESTS); do $$t || exit 1; done

# The units once more, with leaks and undefined behaviour made fatal.
check-sanitizers:
	$(Q)$(MAKE) --no-print-directory B=$(B)/asan check-unit \
		CFLAGS='-O1 -g -fno-omit-frame-pointer -fsanitize=address,undefined -fno-sanitize-recover=undefined' \
		LDFLAGS=-fsanitize=address,undefined

# A selection on both kernels in real guests, and one on a kernel that is known to fail in it.
check-guest: kernels
	$(Q)./hotrig run --results $(B)/check-results $(ON_BOTH) $(CORE)
	$(Q)./hotrig run --results $(B)/check-results --kernel $(FAULTY) regress/cve-2026-72172
	$(Q)./hotrig run --results $(B)/check-results --kernel $(FAULTY) --no-known regress/cve-2026-72172 >/dev/null; test $$? = 1

# Every scenario there is.
check-catalogue: kernels
	$(Q)./hotrig run --results $(B)/check-results $(ON_BOTH) '*/*'

clean:
	rm -rf $(B) hotrig

include $(wildcard rig/tests/*.mk rig/bench/*.mk)
