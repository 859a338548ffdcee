#!/usr/bin/env bash
# Swiftlet beside its peers, each pair in one run on this machine: run.sh SWIFTLET_BINARY
#
# Peers come from the Python that SWIFTLET_PYTHON names (tools/setup-python.sh makes one); without it
# only what needs no peer is measured. With SWIFTLET_DATA the vocabulary and sentences are real ones.
# Swiftlet's times are those of whole processes, loading included; the peers' are of the work alone.
set -euo pipefail
[ $# -eq 1 ] || { echo "usage: $0 SWIFTLET_BINARY" >&2; exit 64; }
swiftlet=$(realpath "$1")
here=$(cd "$(dirname "$0")" && pwd)
root=$(cd "$here/../.." && pwd)
python=${SWIFTLET_PYTHON:-}
threads=${THREADS:-2}
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"

seconds() { # seconds COMMAND…: wall time of the best of three runs, output to /dev/null
    local best=""
    for _ in 1 2 3; do
        local start end
        start=$(date +%s.%N)
        "$@" >/dev/null 2>&1
        end=$(date +%s.%N)
        best=$(awk -v s="$start" -v e="$end" -v b="$best" 'BEGIN { t = e - s; print (b == "" || t < b) ? t : b }')
    done
    echo "$best"
}
peer() { [ -n "$python" ] && "$python" "$here/peer.py" "$@" 2>/dev/null; }
row() { # row WORK UNIT OURS PEER NAME: higher is better
    if [ -n "$4" ]; then
        awk -v w="$1" -v u="$2" -v o="$3" -v p="$4" -v n="$5" \
            'BEGIN { printf "%-46s %10.1f %-9s %10.1f  %-22s %6.2fx\n", w, o, u, p, n, o / p }'
    else
        awk -v w="$1" -v u="$2" -v o="$3" -v n="$5" \
            'BEGIN { printf "%-46s %10.1f %-9s %10s  %-22s\n", w, o, u, "-", n " not found" }'
    fi
}
per_second() { awk -v n="$1" -v s="$2" 'BEGIN { print n / s }'; }

echo "machine: $(awk -F: '/model name/ { print $2; exit }' /proc/cpuinfo 2>/dev/null), $threads threads"
printf '%-46s %10s %-9s %10s  %-22s %7s\n' work swiftlet unit peer "" ratio

# A vocabulary, a corpus and lines to train on.
if [ -n "${SWIFTLET_DATA:-}" ]; then
    vocabulary="$SWIFTLET_DATA/tokenizers/gpt2"
    source="$SWIFTLET_DATA/slurp/lm.txt"
else
    vocabulary="$root/fixtures/bpe-small"
    source="$root/fixtures/text/lighthouse.txt"
fi
: >corpus.txt
while [ "$(wc -c <corpus.txt)" -lt 20000000 ]; do
    cat "$source" "$root"/Sources/*/*.swift "$root"/Sources/*/*/*.swift >>corpus.txt
done
head -n 1280 "$source" | awk '{ gsub(/\\/, "\\\\"); gsub(/"/, "\\\""); printf "{\"text\":\"%s\"}\n", $0 }' >train.jsonl

tokens=$(wc -c <corpus.txt)
best=$("$swiftlet" tokenize "$vocabulary" --input corpus.txt --count --repeat 5 --threads 1 --json)
ours=$(echo "$best" | sed -E 's/.*"seconds":([0-9.e-]+).*/\1/')
count=$(echo "$best" | sed -E 's/.*"tokens":([0-9]+).*/\1/')
theirs=$(peer tokenize "$vocabulary" corpus.txt "$count" || true)
row "encode $(basename "$vocabulary"), one thread" MB/s "$(per_second "$(awk "BEGIN { print $tokens / 1e6 }")" "$ours")" \
    "$theirs" "tokenizers"

cat >small.json <<'J'
{"model_type":"gpt2","architectures":["GPT2LMHeadModel"],"n_layer":6,"n_embd":256,"n_head":4,"n_positions":128,
 "vocab_size":50257,"bos_token_id":50256,"eos_token_id":50256}
J
cat >gpt2.json <<'J'
{"model_type":"gpt2","architectures":["GPT2LMHeadModel"],"vocab_size":50257,"bos_token_id":50256,"eos_token_id":50256}
J
"$swiftlet" init gpt2.json gpt2 --quiet >/dev/null
"$swiftlet" init small.json small --quiet >/dev/null
for folder in gpt2 small; do cp "$vocabulary"/*.json "$vocabulary"/merges.txt "$folder"/ 2>/dev/null || true; done

bytes=$(wc -c <gpt2/model.safetensors)
ours=$(seconds "$swiftlet" convert gpt2 converted --dtype bf16 --force --quiet)
theirs=$(seconds sh -c 'cp gpt2/model.safetensors copy && sync copy')
megabytes=$(awk "BEGIN { print $bytes / 1e6 }")
row "convert GPT-2 f32 to bf16, MB read" MB/s "$(per_second "$megabytes" "$ours")" \
    "$(per_second "$megabytes" "$theirs")" "cp and sync"

awk 'BEGIN { printf "{\"ids\":["; for (i = 0; i < 1024; i++) printf "%s%d", i ? "," : "", i * 37 % 50257; print "]}" }' >ids.jsonl
for dtype in f32 bf16; do
    [ "$dtype" = f32 ] && model=gpt2 || model=converted
    ours=$(seconds "$swiftlet" score "$model" --jsonl --threads "$threads" --input ids.jsonl)
    theirs=$(peer score "$model" ids.jsonl "$threads" || true)
    row "score 1024 tokens, GPT-2 124M $dtype" tokens/s "$(per_second 1024 "$ours")" "$theirs" "transformers, f32"
    echo '{"ids":[1,2,3]}' >prompt.jsonl
    ours=$(seconds "$swiftlet" generate "$model" --jsonl --threads "$threads" --input prompt.jsonl --max-new-tokens 64)
    theirs=$(peer generate "$model" 64 "$threads" || true)
    row "generate 64 tokens, GPT-2 124M $dtype" tokens/s "$(per_second 64 "$ours")" "$theirs" "transformers, f32"
done

"$swiftlet" finetune small --data train.jsonl --out trained --batch-size 32 --steps 40 --no-shuffle --lr 5e-4 \
    --schedule constant --threads "$threads" --log log.jsonl --quiet >/dev/null
median() { sed -E 's/.*"tokens_per_second": ?([0-9.e+]+).*/\1/' "$1" | sort -g | awk '{ v[NR] = $1 } END { print v[int((NR + 1) / 2)] }'; }
theirs=""
if [ -n "$python" ]; then
    MALLOC_MMAP_THRESHOLD_=1073741824 MALLOC_TRIM_THRESHOLD_=4294967296 MALLOC_TOP_PAD_=268435456 \
        "$python" "$here/../first-flight/train_pytorch.py" small train.jsonl --log peer.jsonl --threads "$threads" \
        --steps 40 >/dev/null 2>&1 && theirs=$(median peer.jsonl)
fi
row "fine-tune, 6 layers of 256, V 50257, batch 32" tokens/s "$(median log.jsonl)" "$theirs" "PyTorch"

# Decoders of 0.1 to 7 G parameters (40 GB of disk), if llama.cpp is there too.
if [ -n "$python" ] && [ -n "${SWIFTLET_LLAMACPP:-}" ] && [ -z "${SWIFTLET_BENCH_SMALL:-}" ]; then
    echo
    "$python" "$here/decoders.py" "$swiftlet" --llamacpp "$SWIFTLET_LLAMACPP" --folder "$work/models" --clean \
        --threads "$threads"
fi

# Formats, on files of over 2 GB.
if [ -n "$python" ] && [ -z "${SWIFTLET_BENCH_SMALL:-}" ]; then
    echo
    "$python" "$here/formats.py" "$swiftlet" "$work"
fi
