#!/usr/bin/env python3
"""Compares log-probabilities of GGUF files between llama.cpp and Swiftlet: compare.py LOGPROBS SWIFTLET WORK [MODEL]

LOGPROBS is the program that ../llama-cpp.sh builds. Models of fixtures/decoders, and MODEL, are converted in every
dtype; both programs then read the same file. MODEL has SmolLM2's vocabulary. Every comparison prints one line; the exit status is 1 if one fails.
Python's standard library is enough.
"""

import json
import subprocess
import sys
from pathlib import Path

HERE = Path(__file__).resolve().parent
FIXTURES = HERE.parent.parent.parent / "fixtures" / "decoders"
FAMILIES = ["gpt2", "gpt_neox", "llama", "llama-llama3", "llama-linear", "qwen", "qwen2", "qwen2-yarn-old", "qwen3"]
# Swiftlet multiplies singles by the values that a file has. llama.cpp rounds the other factor too: to f16 or bf16 for a
# matrix of that dtype, and to blocks of 8-bit integers for one of blocks.
# The bounds are of the largest difference and of the mean. The largest of the small models, whose logits lie far apart,
# was 1e-5 in f32, 0.012 in f16, 0.16 in bf16 and 0.52 in q8_0.
TOLERANCES = {"f32": (1e-3, 1e-4), "f16": (0.03, 0.01), "bf16": (0.3, 0.1), "q8_0": (0.75, 0.15)}
# llama.cpp looks this activation up in a table of halves; for GPT-NeoX it is the approximation with tanh besides.
ACTIVATIONS = {"gpt2": 0.005, "gpt_neox": 0.01}

failures = []


def run(*command, text=None):
    return subprocess.run([str(part) for part in command], input=text, capture_output=True, text=True, check=False)


def compare(name, path, sequences, logprobs, swiftlet, tolerance):
    lines = "".join(" ".join(map(str, ids)) + "\n" for ids in sequences)
    theirs = run(logprobs, path, text=lines)
    ours = run(swiftlet, "score", path, "--jsonl", text="".join(json.dumps({"ids": ids}) + "\n" for ids in sequences))
    good, detail = False, (theirs.stderr + ours.stderr).strip()
    if theirs.returncode == 0 and ours.returncode == 0:
        differences = []
        for line, answer, ids in zip(theirs.stdout.splitlines(), ours.stdout.splitlines(), sequences, strict=True):
            values = list(map(float, line.split()))
            assert len(values) == len(ids) - 1
            differences += [abs(a - b) for a, b in zip(values, json.loads(answer)["logprobs"], strict=True)]
        largest, mean = max(differences), sum(differences) / len(differences)
        good = largest <= tolerance[0] and mean <= tolerance[1]
        detail = f"{len(differences)} log-probabilities differ by up to {largest:.2g}, by {mean:.2g} on average"
    print(f"{'ok  ' if good else 'FAIL'} {name}: {detail}", flush=True)
    if not good:
        failures.append(name)


def convert(swiftlet, source, target, dtype):
    target.unlink(missing_ok=True)
    done = run(swiftlet, "convert", source, target, "--dtype", dtype)
    if done.returncode:
        sys.exit(f"{source} in {dtype}: {done.stderr}")


def main():
    logprobs, swiftlet, work = sys.argv[1], sys.argv[2], Path(sys.argv[3])
    models = []
    for name in FAMILIES:
        golden = json.loads((FIXTURES / name / "golden.json").read_text(encoding="utf-8"))
        # Beyond its length in training, 64, the first Qwen has a scaling that llama.cpp lacks.
        longest = 64 if name == "qwen" else 512
        sequences = [case["ids"] for case in golden["scores"] if 1 < len(case["ids"]) <= longest]
        models.append((name, FIXTURES / name, sequences))
    for path in map(Path, sys.argv[4:]):
        goldens = json.loads((HERE.parent / "goldens.json").read_text(encoding="utf-8"))
        sequences = [golden["ids"] for golden in goldens["scored"]]
        models.append((path.stem, path, sequences))
        if path.suffix == ".gguf":
            compare(f"{path.name} itself", path, sequences, logprobs, swiftlet, TOLERANCES["q8_0"])
    for name, source, sequences in models:
        for dtype, tolerance in TOLERANCES.items():
            target = work / f"{name}-{dtype}.gguf"
            convert(swiftlet, source, target, dtype)
            bounds = [bound + ACTIVATIONS.get(name, 0) for bound in tolerance]
            compare(f"{name} in {dtype}", target, sequences, logprobs, swiftlet, bounds)
    if failures:
        sys.exit(f"{len(failures)} comparisons failed")


if __name__ == "__main__":
    main()
