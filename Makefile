# Two commands on a fresh machine: `make demo` and `make test`. Each installs what it needs.

SWIFT ?= swift
PYTHON ?= python3
BINARY = .build/release/swiftlet
# Tests in release: numeric and real-vocabulary tests are far too slow in debug.
RELEASE_TESTS = -c release -Xswiftc -enable-testing
# Targets whose logic wants debug's overflow and bounds checks too, and is quick enough for it.
DEBUG_TESTS = 'SwiftletBytesTests|SwiftletSafetensorsTests|SwiftletTorchArchiveTests|SwiftletHDF5Tests|SwiftletCheckpointTests'

export SWIFTLET_STRICT = 1

.PHONY: demo test test-debug test-release bench format lint setup build clean

demo: build
	@tools/demo.sh $(BINARY)

test: test-debug test-release

test-debug: setup
	$(SWIFT) build --build-tests
	$(SWIFT) test --skip-build --filter $(DEBUG_TESTS)

test-release: setup
	$(SWIFT) build $(RELEASE_TESTS) --build-tests
	SWIFTLET_BINARY=$(BINARY) $(SWIFT) test $(RELEASE_TESTS) --skip-build

# Compares with the peers that are installed (tools/bench/README.md).
bench: build
	@tools/bench/run.sh $(BINARY)

build: setup
	$(SWIFT) build -c release --product swiftlet

setup:
	@tools/setup-system.sh

format:
	$(SWIFT) format --in-place --recursive Package.swift Sources Tests formats/names

lint:
	$(SWIFT) format lint --strict --recursive Package.swift Sources Tests formats/names

clean:
	$(SWIFT) package clean
