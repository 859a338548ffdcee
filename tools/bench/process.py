"""Running one process and watching its memory, for the benchmarks."""

import subprocess
import threading
import time


class Failed(Exception):
    """A process that could not start, ended with another status than 0, or was ended at its time limit."""


def run(command, environment=None, limit=None, given=None):
    """Wall time, the most anonymous memory in MB, and the output of a process; `given` is its standard input."""
    start = time.perf_counter()
    try:
        process = subprocess.Popen(
            [str(part) for part in command], stdin=subprocess.DEVNULL if given is None else subprocess.PIPE,
            stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env=environment)
    except OSError as error:
        raise Failed(str(error))
    most = 0

    def watch():
        nonlocal most
        while process.poll() is None:
            try:
                for line in open(f"/proc/{process.pid}/status"):
                    if line.startswith("RssAnon:"):
                        most = max(most, int(line.split()[1]))
            except OSError:
                return
            time.sleep(0.01)

    watcher = threading.Thread(target=watch)
    watcher.start()
    try:
        output, errors = process.communicate(given, timeout=limit)
    except subprocess.TimeoutExpired:
        process.kill()
        process.communicate()
        raise Failed(f"over {limit} s")
    finally:
        watcher.join()
    seconds = time.perf_counter() - start
    if process.returncode:
        last = errors.strip().splitlines()[-1:] or [""]
        raise Failed(f"status {process.returncode}: {last[0]}")
    return seconds, most / 1024, output
