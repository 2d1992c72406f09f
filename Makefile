# linkrotd. `make` builds build/release/linkrotd; `make help` lists the rest.

VERSION := 0.1.0
PROFILE ?= release
BUILD   := build/$(PROFILE)
PREFIX  ?= /usr/local
DESTDIR ?=
BINDIR  ?= $(PREFIX)/bin
MANDIR  ?= $(PREFIX)/share/man
DOCDIR  ?= $(PREFIX)/share/doc/linkrotd
# The daemon's own defaults look in /etc; another place is named to it by -c in the unit.
SYSCONFDIR ?= /etc
SYSTEMD_UNIT_DIR ?= $(PREFIX)/lib/systemd/system
SYSUSERS_DIR     ?= $(PREFIX)/lib/sysusers.d
ROOMS   := app check run post sources pages ledger ask show settings process serve notify store probe files \
           config watch report digest site message patch registry verdict policy extract \
           format model base
MAKEFLAGS += --no-builtin-rules
.DEFAULT_GOAL := all

PACKAGES := libuv libcurl libcares openssl libidn2 libpsl libcmark-gfm \
            jansson libpcre2-8 sqlite3 yaml-0.1 libsystemd libmicrohttpd zlib
PKG_CFLAGS := $(shell pkg-config --cflags $(PACKAGES) 2>/dev/null | sed 's/-I/-isystem /g')
PKG_LIBS   := $(shell pkg-config --libs $(PACKAGES) 2>/dev/null) -lcmark-gfm-extensions -lunistring -pthread

DEBIAN_BUILD := gcc make pkg-config libuv1-dev libcurl4-openssl-dev libc-ares-dev libssl-dev \
                libidn2-dev libpsl-dev libcmark-gfm-dev libcmark-gfm-extensions-dev \
                libjansson-dev libpcre2-dev libunistring-dev uthash-dev libsqlite3-dev libyaml-dev libsystemd-dev \
                libmicrohttpd-dev zlib1g-dev publicsuffix ca-certificates
DEBIAN_TEST  := libcmocka-dev python3 openssl nginx-light curl wrk valgrind clang clang-format \
                clang-tidy libclang-rt-14-dev cppcheck universal-ctags mandoc strace iproute2 \
                procps sqlite3 systemd prometheus git patch libxml2-utils python3-aiosmtpd

# The list of field notes on C style: no warning is left standing in CI (WERROR=1).
WARN := -Wall -Wextra -Wpedantic -Wshadow -Wconversion -Wsign-conversion -Wstrict-prototypes \
        -Wmissing-prototypes -Wold-style-definition -Wpointer-arith -Wcast-align -Wcast-qual \
        -Wwrite-strings -Wundef -Wvla -Wformat=2 -Wswitch-enum -Wimplicit-fallthrough \
        -Wnull-dereference -Wdouble-promotion -Wdate-time -fno-common -fstack-protector-strong
WARN_gcc   := -Wlogical-op -Wduplicated-cond -Wduplicated-branches -Wjump-misses-init \
              -Wformat-signedness
WARN_clang := -Wcomma -Wunreachable-code -Wconditional-uninitialized -Wassign-enum

ifeq ($(origin CC),default)
CC := gcc
endif
COMPILER := $(if $(findstring clang,$(CC)),clang,gcc)
ifeq ($(PROFILE),asan)
COMPILER := clang
CC := clang
endif

CFLAGS_release  := -O2 -g -D_FORTIFY_SOURCE=2 -fPIE
LDFLAGS_release := -pie -Wl,-z,relro,-z,now
CFLAGS_debug    := -O1 -g3 -Werror
CFLAGS_asan     := -O1 -g -fsanitize=address,undefined -fno-sanitize-recover=all \
                   -fno-omit-frame-pointer
LDFLAGS_asan    := -fsanitize=address,undefined
CFLAGS_tsan     := -O1 -g -fsanitize=thread
LDFLAGS_tsan    := -fsanitize=thread
CFLAGS_coverage := -O0 -g --coverage
LDFLAGS_coverage := --coverage

CPPFLAGS_ALL := -D_GNU_SOURCE -DLINKROTD_VERSION='"$(VERSION)"' -Iinclude -Idaemon \
                -include base/banned.h $(PKG_CFLAGS)
CFLAGS_ALL   := -std=c17 $(WARN) $(WARN_$(COMPILER)) $(CFLAGS_$(PROFILE)) \
                $(if $(WERROR),-Werror) $(CFLAGS)
