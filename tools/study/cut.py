#!/usr/bin/env python3
"""Makes a model of the first layers of another one.

usage: cut.py MODEL DEPTH OUT

MODEL is a folder in Hub layout of the Llama family with one safetensors file. OUT gets the embedding, the first DEPTH
layers, the final norm and the head as they are, bytes copied, and the configuration and tokenizer of MODEL. What a cut
model computes is no language model's output, but the layers that are left are pre-trained: a fine-tuned one is weaker
than the whole and far better than a random start. OUT appears complete or not at all.
"""

import json
import re
import shutil
import sys
from pathlib import Path

import tensors

LAYER = re.compile(r"model\.layers\.(\d+)\.")
COPIED = ("tokenizer.json", "tokenizer_config.json", "special_tokens_map.json", "generation_config.json")


def write_cut(source, target, depth):
    """Copies the tensors that are not of a layer from `depth` on."""
    with source.open("rb") as file:
        entries, start = tensors.read_header(file)
        kept = []
        for name, entry in sorted(entries.items(), key=lambda item: item[1]["data_offsets"]):
            layer = LAYER.match(name)
            if not layer or int(layer.group(1)) < depth:
                first, end = entry["data_offsets"]
                content = tensors.pieces(file, start + first, end - first)
                kept.append((name, entry["dtype"], entry["shape"], end - first, content))
        tensors.write(target, kept)


def cut(model, depth, out):
    """Makes OUT of MODEL's first `depth` layers."""
    config = json.loads((model / "config.json").read_text(encoding="utf-8"))
    if not 0 < depth <= config["num_hidden_layers"]:
        raise ValueError(f"{model} has {config['num_hidden_layers']} layers, not {depth}")
    config["num_hidden_layers"] = depth
    work = out.with_name(f".{out.name}.partial")
    shutil.rmtree(work, ignore_errors=True)
    work.mkdir(parents=True)
    (work / "config.json").write_text(json.dumps(config, indent=2) + "\n", encoding="utf-8")
    for name in COPIED:
        if (model / name).exists():
            shutil.copyfile(model / name, work / name)
    write_cut(model / "model.safetensors", work / "model.safetensors", depth)
    work.rename(out)


if __name__ == "__main__":
    if len(sys.argv) != 4 or not sys.argv[2].isdigit():
        sys.exit(__doc__.split("\n\n")[1])
    cut(Path(sys.argv[1]), int(sys.argv[2]), Path(sys.argv[3]))
