#!/usr/bin/env python3
"""Runs Swiftlet's commands on a GGUF model and on what is made of it, and compares them with transformers.

  compare.py SWIFTLET MODEL.gguf WORK [--steps N] [--texts N] [--new N]

WORK/reference is the folder that reference.py made. Every check prints one line; the exit status is 1 if one fails.
"""

import argparse
import json
import shutil
import subprocess
import sys
import time
from pathlib import Path

import torch
import transformers
from transformers import AutoModelForCausalLM, AutoTokenizer

TEXTS = [
    "The lighthouse stood at the end of the pier, and nobody had lit it for years.",
    "def add(a, b):\n    return a + b\n",
    "In 2024, 1,536 ships of 12 nations passed the strait – und alle kamen zurück.",
    "Water boils at 100 °C; at 3,000 m it boils at about 90 °C.",
    "<|im_start|>user\nWhat is the capital of France?<|im_end|>\n<|im_start|>assistant\n",
]
PROMPTS = TEXTS[4:] + ["The capital of France is", "Once upon a time"]
LINES = [
    "The tide turns twice a day.", "Gulls follow the boats home.", "A lamp burned in the upper window.",
    "The keeper counted the ships.", "Fog came in from the north.", "Rope and tar lay on the quay.",
]

failures = []


def report(what, good, detail):
    print(f"{'ok  ' if good else 'FAIL'} {what}: {detail}", flush=True)
    if not good:
        failures.append(what)


class Swiftlet:
    def __init__(self, path):
        self.path = path

    def __call__(self, *arguments, lines=None, status=0):
        text = None if lines is None else "".join(json.dumps(line) + "\n" for line in lines)
        done = subprocess.run(
            [self.path, *map(str, arguments)], input=text, capture_output=True, text=True, check=False)
        if done.returncode != status:
            sys.exit(f"{' '.join(map(str, arguments))}: exit status {done.returncode}\n{done.stderr}")
        return done.stdout

    def jsonl(self, *arguments, lines):
        return [json.loads(line) for line in self(*arguments, "--jsonl", lines=lines).splitlines()]


@torch.no_grad()
def logprobs(model, ids):
    values = torch.log_softmax(model(torch.tensor([ids])).logits[0].float(), -1)
    return [values[i, token].item() for i, token in enumerate(ids[1:])]


def worst(a, b):
    assert len(a) == len(b), (len(a), len(b))
    return max(abs(x - y) for x, y in zip(a, b))


def check_score(swiftlet, what, path, model, sequences, tolerance, precision="f32"):
    answers = swiftlet.jsonl("score", path, "--precision", precision, lines=[{"ids": ids} for ids in sequences])
    difference = max(worst(a["logprobs"], logprobs(model, ids)) for a, ids in zip(answers, sequences))
    report(what, difference <= tolerance, f"log-probabilities differ by up to {difference:.2g}")


def check_inspect(swiftlet, model):
    result = json.loads(swiftlet("inspect", model, "--json"))
    kinds = sorted({tensor["dtype"] for tensor in result["tensors"]})
    good = result["format"] == "gguf" and result["family"] == "llama" and not result["missing"] + result["unexpected"]
    report("inspect", good, f"{result['parameters']:,} parameters, {len(result['tensors'])} tensors of {kinds}")


def check_tokens(swiftlet, model, tokenizer, texts):
    encodings = swiftlet.jsonl("tokenize", model, lines=[{"text": text} for text in texts])
    expected = [tokenizer(text)["input_ids"] for text in texts]
    report("tokenize", [e["ids"] for e in encodings] == expected, f"{sum(map(len, expected))} ids of {len(texts)} texts")
    decoded = [line["text"] for line in swiftlet.jsonl("detokenize", model, lines=[{"ids": ids} for ids in expected])]
    report("detokenize", decoded == texts, "the texts come back")
    aligned = json.loads(swiftlet("align", model, model, "--json", "--same", "--jsonl",
                                  lines=[{"text": text} for text in texts]).splitlines()[-1])
    report("align", aligned["mismatches"] == 0, f"{aligned['groups']} groups with itself")
    return expected


@torch.no_grad()
def check_generate(swiftlet, path, model, sequences, count):
    answers = swiftlet.jsonl(
        "generate", path, "--max-new-tokens", count, lines=[{"ids": ids} for ids in sequences])
    for ids, answer in zip(sequences, answers):
        own = answer["sequences"][0]["ids"]
        result = model.generate(torch.tensor([ids]), max_new_tokens=count, do_sample=False)
        expected = result[0, len(ids):].tolist()
        report("generate", own == expected, f"{len(own)} tokens after {len(ids)}")


