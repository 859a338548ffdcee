#!/usr/bin/env python3
"""Checks two rules that no compiler knows: imports point down only, and files stay short.

The order of the targets is the first column of the table of targets in ARCHITECTURE.md, lowest
first. A target may import, or include headers of, only targets above it in that table. Tests and
examples may import anything, so only their length is checked.
"""

import re
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
LIMIT = 400
SUFFIXES = {".swift", ".c", ".cpp", ".h"}
# A name in the table, with its folder where that is not Sources/NAME.
TARGET = re.compile(r"`(\w+)`(?: \(`([\w/]+)`\))?")
IMPORT = re.compile(
    r"^\s*(?:@\w+(?:\([^)]*\))?\s+)*(?:(?:public|package|internal|private|fileprivate)\s+)?"
    r"import\s+(?:(?:struct|class|enum|protocol|func|let|var|typealias)\s+)?(\w+)"
)
INCLUDE = re.compile(r'^\s*#\s*include\s*["<]([^">]+)[">]')
GENERATED = re.compile(r"^// (Made|Generated) by .*do not edit")


def layers() -> dict[str, Path]:
    """Each target's folder, lowest target first."""
    text = (ROOT / "ARCHITECTURE.md").read_text()
    table = re.search(r"^\| target \|.*\n\|[-|]+\|\n((?:\|.*\n)+)", text, re.MULTILINE)
    if table is None:
        sys.exit("ARCHITECTURE.md: no table of targets")
    rows = table[1].splitlines()
    names = [match for row in rows for match in TARGET.finditer(row.split("|")[1])]
    return {name[1]: ROOT / (name[2] or f"Sources/{name[1]}") for name in names}


def sources(folder: Path) -> list[Path]:
    files = (file for file in folder.rglob("*") if file.suffix in SUFFIXES)
    return sorted(file for file in files if ".build" not in file.relative_to(folder).parts)


def table_problems(folders: dict[str, Path]):
    """Every folder in Sources is a target of the table, and every target has a folder."""
    for folder in sorted((ROOT / "Sources").iterdir()):
        if folder.is_dir() and folder not in folders.values():
            yield f"{folder.relative_to(ROOT)}: missing from the table of targets in ARCHITECTURE.md"
    for name, folder in folders.items():
        if not folder.is_dir():
            yield f"ARCHITECTURE.md: {name} has no folder {folder.relative_to(ROOT)}"


def import_problems(folders: dict[str, Path]):
    names = list(folders)
    headers = {
        header.name: name
        for name, folder in folders.items()
        for header in folder.glob("include/*.h")
    }
    for importer, folder in folders.items():
        allowed = names[: names.index(importer) + 1]
        for file in sources(folder):
            for number, line in enumerate(file.read_text().splitlines(), 1):
                if match := IMPORT.match(line):
                    imported = match[1]
                elif match := INCLUDE.match(line):
                    imported = headers.get(match[1], importer)
                else:
                    continue
                ours = imported in names or imported.lstrip("_C").startswith("Swiftlet")
                if ours and imported not in allowed:
                    place = f"{file.relative_to(ROOT)}:{number}"
                    yield f"{place}: {importer} imports {imported}, which is not below it"


def length_problems():
    for folder in ["Sources", "Tests", "Examples", "tools/fuzz/Sources"]:
        for file in sources(ROOT / folder):
            lines = file.read_text().splitlines()
            if len(lines) > LIMIT and not GENERATED.match(lines[0]):
                yield f"{file.relative_to(ROOT)}: {len(lines)} lines, more than {LIMIT}"


def main():
    folders = layers()
    problems = [*table_problems(folders), *import_problems(folders), *length_problems()]
    if problems:
        sys.exit("\n".join(problems))


main()
