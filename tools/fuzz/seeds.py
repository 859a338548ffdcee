#!/usr/bin/env python3
"""Makes the seeds of the fuzzers from fixtures/: seeds.py FOLDER writes FOLDER/<target>/<name>, and
FOLDER/configuration.dict from the keys in formats/names/."""

import io
import json
import pathlib
import re
import struct
import sys
import zipfile
import zlib

ROOT = pathlib.Path(__file__).resolve().parents[2]
FIXTURES = ROOT / "fixtures"
# Larger seeds slow down the runs and find nothing more.
LIMIT = 32_000


def put(target, name, data):
    folder = OUT / target
    folder.mkdir(parents=True, exist_ok=True)
    (folder / name).write_bytes(data)


def torch():
    for path in sorted(FIXTURES.glob("torch-archive/*")):
        data = path.read_bytes()
        if path.suffix not in (".pt", ".bin") or len(data) > LIMIT:
            continue
        if not data.startswith(b"PK"):
            put("TorchStream", path.name, data)
            continue
        put("TorchZip", path.name, data)
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            for entry in archive.namelist():
                if entry.endswith("data.pkl"):
                    put("TorchPickle", path.name, archive.read(entry))


def deflate():
    texts = {
        "text": (FIXTURES / "bpe-small/merges.txt").read_bytes(),
        "zeros": bytes(4000),
        "counts": b"".join(struct.pack("<H", n * n % 251) for n in range(1500)),
        "short": b"abc",
        "nothing": b"",
    }
    for name, text in texts.items():
        for level in (0, 1, 9):
            for strategy, label in ((zlib.Z_DEFAULT_STRATEGY, ""), (zlib.Z_FIXED, "-fixed"),
                                    (zlib.Z_HUFFMAN_ONLY, "-huffman"), (zlib.Z_RLE, "-rle")):
                for bits, form in ((-15, "raw"), (15, "zlib")):
                    made = zlib.compressobj(level, zlib.DEFLATED, bits, 9, strategy)
                    put("Inflate", f"{name}-{level}{label}-{form}", made.compress(text) + made.flush())


def tokenizers():
    whole = json.loads((FIXTURES / "bpe-small/tokenizer.json").read_text())
    config = (FIXTURES / "bpe-small/tokenizer_config.json").read_text()
    merges = whole["model"]["merges"]
    names = [m if isinstance(m, str) else " ".join(m) for m in merges]
    for count in (3, 20, len(merges)):
        vocab = {t: i for t, i in whole["model"]["vocab"].items() if i < 256 + count}
        file = json.loads(json.dumps(whole))
        file["model"] |= {"vocab": vocab, "merges": merges[:count]}
        file["added_tokens"][0]["id"] = vocab.get("<|endoftext|>", len(vocab))
        text = json.dumps(file, ensure_ascii=False, separators=(",", ":"))
        put("TokenizerFile", f"{count}-merges", text.encode())
        pairs = "#version: 0.2\n" + "".join(f"{name}\n" for name in names[:count])
        parts = [json.dumps(vocab, ensure_ascii=False, separators=(",", ":")), pairs, config]
        put("VocabMerges", f"{count}-merges", "\0".join(parts).encode())
        put("VocabMerges", f"{count}-merges-bare", "\0".join(parts[:2] + ["{}"]).encode())
        if count > 3:
            continue
        # Features of files of other families.
        template = {"type": "TemplateProcessing",
                    "single": [{"SpecialToken": {"id": "<|endoftext|>", "type_id": 0}},
                               {"Sequence": {"id": "A", "type_id": 0}}], "pair": [],
                    "special_tokens": {"<|endoftext|>": {
                        "id": "<|endoftext|>", "ids": [len(vocab)], "tokens": ["<|endoftext|>"]}}}
        put("TokenizerFile", "template", json.dumps(
            file | {"post_processor": {"type": "Sequence", "processors": [
                file["post_processor"], template]}}, ensure_ascii=False).encode())
        flags = {"single_word": True, "lstrip": True, "rstrip": True, "normalized": True}
        file["added_tokens"].append(
            file["added_tokens"][0] | flags | {"id": len(vocab) + 1, "content": "end"})
        file["pre_tokenizer"]["add_prefix_space"] = True
        put("TokenizerFile", "flags", json.dumps(file, ensure_ascii=False).encode())


def ranks():
    folder = FIXTURES / "bpe-families/qwen"
    lines = (folder / "qwen.tiktoken").read_bytes().splitlines(keepends=True)
    config = (folder / "tokenizer_config.json").read_bytes()
    for count in (256, 260, len(lines)):
        put("TiktokenRanks", f"{count}-tokens", b"".join(lines[:count]) + b"\0" + config)
    put("TiktokenRanks", "no-configuration", b"".join(lines[:256]) + b"\0{}")


