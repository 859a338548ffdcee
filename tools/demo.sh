#!/bin/sh
# The main job on the embedded fixtures: convert, verify, tokenize, generate, fine-tune, adapt, merge, and
# the method whole: three weak models teach a strong one.
# usage: tools/demo.sh SWIFTLET_BINARY
set -eu

swiftlet="$(cd "$(dirname "$1")" && pwd)/$(basename "$1")"
root="$(cd "$(dirname "$0")/.." && pwd)"
work="$(mktemp -d)"
trap 'rm -rf "$work"' EXIT
story="$root/fixtures/text/lighthouse.txt"

say() { printf '\n\033[1m%s\033[0m\n' "$1"; }
run() {
    printf '$ swiftlet'
    for word in "$@"; do
        case "$word" in
        *[!A-Za-z0-9_./-]*) printf " '%s'" "$word" ;;
        *) printf ' %s' "$word" ;;
        esac
    done
    printf '\n'
    "$swiftlet" "$@"
}

cd "$work"
cp -R "$root/fixtures/gpt2-tiny" tiny

say "1. A GPT-2 checkpoint, converted to bf16 and verified"
run convert tiny tiny-bf16 --dtype bf16
run diff tiny tiny-bf16 --rtol 0.004
echo "and without a tolerance:"
run diff tiny tiny-bf16 | tail -n 1 || true

say "2. Text as tokens: id, bytes, spelling"
run tokenize tiny "The lamp turned."

say "3. A fresh model of the same shape, before training"
run init tiny/config.json fresh --seed 1
for file in tokenizer.json tokenizer_config.json vocab.json merges.txt generation_config.json; do
    cp "tiny/$file" fresh/
done
run generate fresh --prompt "The light" --max-new-tokens 24

say "4. Fine-tuned on a story of $(wc -l <"$story" | tr -d ' ') sentences"
awk '{ gsub(/\\/, "\\\\"); gsub(/"/, "\\\""); printf "{\"text\":\"%s\"}\n", $0 }' "$story" >story.jsonl
run finetune fresh --data story.jsonl --out tuned --epochs 150 --batch-size 8 --lr 3e-3 \
    --schedule cosine --threads 2 --log log.jsonl
echo "loss by step:"
awk 'NR == 1 || NR % 210 == 0' log.jsonl |
    sed -E 's/.*"step":([0-9]+),"loss":([0-9]+\.?[0-9]{0,3}).*/\1 \2/' |
    awk '{ bar = ""; for (i = 0; i < $2 * 8; i++) bar = bar "#"; printf "%6d  %-6s %s\n", $1, $2, bar }'

say "5. And after"
run generate tuned --prompt "The light" --max-new-tokens 24
run score tuned "The light turned once in every twelve seconds." | tail -n 1

say "6. A low-rank adapter (LoRA) of that model for a story of bells; used unmerged, then merged"
sed 's/light/bell/g; s/turned/rang/g' story.jsonl >bells.jsonl
run finetune tuned --data bells.jsonl --out adapter --method lora --rank 8 --epochs 10 --lr 5e-3 --threads 2
run generate tuned --prompt "The bell" --max-new-tokens 20
run generate tuned --adapter adapter --prompt "The bell" --max-new-tokens 20
run merge tuned adapter merged
run generate merged --prompt "The bell" --max-new-tokens 20

say "7. The method whole: three weak models of three families and tokenizers teach a strong one"
demo="$root/fixtures/weak-to-strong-demo"
mkdir study study/models
cp "$demo"/*.jsonl "$demo/study.yaml" study/
model() { # NAME SEED TOKENIZER-FILE...
    name=$1 seed=$2
    shift 2
    "$swiftlet" init "$demo/$name.json" "study/models/$name" --seed "$seed"
    for file in "$@"; do cp "$root/fixtures/$file" "study/models/$name/"; done
}
model gpt2 1 bpe-small/tokenizer.json bpe-small/tokenizer_config.json
model neox 2 bpe-families/neox/tokenizer.json bpe-families/neox/tokenizer_config.json
model qwen2 3 bpe-families/qwen2/tokenizer.json bpe-families/qwen2/tokenizer_config.json
model llama 4 sentencepiece/bpe-bytes.model
mv study/models/llama/bpe-bytes.model study/models/llama/tokenizer.model
run weak-to-strong run study/study.yaml --dry-run --threads 2 | sed -n '1,12p'
run weak-to-strong run study/study.yaml --threads 2
echo "SLU-F1, and the performance gap recovered:"
tr -d '\n' <study/study-run/results.json | tr '{' '\n' |
    sed -n 's/.*"method": "\([^"]*\)",.*"aux": \([a-z]*\),.*"confidence": \([a-z"0-9]*\),.*"metric": "slu_f1",.*"value": \([0-9.]*\),.*"pgr": \([-0-9.a-z]*\).*/\1 \2 \3 \4 \5/p' |
    awk '{ printf "%-16s %-12s %-10s %6.3f  %s\n", $1, ($2 == "true" ? "aux" : ""), ($3 == "null" ? "" : $3), $4, ($5 == "null" ? "" : sprintf("%6.2f", $5)) }'
report="${DEMO_REPORT:-}"
if [ -n "$report" ]; then cp -R study/study-run/report "$report"; fi
