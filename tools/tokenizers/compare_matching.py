#!/usr/bin/env python3
"""Compares swiftlet with tokenizers on random tokenizer.json files whose added tokens, literals and Unigram pieces
overlap themselves and one another.

    compare_matching.py SWIFTLET [--count 300] [--seed 1]

For each of `count` files, ids and offsets (as whole characters) of random texts must be equal; otherwise the first
differences are shown and the exit status is 1. A difference leaves its file in the current folder.
"""

import argparse
import json
import random
import subprocess
import sys
import tempfile
from pathlib import Path

from comparison import whole
from random_matching import RandomMatching, load, results

TEXTS = 30
SHOWN = 5


def answers(command, path, texts):
    """The answers of swiftlet; None, and what it says, if it refuses a text."""
    lines = "".join(json.dumps({"text": text}) + "\n" for text in texts)
    run = subprocess.run([command, "tokenize", path, "--jsonl"], input=lines.encode(), capture_output=True)
    if run.returncode != 0:
        return None, run.stderr.decode()
    return [json.loads(line) for line in run.stdout.decode().split("\n")[:-1]], ""


def compare(command, generator, path):
    """Returns the differences on one file, and how many texts were compared."""
    file = generator.file()
    Path(path).write_text(json.dumps(file))
    tokenizer = load(file)
    cases = [(text, results(tokenizer, text)) for text in (generator.text(file) for _ in range(TEXTS))]
    taken = [case for case in cases if case[1] is not None]
    ours, message = answers(command, path, [text for text, _ in taken])
    if ours is None:
        return [(message, None, None)], 0
    found = []
    for (text, expected), answer in zip(taken, ours):
        got = [answer["ids"], whole(answer["offsets"], text)]
        unigram = file["model"]["type"] == "Unigram"
        same = got[0] == expected[0] and (unigram or got[1] == expected[1])
        # The reference gives all characters of a run of unknown ones the place of the run.
        same = same and all(there[0] <= at[0] and at[1] <= there[1] for at, there in zip(got[1], expected[1]))
        if not same:
            found.append((text, got, expected))
    for text, expected in cases:
        if expected is None and answers(command, path, [text])[0] is not None:
            found.append((text, "an answer", "a panic"))
    return found, len(cases)


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("swiftlet")
    parser.add_argument("--count", type=int, default=300)
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    failed, texts = 0, 0
    with tempfile.TemporaryDirectory() as folder:
        path = f"{folder}/tokenizer.json"
        for number in range(options.count):
            generator = RandomMatching(random.Random(f"{options.seed} {number}"))
            found, compared = compare(options.swiftlet, generator, path)
            texts += compared
            if found:
                failed += 1
                Path(f"different-{number}.json").write_text(Path(path).read_text())
                for case in found[:SHOWN]:
                    print(f"file {number}:", *(repr(part) for part in case), sep="\n  ")
    print(f"{options.count} files, {texts} texts, {failed} files with differences")
    sys.exit(1 if failed else 0)


if __name__ == "__main__":
    main()
