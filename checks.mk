# The standing checks: `make check` is all that needs no network and no server.
.PHONY: check check-floors check-headers check-docs

check_parts := check-unit check-floors check-headers check-docs \
	check-preload check-probe check-fuzz

# What another fragment provides is checked where the fragment is there.
.PHONY: $(check_parts)
check: all $(check_parts) ## all fast checks: unit tests, probes, seeds, rules

check-floors: ## who may include whom, sizes of files and functions
	$(Q)scripts/check-floors

check-headers: ## each header compiles alone
	$(Q)CC="$(CC)" scripts/check-headers "$(base_flags) $(PKG_CFLAGS)"

check-docs: $B/bin/kmlflow ## flags, keys and variables against the man pages
	$(Q)scripts/check-docs $B/bin/kmlflow

# One entry a source, for editors and clang-tidy.
quoted = $(subst ",\",$(1))
entry = {"directory":"$(CURDIR)","file":"$(1)","command":"$(CC) $(call \
	quoted,$(2)) $(CFLAGS) -c $(1)"}
entries = $(foreach f,$(wrapper_src),$(call entry,$f,$(wrapper_flags))$(comma)) \
	$(foreach f,$(preload_src),$(call entry,$f,$(preload_flags))$(comma))

.PHONY: compile_commands.json
compile_commands.json: ## for editors and clang-tidy
	$(file >$@,[$(entries){}])
