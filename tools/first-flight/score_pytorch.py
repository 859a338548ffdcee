"""Scores lines with PyTorch as `swiftlet score --eos --jsonl` does: score_pytorch.py MODEL TOKENIZER DATA FAMILY

Writes {"logprobs", "sum"} a line to stdout: tokens 1 to n-1 given their past, EOS included."""

import json
import sys

import torch

from common import load_lines, load_model, losses_of, padded, set_up

BATCH = 32


def main():
    folder, tokenizer, data, family = sys.argv[1:5]
    set_up(2)
    model = load_model(folder).eval()
    lines = load_lines(data, tokenizer, model.config, family)
    with torch.no_grad():
        for start in range(0, len(lines), BATCH):
            batch = lines[start : start + BATCH]
            losses = losses_of(model, *padded(batch), "none")
            for values in losses.split([len(line) - 1 for line in batch]):
                logprobs = (-values).tolist()
                print(json.dumps({"logprobs": logprobs, "sum": sum(logprobs)}))


if __name__ == "__main__":
    main()
