#!/usr/bin/env python3
"""Compares swiftlet with tokenizers on random sequences of normalizers, pre-tokenizers and added tokens.

    compare_steps.py SWIFTLET [--count 1000] [--seed 1]

For each of `count` files, ids, offsets (as whole characters) and decoded texts of a few dozen random texts must be
equal, and a text on which tokenizers fails must be refused; otherwise the first differences are shown and the exit
status is 1. A difference leaves its file in the current folder.
"""

import argparse
import json
import random
import sys
import tempfile
import unicodedata
from pathlib import Path

from compare_files import swiftlet
from comparison import whole
from random_steps import RandomSteps
from random_tokenizers import load, place

TEXTS = 40
SHOWN = 10


def expected(tokenizer, text):
    """Ids, offsets in bytes, and decoded text; None where the reference fails."""
    try:
        encoding = tokenizer.encode(text)
    except BaseException as error:
        if isinstance(error, KeyboardInterrupt):
            raise
        return None
    return encoding.ids, place(text, encoding.offsets), tokenizer.decode(encoding.ids, skip_special_tokens=False)



def is_only_nfc(normalizer):
    if normalizer is None:
        return False
    steps = normalizer.get("normalizers")
    return normalizer["type"] == "NFC" if steps is None else bool(steps) and all(map(is_only_nfc, steps))


def same_places(ours, theirs, adds_space):
    """Whether offsets are equal; an inserted space has no bytes here, and those of the next character in the reference."""
    return len(ours) == len(theirs) and all(
        at == there or adds_space and at[0] == at[1] == there[0] for at, there in zip(ours, theirs))


def compare(command, generator, path):
    """Returns the differences on one file, the file, and how many texts the reference takes and refuses."""
    while True:
        file = generator.file()
        if is_only_nfc(file["normalizer"]):
            # Without other steps, NFC has offsets of its own: see compare.py.
            continue
        try:
            tokenizer = load(file)
            normalizer = tokenizer.normalizer
            if normalizer and any(
                    token["normalized"] and not normalizer.normalize_str(token["content"])
                    for token in file.get("added_tokens") or []):
                # The reference aborts on some texts then, and Swiftlet refuses the file.
                continue
            break
        except BaseException as error:
            # Two added tokens that normalize to the same text, for example.
            if isinstance(error, KeyboardInterrupt):
                raise
    Path(path).write_text(json.dumps(file))
    texts = list(dict.fromkeys(generator.text() for _ in range(TEXTS)))
    if '"Regex"' in json.dumps(file):
        # The Oniguruma of a system may have an older Unicode than that in tokenizers.
        texts = [text for text in texts if all(unicodedata.category(character) != "Cn" for character in text)]
    adds_space = '"add_prefix_space": true, "trim_offsets"' in json.dumps(file["pre_tokenizer"])
    answers = {text: expected(tokenizer, text) for text in texts}
    taken = [text for text in texts if answers[text] is not None]
    refused = [text for text in texts if answers[text] is None]
    found = []
    status, ours, error = swiftlet(command, "tokenize", path, [json.dumps({"text": text}) + "\n" for text in taken])
    if status != 0:
        # The reference finds such a token between any two characters, or either of two at random.
        found = [] if "is normalized to" in error else [f"tokenize: {error}"]
        return found, file, 0, 0
    for text, answer in zip(taken, ours):
        ids, offsets, _ = answers[text]
        if answer["ids"] != ids or not same_places(
            whole(answer["offsets"], text), offsets, adds_space
        ):
            found.append(f"{text!r}\n  swiftlet  {answer['ids']} {answer['offsets']}\n  reference {ids} {offsets}")
    status, ours, error = swiftlet(
        command, "detokenize", path, [json.dumps({"ids": answers[text][0]}) + "\n" for text in taken])
    if status != 0:
        found.append(f"detokenize: {error}")
    for text, answer in zip(taken, ours):
        if answer["text"] != answers[text][2]:
            found.append(f"decoded {text!r}\n  swiftlet  {answer['text']!r}\n  reference {answers[text][2]!r}")
    for text in refused[:2]:
        if swiftlet(command, "tokenize", path, [json.dumps({"text": text}) + "\n"])[0] != 65:
            found.append(f"{text!r} is taken, unlike in the reference")
    return found, file, len(taken), len(refused)


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("swiftlet")
    parser.add_argument("--count", type=int, default=1000)
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    shown = different = texts = failures = 0
    for number in range(options.count):
        generator = RandomSteps(random.Random(f"{options.seed} {number}"))
        with tempfile.NamedTemporaryFile(suffix=".json") as path:
            found, file, taken, refused = compare(options.swiftlet, generator, path.name)
        texts += taken
        failures += refused
        if found:
            different += 1
            if shown < SHOWN:
                shown += 1
                name = f"different-{options.seed}-{number}.json"
                Path(name).write_text(json.dumps(file))
                print(f"{name}: {json.dumps({key: file[key] for key in ('added_tokens', 'normalizer', 'pre_tokenizer')})}")
                print(found[0], flush=True)
    print(f"{options.count} files, {texts} texts, {failures} on which the reference fails, {different} files with differences")
    sys.exit(1 if different else 0)


if __name__ == "__main__":
    main()
