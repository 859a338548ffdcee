#!/usr/bin/env python3
"""Swiftlet's tokenizers beside Gigatoken, tiktoken and Hugging Face's, in one run over one corpus.

    tokenizer_speed.py SWIFTLET DATA [--families pythia,…] [--corpora mixed,…] [--threads N] [--repeat 3]
                       [--megabytes 20]

DATA is the folder that SWIFTLET_DATA names. The mixed corpus is made of its sentences, this repository's code and
pages, and the texts of the tokenizer cases (many scripts); `prose` is the sentences alone, `code` Python's standard
library, `changelogs` and `manuals` what is in /usr/share/doc and /usr/share/man. A corpus is cut into documents as
`tokenize --count` cuts it.
Every engine encodes the same documents; each must give the ids of Swiftlet, number for number, which is
compared document by document. Times are of encoding alone, in MB/s of text: the first pass (cold caches) and
the best.
"""

import argparse
import glob
import gzip
import json
import os
import pathlib
import subprocess
import sys
import sysconfig
import tempfile
import time

ROOT = pathlib.Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "tools" / "tokenizers"))


def mixed(data):
    parts = [(data / "slurp" / "lm.txt").read_text()]
    for pattern in ("Sources/**/*.swift", "Tests/**/*.swift", "*.md", "formats/*.md", "tools/**/*.py"):
        parts += [pathlib.Path(path).read_text() for path in sorted(glob.glob(str(ROOT / pattern), recursive=True))]
    for cases in sorted((data / "tokenizer_cases").glob("*.jsonl")):
        parts += [json.loads(line)["text"] for line in cases.read_text().splitlines()]
    return parts


def files(*patterns):
    """The texts of files, unpacked where they are compressed."""
    parts = []
    for path in sorted({path for pattern in patterns for path in glob.glob(pattern, recursive=True)}):
        if not os.path.isfile(path):
            continue
        with (gzip.open if path.endswith(".gz") else open)(path, "rb") as file:
            parts.append(file.read().decode(errors="ignore"))
    return parts


CORPORA = {
    "mixed": mixed,
    "prose": lambda data: [(data / "slurp" / "lm.txt").read_text()],
    "code": lambda data: files(sysconfig.get_paths()["stdlib"] + "/**/*.py"),
    "changelogs": lambda data: files("/usr/share/doc/**/*hange*", "/usr/share/doc/**/NEWS*", "/usr/share/doc/**/copyright"),
    "manuals": lambda data: files("/usr/share/man/man*/*"),
}