def sentencepiece():
    models = {path.stem: path.read_bytes() for path in FIXTURES.glob("sentencepiece/*.model")}
    for name, model in models.items():
        if len(model) <= LIMIT:
            put("SentencePiece", name, model)
    # Later fields take precedence, and an extra byte makes the target read the model from a folder.
    small = models["char"]
    for name, algorithm in (("unigram", 1), ("bpe", 2), ("word", 3), ("char", 4)):
        model = small + field(2, bytes([0x18, algorithm]))
        put("SentencePiece", f"small-{name}", model)
        put("SentencePiece", f"small-{name}-rules", model + rules())
        for number in (3, 4, 5):
            put("SentencePiece", f"small-{name}-{number}", model + field(3, bytes([number << 3, 0])))
        put("SentencePiece", f"small-{name}-suffix", model + field(2, b"\xc0\x01\x01"))
        for spelling, kind in (("Hello", 4), ("lo", 5), ("\u2581e", 4)):
            put("SentencePiece", f"small-{name}-{len(spelling)}-{kind}", model + field(
                1, field(1, spelling.encode()) + b"\x15\0\0\x80\xbf" + bytes([0x18, kind])))
    sample = field(1, field(1, b"e") + field(2, "\u2581 e".encode()))
    put("SentencePiece", "small-bpe-sample", small + field(2, b"\x18\2") + field(4, sample))


def field(number, content):
    """A protocol buffers field with a length, which must be below 2^14."""
    size = len(content)
    length = [size] if size < 128 else [size & 127 | 128, size >> 7]
    return bytes([number << 3 | 2] + length) + content


def rules():
    """Normalization that replaces "e" by "o": a double array with the children of the root from 256 on
    and the leaf of the child "e" at 512."""
    units = [number & 255 ^ 1 for number in range(768)]
    child = 256 ^ ord("e")
    units[0] = 256 << 10
    units[child] = (child ^ 512) << 10 | 1 << 8 | ord("e")
    units[512] = 1 << 31
    trie = struct.pack("<768I", *units)
    return field(3, field(2, struct.pack("<I", len(trie)) + trie + b"o\0"))


def texts():
    lines = (FIXTURES / "bpe-small/golden.jsonl").read_text().splitlines()
    for number, line in enumerate(lines):
        text = json.loads(line)["text"].encode()
        if len(text) <= 4000:
            put("TextEncoding", f"{number:03}", text)
        if number % 20 == 0 and len(line) <= 4000:
            put("JSONText", f"line-{number:03}", "\n".join(lines[number:number + 1]).encode() + b"\n")


def configurations():
    for path in sorted(FIXTURES.glob("*/config.json")):
        put("Configuration", path.parent.name, path.read_bytes())
        put("JSONText", f"config-{path.parent.name}", path.read_bytes())
    for path in sorted(FIXTURES.glob("families/*.json")):
        value = json.loads(path.read_text())
        for name, config in found(value, "model_type"):
            put("Configuration", f"{path.stem}-{name}", json.dumps(config, indent=1).encode())
    words = set()
    for path in sorted(ROOT.glob("formats/names/*.json")):
        words |= set(re.findall(r'"([a-z_]+)"', path.read_text()))
        names = json.loads(path.read_text())
        if "family" in names:
            put("Configuration", names["family"],
                json.dumps({"model_type": names["model_types"][0]}).encode())
            words |= set(names["model_types"])
    (OUT / "configuration.dict").write_text(
        "".join(f'"\\"{word}\\":"\n' for word in sorted(words)))


def found(value, key, name="0"):
    """The objects in a value that have a key."""
    if isinstance(value, dict):
        if key in value:
            yield name, value
        else:
            for number, (_, inner) in enumerate(value.items()):
                yield from found(inner, key, f"{name}.{number}")
    elif isinstance(value, list):
        for number, inner in enumerate(value):
            yield from found(inner, key, f"{name}.{number}")


def indexes():
    places = {"x": "a.safetensors", "y": "a.safetensors", "z": "b.safetensors"}
    put("ShardIndex", "sound", json.dumps(
        {"metadata": {"total_size": 6}, "weight_map": places}).encode())
    put("ShardIndex", "odd", json.dumps(
        {"weight_map": places | {"w": "../c.safetensors", "x": "./a.safetensors"}}).encode())


