#!/usr/bin/env bash
# The project's main job, side by side with PyTorch: run.sh SWIFTLET DATA OUT PYTHON [FAMILY…]
# SWIFTLET is the binary, DATA holds slurp/ and tokenizers/, OUT is made anew, PYTHON is the
# interpreter of the environment that tools/setup-python.sh made; the families (default: gpt2) are those
# of families.py, each in a folder of OUT. EPOCHS=N in the environment trains for fewer epochs than 8;
# STEPS=N stops PyTorch's training early, its schedule unchanged (at least 50 for the comparison).
set -euo pipefail
if [ $# -lt 4 ]; then
    echo "usage: $0 SWIFTLET DATA OUT PYTHON [FAMILY…]" >&2
    exit 64
fi
here=$(cd "$(dirname "$0")" && pwd)
swiftlet=$(realpath "$1") data=$(realpath "$2") out=$3
python=$(realpath --no-symlinks "$4")
shift 4
if [ -e "$out" ]; then
    echo "error: $out: exists" >&2
    exit 73
fi
mkdir -p "$out"
out=$(realpath "$out")
export PYTHONDONTWRITEBYTECODE=1
epochs=${EPOCHS:-8}
stop=${STEPS:+--steps $STEPS}

say() { printf '\n== %s\n' "$*" >&2; }

flight() {
    local family=$1
    say "$family: data, configuration, initial checkpoint"
    "$python" "$here/prepare.py" "$data" "$family" .
    "$swiftlet" init config/config.json initial --seed 0
    for file in config/*; do
        [ "$(basename "$file")" = config.json ] || cp "$file" initial/
    done

    say "$family: swiftlet: score, fine-tune, score"
    "$swiftlet" score initial --jsonl --eos --threads 2 <test.jsonl >swiftlet-score-before.jsonl
    /usr/bin/time -v -o swiftlet.time \
        "$swiftlet" finetune initial --data train.jsonl --out swiftlet-trained --task lm \
        --batch-size 32 --epochs "$epochs" --lr 5e-4 --schedule linear --optimizer adamw \
        --weight-decay 0.01 --clip 1 --no-shuffle --threads 2 --log swiftlet.jsonl --seed 0
    "$swiftlet" score swiftlet-trained --jsonl --eos --threads 2 <test.jsonl >swiftlet-score-after.jsonl

    say "$family: PyTorch: score, fine-tune, score"
    "$python" "$here/score_pytorch.py" initial initial test.jsonl "$family" >pytorch-score-before.jsonl
    # With glibc's defaults PyTorch returns its large buffers to the system and faults them in again at
    # every step; keeping them makes it faster and larger. Its speed is taken with, its memory without.
    MALLOC_MMAP_THRESHOLD_=1073741824 MALLOC_TRIM_THRESHOLD_=4294967296 MALLOC_TOP_PAD_=268435456 \
        "$python" "$here/train_pytorch.py" initial train.jsonl --family "$family" --epochs "$epochs" \
        --log pytorch.jsonl --out pytorch-trained --threads 2 $stop
    /usr/bin/time -v -o pytorch.time \
        "$python" "$here/train_pytorch.py" initial train.jsonl --family "$family" --epochs "$epochs" \
        --log pytorch-lean.jsonl --threads 2 --steps 20
    "$python" "$here/score_pytorch.py" pytorch-trained initial test.jsonl "$family" \
        >pytorch-score-after.jsonl
    "$python" "$here/score_pytorch.py" swiftlet-trained initial test.jsonl "$family" \
        >swiftlet-after-by-pytorch.jsonl

    say "$family: comparison"
    "$python" "$here/compare.py" . | tee comparison.txt
}

for family in "${@:-gpt2}"; do
    mkdir "$out/$family"
    cd "$out/$family"
    flight "$family"
done
