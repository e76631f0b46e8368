# The library under the loader of an older Debian, as far as its packages are
# still to be had.
OLD_SUITE ?= bullseye

.PHONY: soak-oldlibc
soak-oldlibc: ## programs of an older Debian, with its libc, captured
	$(Q)$(MAKE) -s PREFIX=$(CURDIR)/build/oldlibc/prefix install >/dev/null
	$(Q)tests/oldlibc/run build/oldlibc/prefix $(OLD_SUITE)
