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
        self.runs = self._read()

    def has(self, run):
        """Whether a run is complete as it would be now, and all its rows are there."""
        entry = self.runs.get(run.unit.name)
        return entry is not None and entry["key"] == run.key() and set(entry["rows"]) <= set(run.row_names())

    def is_other(self, run):
        """Whether a run was complete with another configuration, other data or other models."""
        entry = self.runs.get(run.unit.name)
        return entry is not None and entry["key"] != run.key()

    def add(self, run):
        self._change(lambda runs: runs.update({run.unit.name: {"key": run.key(), "rows": run.row_names()}}))

    def remove(self, run):
        self._change(lambda runs: runs.pop(run.unit.name, None))

    def _change(self, change):
        # Another process may have added to the file since it was read.
        self.runs = self._read()
        change(self.runs)
        write_text(self.path, json.dumps(self.runs, indent=1, sort_keys=True) + "\n")

    def _read(self):
        return json.loads(self.path.read_text(encoding="utf-8")) if self.path.exists() else {}
