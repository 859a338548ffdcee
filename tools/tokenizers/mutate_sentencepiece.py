#!/usr/bin/env python3
"""Truncates a SentencePiece model and flips its bytes, and compares swiftlet's verdicts with SentencePiece's.

    mutate_sentencepiece.py SWIFTLET MODEL… [--step 1] [--seed 1]

Tries every truncation and a flip of every byte (every STEP bytes). Swiftlet must exit with status 0, 65 or
69 within the time limit, must not accept a model that SentencePiece refuses or crashes on, and must produce
SentencePiece's pieces if both accept it. The exit status is 1 if any of this fails.
"""

import argparse
import collections
import json
import os
import random
import subprocess
import sys
import tempfile
from pathlib import Path

PROBES = ["the lighthouse  <sep> ABC ﬁ\u200b 日本 😀 10 ===", " x", "ab"]


def reference(data):
    """Returns 'crashes', 'refuses', or the ids of the probes, from a separate process."""
    read, write = os.pipe()
    child = os.fork()
    if child == 0:
        try:
            os.close(read)
            os.dup2(os.open(os.devnull, os.O_WRONLY), 2)
            import sentencepiece

            try:
                model = sentencepiece.SentencePieceProcessor(model_proto=data)
                answer = [model.encode(probe) for probe in PROBES]
            except Exception:
                answer = "refuses"
            os.write(write, json.dumps(answer).encode())
        finally:
            os._exit(0)
    os.close(write)
    answer = b""
    while part := os.read(read, 65536):
        answer += part
    os.close(read)
    os.waitpid(child, 0)
    return json.loads(answer) if answer else "crashes"


def ours(swiftlet, path):
    """Returns the exit status, and the ids of the probes if it is 0."""
    lines = "".join(json.dumps({"text": probe}) + "\n" for probe in PROBES)
    try:
        run = subprocess.run(
            [swiftlet, "tokenize", path, "--jsonl", "--no-special-tokens"],
            input=lines.encode(), capture_output=True, timeout=20)
    except subprocess.TimeoutExpired:
        return "hangs", None
    if run.returncode != 0:
        return run.returncode, None
    return 0, [json.loads(line)["ids"] for line in run.stdout.decode().split("\n") if line]


def mutations(data, step, seed):
    source = random.Random(seed)
    for at in range(0, len(data), step):
        yield f"truncated at {at}", data[:at]
        flipped = bytearray(data)
        flipped[at] ^= source.randrange(1, 256)
        yield f"byte {at} changed to {flipped[at]}", bytes(flipped)


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("swiftlet")
    parser.add_argument("models", nargs="+")
    parser.add_argument("--step", type=int, default=1)
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    failed = False
    with tempfile.TemporaryDirectory() as folder:
        path = os.path.join(folder, "tokenizer.model")
        for model in options.models:
            counts = collections.Counter()
            for what, data in mutations(Path(model).read_bytes(), options.step, options.seed):
                Path(path).write_bytes(data)
                status, ids = ours(options.swiftlet, path)
                theirs = reference(data)
                verdict = "accepts" if status == 0 else status
                counts[verdict, theirs if isinstance(theirs, str) else "accepts"] += 1
                wrong = status not in (0, 65, 69) or (status == 0 and isinstance(theirs, str))
                if status == 0 and not wrong and ids != theirs:
                    counts["different ids", ""] += 1
                    wrong = True
                if wrong:
                    failed = True
                    print(f"{model}: {what}: {status} {ids}, SentencePiece: {theirs}", flush=True)
            for (verdict, theirs), count in sorted(counts.items(), key=str):
                print(f"{model}: swiftlet {verdict}, SentencePiece {theirs}: {count}", flush=True)
    sys.exit(1 if failed else 0)


if __name__ == "__main__":
    main()
