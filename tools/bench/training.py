#!/usr/bin/env python3
"""Fine-tuning beside PyTorch: the same checkpoints, batches and settings, the same threads, in turns.

    training.py SWIFTLET [--only WORD] [--modes f32,bf16] [--peers eager,compile,autocast,bf16] [--steps 6]
                [--rounds 2] [--threads 2] [--folder FOLDER]

Each row is a process that trains for a few steps on random tokens: GPT-2 of 124M parameters and a Llama of 135M (the
shape of SmolLM2-135M) on batches of 4 x 128 tokens, the Llama also on 8 x 20, and low-rank adapters of rank 16 in all
linear layers of a Llama of 1.1B with weights in bf16. Random weights; AdamW, gradients clipped to 1.

A step's rate is that of the median step, without the first two; of several rounds the best counts. Memory is the most
anonymous memory of the process. The losses of the rows in f32 must agree step by step within 1e-4, those in bf16 within
the spread of bf16 itself (2e-2), or the exit status is 1.

Printed beside the rates is a floor: the time to move the state (weights, gradient and both moments are read, and all
but the gradient written, once per step, and each product reads its weights and writes its gradient once) at the rate
at which the memory is read here, plus the products' operations at the rate of the fastest large product measured here
(machine_rates.py).
"""

import argparse
import json
import os
import pathlib
import resource
import shutil
import statistics
import subprocess
import sys
import tempfile
import time

HERE = pathlib.Path(__file__).resolve().parent

GPT2 = dict(
    model_type="gpt2", architectures=["GPT2LMHeadModel"], vocab_size=50257, n_positions=1024, n_embd=768, n_layer=12,
    n_head=12, resid_pdrop=0.0, embd_pdrop=0.0, attn_pdrop=0.0, bos_token_id=50256, eos_token_id=50256)
LLAMA_135M = dict(
    model_type="llama", architectures=["LlamaForCausalLM"], vocab_size=49152, hidden_size=576, intermediate_size=1536,
    num_hidden_layers=30, num_attention_heads=9, num_key_value_heads=3, max_position_embeddings=2048, hidden_act="silu",
    rms_norm_eps=1e-5, rope_theta=10000.0, tie_word_embeddings=True, bos_token_id=0, eos_token_id=0)
LLAMA_1B = dict(
    model_type="llama", architectures=["LlamaForCausalLM"], vocab_size=32000, hidden_size=2048, intermediate_size=5632,
    num_hidden_layers=22, num_attention_heads=32, num_key_value_heads=4, max_position_embeddings=2048, hidden_act="silu",
    rms_norm_eps=1e-5, rope_theta=10000.0, tie_word_embeddings=False, bos_token_id=1, eos_token_id=2)

# name: (configuration, dtype, sequences, tokens of a sequence, rank of adapters or 0)
WORK = {
    "gpt2-124m 4x128": (GPT2, "f32", 4, 128, 0),
    "llama-135m 4x128": (LLAMA_135M, "f32", 4, 128, 0),
    "llama-135m 8x20": (LLAMA_135M, "f32", 8, 20, 0),
    "lora llama-1.1b 4x128": (LLAMA_1B, "bf16", 4, 128, 16),
}
RATE, CLIP = 1e-4, 1.0


# ---- the peer -------------------------------------------------------------------------------------------------------

def peer(folder, data, options):
    """Trains as `swiftlet finetune` does and prints a JSON line a step."""
    os.environ["HF_HUB_OFFLINE"] = "1"
    import torch
    import transformers
    from torch.nn.utils import clip_grad_norm_

    torch.set_num_threads(options.threads)
    transformers.logging.set_verbosity_error()
    transformers.logging.disable_progress_bar()
    torch.manual_seed(0)
    mode, rank = options.peer, options.rank
    dtype = torch.bfloat16 if mode == "bf16" or rank and mode == "autocast" else torch.float32
    model = transformers.AutoModelForCausalLM.from_pretrained(folder, dtype=dtype, attn_implementation="sdpa").train()
    if rank:
        import peft

        model = peft.get_peft_model(model, peft.LoraConfig(
            r=rank, lora_alpha=rank, target_modules="all-linear", task_type="CAUSAL_LM"))
    parameters = [p for p in model.parameters() if p.requires_grad]
    optimizer = torch.optim.AdamW(parameters, lr=RATE, weight_decay=0.01, fused=True)
    run = torch.compile(model) if mode == "compile" else model
    lines = [json.loads(line)["ids"] for line in open(data)]
    size = options.sequences
    for step in range(options.steps):
        ids = torch.tensor(lines[step * size:(step + 1) * size])
        start = time.perf_counter()
        with torch.autocast("cpu", dtype=torch.bfloat16, enabled=mode == "autocast"):
            loss = run(input_ids=ids, labels=ids, use_cache=False).loss
        loss.backward()
        clip_grad_norm_(parameters, CLIP)
        optimizer.step()
        optimizer.zero_grad(set_to_none=True)
        seconds = time.perf_counter() - start
        print(json.dumps({"loss": loss.item(), "tokens_per_second": ids.numel() / seconds}), flush=True)
    print(json.dumps({"peak": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024}))


