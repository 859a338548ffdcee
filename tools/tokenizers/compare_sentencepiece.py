#!/usr/bin/env python3
"""Compares `swiftlet tokenize --jsonl` with SentencePiece on random short texts.

    compare_sentencepiece.py SWIFTLET MODEL [PATH…] [--count 1000000] [--seed 1]

MODEL is a tokenizer.model; PATHs are what swiftlet is given in its place (a folder, a tokenizer.json), MODEL
itself if there are none. A BPE is taken as transformers' LlamaTokenizer with `legacy` takes it. Every id
and every offset must be equal; the first differences are shown, and the exit status is 1 if there are any.
"""

import argparse
import json
import multiprocessing
import subprocess
import sys
import time
from pathlib import Path

import sentencepiece

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "fixtures"))
import sentencepiece_models as reference  # noqa: E402
from random_texts import Texts  # noqa: E402

CHUNK = 10_000
SHOWN = 5


class PieceTexts(Texts):
    """Texts that are also made of the model's own pieces, and of ▁ and spaces."""

    def __init__(self, seed, model):
        super().__init__(seed, ["<s>", "</s>", "<unk>", "<0x0A>", "\u2581", "\u2581\u2581", "  ", "<s"])
        self.pieces = [model.id_to_piece(i) for i in range(len(model))]

    def text(self):
        if self.random.random() < 0.5:
            return super().text()
        parts = [self.random.choice(self.pieces) for _ in range(self.random.randint(1, 12))]
        text = self.random.choice(["", "", " "]).join(parts)
        return text.replace("\u2581", " ") if self.random.random() < 0.8 else text


def compare(task):
    """(texts, differences) of one chunk."""
    swiftlet, path, file, seed, count = task
    model = sentencepiece.SentencePieceProcessor(model_file=file)
    stream = PieceTexts(seed, model)
    texts = [stream.text() for _ in range(count)]
    lines = "".join(json.dumps({"text": text}) + "\n" for text in texts)
    run = subprocess.run([*swiftlet.split(), "tokenize", path, "--jsonl"], input=lines.encode(), capture_output=True)
    if run.returncode != 0:
        sys.exit(f"{swiftlet}: {run.stderr.decode()}")
    answers = run.stdout.decode().split("\n")[:-1]
    assert len(answers) == count
    is_llama = model.piece_to_id("<s>") == 1 and reference.is_bpe(file)
    differences = []
    for text, answer in zip(texts, answers):
        answer = json.loads(answer)
        ids, offsets = reference.encode(model, text, is_llama)
        if is_llama:
            ids, offsets = [1] + ids, [[0, 0]] + offsets
        if answer["ids"] != ids or answer["offsets"] != offsets:
            differences.append((text, answer["ids"], ids, answer["offsets"], offsets))
    return count, differences


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("swiftlet")
    parser.add_argument("model")
    parser.add_argument("paths", nargs="*")
    parser.add_argument("--count", type=int, default=1_000_000)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--processes", type=int, default=multiprocessing.cpu_count())
    options = parser.parse_args()
    failed = False
    with multiprocessing.Pool(options.processes) as pool:
        for path in options.paths or [options.model]:
            start = time.time()
            tasks = [
                (options.swiftlet, path, options.model, options.seed * 1_000_003 + first,
                 min(CHUNK, options.count - first))
                for first in range(0, options.count, CHUNK)
            ]
            total = different = 0
            for count, differences in pool.imap_unordered(compare, tasks):
                total += count
                for text, ours, theirs, at, there in differences[: max(0, SHOWN - different)]:
                    print(f"{path}: {text!r}\n  swiftlet  {ours} {at}\n  reference {theirs} {there}", flush=True)
                different += len(differences)
            failed |= different > 0
            print(f"{path}: {total} texts, {different} differences, {time.time() - start:.0f} s", flush=True)
    sys.exit(1 if failed else 0)


if __name__ == "__main__":
    main()
