#!/usr/bin/env python3
"""Rows for small-scenarios.yaml: is a scenario that of an utterance of SLURP?

usage: scenarios.py SLURP_FOLDER OUT_FOLDER

Each utterance of devel.jsonl gives two rows with the text `Q: {utterance} A: {scenario}`, one with its
scenario and one with another, drawn uniformly; one of test.jsonl gives one row, right and wrong in
turn. devel.jsonl is shuffled and divided by utterances, so that none is in both parts. The random numbers are those of METHOD's generator, SplitMix64 of seed 0.
"""

import json
import sys
from pathlib import Path

MASK = (1 << 64) - 1


def splitmix64(state):
    while True:
        state = (state + 0x9E3779B97F4A7C15) & MASK
        z = ((state ^ (state >> 30)) * 0xBF58476D1CE4E5B9) & MASK
        z = ((z ^ (z >> 27)) * 0x94D049BB133111EB) & MASK
        yield z ^ (z >> 31)


def main():
    source, target = Path(sys.argv[1]), Path(sys.argv[2])
    utterances = {
        name: [json.loads(line) for line in (source / f"{name}.jsonl").open()]
        for name in ("devel", "test")
    }
    scenarios = sorted({row["scenario"] for rows in utterances.values() for row in rows})
    numbers = splitmix64(0)

    def row(utterance, label):
        scenario = utterance["scenario"]
        if not label:
            others = [name for name in scenarios if name != scenario]
            scenario = others[next(numbers) % len(others)]
        return {"text": f"Q: {utterance['sentence']} A: {scenario}", "label": label}

    target.mkdir(parents=True, exist_ok=True)
    devel = utterances["devel"]
    for place in range(len(devel) - 1, 0, -1):
        other = next(numbers) % (place + 1)
        devel[place], devel[other] = devel[other], devel[place]
    half = len(devel) // 2
    parts = {
        "weak": [row(item, label) for item in devel[:half] for label in (1, 0)],
        "strong": [row(item, label) for item in devel[half:] for label in (1, 0)],
        "test": [row(item, 1 - place % 2) for place, item in enumerate(utterances["test"])],
    }
    for name, rows in parts.items():
        (target / f"{name}.jsonl").write_text("".join(json.dumps(item) + "\n" for item in rows))


main()
