# Tests with real guests for bad input and bad luck, and the agents that they boot.
# Needs of the Makefile that includes it: B, AGENT_OBJ, RIGFLAGS, CC, Q, say.

TEST_AGENT_SRC := $(filter-out rig/tests/agents/greet.c,$(wildcard rig/tests/agents/*.c))
TEST_AGENTS	:= $(TEST_AGENT_SRC:rig/tests/agents/%.c=$(B)/test-agents/%)
TEST_AGENT_HELPER := $(B)/agent/rig/tests/agents/greet.o

# Everything of the real agent but agent_run(): it boots, loads modules and is watched over like it.
TEST_AGENT_BASE := $(addprefix $(B)/agent/rig/,guest_agent/init.o guest_agent/modules.o guest_agent/main.o \
		   base/err.o base/mem.o base/clock.o base/loop.o base/io.o)
# These are the real agent with a command or two replaced.
$(B)/test-agents/liar: LDFLAGS_AGENT := -Wl,--wrap=cmd_query_pages
$(B)/test-agents/panics: LDFLAGS_AGENT := -Wl,--wrap=cmd_set_memory_block
$(B)/test-agents/forgetful: LDFLAGS_AGENT := \
	-Wl,--wrap=agent_event,--wrap=cmd_check_fill,--wrap=cmd_release_fill,--wrap=cmd_query_namespaces
$(B)/test-agents/perjurer: LDFLAGS_AGENT := \
	-Wl,--wrap=cmd_run,--wrap=page_scan_next,--wrap=memmap_sections,--wrap=node_read
$(B)/test-agents/stray: LDFLAGS_AGENT := -Wl,--wrap=walk_file_find
WRAPPING_AGENTS	:= $(addprefix $(B)/test-agents/,liar panics forgetful perjurer stray)

$(WRAPPING_AGENTS): $(B)/test-agents/%: $(B)/agent/rig/tests/agents/%.o $(TEST_AGENT_HELPER) $(AGENT_OBJ)
	$(call say,LD,$@)
	$(Q)mkdir -p $(@D)
	$(Q)$(CC) $(CFLAGS) -static -s $(LDFLAGS_AGENT) -o $@ $^ -ljansson -lbpf -lelf -lz -lmd

$(filter-out $(WRAPPING_AGENTS),$(TEST_AGENTS)): $(B)/test-agents/%: $(B)/agent/rig/tests/agents/%.o \
						 $(TEST_AGENT_HELPER) $(TEST_AGENT_BASE)
	$(call say,LD,$@)
	$(Q)mkdir -p $(@D)
	$(Q)$(CC) $(CFLAGS) -static -s -o $@ $^ -lmd

-include $(TEST_AGENT_SRC:%.c=$(B)/agent/%.d) $(TEST_AGENT_HELPER:.o=.d)

GUEST_CASES ?= *
CI_CHECK ?= lint units core check nightly

.PHONY: test-agents check-guest-bad check-ci
test-agents: $(TEST_AGENTS)

check-guest-bad: build test-agents
	$(Q)python3 rig/tests/guest/run.py --agents $(B)/test-agents --only '$(GUEST_CASES)'

# Each job's own lines of ci.yml, on little; 77: no python3-yaml, or no kernel, which the script says.
check-ci: build
	$(Q)python3 rig/tests/check-ci.py --build $(B) $(CI_CHECK) || [ $$? = 77 ]
