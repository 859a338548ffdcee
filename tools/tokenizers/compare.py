#!/usr/bin/env python3
"""Compares `swiftlet tokenize --jsonl` with the reference on random short texts.

    compare.py SWIFTLET FOLDER… [--count 1000000] [--seed 1]

FOLDERs hold tokenizer files in the Hub's layout. Every id and every offset must be equal; the first
differences are shown, and the exit status is 1 if there are any. Needs tokenizers, tiktoken,
transformers and unicodedata2 16.
"""

import argparse
import json
import multiprocessing
import subprocess
import sys
import time

import references
from random_texts import Texts

CHUNK = 10_000
SHOWN = 5


def compare(task):
    """(texts, texts that NFC changes, differences) of one chunk."""
    swiftlet, folder, seed, count = task
    global reference
    if globals().get("reference_folder") != folder:
        globals()["reference_folder"] = folder
        reference = references.load(folder)
    stream = Texts(seed, reference.extra)
    texts = [stream.text() for _ in range(count)]
    lines = "".join(json.dumps({"text": text}) + "\n" for text in texts)
    run = subprocess.run([*swiftlet.split(), "tokenize", folder, "--jsonl"], input=lines.encode(), capture_output=True)
    if run.returncode != 0:
        sys.exit(f"{swiftlet}: {run.stderr.decode()}")
    differences, changed = [], 0
    answers = run.stdout.decode().split("\n")[:-1]
    assert len(answers) == count
    for text, answer in zip(texts, answers):
        answer = json.loads(answer)
        ids, offsets = reference.encode(text)
        changed += reference.normalizes and references.nfc.nfc(text) != text
        if answer["ids"] != ids or answer["offsets"] != offsets:
            differences.append((text, answer["ids"], ids, answer["offsets"], offsets))
    return count, changed, differences


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("swiftlet")
    parser.add_argument("folders", nargs="+")
    parser.add_argument("--count", type=int, default=1_000_000)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--processes", type=int, default=multiprocessing.cpu_count())
    options = parser.parse_args()
    failed = False
    with multiprocessing.Pool(options.processes) as pool:
        for folder in options.folders:
            start = time.time()
            tasks = [
                (options.swiftlet, folder, options.seed * 1_000_003 + first, min(CHUNK, options.count - first))
                for first in range(0, options.count, CHUNK)
            ]
            total = changed = different = 0
            for count, normalized, differences in pool.imap_unordered(compare, tasks):
                total += count
                changed += normalized
                for text, ours, theirs, at, there in differences[: max(0, SHOWN - different)]:
                    print(f"{folder}: {text!r}\n  swiftlet  {ours} {at}\n  reference {theirs} {there}", flush=True)
                different += len(differences)
            failed |= different > 0
            print(f"{folder}: {total} texts, {changed} changed by NFC, {different} differences, {time.time() - start:.0f} s", flush=True)
    sys.exit(1 if failed else 0)


if __name__ == "__main__":
    main()
