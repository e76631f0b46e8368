# Fuzz targets: `make fuzz` runs each for FUZZ_SECONDS with clang's libFuzzer;
# `make check-fuzz-seeds` replays the seed directories with any compiler.
FUZZ_SECONDS ?= 30
FUZZ_CC ?= clang
FUZZ_SAN ?= address,undefined
fuzz_src := $(wildcard tests/fuzz/fuzz_*.c)
fuzz_names := $(fuzz_src:tests/fuzz/%.c=%)
fuzz_seeds := $(fuzz_names:%=$B/fuzz/%)
fuzz_bin := $(fuzz_names:%=build/fuzz/%)
fuzz_flags := $(wrapper_flags) -Itests/fuzz

$B/fuzz/fuzz_%: tests/fuzz/fuzz_%.c tests/fuzz/replay.c $B/libwrapper.a
	$(call say,FUZZ,$@)
	@mkdir -p $(@D)
	$(Q)$(CC) $(fuzz_flags) $(CPPFLAGS) $(CFLAGS) -o $@ $< \
		tests/fuzz/replay.c $B/libwrapper.a $(PKG_LIBS) -pthread $(LDFLAGS)

# Everything anew with the fuzzer's instruments; no object is shared.  The
# fuzzer has a main() of its own.
build/fuzz/fuzz_%: tests/fuzz/fuzz_%.c $(wrapper_src) $(schema_c) \
		$(starters_c) $(wildcard wrapper/*/*.h)
	$(call say,FUZZ,$@)
	@mkdir -p $(@D)
	$(Q)$(FUZZ_CC) $(filter-out -Wduplicated% -Wlogical-op,$(fuzz_flags)) \
		-Dmain=kmlflow_main -Wno-missing-prototypes \
		-fsanitize=fuzzer,$(FUZZ_SAN) -O1 -g -o $@ $< $(wrapper_src) $(schema_c) $(starters_c) \
		$(PKG_LIBS) -pthread

.PHONY: check-fuzz check-fuzz-seeds fuzz
check-fuzz: check-fuzz-seeds
check-fuzz-seeds: $(fuzz_seeds) ## replay the seeds of the fuzz targets
	$(Q)set -e; for f in $(fuzz_names); do \
		$B/fuzz/$$f tests/fuzz/seeds/$${f#fuzz_}; done

fuzz: $(fuzz_bin) ## each target for FUZZ_SECONDS under libFuzzer
	$(Q)set -e; for f in $(fuzz_names); do \
		mkdir -p build/fuzz/corpus-$$f; \
		build/fuzz/$$f -max_total_time=$(FUZZ_SECONDS) -timeout=5 \
			-rss_limit_mb=1024 -print_final_stats=1 \
			-artifact_prefix=build/fuzz/ build/fuzz/corpus-$$f \
			tests/fuzz/seeds/$${f#fuzz_}; done
