"""The program, run as a child that saves its state when the time is up."""

import json
import signal
import subprocess
import time

# Time for a training to save its state.
GRACE = 120


class OutOfTime(Exception):
    """The time that was given is over."""


class Swiftlet:
    """The program, with the time that is left."""

    def __init__(self, path, threads=None, deadline=None):
        self.path, self.threads, self.deadline = path, threads, deadline
        listing = subprocess.run(
            [path, "weak-to-strong", "--help"], check=True, capture_output=True, text=True).stdout
        self.collects = "\n  collect" in listing

    def __call__(self, *command, heavy=False):
        """Runs a command to its end; at the deadline, or on Ctrl-C, it is told to save its state."""
        command = [str(part) for part in (self.path, *command)]
        if heavy and self.threads:
            command += ["--threads", str(self.threads)]
        if self.deadline and time.monotonic() >= self.deadline:
            raise OutOfTime
        # In a session of its own the child gets one signal, and from here.
        child = subprocess.Popen(command, start_new_session=True)
        try:
            status = child.wait(self.deadline and max(self.deadline - time.monotonic(), 0))
        except (subprocess.TimeoutExpired, KeyboardInterrupt) as reason:
            child.send_signal(signal.SIGINT)
            try:
                child.wait(GRACE)
            except subprocess.TimeoutExpired:
                child.kill()
                child.wait()
            raise OutOfTime if isinstance(reason, subprocess.TimeoutExpired) else reason
        if status:
            raise subprocess.CalledProcessError(status, command)

    def output(self, *command):
        """What a short command prints, as JSON."""
        return json.loads(subprocess.run(
            [str(part) for part in (self.path, *command)], check=True, capture_output=True, text=True).stdout)

    def short(self, *command):
        """Runs a short command to its end, whatever the time."""
        subprocess.run([str(part) for part in (self.path, *command)], check=True, start_new_session=True)

    def report(self, results):
        if self.collects and (results / "results.json").exists():
            self.short("weak-to-strong", "report", results)
