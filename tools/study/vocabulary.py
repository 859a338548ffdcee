"""Pre-training with the part of a vocabulary that the texts use.

Most of a small model's time in pre-training is the softmax over 50,000 tokens, of which sentences of one domain use a
few thousand. So the model is trained with these alone, under numbers of their own, and then its rows are put into a
model with the whole vocabulary. The rows of other tokens get the mean of the trained ones: no token that a text of
another kind needs begins far from them, and none stands out.
"""

import array
import json
import subprocess

import tensors


class UsedTokens:
    """The tokens that occur, in order, and their new numbers."""

    def __init__(self, ids):
        self.ids = sorted(ids)
        self.numbers = {token: number for number, token in enumerate(self.ids)}

    def renumbered(self, ids):
        return [self.numbers[token] for token in ids]

    def configuration(self, config):
        """A configuration with this vocabulary; special tokens that do not occur are left out."""
        closing = self.numbers[config["eos_token_id"]]
        config = {**config, "vocab_size": len(self.ids)}
        for key in ("bos_token_id", "eos_token_id", "pad_token_id"):
            if key in config:
                config[key] = self.numbers.get(config[key], closing)
        return config


def encode(swiftlet, model, texts, special):
    """The tokens of texts, with or without those that begin a text."""
    lines = "".join(json.dumps({"text": text}) + "\n" for text in texts)
    command = [str(swiftlet), "tokenize", str(model), "--jsonl", "--quiet"]
    result = subprocess.run(
        command + ([] if special else ["--no-special-tokens"]), input=lines, capture_output=True, text=True, check=True)
    return [json.loads(line)["ids"] for line in result.stdout.splitlines()]


def expand(trained, whole, used, out):
    """Writes the tensors of `whole` with the values of `trained`, rows of the vocabulary where they belong."""
    with trained.open("rb") as small, whole.open("rb") as large:
        values, values_start = tensors.read_header(small)
        entries, _ = tensors.read_header(large)
        written = []
        for name, entry in sorted(entries.items(), key=lambda item: item[1]["data_offsets"]):
            value = values[name]
            first, end = value["data_offsets"]
            content = tensors.pieces(small, values_start + first, end - first)
            if value["shape"] != entry["shape"]:
                content = [rows(b"".join(content), entry["shape"], used)]
            count = entry["data_offsets"][1] - entry["data_offsets"][0]
            written.append((name, entry["dtype"], entry["shape"], count, content))
        tensors.write(out, written)


def rows(content, shape, used):
    """The trained rows at the numbers of their tokens, and their mean at all others."""
    vocabulary, width = shape
    trained = array.array("f", content)
    count = len(used.ids)
    if len(trained) != count * width:
        raise ValueError(f"{len(trained)} values are not {count} rows of {width}")
    mean = array.array("f", (sum(trained[column::width]) / count for column in range(width)))
    result = bytearray(mean.tobytes() * vocabulary)
    for number, token in enumerate(used.ids):
        result[4 * width * token:4 * width * (token + 1)] = content[4 * width * number:4 * width * (number + 1)]
    return bytes(result)