LDFLAGS_ALL  := $(LDFLAGS_$(PROFILE)) $(LDFLAGS)

SOURCES  := $(wildcard $(addprefix daemon/,$(addsuffix /*.c,$(ROOMS))))
OBJECTS  := $(SOURCES:%.c=$(BUILD)/%.o)
ARCHIVES := $(ROOMS:%=$(BUILD)/lib%.a)
BINARY   := $(BUILD)/linkrotd
HEADERS  := $(wildcard include/*/*.h daemon/*/*.h)

all: $(BINARY)

$(BINARY): $(BUILD)/daemon/main.o $(ARCHIVES)
	@echo "  LINK  $@"
	@$(CC) $(LDFLAGS_ALL) -o $@ $< $(ARCHIVES) $(PKG_LIBS)

$(BUILD)/%.o: %.c
	@echo "  CC    $<"
	@mkdir -p $(@D)
	@$(CC) $(CPPFLAGS_ALL) $(CFLAGS_ALL) -MMD -MP -c -o $@ $<

# Their bytes are put into the object by the assembler.
$(BUILD)/daemon/site/assets.o: daemon/site/style.css daemon/site/script.js

define archive
$(BUILD)/lib$(1).a: $(patsubst %.c,$(BUILD)/%.o,$(wildcard daemon/$(1)/*.c))
	@rm -f $$@ && ar rcs $$@ $$^
endef
$(foreach room,$(ROOMS),$(eval $(call archive,$(room))))

# --- unit tests: one process a file; a test links its own room and those below it --------

floors_base    := base
floors_model   := model base
floors_extract := extract model base
floors_policy  := policy model base
floors_verdict := verdict model base
floors_format  := format model base
floors_report  := report format model base
floors_digest  := digest report format model base # its tests borrow samples
floors_site    := site format model base
floors_message := message format model base
floors_patch   := patch model base
floors_serve   := serve model base
floors_notify  := notify message format model base
floors_registry := registry model base
floors_watch   := watch model base
floors_config  := config model base
floors_store   := store model base
floors_files   := files extract model base
floors_probe   := probe policy verdict extract model base
floors_app     := $(ROOMS)
floors_process := process files config extract model base
floors_settings := $(filter-out app check run post sources pages ledger ask show,$(ROOMS))
floors_ask     := $(filter-out app check run post sources pages ledger,$(ROOMS))
floors_show    := $(filter-out app check run post sources pages ledger ask,$(ROOMS))
floors_ledger  := $(filter-out app check run post sources pages ask show,$(ROOMS))
floors_pages   := $(filter-out app check run post sources ask,$(ROOMS))
floors_sources := $(filter-out app check run post pages ledger,$(ROOMS))
floors_post    := $(filter-out app check run sources,$(ROOMS))
floors_check   := $(filter-out app run,$(ROOMS))
floors_run     := $(filter-out app check,$(ROOMS))

UNIT_SOURCES := $(wildcard tests/unit/*/test_*.c)
UNIT_TESTS   := $(UNIT_SOURCES:tests/%.c=$(BUILD)/tests/%)
UNIT_LIB     := $(patsubst %.c,$(BUILD)/%.o,$(wildcard tests/lib/*.c))

define unit
$(BUILD)/tests/unit/$(1)/%: $(BUILD)/tests/unit/$(1)/%.o $(UNIT_LIB) $(floors_$(1):%=$(BUILD)/lib%.a)
	@echo "  LINK  $$@"
	@$(CC) $(LDFLAGS_ALL) -o $$@ $$< $(UNIT_LIB) $(floors_$(1):%=$(BUILD)/lib%.a) -lcmocka $(PKG_LIBS)
endef
$(foreach room,$(ROOMS),$(eval $(call unit,$(room))))
$(BUILD)/tests/%.o: CPPFLAGS_ALL += -Itests
.SECONDARY:

SIM         := $(BUILD)/tests/simulate/sim
SIM_OBJECTS := $(patsubst %.c,$(BUILD)/%.o,$(wildcard tests/simulate/*.c))
YEAR         := $(BUILD)/tests/simulate/year/year
YEAR_OBJECTS := $(patsubst %.c,$(BUILD)/%.o,$(wildcard tests/simulate/year/*.c))
SIM_LINKS ?= 100000
SIM_DAYS  ?= 365
SIM_SEED  ?= 1

# --- faults: the allocator that refuses, in this process and in the whole program ---------

comma         := ,
FAULT_TEST    := $(BUILD)/tests/faults/test_memory
FAULT_OBJECTS := $(patsubst %.c,$(BUILD)/%.o,tests/faults/memory.c tests/faults/test_memory.c)
FAULT_PRELOAD := $(BUILD)/tests/faults/preload.so
FAULT_WRAP    := $(if $(filter asan tsan,$(PROFILE)),$(patsubst %,-Wl$(comma)--wrap=%,malloc calloc \
                 realloc reallocarray free strdup strndup))

# Its own compiler's idea of what malloc does must not get in the way.
$(FAULT_OBJECTS): CFLAGS_ALL += -fno-builtin -Wno-missing-prototypes

$(FAULT_TEST): $(FAULT_OBJECTS) $(UNIT_LIB) $(ARCHIVES)
	@echo "  LINK  $@"
	@$(CC) $(LDFLAGS_ALL) $(FAULT_WRAP) -o $@ $(FAULT_OBJECTS) $(UNIT_LIB) $(ARCHIVES) -lcmocka $(PKG_LIBS)

$(FAULT_PRELOAD): tests/faults/preload.c
	@echo "  LINK  $@"
	@mkdir -p $(@D)
	@$(CC) -D_GNU_SOURCE -std=c17 -Wall -Wextra -O1 -g -fno-builtin -fPIC -shared -o $@ $<

# Both pure rooms that decide by time.
floors_simulate := watch policy model base

$(YEAR): $(YEAR_OBJECTS) $(floors_simulate:%=$(BUILD)/lib%.a)
	@echo "  LINK  $@"
	@mkdir -p $(@D)
	@$(CC) $(LDFLAGS_ALL) -o $@ $(YEAR_OBJECTS) $(floors_simulate:%=$(BUILD)/lib%.a) $(PKG_LIBS)

units: $(UNIT_TESTS) $(SIM) $(YEAR) $(FAULT_TEST) $(FAULT_PRELOAD)

$(SIM): $(SIM_OBJECTS) $(floors_simulate:%=$(BUILD)/lib%.a)
	@echo "  LINK  $@"
	@mkdir -p $(@D)
	@$(CC) $(LDFLAGS_ALL) -o $@ $(SIM_OBJECTS) $(floors_simulate:%=$(BUILD)/lib%.a) $(PKG_LIBS)

# One room's tests: make unit-policy
unit-%: FORCE
	@test -d tests/unit/$* || { echo 'tests/unit has no room $*'; exit 1; }
	@$(MAKE) --no-print-directory $(patsubst tests/%.c,$(BUILD)/tests/%,$(wildcard tests/unit/$*/test_*.c))
	@for t in $(patsubst tests/%.c,$(BUILD)/tests/%,$(wildcard tests/unit/$*/test_*.c)); do $$t || exit 1; done

# --- what people run ----------------------------------------------------------------------

test: have-deps $(BINARY) units
	@tests/run --binary $(BINARY) --build $(BUILD)

# A synthetic web of known truth, watched for a year in virtual time.
simulate: $(YEAR)
	@$(YEAR) links $(SIM_LINKS) days $(SIM_DAYS) seed $(SIM_SEED)

# What happens when memory ends or a call fails; FAULTS=--long for every single allocation.
faults: have-deps $(BINARY) $(FAULT_TEST) $(FAULT_PRELOAD)
	@$(FAULT_TEST)
	@tests/faults/run --binary $(BINARY) --preload $(FAULT_PRELOAD) $(FAULTS)
	@tests/scenario/run --binary $(BINARY) --preload $(FAULT_PRELOAD) -k faults.

demo: have-deps $(BINARY)
	@tests/web/demo --binary $(BINARY)

# The same month; then the daemon's pages stay open for a browser.
demo-pages: have-deps $(BINARY)
	@tests/web/demo --binary $(BINARY) --part pages

demo-check: have-deps $(BINARY)
	@tests/web/demo --binary $(BINARY) --part check

# BENCH_FLAGS="--quick --only plain --json FILE"; tests/bench/run --help lists the rest.
# Without flags the store and the daemon, too.
bench: have-deps $(BINARY) $(if $(BENCH_FLAGS),,bench-store bench-daemon)
	@tests/bench/run --binary $(BINARY) $(BENCH_FLAGS)

# The store at its goals: make bench-store [BENCH_LINKS=1000000 BENCH_DAYS=90]
BENCH_LINKS ?= 1000000
BENCH_DAYS  ?= 5
STORE_BENCH := $(BUILD)/tests/bench/store
$(STORE_BENCH): $(BUILD)/tests/bench/store.o $(floors_store:%=$(BUILD)/lib%.a)
	@echo "  LINK  $@"
	@$(CC) $(LDFLAGS_ALL) -o $@ $< $(floors_store:%=$(BUILD)/lib%.a) $(PKG_LIBS)

bench-store: $(STORE_BENCH)
	@$(STORE_BENCH) $(BENCH_LINKS) $(BENCH_DAYS)

# The HTTP server on loopback: requests a second.
SERVE_BENCH := $(BUILD)/tests/bench/serve
$(SERVE_BENCH): $(BUILD)/tests/bench/serve.o $(floors_serve:%=$(BUILD)/lib%.a)
	@echo "  LINK  $@"
	@$(CC) $(LDFLAGS_ALL) -o $@ $< $(floors_serve:%=$(BUILD)/lib%.a) $(PKG_LIBS)

bench-serve: $(SERVE_BENCH)
	@tests/bench/serve --server $(SERVE_BENCH)

# The pages of a million links, while it checks.
bench-serving: $(BINARY)
	@tests/bench/serving --binary $(BINARY) $(BENCH_FLAGS)

# The daemon at rest: memory, start, idling (BENCH_FLAGS=--quick).
bench-daemon: $(BINARY)
	@tests/bench/daemon --binary $(BINARY) $(BENCH_FLAGS)

# The pages in a real browser: chromium, node and axe-core (AXE=DIR with node_modules).
# Not a part of `make test`; says "skipped" where one of them is missing.
AXE ?= /tmp/axe
BROWSER_SAMPLE := $(BUILD)/tests/browser/sample
$(BROWSER_SAMPLE): $(BUILD)/tests/browser/sample.o $(floors_site:%=$(BUILD)/lib%.a)
	@echo "  LINK  $@"
	@$(CC) $(LDFLAGS_ALL) -o $@ $< $(floors_site:%=$(BUILD)/lib%.a) $(PKG_LIBS)

browser: $(BROWSER_SAMPLE)
	@tests/browser/run --sample $(BROWSER_SAMPLE) --axe $(AXE) --out $(BUILD)/browser

SUDO := $(shell [ "$$(id -u)" = 0 ] || echo sudo)
APT_INSTALL := env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends
deps:
	$(SUDO) apt-get update -qq
	$(SUDO) $(APT_INSTALL) $(DEBIAN_BUILD) $(DEBIAN_TEST)

# Without those of the tests, some of which bring servers that start at once.
build-deps:
	$(SUDO) apt-get update -qq
	$(SUDO) $(APT_INSTALL) $(DEBIAN_BUILD)

# Installs only when something is missing, so that a second run needs no network.
have-deps:
	@dpkg-query -W -f '$${Status}\n' $(DEBIAN_BUILD) $(DEBIAN_TEST) 2>/dev/null \
		| grep -c '^install ok installed$$' \
		| grep -qx $(words $(DEBIAN_BUILD) $(DEBIAN_TEST)) || $(MAKE) deps

print-binary:
	@echo $(BINARY)

UNITS := $(notdir $(wildcard systemd/*.service systemd/*.socket systemd/*.timer))
MAN_PAGES := $(notdir $(wildcard config/*.[1-8]))
DOCUMENTS := README.md LICENSE config/linkrotd.yaml config/grafana-dashboard.json config/alerts.yml
INSTALLED_CONFIG := $(DESTDIR)$(SYSCONFDIR)/linkrotd/linkrotd.yaml
man_path = $(MANDIR)/man$(patsubst .%,%,$(suffix $(1)))/$(1)

# What the administrator has written is never overwritten, and never removed.
install: $(BINARY)
	install -D -m 755 $(BINARY) $(DESTDIR)$(BINDIR)/linkrotd
	$(foreach page,$(MAN_PAGES),install -D -m 644 config/$(page) $(DESTDIR)$(call man_path,$(page)) &&) :
	install -d $(DESTDIR)$(SYSTEMD_UNIT_DIR)
	for unit in $(UNITS); do \
		sed -e 's|/usr/bin/linkrotd|$(BINDIR)/linkrotd|g' -e 's|/etc/linkrotd|$(SYSCONFDIR)/linkrotd|g' \
			systemd/$$unit > $(DESTDIR)$(SYSTEMD_UNIT_DIR)/$$unit && \
		chmod 644 $(DESTDIR)$(SYSTEMD_UNIT_DIR)/$$unit || exit 1; done
	install -D -m 644 systemd/linkrotd.sysusers.conf $(DESTDIR)$(SYSUSERS_DIR)/linkrotd.conf
	$(foreach file,$(DOCUMENTS),install -D -m 644 $(file) $(DESTDIR)$(DOCDIR)/$(notdir $(file)) &&) :
	sed -i 's|/usr/local/share/doc/linkrotd|$(DOCDIR)|g' $(DESTDIR)$(DOCDIR)/README.md \
		$(foreach page,$(MAN_PAGES),$(DESTDIR)$(call man_path,$(page)))
	test -e $(INSTALLED_CONFIG) || install -D -m 644 config/linkrotd.yaml $(INSTALLED_CONFIG)
	@test -n '$(DESTDIR)' || echo 'next: systemd-sysusers; systemctl daemon-reload; see linkrotd-run(8), SYSTEMD'

uninstall:
	rm -f $(DESTDIR)$(BINDIR)/linkrotd $(DESTDIR)$(SYSUSERS_DIR)/linkrotd.conf \
		$(addprefix $(DESTDIR)$(DOCDIR)/,$(notdir $(DOCUMENTS))) \
		$(foreach page,$(MAN_PAGES),$(DESTDIR)$(call man_path,$(page))) \
		$(UNITS:%=$(DESTDIR)$(SYSTEMD_UNIT_DIR)/%)
	test ! -d $(DESTDIR)$(DOCDIR) || rmdir --ignore-fail-on-non-empty $(DESTDIR)$(DOCDIR)
	@echo 'kept: $(INSTALLED_CONFIG) and the database'

# --- checks -------------------------------------------------------------------------------

check-layers:
	@tests/check-layers

FORMATTED := $(wildcard include/*/*.h daemon/*.c daemon/*/*.[ch] tests/lib/*.[ch] \
             tests/unit/*/*.[ch] tests/simulate/*.[ch] tests/simulate/*/*.[ch] tests/fuzz/*.[ch] tests/faults/*.[ch] \
             tests/bench/*.[ch] tests/browser/*.c)
check-format:
	@clang-format --dry-run -Werror $(FORMATTED)

check-headers:
	@for h in $(HEADERS); do \
		$(CC) $(CPPFLAGS_ALL) $(CFLAGS_ALL) -Werror -Wno-pragma-once-outside-header \
			-x c -fsyntax-only -include $$h /dev/null || exit 1; done

check-sizes:
	@tests/check-sizes

check-source: check-layers check-format check-headers check-sizes

# What is installed, in a temporary directory: units, their exposure, users, manual pages.
check-systemd: $(BINARY)
	@tests/systemd/check --build $(BUILD)

TIDY_ROOMS ?= $(ROOMS)
check-tidy:
	@printf '%s\n' $(wildcard $(addprefix daemon/,$(addsuffix /*.c,$(TIDY_ROOMS)))) | \
		xargs -P $$(nproc) -I FILE clang-tidy --quiet FILE -- $(CPPFLAGS_ALL) -std=c17

compile_commands.json: FORCE
	@{ echo '['; first=1; for f in $(SOURCES) daemon/main.c; do \
		[ $$first ] || echo ','; first=; \
		printf '{"directory":"%s","file":"%s","arguments":["$(CC)"' "$(CURDIR)" "$$f"; \
		for a in -std=c17 -D_GNU_SOURCE -Iinclude -Idaemon -include base/banned.h; do \
			printf ',"%s"' "$$a"; done; \
		printf ',"-c","%s"]}' "$$f"; done; echo ']'; } > $@

# --- fuzzers: make fuzz [FUZZ_SECONDS=20] -------------------------------------------------

FUZZ_SECONDS ?= 20
FUZZERS := $(patsubst tests/fuzz/fuzz_%.c,%,$(wildcard tests/fuzz/fuzz_*.c))
FUZZ_ROOMS := config policy verdict extract patch model base
FUZZ_FLAGS := -O1 -g -fsanitize=address,undefined -fno-sanitize-recover=undefined
# Of the probe what knows nothing of sockets.
FUZZ_PROBE := $(addprefix daemon/probe/,answer.c cookies.c dns_name.c dns_reply.c)
# Of the commands likewise.
FUZZ_APP := $(addprefix daemon/app/,fix_document.c fix_userinfo.c)
# Of the reports what reads.
FUZZ_REPORT := daemon/report/baseline.c
FUZZ_OBJECTS := $(patsubst %.c,build/fuzz/%.o,$(FUZZ_PROBE) $(FUZZ_APP) $(FUZZ_REPORT) \
                $(wildcard $(addprefix daemon/,$(addsuffix /*.c,$(FUZZ_ROOMS)))))

build/fuzz/%.o: %.c
	@mkdir -p $(@D)
	@clang $(CPPFLAGS_ALL) -std=c17 $(FUZZ_FLAGS) -fsanitize=fuzzer-no-link -MMD -MP -c -o $@ $<

build/fuzz/fuzz_%: tests/fuzz/fuzz_%.c $(wildcard tests/fuzz/*.h) $(FUZZ_OBJECTS)
	@echo "  FUZZ  $@"
	@clang $(CPPFLAGS_ALL) -Itests -std=c17 $(FUZZ_FLAGS) -fsanitize=fuzzer -o $@ $(filter %.c %.o,$^) $(PKG_LIBS)

fuzz: $(FUZZERS:%=fuzz-%)

$(FUZZERS:%=fuzz-%): fuzz-%: build/fuzz/fuzz_%
	@echo "fuzz $*"
	@mkdir -p build/fuzz/corpus/$*
	@$< -max_total_time=$(FUZZ_SECONDS) -timeout=20 -rss_limit_mb=2560 -verbosity=0 \
		-artifact_prefix=build/fuzz/ build/fuzz/corpus/$* $(wildcard tests/fuzz/corpus/$*)

clean:
	rm -rf build compile_commands.json

help:
	@echo 'make              build build/release/linkrotd (PROFILE=debug|asan|tsan|coverage)'
	@echo 'make demo         a list watched for a month in half a minute, on a local web; no network'
	@echo 'make demo-pages   the same month, and then its pages for a browser'
	@echo 'make demo-check   the same list checked once'
	@echo 'make test         all tests'
	@echo 'make unit-ROOM    the unit tests of one room, such as unit-policy'
	@echo 'make units        builds all unit tests'
	@echo 'make simulate     a year of a synthetic web (SIM_LINKS=100000 SIM_DAYS=365 SIM_SEED=1)'
	@echo 'make browser      the pages in chromium: pictures, axe-core (AXE=/tmp/axe)'
	@echo 'make bench        goals of speed and memory, on loopback (BENCH_FLAGS=--quick)'
	@echo 'make bench-store  the database at its goals (BENCH_LINKS=1000000 BENCH_DAYS=90)'
	@echo 'make bench-serve  the HTTP server on loopback: requests a second'
	@echo 'make bench-serving pages of a million links while it checks (BENCH_FLAGS=--quick)'
	@echo 'make bench-daemon the daemon at rest: memory, start, idling (BENCH_FLAGS=--quick)'
	@echo 'make faults       memory that ends, calls that fail (FAULTS=--long)'
	@echo 'make fuzz         a short run of each fuzzer (FUZZ_SECONDS=20)'
	@echo 'make check-source check-layers check-format check-headers check-sizes'
	@echo 'make check-tidy   clang-tidy (TIDY_ROOMS="policy report")'
	@echo 'make deps         install the Debian packages that build and tests need'
	@echo 'make build-deps   only those that the build needs'
	@echo 'make check-systemd units and manual pages as they are installed'
	@echo 'make install      DESTDIR= PREFIX=/usr/local (SYSTEMD_UNIT_DIR= SYSCONFDIR= ...)'
	@echo 'make uninstall    likewise; keeps the configuration and the database'
	@echo 'make print-binary the path of the binary'
	@echo 'make clean        remove what was built'

-include $(OBJECTS:.o=.d) $(BUILD)/daemon/main.d $(UNIT_TESTS:%=%.d) $(SIM_OBJECTS:.o=.d) $(YEAR_OBJECTS:.o=.d) $(UNIT_LIB:.o=.d) $(FUZZ_OBJECTS:.o=.d) $(FAULT_OBJECTS:.o=.d)

.PHONY: all units test simulate faults demo demo-pages demo-check browser bench bench-daemon bench-serve bench-serving bench-store deps build-deps have-deps print-binary install uninstall clean help fuzz $(FUZZERS:%=fuzz-%) FORCE \
	check-layers check-format check-headers check-sizes check-source check-tidy check-systemd
FORCE:
