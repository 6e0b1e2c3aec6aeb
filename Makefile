# Bima: `make run` serves the demo scheme; `make test` runs every test.
# Both need nothing but Go (and, for the tests, PostgreSQL 15: see .ci/with-postgres).

GO       ?= go
PACKAGES  = $(shell $(GO) list ./... ./testdata/nation ./testdata/scheme/...)
# Go starts tests in the order of its arguments, and runs what is named twice once:
# what takes longest begins first, so that none of it is left running alone at the end.
LONGEST   = $(addprefix bima/,resources/measure cmd/bima fhir/subscription storage connect/dhis2 connect/openmrs connect resources/claim)
TOOL      = $(GO) tool -modfile=.ci/tools/go.mod
# Many tests wait, for a database or a subscriber: twice as many packages as there are
# processors are tested beside one another.
BESIDE   ?= $(shell expr 2 \* $$(getconf _NPROCESSORS_ONLN))
VERSION  ?= $(shell git describe --tags --always --dirty 2>/dev/null || echo unknown)
FUZZTIME ?= 30s
BENCH    ?= .

export CGO_ENABLED ?= 0

.PHONY: run build test race lint fuzz mutate bench bench-search generate clean

run: build
	./bin/bima serve --demo

build:
	$(GO) build -ldflags "-s -w -X main.version=$(VERSION)" -o bin/bima ./cmd/bima

test:
	.ci/with-postgres $(GO) test -p $(BESIDE) -timeout 20m $(LONGEST) $(PACKAGES)

# The race detector needs cgo and a C compiler; without one it says so and stops.
# What it watches runs up to ten times as long.
race:
	@command -v $${CC:-cc} >/dev/null || { echo "make race needs a C compiler (Debian: apt-get install gcc; macOS: xcode-select --install)"; exit 1; }
	CGO_ENABLED=1 .ci/with-postgres $(GO) test -race -timeout 45m $(LONGEST) $(PACKAGES)

lint:
	$(GO) vet $(PACKAGES)
	@unformatted=$$($(TOOL) gofumpt -l .); if [ -n "$$unformatted" ]; then echo "not gofumpt-formatted:"; echo "$$unformatted"; exit 1; fi
	$(TOOL) staticcheck $(PACKAGES)

fuzz:
	.ci/fuzz $(FUZZTIME)

# Breaks the adjudication in some 800 small ways and lists the breaks that no case of
# its corpus notices: two minutes.
mutate:
	GO=$(GO) $(GO) run ./.ci/mutate ./adjudication

bench:
	BIMA_TEST_FSYNC=on .ci/with-postgres .ci/bench "$(BENCH)"

# Synthetic schemes of 100,000 and a million resources: half an hour, 10 GB of disk.
bench-search:
	BIMA_TEST_FSYNC=on .ci/with-postgres .ci/bench-search "$(BENCH)"

generate:
	$(GO) generate ./...

clean:
	rm -rf bin
