#!/usr/bin/env python3
"""Compares swiftlet with the reference on many short texts: ids, offsets, decoded texts.

    compare.py SWIFTLET PATH… [--count 1000000] [--seed 1] [--texts mixed|random] [--folder FOLDER…]

A PATH is a folder with tokenizer files in the Hub's layout, a tokenizer.json, or a GGUF file. The reference of a
GGUF file is the tokenizer.json that `swiftlet convert` makes of it, in tokenizers; that this is the right one is
for gguf_vocabularies.py to show. Everything must be equal; otherwise the first differences are shown and the exit
status is 1.

Offsets are swiftlet's rules for byte-level BPE with a token for each byte (formats/tokenizers.md), and those of
tokenizers, which are of whole characters, for everything else; only a space that was put before a text has no bytes
here. Texts are random ones, passages of the files in FOLDERs (/usr/share/doc and Python's library), tokens in a row,
digits, white space, emoji and arbitrary characters. With `--texts random` they are the first kind alone. Both
sides get them in batches, from as many processes as there are cores.

Needs tokenizers, tiktoken, transformers and unicodedata2 16.
"""

import functools
import pathlib
import subprocess
import sys
import tempfile

import comparison
import references
from mixed_texts import FOLDERS, MixedTexts
from random_texts import Texts


@functools.lru_cache(maxsize=1)
def load(path):
    reference = references.load(path)
    return reference, reference.vocabulary()


def compare(swiftlet, options, originals, task):
    """Returns the differences in one chunk, and counts of special texts."""
    path, seed, count = task
    reference, vocabulary = load(path)
    if options.texts == "mixed":
        stream = MixedTexts(seed, reference.extra, vocabulary, tuple(options.folder))
    else:
        stream = Texts(seed, reference.extra)
    texts = [stream.text() for _ in range(count)]
    changed = sum(reference.normalizes and reference.nfc(text) != text for text in texts)
    counts = {"changed by NFC": changed}
    ours = originals.get(path, path)
    found, lists = [], []
    for text, answer in zip(texts, comparison.ask(swiftlet, "tokenize", ours, [{"text": text} for text in texts])):
        ids, offsets = reference.encode(text)
        lists.append(ids)
        at = answer["offsets"]
        if isinstance(reference, references.HuggingFaceOffsets):
            at = comparison.whole(at, text) if reference.places(text) else offsets
            if len(at) == len(offsets):
                at = [there if is_inserted(ours, there) else ours for ours, there in zip(at, offsets)]
        if answer["ids"] != ids or at != offsets:
            found.append((text, answer["ids"], ids, answer["offsets"], offsets))
    for skip in (False, True):
        more = ["--skip-special-tokens"] if skip else []
        answers = comparison.ask(swiftlet, "detokenize", ours, [{"ids": ids} for ids in lists], *more)
        for text, ids, answer in zip(texts, lists, answers):
            expected = reference.decode(ids, skip)
            if answer["text"] != expected:
                found.append((text, ids, ids, answer["text"], expected))
    return found, counts


def is_inserted(ours, there):
    """Whether a token has no bytes of the text, for which tokenizers names the character that it was put before."""
    return ours[0] == ours[1] == there[0]


def is_gguf(path):
    return pathlib.Path(path).is_file() and pathlib.Path(path).open("rb").read(4) == b"GGUF"


def main():
    options = comparison.arguments(
        __doc__, ("paths", {"nargs": "+"}), ("--texts", {"choices": ["mixed", "random"], "default": "mixed"}),
        ("--folder", {"nargs": "*", "default": [str(folder) for folder in FOLDERS]}))
    with tempfile.TemporaryDirectory() as folder:
        paths, originals = [], {}
        for number, path in enumerate(options.paths):
            if is_gguf(path):
                made = f"{folder}/{number}-{pathlib.Path(path).stem}"
                run = subprocess.run([*options.swiftlet.split(), "convert", path, made], capture_output=True)
                if run.returncode != 0:
                    sys.exit(f"{path}: {run.stderr.decode()}")
                originals[made] = path
                path = made
            paths.append(path)
        comparison.run(options, paths, functools.partial(compare, options.swiftlet, options, originals))


if __name__ == "__main__":
    main()
