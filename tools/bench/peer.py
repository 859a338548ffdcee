"""The peers' side of run.sh: does one piece of work and prints its rate (higher is better)."""

import json
import os
import sys
import time


def best(work, times=3):
    result = []
    for _ in range(times):
        start = time.perf_counter()
        work()
        result.append(time.perf_counter() - start)
    return min(result)


def documents(text, size=16 << 10):
    """The corpus cut as `swiftlet tokenize --count` cuts it."""
    start = 0
    while start < len(text):
        end = text.find(b"\n", start + size)
        end = len(text) if end < 0 else end + 1
        yield text[start:end].decode()
        start = end


def tokenize(folder, corpus, expected):
    os.environ["TOKENIZERS_PARALLELISM"] = "false"
    from transformers import AutoTokenizer

    tokenizer = AutoTokenizer.from_pretrained(folder).backend_tokenizer
    with open(corpus, "rb") as file:
        text = file.read()
    parts = list(documents(text))
    count = 0

    def work():
        nonlocal count
        count = sum(len(tokenizer.encode(part, add_special_tokens=False).ids) for part in parts)

    seconds = best(work, 1)
    if count != int(expected):
        sys.exit(f"{count} tokens instead of {expected}")
    print(len(text) / 1e6 / seconds)


def load(folder, threads):
    import torch
    from transformers import AutoModelForCausalLM

    torch.set_num_threads(int(threads))
    torch.set_grad_enabled(False)
    return torch, AutoModelForCausalLM.from_pretrained(folder, dtype=torch.float32).eval()


def score(folder, lines, threads):
    torch, model = load(folder, threads)
    with open(lines) as file:
        ids = torch.tensor([json.loads(line)["ids"] for line in file])

    def work():
        logits = model(ids).logits[:, :-1].float()
        torch.log_softmax(logits, -1).gather(-1, ids[:, 1:, None])

    work()
    print(ids.numel() / best(work))


def generate(folder, count, threads):
    torch, model = load(folder, threads)
    ids = torch.tensor([[1, 2, 3]])

    def work():
        model.generate(
            ids, attention_mask=torch.ones_like(ids), max_new_tokens=int(count), min_new_tokens=int(count),
            do_sample=False, pad_token_id=50256,
        )

    work()
    print(int(count) / best(work))


if __name__ == "__main__":
    {"tokenize": tokenize, "score": score, "generate": generate}[sys.argv[1]](*sys.argv[2:])
