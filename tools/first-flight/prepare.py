"""Writes what the main job starts from: prepare.py DATA OUT

DATA holds slurp/devel.jsonl, slurp/test.jsonl and tokenizers/gpt2/. OUT gets config/config.json with the
tokenizer's files, train.jsonl (the sentences of devel) and test.jsonl (the first 500 of test)."""

import json
import shutil
import sys
from pathlib import Path

TEST_LINES = 500
CONFIG = {
    "activation_function": "gelu_new",
    "architectures": ["GPT2LMHeadModel"],
    "attn_pdrop": 0.0,
    "bos_token_id": 50256,
    "embd_pdrop": 0.0,
    "eos_token_id": 50256,
    "initializer_range": 0.02,
    "layer_norm_epsilon": 1e-05,
    "model_type": "gpt2",
    "n_embd": 256,
    "n_head": 4,
    "n_inner": None,
    "n_layer": 6,
    "n_positions": 128,
    "resid_pdrop": 0.0,
    "scale_attn_by_inverse_layer_idx": False,
    "scale_attn_weights": True,
    "tie_word_embeddings": True,
    "use_cache": True,
    "vocab_size": 50257,
}


def copy_sentences(source, target, limit=None):
    with open(source, encoding="utf-8") as lines, open(target, "w", encoding="utf-8") as out:
        for number, line in enumerate(lines):
            if number == limit:
                break
            out.write(json.dumps({"text": json.loads(line)["sentence"]}) + "\n")


def main():
    data, out = Path(sys.argv[1]), Path(sys.argv[2])
    config = out / "config"
    config.mkdir(parents=True, exist_ok=True)
    (config / "config.json").write_text(json.dumps(CONFIG, indent=2) + "\n")
    for path in sorted((data / "tokenizers/gpt2").iterdir()):
        shutil.copyfile(path, config / path.name)
    copy_sentences(data / "slurp/devel.jsonl", out / "train.jsonl")
    copy_sentences(data / "slurp/test.jsonl", out / "test.jsonl", TEST_LINES)


if __name__ == "__main__":
    main()
