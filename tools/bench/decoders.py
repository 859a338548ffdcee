#!/usr/bin/env python3
"""Decoders at real shapes beside llama.cpp and transformers, in one run on this machine:

  decoders.py SWIFTLET [--llamacpp FOLDER] [--data FOLDER] [--folder FOLDER] [--models NAME ...] [--clean]

Run with the Python of tools/setup-python.sh, on a machine that does nothing else. The models have random weights in
bf16, made once in --folder with their GGUF files (36 GB for the largest; --clean deletes each after its table).
--llamacpp is what setup-llamacpp.sh made; --data holds `tokenizers/`, which llama.cpp's converter needs. All take
turns, --repeat times; a cell is the best run, and the median in brackets. Every file is read into the page cache
before its turn."""

import argparse
import json
import os
import shutil
import statistics
import sys
from pathlib import Path

import decoder_checks
from decoder_llamacpp import LlamaCpp
from decoder_shapes import MODELS, Model
from process import Failed, run

HERE = Path(__file__).resolve().parent
PROMPT, NEW, BEAMS = 512, 32, 4
LARGE = 5e9  # bytes of weights from which on nothing runs just to warm up


def arguments():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("swiftlet", type=lambda text: Path(text).resolve())
    parser.add_argument("--llamacpp", type=Path)
    parser.add_argument("--data", type=Path, default=os.environ.get("SWIFTLET_DATA"))
    parser.add_argument("--folder", type=Path, default=Path("models"))
    parser.add_argument("--models", nargs="+", choices=MODELS, default=list(MODELS))
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--repeat", type=int, default=3)
    parser.add_argument("--limit", type=int, default=900, help="seconds that a process may take")
    parser.add_argument("--only", nargs="+", choices=["swiftlet", "llama.cpp", "transformers"])
    parser.add_argument("--clean", action="store_true", help="delete each model after its table")
    return parser.parse_args()


