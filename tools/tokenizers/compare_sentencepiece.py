#!/usr/bin/env python3
"""Compares `swiftlet tokenize --jsonl` with SentencePiece on random short texts.

    compare_sentencepiece.py SWIFTLET MODEL [PATH…] [--count 1000000] [--seed 1]

MODEL is a tokenizer.model; PATHs are given to swiftlet in its place (a folder, a tokenizer.json), or MODEL
itself if there are none. A BPE model is read like transformers' LlamaTokenizer with `legacy`. All ids and
offsets must be equal; otherwise the first differences are shown and the exit status is 1.
"""

import functools
import sys
from pathlib import Path

import sentencepiece

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "fixtures"))
import comparison  # noqa: E402
import sentencepiece_models as reference  # noqa: E402
from random_texts import Texts  # noqa: E402


class PieceTexts(Texts):
    """Texts that are also made of the pieces of the model, ▁ and spaces."""

    def __init__(self, seed, model):
        super().__init__(seed, ["<s>", "</s>", "<unk>", "<0x0A>", "\u2581", "\u2581\u2581", "  ", "<s"])
        self.pieces = [model.id_to_piece(i) for i in range(len(model))]

    def text(self):
        if self.random.random() < 0.5:
            return super().text()
        parts = [self.random.choice(self.pieces) for _ in range(self.random.randint(1, 12))]
        text = self.random.choice(["", "", " "]).join(parts)
        return text.replace("\u2581", " ") if self.random.random() < 0.8 else text


def compare(swiftlet, file, task):
    """Returns the differences in one chunk."""
    path, seed, count = task
    model = sentencepiece.SentencePieceProcessor(model_file=file)
    is_llama = model.piece_to_id("<s>") == 1 and reference.is_bpe(file)

    def expected(text):
        ids, offsets = reference.encode(model, text, is_llama)
        return ([1] + ids, [[0, 0]] + offsets) if is_llama else (ids, offsets)

    stream = PieceTexts(seed, model)
    texts = [stream.text() for _ in range(count)]
    return comparison.differences(swiftlet, path, texts, expected), {}


def main():
    options = comparison.arguments(__doc__, ("model", {}), ("paths", {"nargs": "*"}))
    work = functools.partial(compare, options.swiftlet, options.model)
    comparison.run(options, options.paths or [options.model], work)


if __name__ == "__main__":
    main()
