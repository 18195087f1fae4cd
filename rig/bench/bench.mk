# make bench: measure, print ratios.  BENCHFLAGS='--kernel debian:6.1 --json' goes to the program.

BENCH_OBJ := $(patsubst %.c,$(B)/%.o,$(wildcard rig/bench/*.c))

$(B)/hotrig-bench: $(BENCH_OBJ) $(B)/librig.a
	$(call say,LD,$@)
	$(Q)$(CC) $(CFLAGS) $(LDFLAGS) -o $@ $^ $(LIBS)

bench: build $(B)/hotrig-bench
	$(Q)HOTRIG_AGENT=$(abspath $(B)/hotrig-agent) $(abspath $(B)/hotrig-bench) $(BENCHFLAGS)

-include $(BENCH_OBJ:.o=.d)
