#!/usr/bin/env python3
"""Pre-trains the small models of the studies on sentences of SLURP's domain.

usage: pretrain.py SWIFTLET DATA OUT [NAME...] [--threads N] [--examples N]

DATA holds `slurp` and `tokenizers` (SWIFTLET_DATA). Each of `gpt2`, `opt`, `neox` and `llama` becomes a model in
OUT/NAME with the vocabulary of GPT-2, OPT, Pythia or Llama 2. A model that exists is left alone; one that was
interrupted continues.

What slot filling needs most is copying, which plain sentences hardly teach. So most examples ask for words of the
sentence in a JSON object: a sentence from one of its words on, or the words after a given one; and in half of them all
words are replaced by random ones, so that nothing but copying helps. The loss is that of the answer alone. The weak
models see a third of the sentences each, the strong model all of them and more examples. The softmax is over the tokens
that occur (vocabulary.py). Sentences that equal an utterance of devel or test in letters and digits are left out.
"""

import argparse
import json
import os
import pathlib
import random
import shutil
import subprocess
import sys

import vocabulary
from program import Swiftlet
from rows import file_digest, letters, read_lines, require_disjoint, write_lines, write_text

HERE = pathlib.Path(__file__).resolve().parent
# name: (tokenizer, part of the sentences or None for all, examples, learning rate)
MODELS = {
    "gpt2": ("gpt2", 0, 96_000, 2e-3),
    "opt": ("opt", 1, 96_000, 2e-3),
    "neox": ("pythia", 2, 96_000, 2e-3),
    "llama": ("llama2", None, 128_000, 2e-3),
}
BATCH = 64
# Shares of the examples: repeats, copies of some words (up to COPIES), plain sentences (the rest); of the first two,
# those with random words.
REPEATS, COPIES, RANDOM = 0.35, 0.82, 0.5
HELD_OUT = 300


def sentences(slurp):
    """The sentences for pre-training, without near-copies of each other and of the utterances of devel and test."""
    used = {name: [row["sentence"] for row in read_lines(slurp / f"{name}.jsonl")] for name in ("devel", "test")}
    seen = {letters(sentence) for name in used for sentence in used[name]}
    kept = {}
    for line in (slurp / "lm.txt").read_text(encoding="utf-8").splitlines():
        key = letters(line)
        if key and key not in seen:
            kept.setdefault(key, " ".join(line.split()))
    texts = list(kept.values())
    for name in used:
        require_disjoint("pre-training", {name: used[name], "lm.txt": texts})
    return texts


def example(sentence, words, rng):
    """A prompt and its completion, or None."""
    tokens = sentence.split()
    kind = rng.random()
    if kind >= COPIES:
        # Plain language; one word would leave nothing to learn.
        return (tokens[0], " " + " ".join(tokens[1:])) if len(tokens) > 1 else None
    if rng.random() < RANDOM:
        tokens = [rng.choice(words) for _ in range(max(len(tokens), 3))]
    prompt = " ".join(tokens) + " ->"
    if kind < REPEATS:
        answer = {"all": " ".join(tokens[rng.randrange(len(tokens)):])}
    else:
        answer = {}
        for place in sorted(rng.sample(range(len(tokens)), min(len(tokens), rng.choice((1, 1, 2))))):
            end = min(len(tokens), place + 1 + rng.choice((1, 1, 2, 3)))
            if place + 1 < end:
                answer[tokens[place]] = " ".join(tokens[place + 1:end])
    return prompt, " " + json.dumps(answer, ensure_ascii=False)


def examples(texts, words, count, seed):
    rng = random.Random(seed)
    made = []
    while len(made) < count:
        line = example(rng.choice(texts), words, rng)
        if line:
            made.append(line)
    return made


def recipe(name, data, count=None):
    """What decides a model's bytes, as a value of JSON."""
    tokenizer, *rest = MODELS[name]
    files = [data / "slurp" / file for file in ("lm.txt", "devel.jsonl", "test.jsonl")]
    files += tokenizer_files(data, tokenizer)
    files += [HERE / file for file in (
        "pretrain.py", "vocabulary.py", "rows.py", "tensors.py", f"shapes/small-{name}/config.json")]
    return {"settings": [*rest, count], "files": {path.name: file_digest(path) for path in files}}


def tokenizer_files(data, tokenizer):
    return [
        path for path in sorted((data / "tokenizers" / tokenizer).iterdir())
        if path.is_file() and path.name not in ("config.json", "generation_config.json")]


