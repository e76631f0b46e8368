# The interposed library, its checks and its probes.
preload_src := $(wildcard preload/*.c)
preload_obj := $(preload_src:%.c=$B/%.o)

# The name of the directory matters: AddressSanitizer's runtime insists on
# coming first, except after a library with "libasan.so" in its path.
preload_rel := kmlflow/libasan.so.dir/kmlflow.so
preload_lib := $B/lib/$(preload_rel)

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

preload: $(preload_lib)

$B/preload/%.o: preload/%.c
	$(call say,CC,$<)
	@mkdir -p $(@D)
	$(Q)$(CC) $(preload_flags) -MMD -MP $(CPPFLAGS) $(CFLAGS) \
		-U_FORTIFY_SOURCE -c -o $@ $<

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

.PHONY: install-preload
install-preload: $(preload_lib)
	install -d $(DESTDIR)$(LIBDIR)/$(dir $(preload_rel))
	install -m 644 $(preload_lib) $(DESTDIR)$(LIBDIR)/$(preload_rel)

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
check-preload: $(preload_lib)
	$(Q)scripts/check-preload $<

check-probe: $(preload_lib) $B/tests/image $B/tests/probe
	$(Q)tests/probe/run $B
