#!/usr/bin/env python3
"""Rows for the classification of SLURP's utterances: is a scenario that of an utterance?

usage: scenarios.py SLURP_FOLDER OUT_FOLDER [SEED]

Each utterance for training gives two rows with the text `Q: {utterance} A: {scenario}`, one with its scenario and one
with another, drawn uniformly; one of the test gives one row, right and wrong in turn. The utterances are those of
slots.py; those for training are shuffled with the seed and divided, so that none is in both parts. The random numbers
are those of METHOD's generator.
"""

import sys
from pathlib import Path

from rows import SplitMix64, require_disjoint, write_lines
from slots import sample, sentences, utterances


def write_seed(source, target, seed):
    devel, test = utterances(source)
    scenarios = sorted({row["scenario"] for row in devel + test})
    order = SplitMix64(seed)
    order.shuffle(devel)
    half = len(devel) // 2
    require_disjoint(
        f"scenarios, seed {seed}",
        {"weak": sentences(devel[:half]), "strong": sentences(devel[half:]), "test": sentences(test)})
    wrong = SplitMix64(seed + 2)

    def row(utterance, label, mark=""):
        scenario = utterance["scenario"]
        if not label:
            others = [name for name in scenarios if name != scenario]
            scenario = others[wrong.next() % len(others)]
        number = utterance["slurp_id"]
        return {
            "id": f"{number}{mark}" if mark else number, "text": f"Q: {utterance['sentence']} A: {scenario}",
            "label": label}

    parts = {
        "weak": [row(item, label, mark) for item in devel[:half] for label, mark in ((1, "+"), (0, "-"))],
        "strong": [row(item, label, mark) for item in devel[half:] for label, mark in ((1, "+"), (0, "-"))],
        "test": [row(item, 1 - place % 2) for place, item in enumerate(sample(test))],
    }
    for name, rows in parts.items():
        write_lines(target / f"{name}.jsonl", rows)


if __name__ == "__main__":
    if len(sys.argv) not in (3, 4):
        sys.exit(__doc__.split("\n\n")[1])
    write_seed(Path(sys.argv[1]), Path(sys.argv[2]), int(sys.argv[3]) if len(sys.argv) == 4 else 0)
