"""What scripts share that compare `swiftlet tokenize --jsonl` with a reference on random short texts."""

import argparse
import json
import multiprocessing
import subprocess
import sys
import time

CHUNK = 10_000
SHOWN = 5


def arguments(doc, *positional):
    """Parses the command line: `swiftlet`, then the given arguments, each of them (name, settings)."""
    parser = argparse.ArgumentParser(description=doc.split("\n")[0])
    parser.add_argument("swiftlet")
    for name, settings in positional:
        parser.add_argument(name, **settings)
    parser.add_argument("--count", type=int, default=1_000_000)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--processes", type=int, default=multiprocessing.cpu_count())
    return parser.parse_args()


def differences(swiftlet, path, texts, expected):
    """Returns (text, ids, expected ids, offsets, expected offsets) for each text on which swiftlet differs
    from `expected`, which returns the ids and offsets of a text."""
    lines = "".join(json.dumps({"text": text}) + "\n" for text in texts)
    command = [*swiftlet.split(), "tokenize", path, "--jsonl"]
    run = subprocess.run(command, input=lines.encode(), capture_output=True)
    if run.returncode != 0:
        sys.exit(f"{swiftlet}: {run.stderr.decode()}")
    answers = run.stdout.decode().split("\n")[:-1]
    assert len(answers) == len(texts)
    found = []
    for text, answer in zip(texts, map(json.loads, answers)):
        ids, offsets = expected(text)
        if answer["ids"] != ids or answer["offsets"] != offsets:
            found.append((text, answer["ids"], ids, answer["offsets"], offsets))
    return found


def ask(swiftlet, command, path, lines, *options):
    """The answers of a command of swiftlet to lines of JSON."""
    call = [*swiftlet.split(), command, path, "--jsonl", *options]
    run = subprocess.run(call, input="".join(json.dumps(line) + "\n" for line in lines).encode(), capture_output=True)
    if run.returncode != 0:
        sys.exit(f"{' '.join(call)}: {run.stderr.decode()}")
    answers = [json.loads(line) for line in run.stdout.decode().split("\n")[:-1]]
    assert len(answers) == len(lines)
    return answers


def whole(offsets, text):
    """Offsets in bytes, widened to whole characters."""
    data = text.encode()

    def is_inside(at):
        return 0 < at < len(data) and data[at] & 0xC0 == 0x80

    wide = []
    for start, end in offsets:
        while start < end and is_inside(start):
            start -= 1
        while start < end and is_inside(end):
            end += 1
        wide.append([start, end])
    return wide


def run(options, paths, compare):
    """Compares all texts for each path, and exits with status 1 if any differ.

    `compare` receives (path, seed, number of texts), and returns the differences and further counts by name.
    """
    failed = False
    with multiprocessing.Pool(options.processes) as pool:
        for path in paths:
            start = time.time()
            tasks = [
                (path, options.seed * 1_000_003 + first, min(CHUNK, options.count - first))
                for first in range(0, options.count, CHUNK)
            ]
            different, counts = 0, {}
            for found, more in pool.imap_unordered(compare, tasks):
                for text, ours, theirs, at, there in found[: max(0, SHOWN - different)]:
                    print(f"{path}: {text!r}", flush=True)
                    print(f"  swiftlet  {ours} {at}\n  reference {theirs} {there}", flush=True)
                different += len(found)
                for name, count in more.items():
                    counts[name] = counts.get(name, 0) + count
            failed |= different > 0
            others = "".join(f", {count} {name}" for name, count in counts.items())
            print(
                f"{path}: {options.count} texts{others}, {different} differences, {time.time() - start:.0f} s",
                flush=True,
            )
    sys.exit(1 if failed else 0)
