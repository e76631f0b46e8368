# The stores from a command line, and reading back by MLflow's own clients.
store_driver := $B/tests/store_driver

$(store_driver): tests/store/driver.c $B/libwrapper.a
	$(call say,LINK,$@)
	@mkdir -p $(@D)
	$(Q)$(CC) $(wrapper_flags) -MMD -MP $(CPPFLAGS) $(CFLAGS) -o $@ $< \
		$B/libwrapper.a $(PKG_LIBS) -pthread $(LDFLAGS)

.PHONY: store-driver
store-driver: $(store_driver)