def corpus(name, data, megabytes):
    text = "\n".join(CORPORA[name](data)).replace("<|", "< |").encode()
    if not text:
        sys.exit(f"nothing on this machine for the corpus {name}")
    text *= -(-int(megabytes * 1e6) // len(text))
    # What is cut off may be part of a character.
    return text[: int(megabytes * 1e6)].decode(errors="ignore").encode()


def documents(text, size=16 << 10):
    start = 0
    while start < len(text):
        end = text.find(b"\n", start + size)
        end = len(text) if end < 0 else end + 1
        yield text[start:end]
        start = end


class Timer:
    def __init__(self, parts, repeat, clock):
        self.bytes, self.repeat, self.clock = sum(map(len, parts)), repeat, clock

    def __call__(self, work):
        times = []
        for _ in range(self.repeat):
            start = self.clock()
            result = work()
            times.append(self.clock() - start)
        return result, self.bytes / 1e6 / times[0], self.bytes / 1e6 / min(times)


def ours(swiftlet, folder, path, threads, repeat):
    command = [swiftlet, "tokenize", folder, "--input", path, "--count", "--no-special-tokens", "--json"]
    answer = json.loads(subprocess.check_output([*command, "--repeat", str(repeat), "--threads", str(threads)]))
    return answer["tokens"], answer["bytes"] / 1e6 / answer["first_seconds"], answer["bytes"] / 1e6 / answer["seconds"]


def our_ids(swiftlet, folder, parts):
    lines = "".join(json.dumps({"text": part.decode()}) + "\n" for part in parts)
    command = [swiftlet, "tokenize", folder, "--jsonl", "--no-special-tokens"]
    output = subprocess.run(command, input=lines.encode(), stdout=subprocess.PIPE, check=True).stdout
    return [json.loads(line)["ids"] for line in output.splitlines()]


def hugging_face(folder):
    from tokenizers import Tokenizer

    if (folder / "tokenizer.json").exists():
        return Tokenizer.from_file(str(folder / "tokenizer.json"))
    from transformers import AutoTokenizer

    return AutoTokenizer.from_pretrained(str(folder)).backend_tokenizer


def peers(folder):
    """Name, load and a function of documents and whether to use all threads."""
    import gigatoken

    def giga():
        if (folder / "qwen.tiktoken").exists():
            tokenizer = gigatoken.Tokenizer.from_tiktoken(str(folder / "qwen.tiktoken"), pretokenizer="qwen2")
        elif (folder / "tokenizer.json").exists():
            tokenizer = gigatoken.Tokenizer(str(folder / "tokenizer.json"))
        else:
            tokenizer = gigatoken.Tokenizer(hugging_face(folder))
        return lambda parts, all_threads: tokenizer.encode_batch(parts, parallel=all_threads)

    yield "gigatoken", giga
    if (folder / "qwen.tiktoken").exists():
        import nfc
        import references

        def tiktoken():
            tokenizer = references.Tiktoken(folder).tokenizer

            def encode(parts, all_threads):
                texts = [nfc.nfc(part.decode()) for part in parts]
                return tokenizer.encode_ordinary_batch(texts, num_threads=os.cpu_count() if all_threads else 1)

            return encode

        yield "tiktoken", tiktoken
    else:

        def hugging():
            tokenizer = hugging_face(folder)

            def encode(parts, all_threads):
                # Looked up at each call.
                os.environ["TOKENIZERS_PARALLELISM"] = "true" if all_threads else "false"
                texts = [part.decode() for part in parts]
                return [one.ids for one in tokenizer.encode_batch(texts, add_special_tokens=False)]

            return encode

        yield "tokenizers", hugging


def compare(corpus_name, options):
    text = corpus(corpus_name, options.data, options.megabytes)
    parts = list(documents(text))
    print(f"{corpus_name}: {len(text) / 1e6:.1f} MB, {len(parts)} documents, MB/s: first pass / best of {options.repeat}")
    with tempfile.NamedTemporaryFile() as file:
        file.write(text)
        file.flush()
        for family in options.families.split(","):
            folder = options.data / "tokenizers" / family
            expected = our_ids(options.swiftlet, str(folder), parts)
            total = sum(map(len, expected))
            for threads in dict.fromkeys((1, options.threads)):
                count, first, best = ours(options.swiftlet, str(folder), file.name, threads, options.repeat)
                assert count == total, (family, count, total)
                print(f"{family:8} swiftlet    {threads} threads {first:8.1f} {best:8.1f}", flush=True)
            for name, load in peers(folder):
                start = time.perf_counter()
                encode = load()
                loaded = time.perf_counter() - start
                repeat = options.repeat if name == "gigatoken" else 1
                ids, first, best = Timer(parts, repeat, time.perf_counter)(lambda: encode(parts, False))
                different = sum(list(map(int, mine)) != list(map(int, theirs)) for mine, theirs in zip(expected, ids))
                note = "equal ids" if different == 0 else f"{different} documents DIFFER"
                print(f"{family:8} {name:11} 1 thread  {first:8.1f} {best:8.1f}  load {loaded * 1e3:.0f} ms, {note}", flush=True)
                _, first, best = Timer(parts, repeat, time.perf_counter)(lambda: encode(parts, True))
                print(f"{family:8} {name:11} all threads {first:6.1f} {best:8.1f}", flush=True)


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("swiftlet")
    parser.add_argument("data", type=pathlib.Path)
    parser.add_argument("--families", default="gpt2,opt,pythia,qwen,qwen2,llama3")
    parser.add_argument("--corpora", default="mixed")
    parser.add_argument("--threads", type=int, default=os.cpu_count())
    parser.add_argument("--repeat", type=int, default=3)
    parser.add_argument("--megabytes", type=float, default=20)
    options = parser.parse_args()
    os.environ["TOKENIZERS_PARALLELISM"] = "false"
    for name in options.corpora.split(","):
        compare(name, options)


if __name__ == "__main__":
    main()
