"""Random numbers of METHOD, JSON Lines, and the checks that keep test data out of training data."""

import hashlib
import json
import os

MASK = (1 << 64) - 1


class SplitMix64:
    """The generator of METHOD §1: seed 0 begins with 0xE220A8397B1DCDAF."""

    def __init__(self, seed):
        self.state = seed & MASK

    def next(self):
        self.state = (self.state + 0x9E3779B97F4A7C15) & MASK
        z = self.state
        z = ((z ^ (z >> 30)) * 0xBF58476D1CE4E5B9) & MASK
        z = ((z ^ (z >> 27)) * 0x94D049BB133111EB) & MASK
        return z ^ (z >> 31)

    def shuffle(self, items):
        for place in range(len(items) - 1, 0, -1):
            other = self.next() % (place + 1)
            items[place], items[other] = items[other], items[place]


def letters(text):
    """What near-copies have in common: letters and digits."""
    return "".join(c for c in text.lower() if c.isalnum())


def read_lines(path):
    with path.open(encoding="utf-8") as lines:
        return [json.loads(line) for line in lines if line.strip()]


def write_lines(path, rows):
    """Writes a file that appears complete or not at all."""
    write_text(path, "".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows))


def write_text(path, text):
    path.parent.mkdir(parents=True, exist_ok=True)
    partial = path.with_name(f".{path.name}.partial")
    with partial.open("w", encoding="utf-8") as file:
        file.write(text)
        file.flush()
        os.fsync(file.fileno())
    partial.replace(path)


def file_digest(path):
    digest = hashlib.sha256()
    with path.open("rb") as file:
        while piece := file.read(1 << 20):
            digest.update(piece)
    return digest.hexdigest()


def require_disjoint(what, parts):
    """Refuses parts that share a text, letters and digits compared.

    `parts` is a dictionary from names to texts.
    """
    owner = {}
    for name, texts in parts.items():
        for text in texts:
            other = owner.setdefault(letters(text), name)
            if other != name:
                raise ValueError(f"{what}: \"{text}\" of {name} is in {other} too")