def others():
    for path in sorted(FIXTURES.glob("torch-archive/*.safetensors")):
        put("Safetensors", path.name, path.read_bytes())
    for name, header, count in (
        ("empty", "{}", 0),
        ("metadata", '{"__metadata__":{"format":"pt","a":"\\u00e9"},'
         '"a":{"dtype":"F4","shape":[2,2],"data_offsets":[0,2]}}', 2),
        ("list", '{"a":["F16",[2],[0,4]],"b":{"dtype":{"I8":null},"shape":[],'
         '"data_offsets":[4,5],"x":[1e3]}}', 5),
    ):
        put("Safetensors", name, struct.pack("<Q", len(header)) + header.encode() + bytes(count))
    for path in sorted(FIXTURES.glob("hdf5/*.h5")):
        put("HDF5", path.name, path.read_bytes())
    for name, text in (
        ("escapes", '["\\u0000\\ud83d\\ude00\\"\\\\\\/\\b\\f\\n\\r\\t",-0,1e999,0.5E-3,null,true]'),
        ("nested", "[" * 126 + "]" * 126),
        ("lines", '{"id":1,"text":"a"}\n\n \r\n{"id":2}\r\n[]'),
        ("repeated", '{"a":1,"a":{"b":[]},"e\u0301":2,"\u00e9":3}'),
    ):
        put("JSONText", name, text.encode())


def gguf():
    """The fixtures, and each tensor of each type in a file of its own."""
    for path in sorted(FIXTURES.glob("gguf/*.gguf")):
        put("GGUF", path.name, path.read_bytes())
    for number, size, elements in ((0, 4, 1), (1, 2, 1), (2, 18, 32), (3, 20, 32), (6, 22, 32), (7, 24, 32), (8, 34, 32),
                                   (10, 84, 256), (11, 110, 256), (12, 144, 256), (13, 176, 256), (14, 210, 256),
                                   (20, 18, 32), (18, 98, 256), (30, 2, 1)):
        for alignment in (8, 32):
            data = b"GGUF" + struct.pack("<IQQ", 3, 1, 1)
            data += struct.pack("<Q17sII", 17, b"general.alignment", 4, alignment)
            data += struct.pack("<Q1sIQQIQ", 1, b"t", 2, elements, 2, number, 0)
            data += bytes(-len(data) % alignment) + bytes(range(256)) * 2
            put("GGUF", f"type-{number}-{alignment}", data[:len(data) - 512 + 2 * size])
    nested = struct.pack("<IQ", 9, 2) + 2 * (struct.pack("<IQ", 8, 1) + struct.pack("<Q2s", 2, b"ab"))
    put("GGUF", "nested", b"GGUF" + struct.pack("<IQQQ1sI", 3, 0, 1, 1, b"k", 9) + nested)


def tasks():
    folder = FIXTURES / "tasks"
    for number, line in enumerate((folder / "parse.jsonl").read_text().splitlines()[:60]):
        put("TaskFile", f"answer-{number:03}", json.loads(line)["text"].encode())
    gold = (folder / "gold.jsonl").read_bytes().splitlines(keepends=True)
    for name in ("predictions", "recordings"):
        lines = (folder / f"{name}.jsonl").read_bytes().splitlines(keepends=True)
        put("TaskFile", name, b"".join(gold[15:25]) + b"\0" + b"".join(lines[12:28]))
    for name, first, second in (
        ("classes", '{"id":"a","label":1}\n{"probabilities":[0.2,0.8]}', '{"id":"a","label":"1"}\n{"prediction":0}'),
        ("texts", '{"completion":" yes","entities":[{"type":"d","filler":"x y"}]}', '{"text":"{\\"d\\": \\"y\\""}'),
    ):
        put("TaskFile", name, first.encode() + b"\0" + second.encode())
    put("TaskFile", "sciq", (folder / "sciq.jsonl").read_bytes() + b'\0{"label":1}\n{"label":0}')


def kept():
    """Inputs kept from earlier runs in fixtures/fuzz/."""
    targets = {"deflate": "Inflate", "hdf5": "HDF5", "json": "JSONText",
               "configuration": "Configuration", "safetensors": "Safetensors", "gguf": "GGUF",
               "tokenizer": "TokenizerFile", "tiktoken": "TiktokenRanks",
               "sentencepiece": "SentencePiece"}
    for path in sorted(FIXTURES.glob("fuzz/*/*")):
        data = path.read_bytes()
        form = path.parent.name
        if form == "torch":
            put("TorchZip" if data.startswith(b"PK") else "TorchStream", path.name, data)
        elif form in targets:
            put(targets[form], path.name, data)


OUT = pathlib.Path(sys.argv[1])
def labels():
    folder = FIXTURES / "students"
    for kind in ("classes", "sequences", "tables"):
        files = [(folder / f"{kind}-{number}.jsonl").read_bytes().splitlines(True)[:3] for number in (1, 2)]
        put("LabelFile", kind, b"".join(files[0]) + b"\0" + b"".join(files[1]))
    line = b'{"text":"x","probabilities":[0.5,0.5],"model":{"name":"m","sha256":"0"},"run":{}}\n'
    put("LabelFile", "text", line + b"\0" + line)


for part in (torch, deflate, tokenizers, ranks, sentencepiece, texts, configurations, indexes, others, gguf, tasks, labels, kept):
    part()
