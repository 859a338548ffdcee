# Two commands on a fresh machine: `make demo` and `make test`. Each installs what it needs.

SWIFT ?= swift
PYTHON ?= python3
BINARY = .build/release/swiftlet
# Tests in release: numeric and real-vocabulary tests are far too slow in debug.
RELEASE_TESTS = -c release -Xswiftc -enable-testing
# Targets whose logic wants debug's overflow and bounds checks too, and is quick enough for it.
DEBUG_TESTS = 'SwiftletBytesTests|SwiftletSafetensorsTests|SwiftletTorchArchiveTests|SwiftletHDF5Tests|SwiftletCheckpointTests'

# Importing a module that Package.swift does not declare as a dependency is an error.
IMPORT_CHECK = --explicit-target-dependency-import-check error

export SWIFTLET_STRICT = 1

# Tests of C code and of what reads untrusted bytes, for `make sanitize`.
SANITIZED_TESTS = 'SwiftletComputeTests|SwiftletTextTests|SwiftletBytesTests|SwiftletSafetensorsTests|SwiftletTorchArchiveTests|SwiftletHDF5Tests'
# Of these, damaged files of at most 32 KB whose readers must not ask for 2 MB at a time.
SMALL_TESTS = 'SafetensorsMutationTests|SwiftletHDF5Tests.MutationTests'
# Hours that `make fuzz` takes over all targets.
HOURS ?= 2

.PHONY: demo test test-debug test-release bench format lint setup build clean fuzz sanitize

demo: build
	@tools/demo.sh $(BINARY)

test: test-debug test-release

test-debug: setup
	$(SWIFT) build --build-tests $(IMPORT_CHECK)
	$(SWIFT) test --skip-build --filter $(DEBUG_TESTS)

test-release: setup
	$(SWIFT) build $(RELEASE_TESTS) --build-tests
	SWIFTLET_BINARY=$(BINARY) $(SWIFT) test $(RELEASE_TESTS) --skip-build

# Compares with the peers that are installed (tools/bench/README.md).
bench: build
	@tools/bench/run.sh $(BINARY)

# libFuzzer over every parser (tools/fuzz/README.md).
fuzz:
	@tools/fuzz/run.sh $(HOURS)

# The tests of C code and of parsers under AddressSanitizer, C also under UndefinedBehaviorSanitizer.
# In debug: optimised, the unrolled products take many minutes to compile with both sanitizers.
# An allocation of over 64 MB ends the run: no reader of a test's file may ask for one.
sanitize: setup
	$(SWIFT) build --scratch-path .build-sanitize --build-tests --sanitize address \
	    -Xcc -fsanitize=undefined -Xcc -fno-sanitize-recover=undefined
	ASAN_OPTIONS=detect_leaks=0:max_allocation_size_mb=64 $(SWIFT) test \
	    --scratch-path .build-sanitize --skip-build --sanitize address --filter $(SANITIZED_TESTS)
	ASAN_OPTIONS=detect_leaks=0:max_allocation_size_mb=2 $(SWIFT) test \
	    --scratch-path .build-sanitize --skip-build --sanitize address --filter $(SMALL_TESTS)

build: setup
	$(SWIFT) build -c release --product swiftlet

setup:
	@tools/setup-system.sh

format:
	$(SWIFT) format --in-place --recursive Package.swift Sources Tests formats/names tools/fuzz/Package.swift tools/fuzz/Sources

lint:
	tools/check-sources.py
	$(SWIFT) format lint --strict --recursive Package.swift Sources Tests formats/names tools/fuzz/Package.swift tools/fuzz/Sources

clean:
	$(SWIFT) package clean
