"""What is run: every command over the fixtures that it applies to."""

import json
import pathlib
import signal
from typing import Callable, NamedTuple

FIXTURES = pathlib.Path(__file__).resolve().parents[2] / "fixtures"
TINY = FIXTURES / "gpt2-tiny"
ODD_TEXTS = [
    "", " ", "\n", "a\r\nb\r\n\r\nc", "  two before, two after  ", "\u0000\u0001\ufffd", "x" * 300, "ab " * 200,
    "naïve café", "cafe\u0301 A\u030a", "a\u0301\u0323\u0301b", "ﬁ ① ℌ Å", "日本語のテキスト。中文", "العربية ‏עברית",
    "👩‍👩‍👧‍👦 🇩🇪 👍🏽", "\u200bzero\u2009width\u00a0space", "<|endoftext|> <s>a</s> [INST] <|im_start|>",
    "1234567890 3.14", "def f(x):\n\treturn x  # tab\n", "it's we'll I'M YOU'RE",
]


class Case(NamedTuple):
    group: str
    name: str
    body: Callable


def cases(folder):
    """All cases; the input files that they share are written into the folder."""
    inputs = Inputs(folder)
    for make in (
        conversions, inspections, tokenizations, alignments, scores, generations, classifications, finetunings,
    ):
        yield from make(inputs)


def jsonl(path, rows):
    path.write_text("".join(json.dumps(row, ensure_ascii=number % 2 == 0) + "\n" for number, row in enumerate(rows)))
    return path


class Inputs:
    def __init__(self, folder):
        folder.mkdir(parents=True, exist_ok=True)
        self.story = (FIXTURES / "text/lighthouse.txt").read_text().splitlines()
        texts = self.story[:40] + ODD_TEXTS
        self.plain = FIXTURES / "text/lighthouse.txt"
        self.texts = jsonl(folder / "texts.jsonl", [{"id": n, "text": text} for n, text in enumerate(texts)])
        # The tiny GPT-2 has 64 positions.
        short = [text[:60] for text in self.story[:40]] + [text for text in ODD_TEXTS if 0 < len(text.encode()) <= 60]
        self.short = jsonl(folder / "short.jsonl", [{"text": text} for text in short])
        self.train = jsonl(folder / "train.jsonl", [{"text": text} for text in self.story[:40]])
        self.held_out = jsonl(folder / "held-out.jsonl", [{"text": text} for text in self.story[40:50]])
        halves = [(text[:25], text[25:50]) for text in self.story[:24]]
        self.pairs = jsonl(folder / "pairs.jsonl", [{"prompt": a, "completion": b} for a, b in halves])
        self.prompts = jsonl(folder / "prompts.jsonl", [{"prompt": text[:30]} for text in self.story[:7]])
        self.ids = FIXTURES / "training/lines.jsonl"
        lines = [json.loads(line)["ids"] for line in self.ids.read_text().splitlines()]
        # Positions end at 64; some positions of the decoders are scaled from 8 or 16 on.
        self.id_prompts = jsonl(folder / "id-prompts.jsonl", [{"ids": ids[:20]} for ids in lines[:6]])


def decoders(classes=False):
    """The folders of small decoders with the given kind of head."""
    folders = sorted(path for path in (FIXTURES / "decoders").iterdir() if path.is_dir())
    return [path for path in folders if path.name.endswith("-classes") == classes]


def tokenizers():
    paths = [TINY, FIXTURES / "gpt2-tiny-legacy", FIXTURES / "bpe-small", FIXTURES / "sentencepiece-json/tokenizer.json"]
    for name in ("bpe-families", "bpe-patterns"):
        paths += sorted(path for path in (FIXTURES / name).iterdir() if path.is_dir())
    return paths + sorted((FIXTURES / "sentencepiece").glob("*.model"))


def label(path):
    return path.relative_to(FIXTURES).as_posix()


def checkpoints():
    """Folders that hold a model."""
    folders = sorted(FIXTURES.glob("gpt2-*")) + sorted(path for path in (FIXTURES / "keras").iterdir() if path.is_dir())
    return folders + decoders() + decoders(classes=True)


def conversions(_):
    def convert(source, dtype, kind, shards):
        def body(side):
            size = ["--max-shard-size", shards] if shards else []
            side.swiftlet("convert", source, "out", "--to", kind, "--dtype", dtype, *size, "--json")
        return body

    for source in checkpoints():
        for kind in ("safetensors", "hdf5"):
            for dtype in ("keep", "f32", "f16", "bf16"):
                yield Case("convert", f"{label(source)} {kind} {dtype}", convert(source, dtype, kind, None))
            yield Case("convert", f"{label(source)} {kind} shards", convert(source, "keep", kind, "20KB"))
    files = [path for folder in ("torch-archive", "hdf5") for path in sorted((FIXTURES / folder).iterdir())]
    for path in files + sorted(FIXTURES.glob("keras/*/*.h5")):
        if path.suffix not in (".pt", ".bin", ".safetensors", ".h5"):
            continue

        def body(side, path=path):
            for name in ("out.safetensors", "out.h5"):
                side.swiftlet("convert", path, name, "--json")
                side.swiftlet("convert", path, name, "--dtype", "bf16", "--force", "--json")
            if path.suffix == ".h5":
                side.swiftlet("convert", path, "library.safetensors", "--via-libhdf5", "--json")
        yield Case("convert", label(path), body)


