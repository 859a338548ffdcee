#!/usr/bin/env python3
"""SLURP's utterances for the study, without those that the test part has too.

usage: slots.py SLURP_FOLDER OUT_FOLDER

`devel.jsonl` without utterances that equal one of the test part, or an earlier one of devel, in letters and digits;
`test.jsonl`, the whole test part, and `test-1000.jsonl`, 1,000 of its utterances, the same for every seed.
"""

import sys
from pathlib import Path

from rows import SplitMix64, letters, read_lines, require_disjoint, write_lines

TESTED = 1000


def utterances(source):
    """The utterances for training, and those of the test."""
    test = read_lines(source / "test.jsonl")
    seen = {letters(row["sentence"]) for row in test}
    devel = []
    for row in read_lines(source / "devel.jsonl"):
        if letters(row["sentence"]) not in seen:
            seen.add(letters(row["sentence"]))
            devel.append(row)
    require_disjoint("SLURP", {"test": sentences(test), "devel": sentences(devel)})
    return devel, test


def sentences(rows):
    return [row["sentence"] for row in rows]


def sample(test):
    """The fixed part of the test, in its order."""
    places = list(range(len(test)))
    SplitMix64(0).shuffle(places)
    return [test[place] for place in sorted(places[:TESTED])]


def write(source, target):
    devel, test = utterances(source)
    write_lines(target / "devel.jsonl", devel)
    write_lines(target / "test.jsonl", test)
    write_lines(target / f"test-{TESTED}.jsonl", sample(test))


if __name__ == "__main__":
    if len(sys.argv) != 3:
        sys.exit(__doc__.split("\n\n")[1])
    write(Path(sys.argv[1]), Path(sys.argv[2]))
