"""Writes what the main job starts from: prepare.py DATA FAMILY OUT

DATA holds slurp/devel.jsonl, slurp/test.jsonl and tokenizers/. OUT gets config/config.json with the tokenizer's
files, train.jsonl (the sentences of devel) and test.jsonl (the first 500 of test)."""

import json
import shutil
import sys
from pathlib import Path

from families import FAMILIES

TEST_LINES = 500


def copy_sentences(source, target, limit=None):
    with open(source, encoding="utf-8") as lines, open(target, "w", encoding="utf-8") as out:
        for number, line in enumerate(lines):
            if number == limit:
                break
            out.write(json.dumps({"text": json.loads(line)["sentence"]}) + "\n")


def main():
    data, family, out = Path(sys.argv[1]), FAMILIES[sys.argv[2]], Path(sys.argv[3])
    config = out / "config"
    config.mkdir(parents=True, exist_ok=True)
    (config / "config.json").write_text(json.dumps(family.config, indent=2) + "\n")
    for path in sorted((data / "tokenizers" / family.tokenizer).iterdir()):
        shutil.copyfile(path, config / path.name)
    copy_sentences(data / "slurp/devel.jsonl", out / "train.jsonl")
    copy_sentences(data / "slurp/test.jsonl", out / "test.jsonl", TEST_LINES)


if __name__ == "__main__":
    main()