def make(swiftlet, data, name, target, work, count=None):
    """Makes a model in `target`; `work` keeps what an interrupted run continues from."""
    tokenizer, part, examples_in_all, rate = MODELS[name]
    count = count or examples_in_all
    seed = list(MODELS).index(name)
    work = work / name
    record = work / "recipe.json"
    text = json.dumps(recipe(name, data, count), sort_keys=True)
    if not record.exists() or record.read_text(encoding="utf-8") != text:
        shutil.rmtree(work, ignore_errors=True)
    work.mkdir(parents=True, exist_ok=True)
    shape = HERE / "shapes" / f"small-{name}" / "config.json"
    whole, start = work / "whole", work / "start"
    if not record.exists():
        everything = sentences(data / "slurp")
        random.Random(0).shuffle(everything)
        held_out, everything = everything[:HELD_OUT], everything[HELD_OUT:]
        swiftlet("init", shape, whole, "--seed", seed)
        for file in tokenizer_files(data, tokenizer):
            shutil.copyfile(file, whole / file.name)
        config = json.loads(shape.read_text(encoding="utf-8"))
        used = prepare(
            swiftlet.path, whole, config["eos_token_id"], everything if part is None else everything[part::3], everything,
            held_out, count, seed, work)
        write_text(work / "small.json", json.dumps(used.configuration(config), indent=2))
        write_text(work / "used.json", json.dumps(used.ids))
        swiftlet("init", work / "small.json", start, "--seed", seed)
        write_text(record, text)
    used = vocabulary.UsedTokens(json.loads((work / "used.json").read_text(encoding="utf-8")))
    swiftlet("finetune", start, "--data", work / "train.jsonl", "--out", work / "model",
        "--eval-data", work / "held-out.jsonl", "--eval-every", 300, "--log", work / "log.jsonl",
        "--epochs", 1, "--batch-size", BATCH, "--lr", rate, "--weight-decay", "0.1", "--decay", "matrices",
        "--warmup", 50, "--schedule", "linear", "--save-every", 300, "--keep", 1, "--resume", "--no-curve",
        "--seed", seed, heavy=True)
    partial = target.with_name(f".{target.name}.expanded")
    shutil.rmtree(partial, ignore_errors=True)
    shutil.copytree(whole, partial)
    vocabulary.expand(work / "model/model.safetensors", whole / "model.safetensors", used, partial / "model.safetensors")
    os.replace(partial, target)
    shutil.rmtree(work)


def prepare(swiftlet, whole, closing, texts, everything, held_out, count, seed, work):
    """Writes the lines of training and of evaluation under the numbers of the tokens that occur; gives these."""
    words = sorted({word for text in everything for word in text.split()})
    parts = {
        "train": examples(texts, words, count, f"train {seed}"),
        "held-out": examples(held_out, words, HELD_OUT, f"held out {seed}")}
    encoded = {
        name: list(zip(
            vocabulary.encode(swiftlet, whole, [prompt for prompt, _ in lines], special=True),
            vocabulary.encode(swiftlet, whole, [completion for _, completion in lines], special=False)))
        for name, lines in parts.items()}
    # Words at the start of a text, after a space, and in an object: whatever fine-tuning on such sentences will meet.
    occurring = vocabulary.encode(
        swiftlet, whole, [form for word in words for form in (word, f"a {word}", f' {{"{word}": "{word}"}}')], special=True)
    ids = {closing}.union(*occurring, *(part for lines in encoded.values() for line in lines for part in line))
    used = vocabulary.UsedTokens(ids)
    for name, lines in encoded.items():
        rows = []
        for prompt, completion in lines:
            answer = used.renumbered([*completion, closing])
            prompt = used.renumbered(prompt)
            rows.append({"ids": prompt + answer, "labels": [-100] * len(prompt) + answer})
        write_lines(work / f"{name}.jsonl", rows)
    return used


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("swiftlet")
    parser.add_argument("data", type=pathlib.Path)
    parser.add_argument("out", type=pathlib.Path)
    parser.add_argument("names", nargs="*", metavar="NAME")
    parser.add_argument("--threads", type=int)
    parser.add_argument("--examples", type=int, help="of training, instead of the number for the study")
    options = parser.parse_args()
    swiftlet = Swiftlet(options.swiftlet, options.threads)
    options.out.mkdir(parents=True, exist_ok=True)
    for name in options.names or MODELS:
        if name not in MODELS:
            parser.error(f"no model {name}: {', '.join(MODELS)}")
        target = options.out / name
        if (target / "model.safetensors").exists():
            print(f"{target} exists")
            continue
        make(swiftlet, options.data, name, target, options.out / "work", options.examples)


if __name__ == "__main__":
    try:
        main()
    except subprocess.CalledProcessError as error:
        sys.exit(error.returncode)