def check_conversion(swiftlet, source, work, reference, sequences):
    folder = work / "converted"
    shutil.rmtree(folder, ignore_errors=True)
    swiftlet("convert", source, folder)
    difference = json.loads(swiftlet("diff", folder, work / "reference", "--json"))
    report("convert to a folder", difference["equal"], f"{difference['compared']} tensors equal those of the gguf package")
    model = AutoModelForCausalLM.from_pretrained(folder, dtype=torch.float32)
    loss = max(worst(logprobs(model, ids), logprobs(reference, ids)) for ids in sequences)
    report("transformers on the folder", loss == 0, f"log-probabilities differ by {loss:.2g} from the reference's")
    tokenizer = AutoTokenizer.from_pretrained(folder)
    report("its tokenizer", bool(tokenizer.chat_template), "has the chat template")
    for dtype, tolerance in {"f32": 1e-4, "f16": 0.05, "bf16": 0.3, "q8_0": 0.3}.items():
        target = work / f"converted-{dtype}.gguf"
        target.unlink(missing_ok=True)
        swiftlet("convert", folder, target, "--dtype", dtype)
        check_score(swiftlet, f"GGUF in {dtype}", target, reference, sequences, tolerance)


def check_finetune(swiftlet, source, work, tokenizer, steps):
    """A full fine-tuning in single precision beside PyTorch: the same lines in the same order, two a step; the loss is
    the mean over the tokens of both, taken before the update. Both times include opening the model; Swiftlet's also
    writing the result.
    """
    assert len(LINES) % 2 == 0, "a short batch at the end of an epoch would differ"
    data, out, log = work / "lines.jsonl", work / "tuned", work / "tuned.jsonl"
    data.write_text("".join(json.dumps({"text": text}) + "\n" for text in LINES))
    shutil.rmtree(out, ignore_errors=True)
    log.unlink(missing_ok=True)
    started = time.time()
    swiftlet(
        "finetune", source, "--data", data, "--out", out, "--steps", steps, "--batch-size", 2, "--lr", "1e-5",
        "--no-shuffle", "--log", log, "--schedule", "constant", "--clip", "1", "--weight-decay", 0, "--precision", "f32")
    own_time = time.time() - started
    own = [json.loads(line)["loss"] for line in log.read_text().splitlines()]

    started = time.time()
    model = AutoModelForCausalLM.from_pretrained(work / "reference", dtype=torch.float32)
    optimizer = torch.optim.AdamW(model.parameters(), lr=1e-5, weight_decay=0)
    ends = tokenizer.eos_token_id
    sequences = [tokenizer(text)["input_ids"] + [ends] for text in LINES]
    losses = []
    for step in range(steps):
        batch = [sequences[(2 * step + i) % len(sequences)] for i in range(2)]
        count = sum(len(ids) - 1 for ids in batch)
        optimizer.zero_grad()
        total = 0.0
        for ids in batch:
            tokens = torch.tensor([ids])
            logits = model(tokens).logits[0, :-1]
            loss = torch.nn.functional.cross_entropy(logits, tokens[0, 1:], reduction="sum") / count
            loss.backward()
            total += loss.item()
        torch.nn.utils.clip_grad_norm_(model.parameters(), 1.0)
        optimizer.step()
        losses.append(total)
    difference = worst(own, losses)
    report(
        "finetune", difference <= 1e-3,
        f"{steps} steps, loss {losses[0]:.4f} to {losses[-1]:.4f}, differs by up to {difference:.2g}; "
        f"{own_time:.0f} s, PyTorch {time.time() - started:.0f} s")


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("swiftlet")
    parser.add_argument("model", type=Path)
    parser.add_argument("work", type=Path)
    parser.add_argument("--steps", type=int, default=100)
    parser.add_argument("--texts", type=int, default=len(TEXTS))
    parser.add_argument("--new", type=int, default=24)
    parser.add_argument("--only", help="inspect, tokenize, score, generate, convert or finetune")
    options = parser.parse_args()
    transformers.logging.set_verbosity_error()
    swiftlet = Swiftlet(options.swiftlet)
    texts = TEXTS[:options.texts]
    # transformers' own reader of the file makes the tokenizer.
    tokenizer = AutoTokenizer.from_pretrained(options.model.parent, gguf_file=options.model.name)
    reference = AutoModelForCausalLM.from_pretrained(options.work / "reference", dtype=torch.float32)

    def wants(check):
        return options.only in (None, check)

    if wants("inspect"):
        check_inspect(swiftlet, options.model)
    sequences = [tokenizer(text)["input_ids"] for text in texts]
    if wants("tokenize"):
        check_tokens(swiftlet, options.model, tokenizer, texts)
    if wants("score"):
        check_score(swiftlet, "score", options.model, reference, sequences, 1e-4)
        check_score(swiftlet, "score in bf16", options.model, reference, sequences, 0.5, "bf16")
    if wants("generate"):
        prompts = [tokenizer(text)["input_ids"] for text in PROMPTS]
        check_generate(swiftlet, options.model, reference, prompts, options.new)
    if wants("convert"):
        check_conversion(swiftlet, options.model, options.work, reference, sequences)
    if wants("finetune"):
        check_finetune(swiftlet, options.model, options.work, tokenizer, options.steps)
    if failures:
        sys.exit(f"{len(failures)} checks failed")


if __name__ == "__main__":
    main()
