#!/usr/bin/env python3
"""Compares learning rates and epochs on rows that are held back from training.

usage: selection.py SWIFTLET DATA WORK EXPERIMENT (--strong | --weak) [lr=A,B…] [epochs=A,B…] [--threads N]

EXPERIMENT is `sciq`, `slots` or `scenarios`. Of seed 0 (for SciQ, its first part), a quarter of the rows that train the
weak models and a quarter of those that they label are held back; no test row takes part. As the thirds of SciQ rotate,
the held-back questions of its first part are tested in its others. For each setting, `--strong` trains the ceiling and the
naive student, `--weak` the weak models, on the other rows, and all are evaluated on those held back. A line for each
setting has the results; the folder is WORK/selection/EXPERIMENT.
"""

import argparse
import itertools
import json
import subprocess
import sys
from pathlib import Path

from experiments import EXPERIMENTS, merged
from prepare import Preparation
from program import Swiftlet
from rows import SplitMix64, read_lines, write_lines, write_text


def held_back(rows, size):
    """Rows in blocks of `size`, those of one question: three quarters to train on, a quarter to be tested on."""
    cut = len(rows) // size * 3 // 4 * size
    return rows[:cut], rows[cut:]


def write_data(unit, data, folder):
    """The rows of a selection, from those that train and are labelled."""
    if unit.experiment.name == "slots":
        rows = read_lines(data / "slots" / "devel.jsonl")
        SplitMix64(unit.seed).shuffle(rows)
        halves, size = (rows[:len(rows) // 2], rows[len(rows) // 2:]), 1
    else:
        source = data / unit.data / (f"part-{unit.part}" if unit.part else "")
        halves, size = [read_lines(source / f"{name}.jsonl") for name in ("weak", "strong")], 2
    (weak, weak_rest), (strong, strong_rest) = (held_back(rows, size) for rows in halves)
    for name, part in (("weak", weak), ("strong", strong), ("test", weak_rest + strong_rest)):
        write_lines(folder / f"{name}.jsonl", part)


def configuration(unit):
    """The experiment with these rows and one student."""
    result = merged(unit.configuration, {"preference": None, "students": {"methods": ["naive"], "aux": [False]}})
    return {**result, "data": {name: f"{name}.jsonl" for name in ("weak", "strong", "test")}}


def with_depth(configuration):
    """Paths of models from a folder that is one level higher than a run's."""
    for model in (configuration["strong"], *configuration["weak"]["models"]):
        model["model"] = model["model"].removeprefix("../")
    return configuration


def grid(texts):
    """Every combination of the settings `key=value,value…`."""
    axes = []
    for text in texts:
        key, _, values = text.partition("=")
        if key not in ("lr", "epochs") or not values:
            raise ValueError(f"{text} is not lr=A,B… or epochs=A,B…")
        axes.append([(key, (float if key == "lr" else int)(value)) for value in values.split(",")])
    return [dict(point) for point in itertools.product(*axes)]


def metric(stage):
    values = json.loads((stage / "metrics.json").read_text(encoding="utf-8"))
    return next(values[name] for name in ("accuracy", "slu_f1") if name in values)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    for name in ("swiftlet", "data", "work"):
        parser.add_argument(name, type=Path)
    parser.add_argument("experiment", choices=("sciq", "slots", "scenarios"))
    which = parser.add_mutually_exclusive_group(required=True)
    which.add_argument("--strong", nargs="+", metavar="KEY=VALUES")
    which.add_argument("--weak", nargs="+", metavar="KEY=VALUES")
    parser.add_argument("--threads", type=int)
    options = parser.parse_args()
    swiftlet = Swiftlet(options.swiftlet.resolve(), options.threads)
    preparation = Preparation(swiftlet, options.data.resolve(), options.work.resolve())
    unit = EXPERIMENTS[options.experiment].units()[0]
    preparation.data_set(unit.data)
    for model in unit.experiment.models:
        preparation.model(model)
    folder = preparation.work / "selection" / options.experiment
    write_data(unit, preparation.work / "data", folder)
    base = with_depth(configuration(unit))
    student = "student-naive" + ("-product" if options.experiment == "slots" else "")
    models = ["ceiling", student] if options.strong else [f"weak-{model['name']}" for model in base["weak"]["models"]]
    section = "strong" if options.strong else "weak"
    for settings in grid(options.strong or options.weak):
        path = folder / "config.yaml"
        changed = merged(base, {section: {"training": settings}})
        if options.weak:
            # A model's own settings win over those of the section.
            for model in changed["weak"]["models"]:
                model["training"] = {**model.get("training", {}), **settings}
        write_text(path, json.dumps(changed, indent=1) + "\n")
        results = []
        for model in models:
            stage = f"evaluate-{model}"
            swiftlet(
                "weak-to-strong", "run", path, "--out", folder / "run", "--stage", stage, "--quiet", heavy=True)
            results.append(f"{model} {metric(folder / 'run' / 'stages' / str(unit.seed) / stage):.3f}")
        print(", ".join(f"{key} {value:g}" for key, value in settings.items()), *results, sep="  ", flush=True)


if __name__ == "__main__":
    try:
        main()
    except (OSError, ValueError, subprocess.CalledProcessError) as error:
        sys.exit(str(error))
