# The store in a bucket from a command line, for tests against a server.
s3_driver := $B/tests/s3_driver

$(s3_driver): tests/s3/driver.c $B/libwrapper.a
	$(call say,LINK,$@)
	@mkdir -p $(@D)
	$(Q)$(CC) $(wrapper_flags) -MMD -MP $(CPPFLAGS) $(CFLAGS) -o $@ $< \
		$B/libwrapper.a $(PKG_LIBS) -pthread $(LDFLAGS)

.PHONY: s3-driver
s3-driver: $(s3_driver)

.PHONY: soak-s3
soak-s3: $B/tests/s3_driver ## a second S3 server, which has to be built first
	$(Q)scripts/setup-bench
	$(Q)build/venv/s3/bin/python -m pytest tests/s3/second_server.py