# ---- both sides -----------------------------------------------------------------------------------------------------

class Result:
    """What a process has come to."""

    def __init__(self, steps, anonymous):
        self.losses = [step["loss"] for step in steps]
        rates = [step["tokens_per_second"] for step in steps]
        self.rate = statistics.median(rates[2:] or rates)
        self.anonymous = anonymous


class Bench:
    def __init__(self, options, folder):
        from process import run

        self.options, self.folder, self.run = options, folder, run

    def model(self, name, config, dtype):
        folder = self.folder / name.split(" ")[-2]
        if not (folder / "model.safetensors").exists():
            path = self.folder / "config.json"
            path.write_text(json.dumps(config))
            self.run([self.options.swiftlet, "init", path, folder, "--dtype", dtype, "--max-shard-size", "100GB",
                      "--quiet"])
        return folder

    def data(self, config, sequences, length):
        """Tokens that follow no pattern, the same in every run."""
        state, lines = 1, []
        for _ in range(self.options.steps * sequences):
            ids = []
            for _ in range(length):
                state = (state * 6364136223846793005 + 1442695040888963407) % (1 << 64)
                ids.append((state >> 33) % config["vocab_size"])
            lines.append(json.dumps({"ids": ids}))
        path = self.folder / "train.jsonl"
        path.write_text("\n".join(lines) + "\n")
        return path

    def ours(self, model, data, sequences, rank, mode):
        out, log = self.folder / "out", self.folder / "log.jsonl"
        shutil.rmtree(out, ignore_errors=True)
        log.unlink(missing_ok=True)
        command = [
            self.options.swiftlet, "finetune", model, "--data", data, "--out", out, "--log", log, "--steps",
            self.options.steps, "--batch-size", sequences, "--lr", RATE, "--schedule", "constant", "--weight-decay",
            "0.01", "--clip", CLIP, "--no-shuffle", "--threads", self.options.threads, "--precision",
            "bf16" if mode.startswith("bf16") else "f32", "--quiet"]
        if mode == "bf16-small":
            command += ["--master", "none", "--moments", "bf16"]
        if rank:
            command += ["--method", "lora", "--rank", rank, "--alpha", rank]
        _, anonymous, _ = self.run(command, limit=600)
        steps = [json.loads(line) for line in open(log)]
        shutil.rmtree(out, ignore_errors=True)
        return Result([step for step in steps if "tokens_per_second" in step], anonymous)

    def theirs(self, model, data, sequences, rank, mode):
        # Without these, the C library returns the memory of every step to the system.
        environment = dict(
            os.environ, MALLOC_MMAP_THRESHOLD_="1073741824", MALLOC_TRIM_THRESHOLD_="4294967296",
            MALLOC_TOP_PAD_="268435456")
        command = [
            sys.executable, __file__, str(model), "--peer", mode, "--data", data, "--steps", self.options.steps,
            "--sequences", sequences, "--rank", rank, "--threads", self.options.threads]
        _, anonymous, output = self.run(command, environment=environment, limit=600)
        steps = [json.loads(line) for line in output.splitlines() if line.startswith("{")]
        return Result(steps[:-1], anonymous)


def parameters(config):
    """(values of matrices that multiply every token, values of the embedding table, tied or not)"""
    if config["model_type"] == "gpt2":
        width, layers = config["n_embd"], config["n_layer"]
        return layers * 12 * width * width + width * config["vocab_size"], 0
    width, layers, wide = config["hidden_size"], config["num_hidden_layers"], config["intermediate_size"]
    shared = width // config["num_attention_heads"] * config["num_key_value_heads"]
    body = layers * (2 * width * width + 2 * width * shared + 3 * width * wide)
    table = width * config["vocab_size"]
    return body + table, 0 if config["tie_word_embeddings"] else table


