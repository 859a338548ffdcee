#!/usr/bin/env python3
"""Writes the character classes of Sources/CSwiftletUnicode/classes.c.

    pip install 'unicodedata2==16.*'
    python tools/unicode/generate.py > Sources/CSwiftletUnicode/classes.c

The classes are those of Unicode 16, which the tokenizers' regular expressions use:

    letter      \\p{L}
    number      \\p{N}
    space       \\s, the property White_Space
    word        \\w as Rust's regex has it: Alphabetic, \\p{M}, \\p{Nd}, \\p{Pc}, Join_Control
"""

import sys

import unicodedata2

LETTER, NUMBER, SPACE, WORD = 1, 2, 4, 8
SHIFT = 7

WHITE_SPACE = {
    *range(0x09, 0x0E), 0x20, 0x85, 0xA0, 0x1680, *range(0x2000, 0x200B),
    0x2028, 0x2029, 0x202F, 0x205F, 0x3000,
}
JOIN_CONTROL = {0x200C, 0x200D}
# Other_Alphabetic without the marks, which \w has anyway: letters in circles and squares.
ALPHABETIC_SYMBOLS = {
    *range(0x24B6, 0x24EA), *range(0x1F130, 0x1F14A), *range(0x1F150, 0x1F16A),
    *range(0x1F170, 0x1F18A),
}


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
    return value


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


def main():
    if not unicodedata2.unidata_version.startswith("16."):
        sys.exit(f"unicodedata2 has Unicode {unicodedata2.unidata_version}, not 16")
    blocks, index = {}, []
    for start in range(0, 0x110000, 1 << SHIFT):
        block = tuple(classes(code) for code in range(start, start + (1 << SHIFT)))
        index.append(blocks.setdefault(block, len(blocks)))
    if len(blocks) > 256:
        sys.exit("an 8-bit index does not reach every block")
    print("// Made by tools/unicode/generate.py from the data of Unicode", end=" ")
    print(f"{unicodedata2.unidata_version}; do not edit.")
    print('#include "swiftlet_unicode.h"')
    print()
    print("// The block of each 128 code points.")
    print(f"const uint8_t swiftlet_unicode_index[{len(index)}] = {{")
    print("\n".join(lines(index)))
    print("};")
    print()
    print("// The classes of each block's code points, as bits.")
    print(f"const uint8_t swiftlet_unicode_blocks[{len(blocks)}][{1 << SHIFT}] = {{")
    for block in blocks:
        print("    {")
        print("\n".join("    " + line for line in lines(block)))
        print("    },")
    print("};")


if __name__ == "__main__":
    main()
