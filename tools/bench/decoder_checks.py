"""That what decoders.py measures computes the same numbers."""

import json
import random
import sys
import tempfile

from process import run

HERE = __file__.rpartition("/")[0] or "."
LOGPROB_TOLERANCE = 1e-3  # f32 against f32, sums in another order
# How far below llama.cpp's best logit a greedy token of ours may lie: it rounds activations to bf16 (the logits
# of random weights have a deviation of about one).
LOGIT_MARGIN = 0.05


def lines(swiftlet, command, model, request, threads, *options):
    with tempfile.NamedTemporaryFile("w", suffix=".jsonl") as file:
        file.write(json.dumps(request) + "\n")
        file.flush()
        arguments = [swiftlet, command, model.folder, "--jsonl", "--input", file.name, "--threads", threads, *options]
        return json.loads(run(arguments)[2])


def random_ids(model, count):
    return [random.Random(count).randrange(3, model.config["vocab_size"]) for _ in range(count)]


def logprobs(swiftlet, model, threads, count=64):
    """Scoring beside transformers in float32: (agrees, a sentence)."""
    ids = random_ids(model, count)
    ours = lines(swiftlet, "score", model, {"ids": ids}, threads)["logprobs"]
    command = [sys.executable, f"{HERE}/decoder_transformers.py", "logprobs", model.folder, threads]
    theirs = json.loads(run(command, given=json.dumps(ids))[2])
    most = max(abs(a - b) for a, b in zip(ours, theirs, strict=True))
    return most < LOGPROB_TOLERANCE, (
        f"log-probabilities of {count} tokens lie within {most:.1g} of transformers' in f32")


def greedy(swiftlet, model, llama, path, threads, prompt=16, new=16):
    """Greedy tokens beside llama.cpp's logits after the same tokens: (agrees, a sentence)."""
    ids = random_ids(model, prompt)
    answer = lines(swiftlet, "generate", model, {"ids": ids}, threads, "--max-new-tokens", new)
    tokens = answer["sequences"][0]["ids"]
    rows = llama.logits(path, threads, ids + tokens[:-1], first=prompt - 1)
    gaps = [max(row) - row[token] for row, token in zip(rows, tokens, strict=True)]
    same = sum(gap == 0 for gap in gaps)
    rest = "" if same == len(gaps) else f", the others lie within {max(gaps):.2g} of its best logit"
    return max(gaps) < LOGIT_MARGIN, f"{same} of {len(gaps)} greedy tokens are llama.cpp's in bf16{rest}"
