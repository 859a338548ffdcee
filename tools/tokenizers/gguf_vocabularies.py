#!/usr/bin/env python3
"""Runs swiftlet on llama.cpp's vocabularies, `models/ggml-vocab-*.gguf` of its source archive.

    gguf_vocabularies.py SWIFTLET FOLDER

Beside most files are texts (`.inp`, cut at lines `__ggml_vocab_test__`) and the ids that the model's reference gives
without special tokens (`.out`, one line per text). Prints one line per file: how many texts have these ids, or why
the file is refused. The exit status is 1 if ids differ, or if a file of a kind that must be read is refused.
"""

import argparse
import json
import pathlib
import subprocess
import sys

MARK = "\n__ggml_vocab_test__\n"
# Whatever these files contain must be read; others may be refused by name.
KINDS = {"gpt2", "llama", "gemma4"}


def cases(path):
    """The texts of a file and their ids; none if it has no texts."""
    texts = pathlib.Path(f"{path}.inp")
    if not texts.exists():
        return []
    ids = [[int(number) for number in line.split()] for line in pathlib.Path(f"{path}.out").read_text().split("\n")]
    # Python would otherwise take a carriage return for the end of a line.
    parts = texts.read_bytes().decode().split(MARK)
    return list(zip(parts, ids[: len(parts)]))


def kind(path):
    """The value of tokenizer.ggml.model, found without a reader of the format."""
    data = pathlib.Path(path).read_bytes()
    key = b"tokenizer.ggml.model"
    at = data.index(key) + len(key) + 4
    length = int.from_bytes(data[at : at + 8], "little")
    return data[at + 8 : at + 8 + length].decode()


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("swiftlet")
    parser.add_argument("folder", type=pathlib.Path)
    options = parser.parse_args()
    failed = False
    files = sorted(options.folder.glob("ggml-vocab-*.gguf"))
    if not files:
        sys.exit(f"{options.folder}: no ggml-vocab-*.gguf")
    for path in files:
        name, model, known = path.stem.removeprefix("ggml-vocab-"), kind(path), cases(path)
        texts = [text for text, _ in known] or ["Hello  world 123"]
        run = subprocess.run(
            [*options.swiftlet.split(), "tokenize", str(path), "--jsonl", "--no-special-tokens"],
            input="".join(json.dumps({"text": text}) + "\n" for text in texts).encode(), capture_output=True)
        if run.returncode != 0:
            failed |= model in KINDS
            print(f"{name:16} {model:8} refused ({run.returncode}): {run.stderr.decode().strip()}", flush=True)
            continue
        answers = [json.loads(line)["ids"] for line in run.stdout.decode().split("\n")[:-1]]
        wrong = [(text, ours, ids) for (text, ids), ours in zip(known, answers) if ours != ids]
        failed |= bool(wrong)
        result = f"{len(known) - len(wrong)} of {len(known)} texts" if known else "read; it comes without texts"
        print(f"{name:16} {model:8} {result}", flush=True)
        for text, ours, ids in wrong[:3]:
            print(f"    {text!r}\n    swiftlet  {ours}\n    reference {ids}", flush=True)
    sys.exit(1 if failed else 0)


if __name__ == "__main__":
    main()
