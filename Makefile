# `make demo` and `make test` work on a fresh machine: each installs what it needs.

SWIFT ?= swift
BINARY = .build/release/swiftlet
# The work folder of `make study`, and options of tools/study/study.py, such as --minutes 60 or --plan.
STUDY ?= .build-study
STUDY_OPTIONS ?=
# Hours that `make fuzz` spends on all targets together.
HOURS ?= 2

export SWIFTLET_STRICT = 1

# Importing a module that Package.swift does not declare as a dependency is an error.
IMPORT_CHECK = --explicit-target-dependency-import-check error
# One build for all tests: optimised, since numeric tests and those with real vocabularies are far too
# slow otherwise, with the assertions and the checks of unsafe pointers that a debug build has.
TESTED = -c release -Xswiftc -enable-testing -Xswiftc -assert-config -Xswiftc Debug
# Tests of C code and of readers of untrusted bytes, for `make sanitize`.
SANITIZED_TESTS = 'SwiftletComputeTests|SwiftletTextTests|SwiftletBytesTests|SwiftletSafetensorsTests|SwiftletTorchArchiveTests|SwiftletHDF5Tests|SwiftletGGUFTests'
# Of these, tests with damaged files of at most 32 KB, for which no reader may ask for 2 MB at a time.
SMALL_TESTS = 'SafetensorsMutationTests|GGUFMutationTests|SwiftletHDF5Tests.MutationTests'
# The libraries, for `make docs`.
DOCUMENTED = SwiftletBytes SwiftletSafetensors SwiftletTorchArchive SwiftletHDF5 SwiftletHDF5Library \
    SwiftletGGUF SwiftletCheckpoint SwiftletText SwiftletSentencePiece SwiftletReports SwiftletCompute SwiftletLM \
    SwiftletTuning SwiftletTasks SwiftletWeakToStrong Swiftlet
FORMATTED = Package.swift Sources Tests Examples formats/names tools/fuzz/Package.swift tools/fuzz/Sources

.PHONY: demo test example docs bench study format lint setup build clean fuzz sanitize soak

demo: build
	@tools/demo.sh $(BINARY)

test: setup
	$(SWIFT) build $(TESTED) --build-tests $(IMPORT_CHECK)
	SWIFTLET_BINARY=$(BINARY) $(SWIFT) test $(TESTED) --skip-build

# A client package, in the build folder of the tests so that the libraries are not compiled again.
example: setup
	$(SWIFT) build $(TESTED) --package-path Examples/FirstUse --scratch-path .build
	@output=$$(mktemp -d) && trap 'rm -rf "$$output"' EXIT && \
	    .build/release/FirstUse fixtures/gpt2-tiny Examples/FirstUse/story.jsonl "$$output/tuned"

# The guides and the reference as a static site in .build/documentation.
docs: export SWIFTLET_DOCS = 1
docs: setup
	$(SWIFT) package --allow-writing-to-directory .build/documentation generate-documentation \
	    $(DOCUMENTED:%=--target %) --enable-experimental-combined-documentation --warnings-as-errors \
	    --output-path .build/documentation

# Compares speed with the peers that are installed (tools/bench/README.md).
bench: build
	@tools/bench/run.sh $(BINARY)

# Makes the study's results (tools/study/README.md), in many hours; continues where it was interrupted.
study: build
	@test -n "$$SWIFTLET_DATA" || { echo "SWIFTLET_DATA names no folder with sciq, slurp and tokenizers"; exit 64; }
	python3 tools/study/study.py $(BINARY) "$$SWIFTLET_DATA" $(STUDY) $(STUDY_OPTIONS)

# Kills fine-tuning runs at random moments and compares their results with those of runs left alone.
soak: build
	@tools/soak $(BINARY)

# libFuzzer over every parser (tools/fuzz/README.md).
fuzz:
	@tools/fuzz/run.sh $(HOURS)

# AddressSanitizer over Swift and C, UndefinedBehaviorSanitizer over C. In debug: with optimisation, the
# unrolled products take many minutes to compile under both. No test's file may make a reader ask for
# more than 64 MB at a time; such an allocation ends the run.
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
	$(SWIFT) format --in-place --recursive $(FORMATTED)

lint:
	tools/check-sources.py
	$(SWIFT) format lint --strict --recursive $(FORMATTED)

clean:
	$(SWIFT) package clean
