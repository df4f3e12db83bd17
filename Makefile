# Everything a clone needs, in one word each; `make help` lists them.

PREFIX ?= /usr/local
SYSCONFDIR ?= /etc
DESTDIR ?=
SWIFT ?= swift
INSTALL ?= install
FILTER ?=
ARGS ?=
# How many mutated checkpoints the tests import; 2000 take minutes.
INPUTS ?= 80
# Where `make peers` installs the programs to compare with: outside the checkout, because installing takes long.
PEERS ?= /var/tmp/quantd-peers

PROGRAMS := quantd qclient qpack quantbench
RELEASE := .build/release
# Optimized, because unoptimized Swift around the kernels makes the end-to-end tests take minutes.
TEST_FLAGS := -c release -Xswiftc -enable-testing --scratch-path .build-test \
  --explicit-target-dependency-import-check error
# Sanitizers cover code that runs in one process. End-to-end tests start other programs and depend on the clock.
# The default packs' goldens take unoptimized code a minute of processor time for each instruction set.
SELECTION = $(if $(FILTER),--filter "$(FILTER)",--skip "EndToEndTests$(if $(SHORT),|GoldenLogitsTests)")
# The suites of code that could differ between instruction sets, or that shares memory or addresses it by hand.
ARITHMETIC := KernelsTests|KVCacheTests|ModelsTests|EngineTests
# The suites of code that reads foreign bytes or addresses memory by hand, and of code that runs on several threads.
ADDRESSES := JSONTests|CheckpointsTests|PacksTests|TokenizersTests|ImageProcessingTests|KVCacheTests|ModelsTests
THREADS := SchedulingTests|EngineTests|TransportTests|ServiceTests
# SHORT=1 builds such suites alone and runs them without checkpoints, as .ci/run does: minutes instead of a quarter of an hour.
SHORT ?=
alone = $(if $(SHORT),QUANTD_TEST_DATA= QUANTD_SUITES="$(1)")
SOURCES := Package.swift Sources Tests

DATA := $(DESTDIR)$(PREFIX)/share
UNITS := $(DESTDIR)$(PREFIX)/lib/systemd
CONFIGURATION := $(DESTDIR)$(SYSCONFDIR)/quantd

.DEFAULT_GOAL := build
.PHONY: help deps build demo smollm2 test scalar sets readme asan tsan bench peers quality format lint install uninstall clean

help: ## List the targets
	@sed -n 's/^\([a-z0-9]*\):.*## \(.*\)/  make \1	\2/p' $(MAKEFILE_LIST) | expand -t 18
	@echo
	@echo "  PREFIX=$(PREFIX) DESTDIR=$(DESTDIR) FILTER=<test regex> ARGS=<arguments of quantbench>"

deps: ## Check Swift and SQLite; install SQLite's header where that is allowed
	@SWIFT="$(SWIFT)" sh etc/deps.sh

build: deps ## Build the four programs, optimized, without a need for Swift's libraries
	$(SWIFT) build -c release --static-swift-stdlib

demo: build ## Start a daemon, classify a picture, tell a story, stop the daemon
	@sh etc/demo.sh $(RELEASE)

smollm2: build ## Fetch SmolLM2-135M-Instruct, make a pack of it, say how to chat with it
	@sh etc/smollm2.sh $(RELEASE)

test: deps ## Run every test, those against the real programs included
	sh systemd/check.sh
	QUANTD_TEST_INPUTS="$(INPUTS)" QUANTD_TEST_BINARIES="$(CURDIR)/.build-test/release" $(SWIFT) test $(TEST_FLAGS) $(if $(FILTER),--filter "$(FILTER)")

scalar: deps ## Run the kernels' and models' tests as a build for other processors runs them (FILTER=..., SHORT=1)
	QUANTD_WITHOUT_X86=1 $(call alone,$(ARITHMETIC)) $(SWIFT) test --scratch-path .build-scalar \
	  --filter "$(or $(FILTER),$(ARITHMETIC))"

sets: deps ## Run the kernels' and models' tests under QUANTD_ISA=scalar and avx2 (FILTER=... chooses)
	@# Without checkpoints: the scalar definitions take minutes for them, and the goldens' packs are computed anyway.
	$(SWIFT) build --build-tests $(TEST_FLAGS)
	for set in scalar $$(grep -qw avx2 /proc/cpuinfo && echo avx2); do \
	  QUANTD_TEST_DATA= QUANTD_ISA=$$set $(SWIFT) test --skip-build $(TEST_FLAGS) --filter "$(or $(FILTER),$(ARITHMETIC))" || exit 1; \
	done

readme: deps ## Check that every command in README.md exists
	$(SWIFT) build --build-tests $(TEST_FLAGS)
	sh etc/readme.sh .build-test/release

asan: deps ## Run the tests with the address sanitizer (FILTER=..., SHORT=1)
	@# XCTest leaks 144 bytes of its own, so leaks are not errors here.
	ASAN_OPTIONS=detect_leaks=0 $(call alone,$(ADDRESSES)) \
	  $(SWIFT) test --sanitize=address --scratch-path .build-asan $(SELECTION)

tsan: deps ## Run the tests with the thread sanitizer (FILTER=..., SHORT=1)
	TSAN_OPTIONS="suppressions=$(CURDIR)/Tests/Sanitizers/thread.supp" $(call alone,$(THREADS)) \
	  $(SWIFT) test --sanitize=thread --scratch-path .build-tsan $(SELECTION)

bench: build ## Measure kernels, models and the daemon beside the limits of this machine
	QUANTBENCH_COMMIT=$$(git rev-parse --short HEAD) $(RELEASE)/quantbench $(or $(ARGS),all)

