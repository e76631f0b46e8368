# The projects of `kmlflow new`, in the program itself: it needs no other file.
starters_c := $B/wrapper/starters.c
wrapper_obj += $(starters_c:.c=.o)

$(starters_c): scripts/embed-starters $(shell find -L starters -type f)
	$(call say,GEN,$@)
	@mkdir -p $(@D)
	$(Q)scripts/embed-starters >$@.part && mv $@.part $@

$(starters_c:.c=.o): $(starters_c)
	$(call say,CC,$<)
	$(Q)$(CC) $(wrapper_flags) -MMD -MP $(CPPFLAGS) $(CFLAGS) -c -o $@ $<
