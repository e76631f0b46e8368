# make bench: ratios within one run, see tests/bench/.
BENCH_PYTHON ?= $(wildcard build/venv/e2e/bin/python)
BENCH_ROUNDS ?= 15

.PHONY: bench bench-exec
bench: bench-preload bench-exec ## speed and memory, as ratios in one run

bench-exec: all
	$(Q)python3 tests/bench/bench_exec.py $B/bin/kmlflow \
		--rounds $(BENCH_ROUNDS) \
		$(if $(BENCH_PYTHON),--python $(BENCH_PYTHON))
