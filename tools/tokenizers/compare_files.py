#!/usr/bin/env python3
"""Compares swiftlet with tokenizers on random small tokenizer.json files: every option of BPE and Unigram, every
decoder and post-processor.

    compare_files.py SWIFTLET [--count 300] [--seed 1]

For each of `count` files, ids, offsets (as whole characters) and decoded texts of a few dozen random texts must be
equal; otherwise the first differences are shown and the exit status is 1. A difference leaves its file in the
current folder.
"""

import argparse
import json
import random
import subprocess
import sys
import tempfile
from pathlib import Path

from comparison import whole
from random_tokenizers import RandomTokenizers, decoded, load, results

TEXTS = 30
SHOWN = 5


def swiftlet(command, name, path, lines, *options):
    """The answers to lines of JSON; None if swiftlet refuses one of them."""
    run = subprocess.run([command, name, path, "--jsonl", *options], input="".join(lines).encode(), capture_output=True)
    return run.returncode, [json.loads(line) for line in run.stdout.decode().split("\n")[:-1]], run.stderr.decode()


def same_places(ours, theirs, is_unigram):
    if theirs is None:
        return True
    if is_unigram:
        # The reference gives all bytes of a run of unknown characters the place of the run.
        return all(there[0] <= at[0] and at[1] <= there[1] for at, there in zip(ours, theirs))
    return ours == theirs


def compare(command, generator, kind, path):
    """Returns the differences on one file."""
    file = generator.file(kind)
    tokenizer = load(file)
    Path(path).write_text(json.dumps(file))
    texts = [generator.text(file) for _ in range(TEXTS)]
    expected = [results(tokenizer, text, file) for text in texts]
    taken = [(text, there) for text, there in zip(texts, expected) if there is not None]
    found = []
    status, answers, error = swiftlet(
        command, "tokenize", path, [json.dumps({"text": text}) + "\n" for text, _ in taken])
    if status != 0:
        return [f"tokenize: {error}"], file
    for (text, (ids, offsets)), answer in zip(taken, answers):
        if answer["ids"] != ids or not same_places(whole(answer["offsets"], text), offsets, kind == "unigram"):
            found.append(f"{text!r}\n  swiftlet  {answer['ids']} {answer['offsets']}\n  reference {ids} {offsets}")
    for text, there in zip(texts, expected):
        if there is None and swiftlet(command, "tokenize", path, [json.dumps({"text": text}) + "\n"])[0] != 65:
            found.append(f"{text!r} is taken, unlike in the reference")
    lists = [generator.ids(file) for _ in range(TEXTS)] + [ids for _, (ids, _) in taken]
    for skips, options in enumerate([["--skip-special-tokens"], []]):
        wanted = [(ids, texts) for ids in lists if (texts := decoded(tokenizer, ids)) is not None]
        status, answers, error = swiftlet(
            command, "detokenize", path, [json.dumps({"ids": ids}) + "\n" for ids, _ in wanted], *options)
        if status != 0:
            found.append(f"detokenize: {error}")
            continue
        for (ids, texts), answer in zip(wanted, answers):
            if answer["text"] != texts[skips]:
                found.append(f"{ids}\n  swiftlet  {answer['text']!r}\n  reference {texts[skips]!r}")
    return found, file


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("swiftlet")
    parser.add_argument("--count", type=int, default=300)
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    generator = RandomTokenizers(random.Random(options.seed))
    failures = 0
    with tempfile.TemporaryDirectory() as folder:
        for number in range(options.count):
            kind = ["pairs", "bytes", "unigram"][number % 3]
            found, file = compare(options.swiftlet, generator, kind, str(Path(folder) / "tokenizer.json"))
            if not found:
                continue
            failures += 1
            Path(f"different-{number}.json").write_text(json.dumps(file))
            for text in found[: max(0, SHOWN - failures + 1)]:
                print(f"file {number} ({kind}): {text}", flush=True)
    print(f"{options.count} files, {failures} with differences")
    sys.exit(1 if failures else 0)


if __name__ == "__main__":
    main()
