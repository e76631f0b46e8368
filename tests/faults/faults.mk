# make soak-faults: kmlflow killed, or failing, at each of its system calls.
FAULTS_PYTHON ?= build/venv/e2e/bin/python
FAULTS = $(FAULTS_PYTHON) tests/faults/points.py $(FAULTS_PREFIX)/bin
FAULTS_PREFIX = $(abspath $B/faults)
FAULTS_ERRORS = EIO ENOSPC EINTR EMFILE ENOMEM EDQUOT ESTALE

.PHONY: check-faults soak-faults
check-faults: ## kmlflow killed at each system call, the power gone, on a directory
	$(Q)$(MAKE) -s install PREFIX=$(FAULTS_PREFIX)
	$(Q)$(FAULTS)
	$(Q)$(FAULTS) --verb sync
	$(Q)$(FAULTS) --verb sync --end unknown
	$(Q)$(FAULTS) --error EIO
	$(Q)$(FAULTS_PYTHON) tests/faults/power.py $(FAULTS_PREFIX)/bin

.PHONY: soak-crowd
soak-crowd: ## two hundred runs at once on one server of one worker
	$(Q)KMLFLOW_TEST_CROWD=200 $(FAULTS_PYTHON) -m pytest tests/rest \
		-k many_at_once

soak-faults: ## the same on each kind of store, and with each error
	$(Q)$(MAKE) -s install PREFIX=$(FAULTS_PREFIX)
	$(Q)for store in file sqlite server; do \
		for verb in exec "sync --end known" "sync --end unknown"; do \
			for how in "" $(FAULTS_ERRORS:%="--error %"); do \
				$(FAULTS) --store $$store --verb $$verb $$how || \
					exit 1; \
			done; \
		done; \
	done
