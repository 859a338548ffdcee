#!/usr/bin/env python3
"""Writes the tables of Sources/CSwiftletUnicode: classes.c, categories.c and normalization.c.

    pip install 'unicodedata2==16.*'
    python tools/unicode/generate.py Sources/CSwiftletUnicode

The classes are those of Unicode 16, as used in the tokenizers' regular expressions:

    letter      \\p{L}
    number      \\p{N}
    space       \\s, the property White_Space
    word        \\w as in Rust's regex: Alphabetic, \\p{M}, \\p{Nd}, \\p{Pc}, Join_Control
    unstable    NFC_Quick_Check is not Yes: NFC changes it, or may compose it with what precedes it
    suspect     unstable, or with a combining class other than 0; a text without such characters is in NFC
    inner       the canonical decomposition begins with a character whose combining class is not 0, or
                that may compose with what precedes it

Categories, which fewer patterns distinguish, are in a table of their own:

    mark        \\p{M}
    upper       \\p{Lu} and \\p{Lt}
    lower       \\p{Ll}
    punctuation \\p{P}
    symbol      \\p{S}

Hangul syllables are not in the tables of normalization.c: they decompose and compose by arithmetic.
"""

import pathlib
import sys

import unicodedata2

LETTER, NUMBER, SPACE, WORD, SUSPECT, INNER, UNSTABLE = 1, 2, 4, 8, 16, 32, 64
MARK, UPPER, LOWER, PUNCTUATION, SYMBOL = 8, 16, 32, 64, 128
SHIFT = 7

WHITE_SPACE = {
    *range(0x09, 0x0E), 0x20, 0x85, 0xA0, 0x1680, *range(0x2000, 0x200B),
    0x2028, 0x2029, 0x202F, 0x205F, 0x3000,
}
JOIN_CONTROL = {0x200C, 0x200D}
# Other_Alphabetic without marks, which \w includes anyway: letters in circles and squares.
ALPHABETIC_SYMBOLS = {
    *range(0x24B6, 0x24EA), *range(0x1F130, 0x1F14A), *range(0x1F150, 0x1F16A),
    *range(0x1F170, 0x1F18A),
}


def nfc(text):
    return unicodedata2.normalize("NFC", text)


def nfd(code):
    return unicodedata2.normalize("NFD", chr(code))


def is_hangul_syllable(code):
    return 0xAC00 <= code < 0xAC00 + 11172


# Characters that decompose into two which compose to them again, except for Hangul syllables.
COMPOSITES = {}
for code in range(0x110000):
    mapping = unicodedata2.decomposition(chr(code))
    if not mapping or mapping.startswith("<") or is_hangul_syllable(code):
        continue
    parts = [int(part, 16) for part in mapping.split()]
    if len(parts) == 2 and nfc("".join(map(chr, parts))) == chr(code):
        COMPOSITES[tuple(parts)] = code
# Hangul vowels and final consonants also compose with what precedes them.
SECONDS = {second for _, second in COMPOSITES} | {*range(0x1161, 0x1176), *range(0x11A8, 0x11C3)}


def classes(code):
    category = unicodedata2.category(chr(code))
    value = 0
    if category[0] == "L":
        value |= LETTER
    if category[0] == "N":
        value |= NUMBER
    if code in WHITE_SPACE:
        value |= SPACE
    if (
        category[0] in "LM"
        or category in ("Nl", "Nd", "Pc")
        or code in JOIN_CONTROL
        or code in ALPHABETIC_SYMBOLS
    ):
        value |= WORD
    if 0xD800 <= code < 0xE000:
        return value
    first = nfd(code)[0]
    if nfc(chr(code)) != chr(code) or code in SECONDS:
        value |= UNSTABLE | SUSPECT
    if unicodedata2.combining(chr(code)):
        value |= SUSPECT
    if unicodedata2.combining(first) or ord(first) in SECONDS:
        value |= INNER
    return value


