# make soak-suites: suites of others, the same verdict with and without kmlflow.
SUITES_PREFIX = $(abspath $B/suites)
SUITES_QUICK = $(addprefix cpython/test_,os posix subprocess signal tempfile \
	pty shutil fcntl import)

.PHONY: check-suites soak-suites
check-suites: ## CPython's own tests of files and processes, with and without us
	$(Q)scripts/setup-suites quick
	$(Q)$(MAKE) -s install PREFIX=$(SUITES_PREFIX)
	$(Q)tests/suites/run.py $(SUITES_PREFIX)/bin -j 4 $(SUITES_QUICK)

soak-suites: ## the same of more of them, of Tcl, Perl, Go and C packages
	$(Q)scripts/setup-suites
	$(Q)$(MAKE) -s install PREFIX=$(SUITES_PREFIX)
	$(Q)tests/suites/run.py $(SUITES_PREFIX)/bin
	$(Q)tests/suites/run.py $(SUITES_PREFIX)/bin -j 4 -d '{tmp}/**' cpython

soak: soak-suites
