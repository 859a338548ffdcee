"""NFC of Unicode 16, and the segments that offsets follow (see formats/tokenizers.md)."""

import unicodedata2


def _seconds():
    """Returns the characters that may compose with what precedes them."""
    found = {*range(0x1161, 0x1176), *range(0x11A8, 0x11C3)}
    for code in range(0x110000):
        mapping = unicodedata2.decomposition(chr(code))
        if mapping and not mapping.startswith("<"):
            parts = [int(part, 16) for part in mapping.split()]
            if len(parts) == 2 and nfc("".join(map(chr, parts))) == chr(code):
                found.add(parts[1])
    return found


def nfc(text):
    return unicodedata2.normalize("NFC", text)


SECONDS = _seconds()
_begins = {}


def begins(character):
    """Whether a segment begins before this character."""
    known = _begins.get(character)
    if known is None:
        first = unicodedata2.normalize("NFD", character)[0]
        known = _begins[character] = unicodedata2.combining(first) == 0 and ord(first) not in SECONDS
    return known


def segments(text):
    start = 0
    for index in range(1, len(text)):
        if begins(text[index]):
            yield text[start:index]
            start = index
    if text:
        yield text[start:]


class Map:
    """Maps byte offsets of the normalized text to those of the original."""

    def __init__(self, text, nfc=nfc):
        self.changes = []
        at = normalized = 0
        for segment in segments(text):
            fresh = nfc(segment)
            before, after = len(segment.encode()), len(fresh.encode())
            if fresh != segment:
                self.changes.append((normalized, normalized + after, at, at + before))
            at += before
            normalized += after

    def start(self, position):
        shift = 0
        for low, high, first, last in self.changes:
            if position < low:
                break
            if position < high:
                return first
            shift = last - high
        return position + shift

    def end(self, position):
        shift = 0
        for low, high, first, last in self.changes:
            if position <= low:
                break
            if position <= high:
                return last
            shift = last - high
        return position + shift
