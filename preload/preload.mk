# The interposed library, its checks and its probes.
preload_src := $(wildcard preload/*.c)
preload_obj := $(preload_src:%.c=$B/%.o)

# It is loaded through a symbolic link.  AddressSanitizer's runtime insists on
# coming first, except after a library that is called "libasan.so" in some
# way; and where it is linked in, on no mapped file being called so.
preload_lib := $B/lib/kmlflow/kmlflow.so
preload_link := kmlflow/libasan.so.dir/kmlflow.so

# Small and self-contained: no sanitizer, no stack protector, no thread-local
# storage, no libc but what symbols.allow names.  Unwind tables stay, for a
# cancelled thread unwinds through a hook.
preload_flags := $(base_flags) -Ipreload $(warn) -Wframe-larger-than=512 \
	-fPIC -fvisibility=hidden -fno-builtin -fno-strict-aliasing \
	-fno-stack-protector -fexceptions -fasynchronous-unwind-tables \
	-fno-unroll-loops -fno-tree-vectorize -U_FORTIFY_SOURCE \
	$(if $(is_gcc),-fno-tree-loop-distribute-patterns)

preload_ldflags := -shared -nostdlib -Wl,-soname,kmlflow.so \
	-Wl,-z,defs,-z,now,-z,norelro,-z,noseparate-code,-z,nodelete \
	-Wl,-Bsymbolic,--hash-style=gnu,--as-needed,--build-id=none

check-unit: preload
preload: $(preload_lib) $B/lib/$(preload_link)

$B/preload/%.o: preload/%.c
	$(call say,CC,$<)
	@mkdir -p $(@D)
	$(Q)$(CC) $(preload_flags) -MMD -MP $(CPPFLAGS) $(CFLAGS) \
		-U_FORTIFY_SOURCE -c -o $@ $<

# Where no nanosecond counts, bytes do.
$B/preload/program.o $B/preload/hook_spawn.o $B/preload/env.o: CFLAGS += -Os

$(preload_lib): $(preload_obj) $B/preload/export.map
	$(call say,LINK,$@)
	@mkdir -p $(@D)
	$(Q)$(CC) $(preload_ldflags) -Wl,--version-script=$B/preload/export.map \
		-o $@ $(preload_obj) -lc

$B/preload/export.map: preload/hooks.def
	@mkdir -p $(@D)
	$(Q){ echo '{ global:'; \
		sed -n 's/^HOOK([^,]*, \([^,]*\),.*/\1;/p' $<; \
		echo 'local: *; };'; } >$@

$B/lib/$(preload_link): | $(preload_lib)
	@mkdir -p $(@D)
	$(Q)ln -sfn ../kmlflow.so $@

.PHONY: install-preload uninstall-preload
install-preload: $(preload_lib)
	install -d $(DESTDIR)$(LIBDIR)/$(dir $(preload_link))
	install -m 644 $(preload_lib) $(DESTDIR)$(LIBDIR)/kmlflow/kmlflow.so
	ln -sfn ../kmlflow.so $(DESTDIR)$(LIBDIR)/$(preload_link)

uninstall-preload:
	rm -f $(DESTDIR)$(LIBDIR)/$(preload_link) \
		$(DESTDIR)$(LIBDIR)/kmlflow/kmlflow.so
	-rmdir $(DESTDIR)$(LIBDIR)/$(dir $(preload_link)) \
		$(DESTDIR)$(LIBDIR)/kmlflow

$B/wrapper/stage/capture_library.o: \
	wrapper_flags += -DKMLFLOW_LIBDIR='"$(LIBDIR)"'

# --- checks ----------------------------------------------------------------
$B/tests/image: tests/probe/image.c $B/libwrapper.a
	$(call say,TEST,$@)
	@mkdir -p $(@D)
	$(Q)$(CC) $(wrapper_flags) -MMD -MP $(CPPFLAGS) $(CFLAGS) -o $@ $< \
		$B/libwrapper.a $(PKG_LIBS) -pthread $(LDFLAGS)

$B/tests/probe: tests/probe/probe.c
	$(call say,TEST,$@)
	@mkdir -p $(@D)
	$(Q)$(CC) $(base_flags) $(warn) -MMD -MP $(CPPFLAGS) $(CFLAGS) \
		-U_FORTIFY_SOURCE -o $@ $<

.PHONY: check-preload check-probe
check-preload: $(preload_lib) $B/lib/$(preload_link)
	$(Q)scripts/check-preload $<

check-probe: preload $B/tests/image $B/tests/probe
	$(Q)tests/probe/run $B

# --- benches ---------------------------------------------------------------
$B/tests/loop: tests/bench/loop.c
	$(call say,TEST,$@)
	@mkdir -p $(@D)
	$(Q)$(CC) $(base_flags) $(warn) -MMD -MP $(CPPFLAGS) $(CFLAGS) -o $@ \
		$< -pthread -ldl

.PHONY: bench-preload
bench-preload: preload $B/tests/image $B/tests/loop
	$(Q)tests/bench/preload $B