def floor(config, tokens, rank, rates):
    """Seconds of a step: (memory, products) in f32."""
    multiplied, looked_up = parameters(config)
    memory, products = rates["read_bytes_per_second"], rates["f32_operations_per_second"]
    if rank:
        return 2 * multiplied * 2 / memory, 4 * multiplied * tokens / products
    # Weights: read by both products and the update, written. Gradient: written, read. Moments: read, written.
    moved = 4 * (multiplied * (3 + 1 + 1 + 1 + 4) + looked_up * 7)
    return moved / memory, 6 * multiplied * tokens / products


def agree(reference, result, tolerance):
    return max(abs(a - b) for a, b in zip(reference.losses, result.losses)) <= tolerance


def measure(bench, name):
    config, dtype, sequences, length, rank = WORK[name]
    options = bench.options
    model = bench.model(name, config, dtype)
    data = bench.data(config, sequences, length)
    rows = [("swiftlet " + mode, bench.ours, mode) for mode in options.modes]
    rows += [("pytorch " + mode, bench.theirs, mode) for mode in options.peers]
    best = {}
    for _ in range(options.rounds):
        for label, work, mode in rows:
            try:
                result = work(model, data, sequences, rank, mode)
            except Exception as failure:  # a mode that this PyTorch does not have
                print(f"{name}: {label}: {failure}", file=sys.stderr)
                continue
            if label not in best or result.rate > best[label].rate:
                best[label] = result
    return best


def report(bench, name, best, rates):
    config, _, sequences, length, rank = WORK[name]
    memory, products = floor(config, sequences * length, rank, rates)
    print(f"\n{name}: floor in f32 {memory:.3f} s of memory + {products:.3f} s of products, "
          f"{sequences * length / (memory + products):.0f} tokens/s")
    print(f"{'':24}{'tokens/s':>10}{'of floor':>10}{'memory MB':>11}   losses")
    for label, result in best.items():
        losses = " ".join(f"{loss:.4f}" for loss in result.losses[:4])
        share = result.rate * (memory + products) / (sequences * length)
        print(f"{label:24}{result.rate:10.1f}{share:10.2f}{result.anonymous:11.0f}   {losses}")
    reference = best.get("pytorch eager") or next(iter(best.values()))
    bad = []
    for label, result in best.items():
        exact = label.split(" ")[1] in ("f32", "eager", "compile")
        # Adapters start from random numbers, so only the first losses are the same.
        if rank:
            result.losses = result.losses[:1]
        if not agree(reference, result, 1e-4 if exact and not rank else 2e-2):
            bad.append(label)
    for ours in (label for label in best if label.startswith("swiftlet")):
        theirs = max((best[label].rate for label in best if label.startswith("pytorch")), default=0)
        if theirs:
            print(f"{ours} / best of PyTorch: {best[ours].rate / theirs:.2f}")
    if bad:
        print(f"losses differ: {', '.join(bad)}")
    return not bad


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("swiftlet", help="the binary (or the model, for the peer's process)")
    parser.add_argument("--only", default="", help="a word of the work's name")
    parser.add_argument("--modes", type=lambda text: text.split(","), default=["f32", "bf16"])
    parser.add_argument("--peers", type=lambda text: [part for part in text.split(",") if part],
                        default=["eager", "compile", "autocast", "bf16"])
    parser.add_argument("--steps", type=int, default=6)
    parser.add_argument("--rounds", type=int, default=2)
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--folder", type=pathlib.Path, help="where checkpoints are kept between runs")
    for name in ("--peer", "--data"):
        parser.add_argument(name, help=argparse.SUPPRESS)
    for name in ("--sequences", "--rank"):
        parser.add_argument(name, type=int, default=0, help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.peer:
        return peer(options.swiftlet, options.data, options)
    temporary = None if options.folder else tempfile.TemporaryDirectory()
    folder = options.folder or pathlib.Path(temporary.name)
    folder.mkdir(parents=True, exist_ok=True)
    options.swiftlet = pathlib.Path(options.swiftlet).resolve()
    rates = json.loads(subprocess.run(
        [sys.executable, HERE / "machine_rates.py", str(options.threads)], check=True, capture_output=True,
        text=True).stdout)
    print(f"reads {rates['read_bytes_per_second'] / 1e9:.1f} GB/s, products "
          f"{rates['f32_operations_per_second'] / 1e9:.0f} GFLOP/s in f32, "
          f"{rates['bf16_operations_per_second'] / 1e9:.0f} in bf16; {options.threads} threads")
    bench = Bench(options, folder)
    good = True
    for name in WORK:
        if options.only in name:
            good = report(bench, name, measure(bench, name), rates) and good
    if temporary:
        temporary.cleanup()
    sys.exit(0 if good else 1)


if __name__ == "__main__":
    main()
