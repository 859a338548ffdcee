"""The main job's training with PyTorch and transformers, step by step as `swiftlet finetune` does it.

Batch k is the next lines in file order, the last of an epoch short; the loss is the mean over all target
tokens of the batch; AdamW decays every parameter; the rate falls as lr * (1 - t / T), t steps done; the
gradient is clipped to a global norm. Logs a JSON line a step."""

import argparse
import json
import resource
import time

import torch
from torch.nn.utils import clip_grad_norm_

from common import load_lines, load_model, losses_of, padded, plain_loss_of, set_up
from families import FAMILIES


def arguments():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("model", help="the checkpoint to start from, with its tokenizer")
    parser.add_argument("data", help='JSON lines of {"text"}')
    parser.add_argument("--family", choices=FAMILIES, default="gpt2")
    parser.add_argument("--log", required=True)
    parser.add_argument("--out", help="folder for the trained checkpoint")
    parser.add_argument("--batch-size", type=int, default=32)
    parser.add_argument("--epochs", type=int, default=8)
    parser.add_argument("--lr", type=float, default=5e-4)
    parser.add_argument("--weight-decay", type=float, default=0.01)
    parser.add_argument("--clip", type=float, default=1.0)
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--steps", type=int, help="stop early; the schedule stays that of all epochs")
    parser.add_argument(
        "--plain", action="store_true", help="the loss by transformers itself, head on padding too"
    )
    return parser.parse_args()


def train(options):
    model = load_model(options.model).train()
    lines = load_lines(options.data, options.model, model.config, options.family)
    size = options.batch_size
    batches = [lines[at : at + size] for at in range(0, len(lines), size)]
    total = len(batches) * options.epochs
    parameters = list(model.parameters())
    optimizer = torch.optim.AdamW(
        parameters,
        lr=options.lr,
        betas=(0.9, 0.999),
        eps=1e-8,
        weight_decay=options.weight_decay,
        fused=True,
    )
    limit = min(total, options.steps or total)
    with open(options.log, "w", encoding="utf-8") as log:
        for done in range(limit):
            batch = batches[done % len(batches)]
            start = time.perf_counter()
            ids, targets = padded(batch)
            if options.plain:
                loss = plain_loss_of(model, ids, targets)
            else:
                loss = losses_of(model, ids, targets, "mean")
            loss.backward()
            norm = clip_grad_norm_(parameters, options.clip)
            lr = options.lr * (1 - done / total)
            for group in optimizer.param_groups:
                group["lr"] = lr
            optimizer.step()
            optimizer.zero_grad(set_to_none=True)
            entry = {"step": done + 1, "loss": loss.item(), "lr": lr, "grad_norm": norm.item()}
            seconds = time.perf_counter() - start
            entry["tokens_per_second"] = sum(map(len, batch)) / seconds
            log.write(json.dumps(entry) + "\n")
            log.flush()
    return model


def main():
    options = arguments()
    set_up(options.threads)
    model = train(options)
    if options.out:
        model.save_pretrained(options.out)
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024
    print(json.dumps({"peak_rss_bytes": peak, "torch": torch.__version__}))


if __name__ == "__main__":
    main()
