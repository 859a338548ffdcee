#!/usr/bin/env python3
"""Compares `swiftlet tokenize --jsonl` with the reference on random short texts.

    compare.py SWIFTLET FOLDER… [--count 1000000] [--seed 1]

FOLDERs have tokenizer files in the Hub's layout. All ids and offsets must be equal; otherwise the first
differences are shown and the exit status is 1. Needs tokenizers, tiktoken,
transformers and unicodedata2 16.
"""

import functools

import comparison
import nfc
import references
from random_texts import Texts

load = functools.lru_cache(maxsize=1)(references.load)


def compare(swiftlet, task):
    """Returns the differences in one chunk, and the number of texts that NFC changes."""
    folder, seed, count = task
    reference = load(folder)
    stream = Texts(seed, reference.extra)
    texts = [stream.text() for _ in range(count)]
    changed = sum(reference.normalizes and nfc.nfc(text) != text for text in texts)
    return comparison.differences(swiftlet, folder, texts, reference.encode), {"changed by NFC": changed}


def main():
    options = comparison.arguments(__doc__, ("folders", {"nargs": "+"}))
    comparison.run(options, options.folders, functools.partial(compare, options.swiftlet))


if __name__ == "__main__":
    main()
