#!/usr/bin/env bash
# run.sh HOURS [TARGET…] builds the fuzzers and runs each for its share of the time.
# run.sh --build TARGET… only builds.
#
# work/ (ignored by git) has the growing corpora, a log for each target and the findings. A finding
# ends the run of its target; the others continue, and the exit status is 1. With SKIP_BUILD=1
# nothing is built.
set -euo pipefail
shopt -s nullglob
cd "$(dirname "$0")"
# Swift's report of a trap would preempt those of libFuzzer and AddressSanitizer.
export SWIFT_BACKTRACE=enable=no
# Short stacks of allocations, little freed memory held back, no search for leaks (Swift's runtime keeps
# what it once made, and each such input has all memory searched): these took half the time and more.
export ASAN_OPTIONS="${ASAN_OPTIONS:-malloc_context_size=2:quarantine_size_mb=16}"

all=(TorchZip TorchPickle TorchStream HDF5 Inflate Safetensors GGUF TokenizerFile VocabMerges TiktokenRanks
    SentencePiece JSONText Configuration ShardIndex TextEncoding TaskFile LabelFile)

build() {
    # SwiftPM passes two --sanitize options in arbitrary order and swiftc uses only the last one; hence
    # both in one flag. -enable-testing: Inflate uses a type that is not public.
    for target in "$@"; do
        "${SWIFT:-swift}" build -c release --sanitize fuzzer -Xswiftc -sanitize=fuzzer,address \
            -Xcc -fsanitize=address -Xswiftc -enable-testing --product "${target}Fuzzer"
    done
}

if [ "${1:-}" = --build ]; then
    shift
    build "${@:-"${all[@]}"}"
    exit
fi

hours="${1:?run.sh HOURS [TARGET…]}"
shift
targets=("$@")
[ ${#targets[@]} -gt 0 ] || targets=("${all[@]}")
[ -n "${SKIP_BUILD:-}" ] || build "${targets[@]}"
share=$(awk -v h="$hours" -v n="${#targets[@]}" 'BEGIN { printf "%d", h * 3600 / n }')
"${PYTHON:-python3}" seeds.py work/seeds

dictionary() {
    case "$1" in
    Torch*) cat dictionaries/torch.dict ;;
    HDF5) cat dictionaries/hdf5.dict ;;
    GGUF) cat dictionaries/gguf.dict ;;
    Safetensors) cat dictionaries/json.dict dictionaries/safetensors.dict ;;
    TiktokenRanks) cat dictionaries/json.dict dictionaries/tokenizer.dict dictionaries/tiktoken.dict ;;
    SentencePiece) cat dictionaries/sentencepiece.dict ;;
    TokenizerFile | VocabMerges) cat dictionaries/json.dict dictionaries/tokenizer.dict ;;
    Configuration) cat dictionaries/json.dict work/seeds/configuration.dict ;;
    JSONText | ShardIndex | TextEncoding | TaskFile | LabelFile) cat dictionaries/json.dict ;;
    *) echo '# none' ;;
    esac
}

# The size in megabytes above which a single allocation is a finding: the floors of the readers'
# budgets.
malloc_limit_mb() {
    case "$1" in
    HDF5) echo 48 ;; # 1032 times the stored bytes of a dataset, in a file of at most 32 KB
    Torch*) echo 24 ;;
    *) echo 16 ;;
    esac
}

# On a busy machine any input may seem slow: only one that takes that much processor time is a finding.
is_find() {
    case "$2" in
    */timeout-* | */slow-unit-*)
        ! (
            ulimit -t 2
            ".build/release/$1Fuzzer" -runs=1 -timeout=600 "$2" >/dev/null 2>&1
        ) ;;
    esac
}

fuzz() {
    local target="$1" end=$((SECONDS + share)) found="work/finds/$1" corpus="work/corpus/$1"
    local log="work/logs/$1.log" status inputs
    mkdir -p "$found" "$corpus" work/logs
    dictionary "$target" >"work/$target.dict"
    : >"$log"
    while [ $SECONDS -lt "$end" ]; do
        status=0
        ".build/release/${target}Fuzzer" -max_total_time=$((end - SECONDS)) -timeout=20 \
            -report_slow_units=1 -rss_limit_mb=1024 -detect_leaks=0 \
            -malloc_limit_mb="$(malloc_limit_mb "$target")" -max_len=32768 \
            -print_final_stats=1 -dict="work/$target.dict" -artifact_prefix="$found/" \
            "$corpus" "work/seeds/$target" \
            >>"$log" 2>&1 || status=$?
        inputs=("$found"/*)
        for input in "${inputs[@]}"; do
            if is_find "$target" "$input"; then
                echo "$target: found $input" >&2
                return 1
            fi
            rm -f "$input"
        done
        if [ $status -ne 0 ] && [ ${#inputs[@]} -eq 0 ]; then
            echo "$target: ended with $status, see $log" >&2
            return 1
        fi
    done
    grep -a "^Done\|number_of_executed_units" "$log" | sed "s/^/$target: /"
}

status=0
for target in "${targets[@]}"; do fuzz "$target" || status=1; done
exit $status
