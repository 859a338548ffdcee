#!/usr/bin/env python3
"""Pre-trains the small models of the studies on sentences of SLURP's domain.

usage: pretrain.py SWIFTLET DATA OUT [NAME...] [--threads N]

DATA holds `slurp` and `tokenizers` (SWIFTLET_DATA). Each of `gpt2`, `opt`, `neox` and `llama` becomes a model in
OUT/NAME with the vocabulary of GPT-2, OPT, Pythia or Llama 2. A model that exists is left alone; one that was
interrupted continues.

What slot filling needs most is copying, which plain sentences hardly teach. So most examples ask for words of the
sentence in a JSON object: a sentence from one of its words on, or the words after a given one; and in many all words
are replaced by random ones, so that nothing but copying helps. The loss is that of the answer alone. The weak models see
a third of the sentences each, the strong model all of them and more examples. Sentences that equal an utterance of
devel or test in letters and digits are left out.
"""

import argparse
import json
import pathlib
import random
import shutil
import subprocess
import sys

HERE = pathlib.Path(__file__).resolve().parent
# name: (tokenizer, part of the sentences or None for all, examples, learning rate)
MODELS = {
    "gpt2": ("gpt2", 0, 38_400, 2e-3),
    "opt": ("opt", 1, 38_400, 2e-3),
    "neox": ("pythia", 2, 38_400, 2e-3),
    "llama": ("llama2", None, 76_800, 2e-3),
}
BATCH = 64


def letters(text):
    return "".join(c for c in text.lower() if c.isalnum())


def sentences(slurp):
    seen = set()
    for name in ("devel", "test"):
        with (slurp / f"{name}.jsonl").open(encoding="utf-8") as lines:
            seen |= {letters(json.loads(line)["sentence"]) for line in lines}
    kept = {}
    for line in (slurp / "lm.txt").read_text(encoding="utf-8").splitlines():
        key = letters(line)
        if key and key not in seen:
            kept.setdefault(key, " ".join(line.split()))
    return list(kept.values())


def example(sentence, words, rng):
    """A line of training data."""
    tokens = sentence.split()
    kind = rng.random()
    if kind >= 0.72:
        # Plain language; one word would leave nothing to learn.
        return {"prompt": tokens[0], "completion": " " + " ".join(tokens[1:])} if len(tokens) > 1 else None
    if rng.random() < 0.45:
        tokens = [rng.choice(words) for _ in range(max(len(tokens), 3))]
    prompt = " ".join(tokens) + " ->"
    if kind < 0.3:
        start = rng.randrange(len(tokens))
        answer = {"all": " ".join(tokens[start:])}
    else:
        answer = {}
        places = sorted(rng.sample(range(len(tokens)), min(len(tokens), rng.choice((1, 1, 2)))))
        for place in places:
            end = min(len(tokens), place + 1 + rng.choice((1, 1, 2, 3)))
            if place + 1 < end:
                answer[tokens[place]] = " ".join(tokens[place + 1:end])
    return {"prompt": prompt, "completion": " " + json.dumps(answer, ensure_ascii=False)}


def write(path, texts, words, count, seed):
    rng = random.Random(seed)
    with path.open("w", encoding="utf-8") as out:
        written = 0
        while written < count:
            line = example(rng.choice(texts), words, rng)
            if line:
                out.write(json.dumps(line, ensure_ascii=False) + "\n")
                written += 1


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("swiftlet")
    parser.add_argument("data", type=pathlib.Path)
    parser.add_argument("out", type=pathlib.Path)
    parser.add_argument("names", nargs="*", metavar="NAME")
    parser.add_argument("--threads", type=int)
    options = parser.parse_args()
    everything = sentences(options.data / "slurp")
    random.Random(0).shuffle(everything)
    held_out, everything = everything[:300], everything[300:]
    words = sorted({word for text in everything for word in text.split()})
    options.out.mkdir(parents=True, exist_ok=True)
    for name in options.names or MODELS:
        if name not in MODELS:
            parser.error(f"no model {name}: {', '.join(MODELS)}")
        target = options.out / name
        if (target / "model.safetensors").exists():
            print(f"{target} exists")
            continue
        tokenizer, part, count, rate = MODELS[name]
        work = options.out / f"{name}-work"
        work.mkdir(exist_ok=True)
        texts = everything if part is None else everything[part::3]
        seed = list(MODELS).index(name)
        write(work / "train.jsonl", texts, words, count, f"train {seed}")
        write(work / "held-out.jsonl", held_out, words, 300, f"held out {seed}")
        start = work / "start"
        shutil.rmtree(start, ignore_errors=True)
        subprocess.run(
            [options.swiftlet, "init", HERE / "shapes" / f"small-{name}" / "config.json", start, "--seed", str(seed)],
            check=True)
        for file in (options.data / "tokenizers" / tokenizer).iterdir():
            if file.is_file() and file.name not in ("config.json", "generation_config.json"):
                shutil.copy(file, start / file.name)
        command = [
            options.swiftlet, "finetune", start, "--data", work / "train.jsonl", "--out", work / "model",
            "--eval-data", work / "held-out.jsonl", "--eval-every", "200", "--log", work / "log.jsonl",
            "--epochs", "1", "--batch-size", str(BATCH), "--lr", str(rate), "--weight-decay", "0.1", "--decay",
            "matrices", "--warmup", "50", "--schedule", "linear", "--save-every", "400", "--keep", "1", "--resume",
            "--seed", str(seed)]
        if options.threads:
            command += ["--threads", str(options.threads)]
        subprocess.run(command, check=True)
        (work / "model").rename(target)


if __name__ == "__main__":
    try:
        main()
    except subprocess.CalledProcessError as error:
        sys.exit(error.returncode)
