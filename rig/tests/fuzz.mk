# Fuzzers: each rig/tests/fuzz/fuzz_X.c with libFuzzer, ASan and UBSan, in a folder of its own.
#
#   make check-fuzz FUZZ_SECONDS=60    run each for so long; what it finds interesting is kept
#
# Needs of the Makefile that includes it: B, CLANG, LIBS, RIGFLAGS, Q, say.

FUZZ_SECONDS ?= 5
FUZZERS	:= $(patsubst rig/tests/fuzz/%.c,%,$(wildcard rig/tests/fuzz/fuzz_*.c))
FUZZ_FLAGS := -O1 -g -fsanitize=address,undefined -fno-sanitize-recover=undefined

.PHONY: check-fuzz
check-fuzz:
	$(Q)if echo 'int LLVMFuzzerTestOneInput(const char *d, long n) { return d[n - 1]; }' | \
		$(CLANG) -fsanitize=fuzzer -x c - -o /dev/null 2>/dev/null; then \
		$(MAKE) --no-print-directory B=$(B)/fuzz CC='$(CLANG) -Wno-unknown-warning-option' \
			CFLAGS='$(FUZZ_FLAGS) -fsanitize=fuzzer-no-link' LDFLAGS='$(FUZZ_FLAGS)' fuzz-all; \
	else echo 'check-fuzz: SKIP: no libFuzzer in $(CLANG)'; fi

# below: with the folder and flags of the fuzzers
.PHONY: fuzz-all
fuzz-all: $(FUZZERS:%=$(B)/%)
	$(Q)for f in $(FUZZERS); do mkdir -p $(B)/corpus/$$f && \
		$(B)/$$f -max_total_time=$(FUZZ_SECONDS) -max_len=20000 -timeout=10 -rss_limit_mb=2048 \
			-artifact_prefix=$(B)/ $(B)/corpus/$$f >$(B)/$$f.log 2>&1 || \
			{ tail -n 40 $(B)/$$f.log; exit 1; }; \
		echo "check-fuzz: $$f: $(FUZZ_SECONDS) s, nothing found"; done

$(B)/rig/tests/fuzz/fuzz_report.o: RIGFLAGS += $(shell pkg-config --cflags libxml-2.0)

$(B)/fuzz_%: $(B)/rig/tests/fuzz/fuzz_%.o $(B)/librig.a
	$(call say,LD,$@)
	$(Q)$(CC) $(CFLAGS) -fsanitize=fuzzer -o $@ $^ $(LIBS)
