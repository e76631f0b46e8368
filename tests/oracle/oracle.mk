# Comparisons with Python's own readers; ORACLE_PYTHON has pyyaml, omegaconf,
# and for check-oracle-conf kedro.
ORACLE_PYTHON ?= python3
ORACLE_COUNT ?= 20000
ORACLE_TREES ?= 400
ORACLE_CATALOGS ?= 400
ORACLE_SEED ?= 1

$B/tests/%_driver: tests/oracle/%_driver.c $B/libwrapper.a
	$(call say,LINK,$@)
	@mkdir -p $(@D)
	$(Q)$(CC) $(wrapper_flags) $(CPPFLAGS) $(CFLAGS) -o $@ $< \
		$B/libwrapper.a $(PKG_LIBS) -pthread $(LDFLAGS)

# Kedros with the loaders of before OmegaConf's; of the latter setup-kedro
# makes another one where Python is too new for it.
ORACLE_018 ?= build/venv/kedro-018/bin/python
ORACLE_016 ?= build/venv/kedro-old/bin/python

.PHONY: check-oracle check-oracle-conf check-oracle-old soak-oracle soak
check-oracle: $B/tests/value_driver ## random values against Python's own
	$(Q)$(ORACLE_PYTHON) tests/oracle/values.py $< $(ORACLE_COUNT) \
		$(ORACLE_SEED)
	$(Q)$(ORACLE_PYTHON) tests/oracle/table.py tests/data/pystr.tsv

# Random conf/ trees and catalogs against Kedro's own readers.
check-oracle-conf: $B/tests/conf_driver $B/tests/factory_driver
	$(Q)$(ORACLE_PYTHON) -W ignore tests/oracle/conf.py $< \
		$(ORACLE_TREES) $(ORACLE_SEED)
	$(Q)$(ORACLE_PYTHON) -W ignore tests/oracle/factories.py \
		$B/tests/factory_driver $(ORACLE_CATALOGS) $(ORACLE_SEED)

# The same against the loaders that Kedro had before 0.19.
check-oracle-old: $B/tests/conf_driver
	$(Q)$(ORACLE_018) -W ignore tests/oracle/conf_old.py $< \
		$(ORACLE_TREES) $(ORACLE_SEED)
	$(Q)! $(ORACLE_016) -c 'from kedro.config import ConfigLoader' \
		2>/dev/null || $(ORACLE_016) -W ignore \
		tests/oracle/conf_old.py $< $(ORACLE_TREES) $(ORACLE_SEED)

# What takes longer than scripts/test may: docs/soak.md has its results.
soak: soak-oracle soak-faults soak-crowd soak-oldlibc soak-s3 ## all that is long; see docs/soak.md

soak-oracle: ORACLE_SEED := $(shell date +%s)
soak-oracle: ## thousands of random configurations against Python's readers
	@echo "seed $(ORACLE_SEED)"
	$(Q)$(MAKE) -s check-oracle check-oracle-conf check-oracle-old \
		ORACLE_PYTHON=$(ORACLE_PYTHON) ORACLE_SEED=$(ORACLE_SEED) \
		ORACLE_COUNT=200000 ORACLE_TREES=4000 ORACLE_CATALOGS=4000
