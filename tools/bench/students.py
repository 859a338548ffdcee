#!/usr/bin/env python3
"""What the losses of the method cost in a whole training step: students.py SWIFTLET DATA

    students.py SWIFTLET DATA [--steps 12] [--rounds 2] [--threads 2] [--batch 8] [--folder FOLDER]

A GPT-2 of 124M parameters with random weights learns slots of SLURP's sentences from the labels of three weak models,
by each loss in turn. DATA holds `slurp` and `tokenizers` (SWIFTLET_DATA). The labels are the gold answers with invented
confidences: a step's time depends on their lengths alone. The time of a row is the median of its steps, without the
first two, of the best round; it stands beside that of plain cross-entropy (`naive`).
"""

import argparse
import json
import pathlib
import shutil
import statistics
import subprocess
import sys
import tempfile

from training import GPT2

WEAK = 3
ROWS = {
    "naive": ["--method", "naive"],
    "naive, auxiliary": ["--method", "naive", "--aux", "0.5", "--aux-ramp", "0"],
    "bayesian": ["--method", "bayesian"],
    "bayesian, auxiliary": ["--method", "bayesian", "--aux", "0.5", "--aux-ramp", "0"],
    "naive, confidence": ["--method", "naive", "--confidence"],
    "bayesian, confidence": ["--method", "bayesian", "--confidence"],
}


def answer(row):
    surfaces = [token["surface"] for token in row["tokens"]]
    pairs = (f'"{e["type"]}": "{" ".join(surfaces[i] for i in e["span"])}"' for e in row["entities"])
    return "{" + ", ".join(pairs) + "}"


def labels(slurp, folder, count):
    """One file of labels for each weak model."""
    rows = [json.loads(line) for line in (slurp / "devel.jsonl").open(encoding="utf-8")][:count]
    paths = []
    for weak in range(WEAK):
        path = folder / f"labels-{weak}.jsonl"
        with path.open("w", encoding="utf-8") as out:
            for row in rows:
                text = answer(row)
                # A token a word: every boundary of a word is one of a token then.
                words = (" " + text).split(" ")[1:]
                lengths = [len(word.encode()) + 1 for word in words]
                out.write(json.dumps({
                    "prompt": row["sentence"] + " ->",
                    "candidates": [{
                        "text": text, "byte_lengths": lengths, "score": -0.2, "finished": True,
                        "logprobs": [-0.1 * (weak + 1)] * (len(lengths) + 1)}],
                }, ensure_ascii=False) + "\n")
        paths.append(path)
    return paths


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("swiftlet", type=pathlib.Path)
    parser.add_argument("data", type=pathlib.Path)
    parser.add_argument("--steps", type=int, default=12)
    parser.add_argument("--rounds", type=int, default=2)
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--batch", type=int, default=8)
    parser.add_argument("--folder", type=pathlib.Path, help="where the checkpoint is kept between runs")
    options = parser.parse_args()
    temporary = None if options.folder else tempfile.TemporaryDirectory()
    folder = options.folder or pathlib.Path(temporary.name)
    folder.mkdir(parents=True, exist_ok=True)
    swiftlet = options.swiftlet.resolve()
    model = folder / "model"
    if not (model / "model.safetensors").exists():
        (folder / "config.json").write_text(json.dumps(GPT2))
        subprocess.run([swiftlet, "init", folder / "config.json", model, "--quiet"], check=True)
        for file in (options.data / "tokenizers" / "gpt2").iterdir():
            shutil.copy(file, model)
    paths = labels(options.data / "slurp", folder, options.steps * options.batch)
    best = {}
    for _ in range(options.rounds):
        for name, flags in ROWS.items():
            out, log = folder / "out", folder / "log.jsonl"
            shutil.rmtree(out, ignore_errors=True)
            log.unlink(missing_ok=True)
            subprocess.run(
                [swiftlet, "weak-to-strong", "train", model, "--labels", *paths, "--out", out, "--log", log, "--steps",
                 str(options.steps), "--batch-size", str(options.batch), "--lr", "1e-5", "--no-shuffle", "--threads",
                 str(options.threads), "--quiet", *flags], check=True)
            steps = [json.loads(line) for line in log.open()]
            rates = [step["tokens_per_second"] for step in steps if "tokens_per_second" in step][2:]
            best[name] = max(best.get(name, 0), statistics.median(rates))
    print(f"{'':24}{'tokens/s':>10}{'time of naive':>15}")
    for name, rate in best.items():
        print(f"{name:24}{rate:10.1f}{best['naive'] / rate:15.2f}")
    if temporary:
        temporary.cleanup()


if __name__ == "__main__":
    sys.exit(main())
