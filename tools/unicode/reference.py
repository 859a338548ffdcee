#!/usr/bin/env python3
"""Writes Sources/CSwiftletUnicode/reference.c: the tables of Hugging Face's tokenizers where they are not those of Unicode 16.

    pip install 'unicodedata2==16.*' 'tokenizers==0.23.*'
    python tools/unicode/reference.py Sources/CSwiftletUnicode

The parts of tokenizers come from different versions of Unicode: lower case and digits from 17, punctuation from about 8,
normalization from about 9, scripts from about 9. Each property is therefore asked of tokenizers itself, one code point at a time:

    numeric      Digits cuts it off
    punctuation  Punctuation cuts it off
    mark         StripAccents removes it
    new          the normalizers leave it alone and give it combining class 0, unlike Unicode 16
    extend       it belongs to the grapheme cluster of a letter before it
    pictograph   it belongs to the grapheme cluster of a pictograph and a joiner before it
    script       the group of UnicodeScripts; 0 belongs to any group

The decompositions of NFKD and the lower-case letters are those of tokenizers too.
"""

import base64
import pathlib
import struct
import sys

import unicodedata2
from tokenizers import normalizers, pre_tokenizers

from generate import is_hangul_syllable, lines, nfd, table

NUMERIC, PUNCTUATION, MARK, NEW, EXTEND, PICTOGRAPH = 1, 2, 4, 8, 16, 32
CODES = [code for code in range(0x110000) if not 0xD800 <= code < 0xE000]


def apart(step):
    """The code points that a step cuts off a letter."""
    return {code for code in CODES if len(step.pre_tokenize_str("a" + chr(code))) > 1}


def combining_is_new(step, code):
    """Whether a character moves over no mark, though Unicode 16 gives it a combining class."""
    combining = unicodedata2.combining(chr(code))
    if not combining or nfd(code) != chr(code):
        return False
    # Marks of classes 1 and 202.
    text = f"a{chr(code)}\u0334" if combining > 1 else f"a\u0327{chr(code)}"
    return step.normalize_str(text) == text


def rules(source):
    """A normalizer that replaces one string by x: its map has a double array of one path."""
    # A unit is a label, 0x100 if a string ends, and a distance to the children; a leaf has bit 31.
    units = [index & 0xFF ^ 0xAA for index in range(256 * (len(source) + 2))]
    units[0] = 0
    here = 0
    for index, byte in enumerate(source):
        units[here] |= (256 * (index + 1) ^ here) << 10
        here = 256 * (index + 1) ^ byte
        units[here] = byte
    units[here] |= 0x100 | (256 * (len(source) + 1) ^ here) << 10
    units[256 * (len(source) + 1)] = 1 << 31
    data = struct.pack(f"<I{len(units)}I", 4 * len(units), *units) + b"x\0"
    return normalizers.Precompiled(data)


def scripts():
    """The group of each code point, numbered in the order in which they occur."""
    step = pre_tokenizers.UnicodeScripts()
    groups, members, last = {}, [], 0
    for code in CODES:
        character = chr(code)
        if not step.pre_tokenize_str(character):
            continue
        tried = [last, *range(len(members))] if members else []
        for group in tried:
            if len(step.pre_tokenize_str(members[group] + character)) == 1:
                break
        else:
            group = len(members)
            members.append(character)
        groups[code] = group + 1
        last = group
    return groups


def measure():
    numeric = apart(pre_tokenizers.Digits(individual_digits=True))
    punctuation = apart(pre_tokenizers.Punctuation())
    strip, canonical = normalizers.StripAccents(), normalizers.NFD()
    after_letter, after_joiner = rules(b"a"), rules("\u00A9".encode())
    values = {}
    for code in CODES:
        character = chr(code)
        value = 0
        value |= NUMERIC * (code in numeric)
        value |= PUNCTUATION * (code in punctuation)
        value |= MARK * (strip.normalize_str(character) == "")
        decomposes = canonical.normalize_str(character) != nfd(code)
        value |= NEW * (decomposes or combining_is_new(canonical, code))
        value |= EXTEND * (after_letter.normalize_str("a" + character) == "x")
        value |= PICTOGRAPH * (after_joiner.normalize_str("\u00A9\u200D" + character) != "x" + character)
        if value & EXTEND:
            value &= ~PICTOGRAPH
        values[code] = value
    return values


def blocks(values, name, comment):
    found, index = {}, []
    for start in range(0, 0x110000, 128):
        block = tuple(values.get(code, 0) for code in range(start, start + 128))
        index.append(found.setdefault(block, len(found)))
    yield "// The block of each range of 128 code points."
    yield from table("uint16_t", f"swiftlet_{name}_index", index)
    yield ""
    yield comment
    yield f"const uint8_t swiftlet_{name}_blocks[{len(found)}][128] = {{"
    for block in found:
        yield "    {"
        yield from ("    " + line for line in lines(block))
        yield "    },"
    yield "};"
    yield ""


def compatibility():
    yield "// Compatibility decompositions that are not canonical, sorted: code point, offset and number of characters."
    step = normalizers.NFKD()
    canonical = normalizers.NFD()
    rows, characters = [], []
    for code in CODES:
        text = step.normalize_str(chr(code))
        if is_hangul_syllable(code) or text == canonical.normalize_str(chr(code)):
            continue
        assert text == unicodedata2.normalize("NFKD", chr(code))
        rows.append((code, len(characters), len(text)))
        characters += map(ord, text)
    yield f"const size_t swiftlet_compatibility_count = {len(rows)};"
    yield f"const uint32_t swiftlet_compatibility[{len(rows)}][3] = {{"
    yield from lines(["{%d,%d,%d}" % row for row in rows])
    yield "};"
    yield from table("uint32_t", "swiftlet_compatible", characters)
    yield ""


def lowercase():
    yield "// Letters and their lower case, sorted: code point, first character, second character or 0."
    step = normalizers.Lowercase()
    rows = []
    for code in CODES:
        text = step.normalize_str(chr(code))
        if text != chr(code):
            assert len(text) <= 2
            rows.append((code, ord(text[0]), ord(text[1]) if len(text) > 1 else 0))
    yield f"const size_t swiftlet_lowercase_count = {len(rows)};"
    yield f"const uint32_t swiftlet_lowercase[{len(rows)}][3] = {{"
    yield from lines(["{%d,%d,%d}" % row for row in rows])
    yield "};"


def main():
    if len(sys.argv) != 2:
        sys.exit(f"usage: {sys.argv[0]} FOLDER")
    content = [
        "// Made by tools/unicode/reference.py from the answers of Hugging Face's tokenizers 0.23; do not edit.",
        '#include "swiftlet_reference.h"',
        "",
        *blocks(measure(), "reference", "// The properties of the code points of each block, as bits."),
        *blocks(scripts(), "script", "// The groups of scripts of the code points of each block."),
        *compatibility(),
        *lowercase(),
    ]
    (pathlib.Path(sys.argv[1]) / "reference.c").write_text("\n".join(content) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
