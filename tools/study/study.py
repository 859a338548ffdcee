#!/usr/bin/env python3
"""Makes the study's results: prepares models and data, runs every experiment, and collects rows as they are finished.

usage: study.py SWIFTLET DATA WORK [--experiment NAME…] [--seed N…] [--minutes M] [--threads N] [--plan] [--trial]
                [--results FOLDER]

SWIFTLET is the program, DATA what SWIFTLET_DATA names, WORK a folder for models, data and runs: about 20 GB. Everything
else is made: SmolLM2 comes from the Python package that README.md names (SMOLLM2_GGUF is a copy of its file).

A run is an experiment with a seed and a part. Runs whose rows are all in RESULTS, computed from the same configuration,
data and models, are not computed again, on whatever machine. An interrupted study continues with the same command.
"""

import argparse
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

from experiments import EXPERIMENTS, SEEDS, ordered_units
from manifest import Manifest
from prepare import Preparation
from program import OutOfTime, Swiftlet
from rows import write_text
from runs import Run

HERE = Path(__file__).resolve().parent


def arguments():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("swiftlet", type=Path)
    parser.add_argument("data", type=Path)
    parser.add_argument("work", type=Path)
    parser.add_argument("--experiment", nargs="+", metavar="NAME", choices=EXPERIMENTS, default=list(EXPERIMENTS))
    parser.add_argument("--seed", nargs="+", type=int, metavar="N", default=list(SEEDS))
    parser.add_argument("--minutes", type=float, help="start nothing after this time, and save what is running")
    parser.add_argument("--threads", type=int)
    parser.add_argument("--plan", action="store_true", help="print what runs would cost; run nothing")
    parser.add_argument("--trial", action="store_true", help="one step and a few rows of everything, in WORK/trial")
    parser.add_argument("--results", type=Path, default=HERE / "results", help="a study's folder")
    return parser.parse_args()


def plan(runs, manifest):
    """Prints the seconds, operations and memory of every run that is left, as the dry run has them."""
    total = 0
    print(f"{'run':34}{'stages':>8}{'minutes':>9}{'Tflop':>9}{'GB memory':>11}{'GB disk':>9}")
    for run in runs:
        name = run.unit.name
        if is_done(run, manifest):
            print(f"{name:34}  done")
            continue
        estimate = run.plan()
        left = [stage for stage in estimate["stages"] if stage["status"] != "done"]
        total += estimate["seconds"]
        print(
            f"{name:34}{len(left):8}{estimate['seconds'] / 60:9.0f}"
            f"{sum(stage['operations'] for stage in left) / 1e12:9.0f}"
            f"{estimate['memory_bytes'] / 1e9:11.1f}{estimate['output_bytes'] / 1e9:9.1f}", flush=True)
    print(f"{total / 3600:.1f} hours in all")


def is_done(run, manifest):
    return manifest.has(run) or run.is_complete()


def work_on(run, manifest):
    """Computes and collects what is left of a run."""
    if manifest.has(run):
        return
    if manifest.is_other(run):
        # Rows of two configurations must not stand side by side.
        shutil.rmtree(run.rows, ignore_errors=True)
        manifest.remove(run)
    if not run.is_complete():
        for model in run.unit.experiment.models:
            run.preparation.model(model)
        print(f"{time.strftime('%H:%M')} {run.unit.name}", flush=True)
        run.finish()
    if run.collect():
        manifest.add(run)


def main():
    options = arguments()
    deadline = time.monotonic() + options.minutes * 60 if options.minutes else None
    work, results = options.work.resolve(), options.results.resolve()
    swiftlet = Swiftlet(options.swiftlet.resolve(), options.threads, deadline)
    preparation = Preparation(swiftlet, options.data.resolve(), work)
    if options.trial:
        preparation = Preparation(swiftlet, preparation.data, work / "trial", trial_of=preparation)
        results = work / "trial" / "results"
    if not (results / "study.yaml").exists():
        write_text(results / "study.yaml", (HERE / "results" / "study.yaml").read_text(encoding="utf-8"))
    manifest = Manifest(results / "runs.json")
    units = ordered_units(options.experiment, options.seed)
    runs = [Run(unit, swiftlet, preparation, results) for unit in units]
    for data in {unit.data: None for unit in units}:
        preparation.data_set(data)
    if options.plan:
        plan(runs, manifest)
        return
    try:
        for run in runs:
            work_on(run, manifest)
            for other in (run, run.parent):
                if other and other.is_complete():
                    other.remove_weights(keeps_shared=any(not is_done(child, manifest) for child in other.children))
    finally:
        swiftlet.report(results)


if __name__ == "__main__":
    # The signal of a closed terminal or of a supervisor is treated like Ctrl-C: children save their state.
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    try:
        main()
    except OutOfTime:
        print("the time is up; the same command continues")
    except KeyboardInterrupt:
        sys.exit("interrupted; the same command continues")
    except subprocess.CalledProcessError as error:
        sys.exit(f"{Path(str(error.cmd[0])).name} {error.cmd[1]} failed with status {error.returncode}")
    except (OSError, ValueError) as error:
        sys.exit(str(error))
