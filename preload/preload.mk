# The interposed library, its checks and its probes.
preload_src := $(wildcard preload/*.c)
preload_obj := $(preload_src:%.c=$B/%.o)

# It is loaded through a symbolic link.  AddressSanitizer's runtime insists on
# coming first, except after a library that is called "libasan.so" in some
# way; and where it is linked in, on no mapped file being called so.
preload_lib := $B/lib/kmlflow/kmlflow.so
preload_link := kmlflow/libasan.so.dir/kmlflow.so

machine := $(shell $(CC) -dumpmachine)
# What each function calls and the stack that it takes, for check-stack.
graph := $(if $(is_gcc),$(shell [ "$$($(CC) -dumpversion | sed 's/\..*//')" \
	-lt 10 ] || echo -fcallgraph-info=su))

# Small and self-contained: no sanitizer, no stack protector, no thread-local
# storage, no libc but what symbols.allow names.  Unwind tables stay, for a
# cancelled thread unwinds through a hook.
preload_flags := $(base_flags) -Ipreload $(warn) -Wframe-larger-than=512 \
	-fPIC -fvisibility=hidden -fno-builtin -fno-strict-aliasing \
	-fno-stack-protector -fexceptions -fasynchronous-unwind-tables \
	-fno-unroll-loops -fno-tree-vectorize -U_FORTIFY_SOURCE \
	$(if $(is_gcc),-fno-tree-loop-distribute-patterns) \
	$(if $(filter aarch64-%,$(machine)),-mno-outline-atomics) $(graph)

# The loader of musl is libc itself, under a name that differs: none is asked
# for.  check-preload looks at what is left undefined.
is_glibc := $(filter-out __GLIBC__,$(shell echo __GLIBC__ | \
	$(CC) -E -P -include stdlib.h -x c - | tail -n 1))

preload_ldflags := -shared -nostdlib -Wl,-soname,kmlflow.so \
	$(if $(is_glibc),-Wl$(comma)-z$(comma)defs) -Wl,-z,now,-z,norelro,-z,noseparate-code,-z,nodelete \
	-Wl,-Bsymbolic,--hash-style=gnu,--as-needed,--build-id=none

preload_dir := $(dir $(preload_lib))

check-unit: preload
preload: $(preload_lib) $B/lib/$(preload_link)

$B/preload/%.o: preload/%.c preload/preload.mk
	$(call say,CC,$<)
	@mkdir -p $(@D)
	$(Q)$(CC) $(preload_flags) -MMD -MP $(CPPFLAGS) $(CFLAGS) \
		-U_FORTIFY_SOURCE -c -o $@ $<

# Where no nanosecond counts, bytes do; other machines' instructions are longer.
preload_small := $(if $(filter x86_64-%,$(machine)), \
	$(addprefix $B/preload/,program.o hook_spawn.o env.o hook_syscall.o \
	hook_exec.o), \
	$(filter-out $B/preload/quick.o $B/preload/table.o,$(preload_obj)))
$(preload_small): CFLAGS += -Os

$(preload_lib): $(preload_obj) $B/preload/export.map
	$(call say,LINK,$@)
	@mkdir -p $(@D)
	$(Q)$(CC) $(preload_ldflags) -Wl,--version-script=$B/preload/export.map \
		-o $@ $(preload_obj) $(if $(is_glibc),-lc)

$B/preload/export.map: preload/hooks.def
	@mkdir -p $(@D)
	$(Q){ echo '{ global:'; \
		sed -n 's/^HOOK([^,]*, \([^,]*\),.*/\1;/p' $<; \
		echo 'local: *; };'; } >$@

# --- for 32-bit programs on the same machine -------------------------------
# By whatever compiler makes such programs here.  Where there is none, a library
# with nothing in it: the loader of such a program would complain of ours.
I386_CC ?=
has_32 := $(if $(filter x86_64-%,$(machine)),$(if $(NO_I386),,yes))
preload_32 := $(if $(has_32),$(preload_dir)kmlflow-32.so)
try_cc = for cc in $(if $(I386_CC),"$(I386_CC)") "$(CC) -m32" \
	i686-linux-gnu-gcc; do \
	echo 'int main(void) { return 0; }' | $$cc -x c -o $@ - 2>/dev/null && \
	break; cc=; done

$(preload_dir)kmlflow-32.so: $(preload_src) $(wildcard preload/*.h \
		include/kmlflow/*.h) preload/hooks.def
	@mkdir -p $(@D)
	$(Q)$(try_cc); rm -f $@; if [ -n "$$cc" ]; then \
		$(MAKE) --no-print-directory B=$B/i386 CC="$$cc" NO_I386=1 preload && \
		cp $B/i386/lib/kmlflow/kmlflow.so $@; \
	else echo "  NOTE	no compiler for 32-bit programs: none are captured"; \
		$(CC) -m32 -shared -nostdlib -x c -o $@ /dev/null || true; fi

$B/lib/$(preload_link): $(preload_lib) $(preload_32) scripts/link-preload
	$(Q)scripts/link-preload $(preload_dir)

.PHONY: install-preload uninstall-preload
install-preload: preload
	install -d $(DESTDIR)$(LIBDIR)/kmlflow
	for f in $(preload_lib) $(preload_32); do [ ! -e $$f ] || \
		install -m 644 $$f $(DESTDIR)$(LIBDIR)/kmlflow || exit; done
	scripts/link-preload $(DESTDIR)$(LIBDIR)/kmlflow

uninstall-preload:
	rm -rf $(DESTDIR)$(LIBDIR)/kmlflow/libasan.so.dir
	rm -f $(DESTDIR)$(LIBDIR)/kmlflow/kmlflow.so \
		$(DESTDIR)$(LIBDIR)/kmlflow/kmlflow-32.so
	-rmdir $(DESTDIR)$(LIBDIR)/kmlflow

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
	$(if $(graph),$(Q)scripts/check-stack $(preload_obj:.o=.ci))

check-probe: preload $B/tests/image $B/tests/probe
	$(Q)tests/probe/run $B

# The same for other systems, each where its compiler is.
.PHONY: check-builds
check-builds: preload $B/tests/image
	$(Q)scripts/check-builds $B/tests/image

# --- benches ---------------------------------------------------------------
$B/tests/loop: tests/bench/loop.c
	$(call say,TEST,$@)
	@mkdir -p $(@D)
	$(Q)$(CC) $(base_flags) $(warn) -MMD -MP $(CPPFLAGS) $(CFLAGS) -o $@ \
		$< -pthread -ldl

.PHONY: bench-preload
bench-preload: preload $B/tests/image $B/tests/loop
	$(Q)tests/bench/preload $B
