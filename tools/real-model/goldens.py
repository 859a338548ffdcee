#!/usr/bin/env python3
"""Prints what transformers computes on a few texts, as `goldens.json`: goldens.py MODEL.gguf REFERENCE > goldens.json

REFERENCE is the folder that reference.py made of the model. The answers are ids, log-probabilities and greedy tokens; check.py
compares them with Swiftlet's where no Python package is installed.
"""

import json
import sys
from pathlib import Path

import torch
from transformers import AutoModelForCausalLM, AutoTokenizer

from compare import PROMPTS, TEXTS, logprobs


@torch.no_grad()
def main():
    source = Path(sys.argv[1])
    tokenizer = AutoTokenizer.from_pretrained(source.parent, gguf_file=source.name)
    model = AutoModelForCausalLM.from_pretrained(sys.argv[2], dtype=torch.float32)
    scored = []
    for text in TEXTS:
        ids = tokenizer(text)["input_ids"]
        scored.append({"text": text, "ids": ids, "logprobs": [round(value, 6) for value in logprobs(model, ids)]})
    generated = []
    for text in PROMPTS:
        ids = tokenizer(text)["input_ids"]
        result = model.generate(torch.tensor([ids]), max_new_tokens=8, do_sample=False)
        generated.append({"ids": ids, "new": result[0, len(ids):].tolist()})
    print(json.dumps({"scored": scored, "generated": generated}, ensure_ascii=False, indent=1))


if __name__ == "__main__":
    main()
