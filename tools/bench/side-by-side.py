#!/usr/bin/env python3
"""Running time and memory of two builds of swiftlet, in turns.

    side-by-side.py OLD NEW [--runs 10] [--threads 2] [--only WORD] [--layers 12] [--folder FOLDER]

Each command is a whole process on a GPT-2 of 124 M parameters with random weights: OLD and NEW once each without
counting, then in turns, so that a change of the machine's speed meets both. Printed are the best and the median of the
wall times, of the processor times (user and system) and of the peak resident memory, which includes the pages of mapped
weights. The ratio is NEW over OLD, pair by pair, as a median with its quartiles: judge by that, not by single times.
Both must print the same (times and rates left out) and train the same weights, else the exit status is 1.

With SWIFTLET_DATA the vocabulary and sentences are real ones, else those of the fixtures.
"""

import argparse
import hashlib
import json
import os
import pathlib
import re
import shutil
import statistics
import subprocess
import sys
import tempfile
import time

ROOT = pathlib.Path(__file__).resolve().parents[2]
TIMES = re.compile(rb'"((?:first_)?seconds|tokens_per_second)": ?[0-9.eE+-]+')


class Work:
    """The model and the inputs."""

    def __init__(self, swiftlet, folder, layers):
        data = os.environ.get("SWIFTLET_DATA")
        self.folder = folder
        self.vocabulary = pathlib.Path(data, "tokenizers/gpt2") if data else ROOT / "fixtures/bpe-small"
        text = pathlib.Path(data, "slurp/lm.txt") if data else ROOT / "fixtures/text/lighthouse.txt"
        sentences = text.read_text().splitlines()
        sources = "".join(path.read_text() for path in sorted((ROOT / "Sources").rglob("*.swift")))
        corpus = "\n".join(sentences) + "\n" + sources
        (folder / "corpus.txt").write_text(corpus * (40_000_000 // len(corpus.encode()) + 1))
        self.write("sentences", [{"text": sentence} for sentence in sentences[:20_000]])
        self.write("scored", [{"text": " ".join(sentences[start : start + 40])} for start in range(0, 120, 40)])
        self.write("prompts", [{"prompt": sentence} for sentence in sentences[:4]])
        self.write("train", [{"text": " ".join(sentences[start : start + 4])} for start in range(0, 64, 4)])
        config = {
            "model_type": "gpt2", "architectures": ["GPT2LMHeadModel"], "vocab_size": 50257, "n_positions": 1024,
            "n_embd": 768, "n_head": 12, "n_layer": layers, "bos_token_id": 50256, "eos_token_id": 50256}
        (folder / "config.json").write_text(json.dumps(config))
        if not (folder / "model").exists():
            subprocess.run([swiftlet, "init", folder / "config.json", folder / "model", "--quiet"], check=True,
                           stdout=subprocess.DEVNULL)
        for path in self.vocabulary.iterdir():
            if path.suffix in (".json", ".txt") and path.name != "golden.jsonl":
                shutil.copyfile(path, folder / "model" / path.name)

    def write(self, name, rows):
        (self.folder / f"{name}.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows))

    def commands(self, threads):
        """Name and arguments of each command; `{out}` is a folder that does not exist."""
        model = ["model"]
        last = ["--threads", str(threads), "--quiet"]
        train = ["--log", "{out}.jsonl", "--batch-size", "4", "--steps", "2", "--lr", "1e-4", "--no-shuffle"]
        return {
            "tokenize, corpus": [
                "tokenize", *model, "--input", "corpus.txt", "--count", "--repeat", "8", "--json", *last],
            "tokenize, lines": ["tokenize", *model, "--jsonl", "--input", "sentences.jsonl", *last],
            "score": ["score", *model, "--jsonl", "--input", "scored.jsonl", *last],
            "generate, greedy": [
                "generate", *model, "--jsonl", "--input", "prompts.jsonl", "--max-new-tokens", "48", *last],
            "generate, 4 beams": [
                "generate", *model, "--jsonl", "--input", "prompts.jsonl", "--max-new-tokens", "16", "--beams", "4",
                *last],
            "finetune": ["finetune", *model, "--data", "train.jsonl", "--out", "{out}", *train, "--json", *last],
            "finetune, micro": [
                "finetune", *model, "--data", "train.jsonl", "--out", "{out}", *train, "--micro-batch-size", "1",
                "--json", *last],
        }


class Run:
    """One finished process: seconds, processor seconds, peak resident memory in MB, output without times."""

    def __init__(self, binary, arguments, folder, reads_weights):
        out = folder / "out"
        arguments = [argument.format(out=out) for argument in arguments]
        with open(folder / "stdout", "wb+") as output:
            start = time.perf_counter()
            process = subprocess.Popen([binary, *arguments], cwd=folder, stdin=subprocess.DEVNULL, stdout=output)
            _, status, usage = os.wait4(process.pid, 0)
            self.wall = time.perf_counter() - start
            process.returncode = os.waitstatus_to_exitcode(status)
            output.seek(0)
            self.output = TIMES.sub(b"", output.read())
        if process.returncode:
            sys.exit(f"{binary} {' '.join(arguments)}: status {process.returncode}")
        self.processor = usage.ru_utime + usage.ru_stime
        self.memory = usage.ru_maxrss / (1 << 20 if sys.platform == "darwin" else 1 << 10)
        log = folder / "out.jsonl"
        if log.exists():
            self.output += TIMES.sub(b"", log.read_bytes())
            if reads_weights:
                self.output += hashlib.sha1((out / "model.safetensors").read_bytes()).digest()
            log.unlink()
            shutil.rmtree(out)


def measure(name, arguments, binaries, folder, runs):
    pairs = []
    for turn in range(runs + 1):
        # The order changes from pair to pair: what runs second may find warmer or hotter ground.
        order = (0, 1) if turn % 2 == 0 else (1, 0)
        done = {side: Run(binaries[side], arguments, folder, reads_weights=turn == 0) for side in order}
        if turn > 0:
            pairs.append((done[0], done[1]))
        if done[0].output != done[1].output:
            print(f"{name}: the outputs differ", file=sys.stderr)
            return False
    for what, unit in (("wall", "s"), ("processor", "s"), ("memory", "MB")):
        columns = [[getattr(run, what) for run in side] for side in zip(*pairs)]
        ratios = [new / old for old, new in zip(*columns)]
        low, middle, high = statistics.quantiles(ratios, n=4) if len(ratios) > 1 else ratios * 3
        figures = "".join(f"{min(values):>10.3f}{statistics.median(values):>10.3f}" for values in columns)
        print(f"{name:<20}{what + ', ' + unit:<14}{figures}{middle:>9.3f}  ({low:.3f} to {high:.3f})", flush=True)
        name = ""
    return True


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("old", type=pathlib.Path)
    parser.add_argument("new", type=pathlib.Path)
    parser.add_argument("--runs", type=int, default=10)
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--only", default="", help="only commands whose name contains this")
    parser.add_argument("--layers", type=int, default=12, help="layers of the model; 12 is GPT-2 of 124 M parameters")
    parser.add_argument("--folder", type=pathlib.Path, help="work here and leave the model for the next time")
    options = parser.parse_args()
    binaries = [path.resolve(strict=True) for path in (options.old, options.new)]
    folder = options.folder or pathlib.Path(tempfile.mkdtemp(prefix="swiftlet-side-by-side-"))
    folder.mkdir(parents=True, exist_ok=True)
    folder = folder.resolve()
    try:
        commands = Work(binaries[0], folder, options.layers).commands(options.threads)
        print(f"{options.runs} runs each, {options.threads} threads")
        print(f"{'':<34}{'old best':>10}{'median':>10}{'new best':>10}{'median':>10}{'new/old':>9}  (quartiles)")
        equal = [
            measure(name, arguments, binaries, folder, options.runs)
            for name, arguments in commands.items() if options.only in name]
    finally:
        if not options.folder:
            shutil.rmtree(folder)
    return 0 if all(equal) else 1


if __name__ == "__main__":
    sys.exit(main())
