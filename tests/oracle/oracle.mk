# Comparisons with Python's own readers; ORACLE_PYTHON has pyyaml, omegaconf,
# and for check-oracle-conf kedro.
ORACLE_PYTHON ?= python3
ORACLE_COUNT ?= 20000
ORACLE_TREES ?= 800

$B/tests/%_driver: tests/oracle/%_driver.c $B/libwrapper.a
	$(call say,LINK,$@)
	@mkdir -p $(@D)
	$(Q)$(CC) $(wrapper_flags) $(CPPFLAGS) $(CFLAGS) -o $@ $< \
		$B/libwrapper.a $(PKG_LIBS) -pthread $(LDFLAGS)

.PHONY: check-oracle check-oracle-conf
check-oracle: $B/tests/value_driver ## random values against Python's own
	$(Q)$(ORACLE_PYTHON) tests/oracle/values.py $< $(ORACLE_COUNT)
	$(Q)$(ORACLE_PYTHON) tests/oracle/table.py tests/data/pystr.tsv

check-oracle-conf: $B/tests/conf_driver ## random conf/ trees against Kedro's
	$(Q)$(ORACLE_PYTHON) tests/oracle/conf.py $< $(ORACLE_TREES)