class Table:
    """What one model's runners gave, by peer, form and metric."""

    def __init__(self, model, options, llama, machine):
        self.model, self.options, self.machine = model, options, machine
        self.llama = llama if llama and llama.runs(model) else None
        self.large = model.size(2) > LARGE
        self.results, self.failures = {}, {}

    def runners(self):
        """(peer, form): work that returns values by metric."""
        threads = self.options.threads
        runners = {
            ("swiftlet", "f32"): lambda: self.swiftlet(),
            ("transformers", "f32"): lambda: self.transformers("float32"),
            ("swiftlet", "bf16"): lambda: self.swiftlet("--precision", "bf16"),
            ("llama.cpp", "bf16"): lambda: self.llamacpp("bf16"),
            ("transformers", "bf16"): lambda: self.transformers("bfloat16"),
            ("swiftlet", "int8"): lambda: self.swiftlet("--weights", "int8"),
            ("llama.cpp", "int8"): lambda: self.llamacpp("q8_0"),
            ("swiftlet", "beams"): lambda: self.swiftlet("--beams", BEAMS),
            ("transformers", "beams"): lambda: self.transformers("float32", BEAMS),
            ("swiftlet", "first"): self.first_token,
            ("llama.cpp", "first"): lambda: {"seconds": self.llama.first_token(self.warm(self.gguf("bf16")), threads)},
        }
        if not self.llama:
            runners = {key: work for key, work in runners.items() if key[0] != "llama.cpp"}
        if self.options.only:
            runners = {key: work for key, work in runners.items() if key[0] in self.options.only}
        return runners

    def measure(self):
        runners = self.runners()
        for turn in range(self.options.repeat):
            for key, work in list(runners.items()):
                print(f"  {self.model.name}, run {turn + 1}: {' '.join(key)}", file=sys.stderr, flush=True)
                try:
                    values = work()
                except Failed as failure:
                    self.failures[key] = str(failure)
                    del runners[key]
                    continue
                for metric, value in values.items():
                    self.results.setdefault((*key, metric), []).append(value)

    def warm(self, path):
        self.model.warm(path)
        return path

    def gguf(self, form):
        return self.llama.convert(self.model, form)

    def swiftlet(self, *how):
        self.warm(self.model.weights)
        command = [self.options.swiftlet, "bench", self.model.folder, "--prompt", PROMPT, "--new", NEW, "--json",
                   "--quiet", "--threads", self.options.threads, "--repeat", 1 if self.large else 3, *how]
        answer = json.loads(run(command, limit=self.options.limit)[2])
        return {
            "prefill": answer["prefill_tokens_per_second"],
            "decode": answer["decode_tokens_per_second"],
            "memory": answer["anonymous_bytes"] / 1e6,
        }

    def first_token(self):
        self.warm(self.model.weights)
        command = [self.options.swiftlet, "bench", self.model.folder, "--prompt", 1, "--new", 1, "--repeat", 1,
                   "--threads", self.options.threads, "--quiet", "--json"]
        return {"seconds": run(command)[0]}

    def llamacpp(self, form):
        path = self.warm(self.gguf(form))
        threads, warm = self.options.threads, not self.large
        prefill, memory = self.llama.bench(path, threads, PROMPT, 0, warm=warm)
        decode, _ = self.llama.bench(path, threads, 0, NEW, depth=PROMPT, warm=warm)
        return {"prefill": prefill, "decode": decode, "memory": memory}

    def transformers(self, dtype, beams=1):
        needed = self.model.parameters() * (4 if dtype == "float32" else 2) * 1.1
        if needed > available_memory():
            raise Failed(f"needs {needed / 1e9:.0f} GB of memory")
        self.warm(self.model.weights)
        command = [sys.executable, HERE / "decoder_transformers.py", "bench", self.model.folder, dtype,
                   self.options.threads, PROMPT, NEW, beams, 1 if self.large else 2]
        _, memory, output = run(command, limit=self.options.limit)
        answer = json.loads(output)
        return {"prefill": max(answer["prefill"]), "decode": max(answer["decode"]), "memory": memory}

    # The table.

    def best(self, peer, form, metric, choose=max):
        values = self.results.get((peer, form, metric))
        return choose(values) if values else None

    def cell(self, peer, form, metric, choose=max):
        values = self.results.get((peer, form, metric))
        return f"{short(choose(values))} ({short(statistics.median(values))})" if values else "–"

    def row(self, work, form, metric, floor=None, choose=max):
        peers = ("swiftlet", "llama.cpp", "transformers")
        ours, *theirs = (self.best(peer, form, metric, choose) for peer in peers)
        theirs = [value for value in theirs if value]
        ratio = reached = "–"
        if ours and theirs:
            ratio = f"{ours / max(theirs) if choose is max else min(theirs) / ours:.2f}x"
        if ours and floor:
            reached = f"{100 * ours / floor if choose is max else 100 * floor / ours:.0f} %"
        cells = [self.cell(peer, form, metric, choose) for peer in peers]
        return [work, *cells, ratio, short(floor) if floor else "–", reached]

    def rows(self):
        read, machine = self.model.size, self.machine
        bandwidth, operations = machine["read_bytes_per_second"], self.model.operations(PROMPT)
        fastest = max(machine["f32_operations_per_second"], machine["bf16_operations_per_second"])
        prompt = f"prompt of {PROMPT}, tokens/s"
        yield self.row(f"{prompt}, f32", "f32", "prefill", PROMPT * machine["f32_operations_per_second"] / operations)
        yield self.row(f"{prompt}, bf16", "bf16", "prefill", PROMPT * fastest / operations)
        yield self.row(f"{prompt}, int8 (Q8_0)", "int8", "prefill")
        yield self.row("new tokens/s, f32 (weights: ours bf16, theirs f32)", "f32", "decode", bandwidth / read(2))
        yield self.row("new tokens/s, bf16", "bf16", "decode", bandwidth / read(2))
        yield self.row("new tokens/s, int8 (Q8_0)", "int8", "decode", bandwidth / read(1))
        yield self.beams()
        yield self.row("load and one token, s", "first", "seconds", read(2) / bandwidth, choose=min)
        yield self.row("anonymous memory, MB", "bf16" if self.best("swiftlet", "bf16", "memory") else "f32",
                       "memory", choose=min)

    def beams(self):
        """The time of four beams in that of one."""
        cells = []
        for peer in ("swiftlet", "transformers"):
            one, four = self.best(peer, "f32", "decode"), self.best(peer, "beams", "decode")
            cells.append(f"{one / four:.2f}" if one and four else "–")
        return [f"time of {BEAMS} beams by that of one, f32", cells[0], "–", cells[1], "–", "1", "–"]

    def print(self):
        model = self.model
        print(f"\n### {model.name}\n")
        print(f"{model.parameters() / 1e9:.2f} G parameters; a new token reads {model.size(2) / 1e9:.2f} GB of weights in "
              f"bf16, a prompt of {PROMPT} takes {model.operations(PROMPT) / 1e12:.2f} TFLOP.\n")
        print("| work | Swiftlet | llama.cpp | transformers | to the better peer | floor | reached |")
        print("|---|---:|---:|---:|---:|---:|---:|")
        for row in self.rows():
            print("| " + " | ".join(row) + " |")
        print()
        if not self.llama:
            print("- llama.cpp: " + ("it has no such family" if self.options.llamacpp else "not installed"))
        for (peer, form), failure in self.failures.items():
            print(f"- {peer}, {form}: {failure}")
        sys.stdout.flush()

    def check(self):
        """Whether all agree; says what was compared."""
        agrees, swiftlet, threads = True, self.options.swiftlet, self.options.threads
        only = self.options.only or ["transformers", "llama.cpp"]
        checks = []
        if "transformers" in only and self.model.parameters() * 4.4 < available_memory():
            checks.append(lambda: decoder_checks.logprobs(swiftlet, self.model, threads))
        if "llama.cpp" in only and self.llama:
            checks.append(
                lambda: decoder_checks.greedy(swiftlet, self.model, self.llama, self.gguf("bf16"), threads))
        for check in checks:
            try:
                result, sentence = check()
            except Failed as failure:
                result, sentence = False, str(failure)
            print(f"- {'' if result else 'DIFFERS: '}{sentence}", flush=True)
            agrees &= result
        return agrees


