"""One binary in a folder of its own, and what it printed."""

import os
import shlex
import signal
import subprocess
import time
from typing import NamedTuple

LIMIT = 300  # seconds per command
ENVIRONMENT = {key: value for key, value in os.environ.items() if not key.startswith(("SWIFTLET_", "HF_"))}


class Record(NamedTuple):
    command: str
    status: int
    output: bytes
    errors: bytes


class Side:
    """Runs commands in its folder. Paths that commands print must be relative or the same on both sides."""

    def __init__(self, binary, folder):
        self.binary, self.folder, self.records = binary, folder, []
        folder.mkdir(parents=True)

    def swiftlet(self, *arguments, given=None, save=None):
        """Runs a command. `given` is its standard input; standard output is also written to `save`, a file name."""
        command = [self.binary, *map(str, arguments)]
        done = subprocess.run(
            command, cwd=self.folder, env=ENVIRONMENT, input=given or b"", capture_output=True, timeout=LIMIT)
        self.records.append(Record(shlex.join(command[1:]), done.returncode, done.stdout, done.stderr))
        if save:
            (self.folder / save).write_bytes(done.stdout)

    def stopped(self, signal_number, at, *arguments):
        """Runs a command and sends it a signal once the path `at` exists. Its output is not recorded, since the
        moment of the end is chance; that it did not end by itself is."""
        command = [self.binary, *map(str, arguments)]
        process = subprocess.Popen(
            command, cwd=self.folder, env=ENVIRONMENT, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL)
        limit = time.monotonic() + LIMIT
        while process.poll() is None and not (self.folder / at).exists() and time.monotonic() < limit:
            time.sleep(0.001)
        if process.poll() is None:
            process.send_signal(signal_number)
        status = process.wait(LIMIT)
        name = signal.Signals(signal_number).name
        self.records.append(Record(f"{shlex.join(command[1:])} ({name} at {at})", status, b"", b""))