def inspections(_):
    def inspect(path):
        def body(side):
            side.swiftlet("inspect", path, "--stats", "--json")
            side.swiftlet("inspect", path)
        return body

    def init(config):
        def body(side):
            for dtype in ("f32", "bf16"):
                side.swiftlet("init", config, dtype, "--seed", 3, "--dtype", dtype, "--json")
        return body

    def diff(a, b, *more):
        def body(side):
            side.swiftlet("diff", a, b, *more, "--json")
            side.swiftlet("diff", a, b, *more)
        return body

    for path in checkpoints():
        yield Case("inspect", label(path), inspect(path))
    for path in decoders() + decoders(classes=True):
        yield Case("init", label(path), init(path / "config.json"))
    for name in ("f16", "bf16", "legacy", "f16-bin"):
        other = FIXTURES / f"gpt2-tiny-{name}"
        yield Case("diff", label(other), diff(TINY, other))
        yield Case("diff", f"{label(other)} tolerant", diff(TINY, other, "--rtol", 0.01))
    yield Case("diff", "other shapes", diff(TINY, FIXTURES / "gpt2-variant"))


def tokenizations(inputs):
    def tokenize(path, *more):
        def body(side):
            side.swiftlet("tokenize", path, "--jsonl", "--input", inputs.texts, *more, save="ids.jsonl")
            for skip in ([], ["--skip-special-tokens"]):
                side.swiftlet("detokenize", path, "--jsonl", "--input", "ids.jsonl", *skip)
        return body

    def whole(path):
        def body(side):
            text = "\n".join(ODD_TEXTS).encode()
            side.swiftlet("tokenize", path, given=text)
            side.swiftlet("tokenize", path, "The lamp turned.", "--json")
            for threads in (1, 2):
                side.swiftlet("tokenize", path, "--input", inputs.plain, "--count", "--json", "--threads", threads)
            side.swiftlet("detokenize", path, *range(40))
        return body

    for path in tokenizers():
        yield Case("tokenize", label(path), tokenize(path))
        yield Case("tokenize", f"{label(path)} plain", tokenize(path, "--no-special-tokens"))
        for special in ("parse", "text"):
            yield Case("tokenize", f"{label(path)} special {special}", tokenize(path, "--special", special))
        yield Case("tokenize", f"{label(path)} whole", whole(path))


def alignments(inputs):
    def align(a, b):
        def body(side):
            page = ["--html", "page.html", "--worst", 9]
            side.swiftlet("align", a, b, "--jsonl", "--input", inputs.texts, "--json", *page)
            side.swiftlet("align", a, b, "--lines", "--input", inputs.plain, "--threads", 2)
            side.swiftlet("align", a, b, "--jsonl", "--input", inputs.texts, "--same")
            side.swiftlet("align", a, b, "Keepers of the lighthouse")
        return body

    sides = tokenizers()
    for number, a in enumerate(sides):
        b = sides[(number * 5 + 3) % len(sides)]
        yield Case("align", f"{label(a)} {label(b)}", align(a, b))
    yield Case("align", "with itself", align(TINY, TINY))


WEIGHTS = [[], ["--precision", "bf16"], ["--weights", "int8"]]


def scores(inputs):
    def score(model, data, *more):
        def body(side):
            for threads in (1, 2):
                side.swiftlet("score", model, "--jsonl", "--input", data, "--threads", threads, *more)
        return body

    for model in decoders():
        for weights in WEIGHTS:
            yield Case("score", " ".join([label(model), *weights]), score(model, inputs.ids, *weights))
    for more in (["--eos"], ["--batch-tokens", 0], ["--batch-tokens", 64], *WEIGHTS):
        for data in (inputs.texts, inputs.short, inputs.pairs):
            name = " ".join(map(str, ["gpt2-tiny", data.stem, *more]))
            yield Case("score", name, score(TINY, data, *more))
    for name in ("gpt2-tiny-f16", "gpt2-tiny-bf16", "gpt2-tiny-legacy", "gpt2-tiny-f16-bin"):
        yield Case("score", name, score(FIXTURES / name, inputs.ids))
    yield Case("score", "one text", lambda side: side.swiftlet("score", TINY, "The lamp turned.", "--eos"))


STRATEGIES = {
    "greedy": [],
    "repetition": ["--repetition-penalty", 1.3],
    "beams": ["--beams", 4, "--return", 3, "--length-penalty", 0.7],
    "beams never": ["--beams", 3, "--return", 3, "--early-stopping", "never", "--length-penalty", 2],
    "beams true": ["--beams", 3, "--early-stopping", "true"],
    "temperature": ["--temperature", 0.8, "--seed", 7],
    "nucleus": ["--temperature", 1.2, "--top-k", 20, "--top-p", 0.9, "--seed", 11, "--return", 2],
}