def short(value):
    return f"{value:.0f}" if value >= 100 else f"{value:.3g}"


def available_memory():
    with open("/proc/meminfo") as file:
        return next(int(line.split()[1]) for line in file if line.startswith("MemAvailable")) * 1024


def main():
    options = arguments()
    llama = LlamaCpp(options.llamacpp.resolve()) if options.llamacpp else None
    tokenizers = Path(options.data) / "tokenizers" if options.data else None
    processor = next((line.split(":")[1].strip() for line in open("/proc/cpuinfo") if "model name" in line), "?")
    machine = {}
    agrees = True
    for name in options.models:
        model = Model(name, options.folder.resolve())
        model.make(options.swiftlet, tokenizers)
        measured = json.loads(run([sys.executable, HERE / "machine_rates.py", options.threads])[2])
        machine = {rate: max(value, machine.get(rate, 0)) for rate, value in measured.items()}
        table = Table(model, options, llama, machine)
        table.measure()
        table.print()
        agrees &= table.check()
        if options.clean:
            shutil.rmtree(model.folder)
    print(f"\n{processor}, {options.threads} threads: reads {machine['read_bytes_per_second'] / 1e9:.1f} GB/s, multiplies "
          f"{machine['f32_operations_per_second'] / 1e9:.0f} GFLOP/s in f32, "
          f"{machine['bf16_operations_per_second'] / 1e9:.1f} in bf16 (the best seen; a table's floors are of the best "
          "until then)")
    sys.exit(0 if agrees else 1)


main()