peers: build ## Compare with llama.cpp, ONNX Runtime and OpenVINO (ARGS="--only decode")
	test -x $(PEERS)/bin/python || python3 -m venv $(PEERS)
	CMAKE_ARGS="-DGGML_NATIVE=ON" $(PEERS)/bin/pip install -q -r Tests/Peers/requirements.txt
	QUANTBENCH_COMMIT=$$(git rev-parse --short HEAD) $(PEERS)/bin/python Tests/Peers/compare.py \
	  --quantbench $(RELEASE)/quantbench $(ARGS)

quality: build ## Print the README's quality table (ARGS=folder of models, images and texts)
	@models/quality.sh $(ARGS)

format: ## Format the sources in place
	$(SWIFT) format format --in-place --recursive --parallel $(SOURCES)

lint: ## Check the form of the sources, the units and the scripts
	$(SWIFT) format lint --strict --recursive --parallel $(SOURCES)
	sh systemd/check.sh
	sh etc/completions/check.sh
	sh etc/man/check.sh
	for script in etc/*.sh etc/*/*.sh systemd/*.sh; do sh -n $$script || exit 1; done
	bash -n .ci/run

install: ## Install what `make build` built (as root, or with DESTDIR)
	@for program in $(PROGRAMS); do \
	  test -x $(RELEASE)/$$program || { echo "install: $(RELEASE)/$$program is missing; run 'make build' first" >&2; exit 1; }; \
	done
	$(INSTALL) -d $(DESTDIR)$(PREFIX)/bin $(UNITS)/system $(UNITS)/user $(CONFIGURATION)/quantd.conf.d \
	  $(DESTDIR)$(PREFIX)/lib/sysusers.d $(DESTDIR)$(PREFIX)/lib/tmpfiles.d $(DATA)/quantd/models
	$(INSTALL) -m 0755 $(addprefix $(RELEASE)/,$(PROGRAMS)) $(DESTDIR)$(PREFIX)/bin
	@# Symbols are two thirds of a statically linked program.
	if command -v strip > /dev/null; then strip $(addprefix $(DESTDIR)$(PREFIX)/bin/,$(PROGRAMS)); fi
	for kind in system user; do \
	  folder=systemd; test $$kind = system || folder=systemd/user; \
	  $(INSTALL) -m 0644 $$folder/quantd.socket $(UNITS)/$$kind; \
	  sed 's|^ExecStart=/usr/bin/|ExecStart=$(PREFIX)/bin/|' $$folder/quantd.service > $(UNITS)/$$kind/quantd.service; \
	  chmod 0644 $(UNITS)/$$kind/quantd.service; \
	done
	$(INSTALL) -m 0644 etc/sysusers.d/quantd.conf $(DESTDIR)$(PREFIX)/lib/sysusers.d
	$(INSTALL) -m 0644 etc/tmpfiles.d/quantd.conf $(DESTDIR)$(PREFIX)/lib/tmpfiles.d
	@# A configuration file that is there is kept; a new one that differs is put beside it.
	file=$(CONFIGURATION)/quantd.conf; \
	sed '$(if $(filter /usr,$(PREFIX)),,s|^#models_directory = /usr/|models_directory = $(PREFIX)/|)' etc/quantd.conf \
	  > $$file.new; chmod 0644 $$file.new; \
	if test ! -e $$file; then mv $$file.new $$file; elif cmp -s $$file $$file.new; then rm $$file.new; fi
	for page in $(wildcard etc/man/*.[1-8]); do \
	  $(INSTALL) -D -m 0644 $$page $(DATA)/man/man$${page##*.}/$${page##*/}; \
	done
	for names in qclient.bash:bash-completion/completions/qclient _qclient:zsh/site-functions/_qclient \
	  qclient.fish:fish/vendor_completions.d/qclient.fish \
	  qpack.bash:bash-completion/completions/qpack _qpack:zsh/site-functions/_qpack \
	  qpack.fish:fish/vendor_completions.d/qpack.fish; do \
	  test ! -e etc/completions/$${names%%:*} || \
	    $(INSTALL) -D -m 0644 etc/completions/$${names%%:*} $(DATA)/$${names#*:}; \
	done
	for pack in $(wildcard models/*.qpack); do $(INSTALL) -m 0644 $$pack $(DATA)/quantd/models; done
	@test -n "$(DESTDIR)" || printf '%s\n' "Then, for the system's daemon:" \
	  "  systemd-sysusers && systemd-tmpfiles --create quantd.conf && systemctl daemon-reload" \
	  "  systemctl enable --now quantd.socket quantd.service" "  usermod -aG quantd NAME"

uninstall: ## Remove what install put there; configuration and installed models stay
	rm -f $(addprefix $(DESTDIR)$(PREFIX)/bin/,$(PROGRAMS)) \
	  $(UNITS)/system/quantd.service $(UNITS)/system/quantd.socket $(UNITS)/user/quantd.service $(UNITS)/user/quantd.socket \
	  $(DESTDIR)$(PREFIX)/lib/sysusers.d/quantd.conf $(DESTDIR)$(PREFIX)/lib/tmpfiles.d/quantd.conf \
	  $(DATA)/bash-completion/completions/qclient $(DATA)/zsh/site-functions/_qclient \
	  $(DATA)/fish/vendor_completions.d/qclient.fish \
	  $(DATA)/bash-completion/completions/qpack $(DATA)/zsh/site-functions/_qpack \
	  $(DATA)/fish/vendor_completions.d/qpack.fish
	for page in $(wildcard etc/man/*.[1-8]); do rm -f $(DATA)/man/man$${page##*.}/$${page##*/}; done
	rm -rf $(DATA)/quantd

clean: ## Remove everything that was built
	rm -rf .build .build-test .build-scalar .build-asan .build-tsan