def generations(inputs):
    def generate(model, data, *more):
        def body(side):
            for threads, batch in ((1, 1), (2, 4)):
                side.swiftlet(
                    "generate", model, "--jsonl", "--input", data, "--max-new-tokens", 24, "--threads", threads,
                    "--batch-size", batch, *more)
        return body

    for model in decoders():
        for name, options in STRATEGIES.items():
            yield Case("generate", f"{label(model)} {name}", generate(model, inputs.id_prompts, *options))
        for more in (*WEIGHTS[1:], ["--cache", "bf16"]):
            yield Case("generate", " ".join([label(model), *more]), generate(model, inputs.id_prompts, *more))
    for name, options in STRATEGIES.items():
        yield Case("generate", f"gpt2-tiny {name}", generate(TINY, inputs.prompts, *options, "--stop", "the"))

        def one(side, options=options):
            side.swiftlet("generate", TINY, "--prompt", "The light", *options)
            side.swiftlet("generate", TINY, "--prompt", "The light", *options, "--json")
        yield Case("generate", f"gpt2-tiny {name} one prompt", one)


def classifications(inputs):
    def classify(model, *more):
        def body(side):
            for threads in (1, 2):
                side.swiftlet("classify", model, "--jsonl", "--input", inputs.ids, "--threads", threads, *more)
        return body

    for model in decoders(classes=True):
        for weights in WEIGHTS:
            yield Case("classify", " ".join([label(model), *weights]), classify(model, *weights))


def finetunings(inputs):
    common = ["--log", "log.jsonl", "--json"]

    def finetune(model, data, *options):
        def body(side):
            side.swiftlet("finetune", model, "--data", data, "--out", "out", *options, *common)
        return body

    sets = {
        "standard": (inputs.train, ["--epochs", 2, "--batch-size", 6]),
        "adam, cosine": (
            inputs.train, ["--optimizer", "adam", "--lr", 1e-3, "--schedule", "cosine", "--warmup", 3, "--epochs", 2]),
        "micro-batches": (
            inputs.train, ["--batch-size", 8, "--micro-batch-size", 3, "--loss-mean", "sequences", "--no-shuffle"]),
        "decay of matrices": (inputs.train, ["--decay", "matrices", "--weight-decay", 0.3, "--clip", 0, "--lr", 1e-3]),
        "evaluation and states": (
            inputs.train, [
                "--eval-data", inputs.held_out, "--eval-every", 2, "--save-every", 3, "--keep", 3, "--seed", 7,
                "--steps", 11]),
        "short lines": (inputs.train, ["--max-length", 12, "--no-eos", "--schedule", "constant"]),
        "bf16 out": (inputs.train, ["--dtype", "bf16", "--lr", 1e-3]),
        "pairs": (inputs.pairs, ["--lr", 1e-3, "--batch-size", 5]),
        "ids": (inputs.ids, ["--lr", 1e-3, "--batch-size", 5]),
    }
    for threads in (1, 2):
        for name, (data, options) in sets.items():
            body = finetune(TINY, data, *options, "--threads", threads)
            yield Case("finetune", f"gpt2-tiny {name}, {threads} threads", body)
        for model in decoders() + [FIXTURES / name for name in ("gpt2-tiny-bf16", "gpt2-tiny-legacy", "gpt2-variant")]:
            for mean in ("tokens", "sequences"):
                options = ["--batch-size", 4, "--lr", 1e-3, "--no-shuffle", "--loss-mean", mean, "--threads", threads]
                yield Case(
                    "finetune", f"{label(model)} {mean}, {threads} threads", finetune(model, inputs.ids, *options))
    yield Case("finetune", "no language head", finetune(decoders(classes=True)[0], inputs.ids))
    yield from interruptions(inputs)


def interruptions(inputs):
    """Runs that are stopped twice and resumed, the second time after the first resumption. Without --json, whose
    count of tokens depends on the moment of the stop."""
    for number, threads in ((signal.SIGKILL, 1), (signal.SIGKILL, 2), (signal.SIGTERM, 2), (signal.SIGINT, 1)):

        def body(side, number=number, threads=threads):
            command = ["finetune", TINY, "--data", inputs.train, "--out", "out", "--steps", 400, "--save-every", 20,
                       "--batch-size", 4, "--lr", 1e-3, "--threads", threads, "--log", "log.jsonl"]
            side.stopped(number, "out/checkpoint-60", *command)
            side.stopped(number, "out/checkpoint-200", *command, "--resume")
            side.swiftlet(*command, "--resume", "--quiet")
            side.swiftlet(*command, "--resume")
            side.swiftlet(*command)
        yield Case("finetune", f"{number.name} and --resume, {threads} threads", body)