def categories(code):
    category = unicodedata2.category(chr(code))
    value = classes(code) & (LETTER | NUMBER | SPACE)
    value |= {"M": MARK, "P": PUNCTUATION, "S": SYMBOL}.get(category[0], 0)
    return value | {"Lu": UPPER, "Lt": UPPER, "Ll": LOWER}.get(category, 0)


def lines(values):
    row = []
    for value in values:
        text = f"{value},"
        if sum(map(len, row)) + len(text) > 96:
            yield "    " + "".join(row)
            row = []
        row.append(text)
    if row:
        yield "    " + "".join(row)


def table(kind, name, values):
    yield f"const {kind} {name}[{len(values)}] = {{"
    yield from lines(values)
    yield "};"


def heading(comment):
    yield f"// Made by tools/unicode/generate.py from the data of Unicode {unicodedata2.unidata_version}; do not edit."
    yield '#include "swiftlet_unicode.h"'
    yield ""
    yield comment


def compact(of, width):
    """The distinct blocks of `width` code points, and the index of each range's block."""
    blocks, index = {}, []
    for start in range(0, 0x110000, width):
        block = tuple(of(code) for code in range(start, start + width))
        index.append(blocks.setdefault(block, len(blocks)))
    if len(blocks) > 256:
        sys.exit("there are more blocks than an 8-bit index can tell apart")
    return blocks, index


def block_lines(value, name, comment):
    """A table with one byte per code point: an index of blocks, and the blocks."""
    blocks, index = compact(value, 1 << SHIFT)
    yield from heading("// The block of each range of 128 code points.")
    yield from table("uint8_t", f"swiftlet_{name}_index", index)
    yield ""
    yield comment
    yield f"const uint8_t swiftlet_{name}_blocks[{len(blocks)}][{1 << SHIFT}] = {{"
    for block in blocks:
        yield "    {"
        yield from ("    " + line for line in lines(block))
        yield "    },"
    yield "};"


def class_lines():
    yield from block_lines(classes, "unicode", "// The classes of the code points of each block, as bits.")


def category_lines():
    yield from block_lines(
        categories, "category", "// The letters, numbers, white space and categories of each block, as bits.")


def normalization_lines():
    yield from block_lines(
        lambda code: unicodedata2.combining(chr(code)), "combining",
        "// The combining classes of the code points of each block.")
    yield ""
    yield "// Full canonical decompositions, sorted by code point: code point, offset and number of its characters."
    rows, characters = [], []
    for code in range(0x110000):
        if 0xD800 <= code < 0xE000 or is_hangul_syllable(code) or nfd(code) == chr(code):
            continue
        rows.append((code, len(characters), len(nfd(code))))
        characters += map(ord, nfd(code))
    yield f"const size_t swiftlet_decomposition_count = {len(rows)};"
    yield f"const uint32_t swiftlet_decompositions[{len(rows)}][3] = {{"
    yield from lines(["{%d,%d,%d}" % row for row in rows])
    yield "};"
    yield from table("uint32_t", "swiftlet_decomposed", characters)
    yield ""
    yield "// Compositions, sorted by first, then second character: first, second, composed."
    yield f"const size_t swiftlet_composition_count = {len(COMPOSITES)};"
    yield f"const uint32_t swiftlet_compositions[{len(COMPOSITES)}][3] = {{"
    yield from lines(["{%d,%d,%d}" % (*pair, COMPOSITES[pair]) for pair in sorted(COMPOSITES)])
    yield "};"


def main():
    if len(sys.argv) != 2:
        sys.exit(f"usage: {sys.argv[0]} FOLDER")
    if not unicodedata2.unidata_version.startswith("16."):
        sys.exit(f"unicodedata2 is of Unicode {unicodedata2.unidata_version}, not 16")
    folder = pathlib.Path(sys.argv[1])
    tables = {
        "classes.c": class_lines(), "categories.c": category_lines(),
        "normalization.c": normalization_lines(),
    }
    for name, content in tables.items():
        (folder / name).write_text("\n".join(content) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
