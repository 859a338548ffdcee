"""Compares the two trainings of the main job: compare.py OUT

Reads what run.sh left in OUT and prints a table of the first losses, then speed, memory and test losses.
Exit status 1 if a loss differs by more than 1 % in the first 50 steps."""

import json
import re
import sys
from pathlib import Path
from statistics import median

STEPS = 50
TOLERANCE = 0.01
SIDES = ["swiftlet", "pytorch"]


def json_lines(path):
    with open(path, encoding="utf-8", newline="\n") as lines:
        return [json.loads(line) for line in lines]


def training_log(path):
    return [entry for entry in json_lines(path) if "loss" in entry]


def peak_rss(path):
    """Bytes, from the report of GNU time -v."""
    found = re.search(r"Maximum resident set size \(kbytes\): (\d+)", path.read_text())
    return int(found[1]) * 1024


def test_loss(path):
    rows = json_lines(path)
    return -sum(sum(row["logprobs"]) for row in rows) / sum(len(row["logprobs"]) for row in rows)


def relative(value, reference):
    return abs(value - reference) / abs(reference)


def print_losses(ours, theirs):
    """The table of the first steps; returns the largest relative difference."""
    worst = 0.0
    print(f"{'step':>5} {'swiftlet':>12} {'pytorch':>12} {'difference':>11} {'norm differs':>13}")
    for step, (a, b) in enumerate(zip(ours[:STEPS], theirs[:STEPS]), start=1):
        difference = relative(a["loss"], b["loss"])
        norm = relative(a["grad_norm"], b["grad_norm"])
        worst = max(worst, difference)
        print(f"{step:5d} {a['loss']:12.6f} {b['loss']:12.6f} {difference:11.2e} {norm:13.2e}")
    return worst


def row(name, ours, theirs, form):
    print(f"{name:<28} {format(ours, form):>12} {format(theirs, form):>12} {ours / theirs:8.3f}")


def main():
    out = Path(sys.argv[1])
    logs = [training_log(out / f"{side}.jsonl") for side in SIDES]
    if min(map(len, logs)) < STEPS:
        raise SystemExit(f"error: {out}: a log has fewer than {STEPS} steps")
    worst = print_losses(*logs)
    common = min(map(len, logs))
    later = max(relative(a["loss"], b["loss"]) for a, b in zip(*logs))
    print(f"\nlargest relative difference of a loss: {worst:.2e} in {STEPS} steps, {later:.2e} in {common}\n")

    print(f"{'':<28} {'swiftlet':>12} {'pytorch':>12} {'ratio':>8}")
    row("steps", *map(len, logs), "d")
    speeds = [median(entry["tokens_per_second"] for entry in log[:common]) for log in logs]
    row("tokens/s (median of steps)", *speeds, ".0f")
    peaks = [peak_rss(out / f"{side}.time") / 2**20 for side in SIDES]
    row("peak memory, MiB", *peaks, ".0f")
    for when in ["before", "after"]:
        files = [out / f"{side}-score-{when}.jsonl" for side in SIDES]
        if all(path.exists() for path in files):
            row(f"test loss {when}", *map(test_loss, files), ".5f")
    crossed = out / "swiftlet-after-by-pytorch.jsonl"
    if crossed.exists():
        print(f"swiftlet's checkpoint, test loss by PyTorch: {test_loss(crossed):.5f}")

    if not worst <= TOLERANCE:
        print(f"FAILED: a loss differs by more than {TOLERANCE:.0%}")
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
