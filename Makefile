# kmlflow: `make` builds, `make check` runs the fast tests, `make help` lists.
PREFIX ?= /usr/local
BINDIR ?= $(PREFIX)/bin
LIBDIR ?= $(PREFIX)/lib
MANDIR ?= $(PREFIX)/share/man
DESTDIR ?=
CFLAGS ?= -O2 -g
-include config.mak

VERSION := 0.1.0

# SAN=address,undefined or SAN=thread: a build of its own, never mixed.
SAN ?=
comma := ,
variant := $(if $(SAN),san-$(subst $(comma),-,$(SAN)),release)$(if $(COVERAGE),-cov)
B := build/$(variant)

ifneq ($(V),1)
Q := @
say = @echo "  $(1)	$(2)"
endif

warn := -Wall -Wextra -Wpedantic -Wshadow -Wstrict-prototypes \
	-Wmissing-prototypes -Wold-style-definition -Wpointer-arith \
	-Wwrite-strings -Wcast-qual -Wcast-align -Wformat=2 -Wvla -Wundef \
	-Wconversion -Wno-sign-conversion -Wswitch-enum -Wimplicit-fallthrough \
	-Wnull-dereference -fno-common $(if $(WERROR),-Werror)
is_gcc := $(shell $(CC) --version 2>/dev/null | grep -qi clang || echo 1)
warn += $(if $(is_gcc),-Wduplicated-cond -Wduplicated-branches -Wlogical-op)

# No path of the checkout in what is built: two builds give the same bytes.
base_flags := -std=gnu11 -D_GNU_SOURCE -Iinclude \
	-ffile-prefix-map=$(CURDIR)=.
san_flags := $(if $(SAN),-fsanitize=$(SAN) -fno-omit-frame-pointer \
	-fno-sanitize-recover=all) $(if $(COVERAGE),--coverage)
harden := $(if $(SAN),,-D_FORTIFY_SOURCE=2 -fstack-protector-strong)

# --- the wrapper -----------------------------------------------------------
PKGS := yaml-0.1 libcjson
# The libraries of SQLite, curl and OpenSSL are loaded when they are needed:
# here only their headers are.
PKG_CFLAGS ?= $(shell pkg-config --cflags $(PKGS) sqlite3 libcurl \
	libcrypto)
PKG_LIBS ?= $(shell pkg-config --libs $(PKGS)) -ldl
wrapper_flags := $(base_flags) -Iwrapper -include wrapper/base/banned.h \
	-DKMLFLOW_VERSION='"$(VERSION)"' $(PKG_CFLAGS) $(warn) $(san_flags) \
	$(harden) -fPIE

wrapper_src := $(wildcard wrapper/*/*.c wrapper/*.c)
wrapper_obj := $(patsubst %.c,$B/%.o,$(filter-out wrapper/main.c,$(wrapper_src)))
main_obj := $B/wrapper/main.o

.PHONY: all
all: $B/bin/kmlflow preload ## build the program and the library (default)

include wrapper/store/sqlite.mk
include starters/starters.mk

$B/bin/kmlflow: $(main_obj) $B/libwrapper.a
	$(call say,LINK,$@)
	@mkdir -p $(@D)
	$(Q)$(CC) $(san_flags) -pie -Wl,-z,relro,-z,now -o $@ $(main_obj) \
		$B/libwrapper.a $(PKG_LIBS) -pthread $(LDFLAGS)

$B/libwrapper.a: $(wrapper_obj)
	$(call say,AR,$@)
	$(Q)rm -f $@ && $(AR) rcs $@ $^

$B/wrapper/%.o: wrapper/%.c
	$(call say,CC,$<)
	@mkdir -p $(@D)
	$(Q)$(CC) $(wrapper_flags) -MMD -MP $(CPPFLAGS) $(CFLAGS) -c -o $@ $<

# --- the interposed library, see preload/preload.mk ------------------------
.PHONY: preload
-include preload/preload.mk

# --- unit tests ------------------------------------------------------------
unit_src := $(wildcard tests/unit/test_*.c)
unit_bin := $(unit_src:tests/unit/%.c=$B/tests/%)
TEST_LIBS ?= $(shell pkg-config --libs cmocka)

$B/tests/test_%: tests/unit/test_%.c $B/libwrapper.a
	$(call say,TEST,$@)
	@mkdir -p $(@D)
	$(Q)$(CC) $(wrapper_flags) -Itests/unit -MMD -MP $(CPPFLAGS) $(CFLAGS) \
		-o $@ $< $B/libwrapper.a $(PKG_LIBS) $(TEST_LIBS) -pthread $(LDFLAGS)

.PHONY: check-unit
check-unit: preload $(unit_bin) ## the unit tests
	$(Q)set -e; for t in $(unit_bin); do \
		XDG_STATE_HOME=$(CURDIR)/$B/tests/state \
		KMLFLOW_TEST_DATA=tests/data $$t || exit 1; done

-include $(wildcard tests/*/*.mk)
-include checks.mk

# --- where it goes ---------------------------------------------------------
man_pages := $(wildcard docs/man/*.[1-9])
man_to = $(DESTDIR)$(MANDIR)/man$(patsubst .%,%,$(suffix $(1)))

.PHONY: install uninstall
install: all install-preload ## install below DESTDIR and PREFIX
	install -d $(DESTDIR)$(BINDIR)
	install -m 755 $B/bin/kmlflow $(DESTDIR)$(BINDIR)/kmlflow
	$(foreach page,$(man_pages),install -d $(call man_to,$(page)) && \
		install -m 644 $(page) $(call man_to,$(page)) &&) true

uninstall: uninstall-preload ## take away what install has put there
	rm -f $(DESTDIR)$(BINDIR)/kmlflow
	rm -f $(foreach page,$(man_pages),$(call man_to,$(page))/$(notdir $(page)))

.PHONY: dist
dist: ## pack the committed sources into build/kmlflow-VERSION.tar.gz
	@mkdir -p build
	git archive --prefix=kmlflow-$(VERSION)/ -o build/kmlflow-$(VERSION).tar.gz HEAD

.PHONY: clean
clean: ## remove build/
	rm -rf build

.PHONY: help
help: ## show this
	@echo "make [V=1] [SAN=address,undefined] [CC=clang] [WERROR=1] TARGET…"
	@sed -n 's/^\([a-z_.-]*\):.*## /  \1\t/p' $(MAKEFILE_LIST) | \
		sort -u | expand -t 24

-include $(wildcard $B/*/*.d $B/*/*/*.d)
