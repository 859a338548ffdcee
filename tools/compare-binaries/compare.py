"""Runs every case with two binaries and compares standard output, exit status and files.

Only what depends on the clock is removed from JSON first. Standard error is not compared: notes and error texts may be
reworded. With --lenient, so may notes in JSON, and keys may be added to it; other new words on standard output are
named one by one with --reword."""

import argparse
import fnmatch
import json
import pathlib
import re
import shutil
import stat
import sys
import tempfile
import time
from concurrent.futures import ThreadPoolExecutor

from cases import cases
from side import Side

TIMES = re.compile(rb'"((?:first_|load_)?seconds|[a-z_]*tokens_per_second)": ?-?[0-9.eE+-]+')


def without_times(data):
    return TIMES.sub(rb'"\1":0', data)


def covers(old, new):
    """Whether a JSON value has all that another has: keys may have been added and notes reworded."""
    if isinstance(old, dict) and isinstance(new, dict):
        return all(
            key in new and (covers(old[key], new[key]) or key == "notes" and len(old[key]) == len(new[key]))
            for key in old)
    if isinstance(old, list) and isinstance(new, list):
        return len(old) == len(new) and all(map(covers, old, new))
    # As text, so that 1 and 1.0 and true differ.
    return json.dumps(old) == json.dumps(new)


def parsed(data):
    """The JSON value, or values of lines, or nothing if it is not JSON."""
    try:
        return [json.loads(data)]
    except ValueError:
        pass
    try:
        return [json.loads(line) for line in data.splitlines()]
    except ValueError:
        return None


def contents(folder):
    """Relative path and bytes of each file under the folder."""
    for path in sorted(folder.rglob("*")):
        if path.is_file():
            yield path.relative_to(folder).as_posix(), path


def bytes_of(path):
    data = path.read_bytes()
    return without_times(data) if path.suffix in (".json", ".jsonl") else data


def place(old, new):
    """Where two byte strings first differ: a line of a text, else an offset."""
    offset = next((i for i, (a, b) in enumerate(zip(old, new)) if a != b), min(len(old), len(new)))
    start = old.rfind(b"\n", 0, offset) + 1
    try:
        lines = [data[start:].split(b"\n", 1)[0].decode() for data in (old, new)]
    except UnicodeDecodeError:
        return f"byte {offset} of {len(old)} and {len(new)}"
    skip = max(0, offset - start - 40)
    shown = [line[skip : skip + 120] for line in lines]
    return f"line {old.count(bytes([10]), 0, offset) + 1}:\n      old {shown[0]}\n      new {shown[1]}"


class Result:
    """What a case's two runs have in common, and where they differ."""

    def __init__(self, name, old, new, options):
        self.name, self.commands, self.files, self.bytes = name, len(old.records), 0, 0
        self.differences, self.options = [], options
        self.refused = sum(record.status not in (0, 1) for record in old.records)
        if len(old.records) != len(new.records):
            self.differences.append(f"{len(old.records)} commands and {len(new.records)}")
        for a, b in zip(old.records, new.records):
            if a.status != b.status:
                last = (b.errors.decode(errors="replace").strip().splitlines() or [""])[-1]
                self.differences.append(f"{a.command}: exit status {a.status} and {b.status} ({last})")
            output = without_times(a.output)
            for before, after in options.reword:
                output = output.replace(before.encode(), after.encode())
            self.compare(f"{a.command}: standard output", output, without_times(b.output))
        ours, theirs = dict(contents(old.folder)), dict(contents(new.folder))
        for path in sorted(ours.keys() | theirs.keys()):
            if any(fnmatch.fnmatch(path, pattern) for pattern in options.allow):
                continue
            if path not in theirs or path not in ours:
                self.differences.append(f"{path}: only {'old' if path in ours else 'new'} writes it")
                continue
            self.files += 1
            self.compare(path, bytes_of(ours[path]), bytes_of(theirs[path]))
            modes = [stat.filemode(files[path].stat().st_mode) for files in (ours, theirs)]
            if modes[0] != modes[1]:
                self.differences.append(f"{path}: mode {modes[0]} and {modes[1]}")

    def compare(self, what, old, new):
        self.bytes += len(old)
        if old == new:
            return
        values = [parsed(old), parsed(new)] if self.options.lenient else [None]
        if None in values or not covers(*values):
            self.differences.append(f"{what} differs at {place(old, new)}")


def run_case(case, binaries, work, options):
    sides = [Side(binary, work / label) for label, binary in zip(("old", "new"), binaries)]
    with ThreadPoolExecutor(len(sides)) as pool:
        list(pool.map(case.body, sides))
    result = Result(case.name, *sides, options)
    for side in sides:
        shutil.rmtree(side.folder)
    return result


def table(groups):
    columns = ("cases", "commands", "refused", "files", "bytes", "differing", "seconds")
    print(f"{'group':<10}" + "".join(f"{column:>11}" for column in columns))
    for name, (results, seconds) in groups.items():
        sums = [sum(getattr(result, key) for result in results) for key in ("commands", "refused", "files", "bytes")]
        differing = sum(bool(result.differences) for result in results)
        figures = [len(results), *sums, differing, round(seconds, 1)]
        print(f"{name:<10}" + "".join(f"{figure:>11}" for figure in figures))


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("old", type=pathlib.Path)
    parser.add_argument("new", type=pathlib.Path)
    parser.add_argument("--only", default="", help="only cases with this in 'group name'")
    parser.add_argument(
        "--allow", action="append", default=[], help="do not compare files whose path matches; may be repeated")
    parser.add_argument("--lenient", action="store_true", help="allow added keys and reworded notes in JSON")
    parser.add_argument(
        "--reword", nargs=2, action="append", default=[], metavar=("BEFORE", "AFTER"),
        help="new words on standard output; may be repeated")
    parser.add_argument("--keep", type=pathlib.Path, help="work in this folder and keep the inputs of the cases")
    options = parser.parse_args()
    binaries = [path.resolve() for path in (options.old, options.new)]
    for path in binaries:
        if not path.is_file():
            parser.error(f"no such file: {path}")
    work = options.keep or pathlib.Path(tempfile.mkdtemp(prefix="swiftlet-compare-"))
    work.mkdir(parents=True, exist_ok=True)
    groups = {}
    try:
        for case in cases(work.resolve() / "inputs"):
            if options.only not in f"{case.group} {case.name}":
                continue
            start = time.monotonic()
            result = run_case(case, binaries, work.resolve(), options)
            results, seconds = groups.get(case.group, ([], 0.0))
            groups[case.group] = (results + [result], seconds + time.monotonic() - start)
            if result.differences:
                print(f"{case.group} {case.name}", file=sys.stderr)
                for difference in result.differences[:5]:
                    print(f"    {difference}", file=sys.stderr)
    finally:
        if not options.keep:
            shutil.rmtree(work)
    if not groups:
        parser.error(f"no case contains {options.only!r}")
    table(groups)
    differing = sum(bool(result.differences) for results, _ in groups.values() for result in results)
    print("equal" if differing == 0 else f"{differing} cases differ")
    return 1 if differing else 0


if __name__ == "__main__":
    sys.exit(main())
