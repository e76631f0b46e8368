# make bench: ratios within one run, see tests/bench/.
BENCH_PYTHON ?= $(wildcard build/venv/e2e/bin/python)
BENCH_KEDRO ?= $(wildcard build/venv/kedro/bin/python)
BENCH_ROUNDS ?= 15

.PHONY: bench bench-exec bench-load bench-stores bench-growth
bench: bench-preload bench-load bench-exec bench-stores ## speed and memory, as ratios

bench-stores: all ## to S3 and to a server, beside s5cmd, rclone and MLflow
	$(Q)scripts/setup-bench
	$(Q)python3 tests/bench/bench_stores.py $B/bin/kmlflow

bench-exec: all
	$(Q)python3 tests/bench/bench_exec.py $B/bin/kmlflow \
		--rounds $(BENCH_ROUNDS) \
		$(if $(BENCH_PYTHON),--python $(BENCH_PYTHON))

bench-load: $B/tests/load_driver ## reading configuration, beside Kedro
	$(Q)python3 tests/bench/bench_load.py $< \
		$(if $(BENCH_KEDRO),--python $(BENCH_KEDRO))

bench-growth: all $B/tests/loop ## how the cost grows with paths and files
	$(Q)python3 tests/bench/bench_growth.py $B/bin/kmlflow $B/tests/loop

$B/tests/load_driver: tests/bench/load_driver.c $B/libwrapper.a
	$(call say,LINK,$@)
	@mkdir -p $(@D)
	$(Q)$(CC) $(wrapper_flags) $(CPPFLAGS) $(CFLAGS) -o $@ $< \
		$B/libwrapper.a $(PKG_LIBS) -pthread $(LDFLAGS)
