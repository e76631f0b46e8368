# Comparisons with Python's own readers; ORACLE_PYTHON has pyyaml, omegaconf.
ORACLE_PYTHON ?= python3
ORACLE_COUNT ?= 20000

$B/tests/value_driver: tests/oracle/value_driver.c $B/libwrapper.a
	$(call say,LINK,$@)
	@mkdir -p $(@D)
	$(Q)$(CC) $(wrapper_flags) $(CPPFLAGS) $(CFLAGS) -o $@ $< \
		$B/libwrapper.a $(PKG_LIBS) -pthread $(LDFLAGS)

.PHONY: check-oracle
check-oracle: $B/tests/value_driver ## random values against Python's own
	$(Q)$(ORACLE_PYTHON) tests/oracle/values.py $< $(ORACLE_COUNT)
	$(Q)$(ORACLE_PYTHON) tests/oracle/table.py tests/data/pystr.tsv
