"""Which runs have all their rows in the study's results."""

import hashlib
import json

from rows import write_text


def key_of(value):
    """The SHA-256 of a value of JSON, whatever the order of its keys."""
    return hashlib.sha256(json.dumps(value, sort_keys=True).encode()).hexdigest()


class Manifest:
    """A file with the key of every run that is complete: of its configuration, its data and how its models are made."""

    def __init__(self, path):
        self.path = path
        self.runs = json.loads(path.read_text(encoding="utf-8")) if path.exists() else {}

    def has(self, run, key):
        return self.runs.get(run) == key

    def add(self, run, key):
        self.runs[run] = key
        write_text(self.path, json.dumps(self.runs, indent=1, sort_keys=True) + "\n")
