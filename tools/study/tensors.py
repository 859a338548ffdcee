"""Safetensors files, with nothing but Python's standard library."""

import json
import struct

CHUNK = 1 << 22


def read_header(file):
    """The entries of an open file, without its metadata, and the place where its data begin."""
    size, = struct.unpack("<Q", file.read(8))
    entries = json.loads(file.read(size))
    entries.pop("__metadata__", None)
    return entries, 8 + size


def pieces(file, place, count):
    """The bytes of a range, a few megabytes at a time."""
    file.seek(place)
    while count:
        piece = file.read(min(count, CHUNK))
        if not piece:
            raise ValueError(f"{file.name} ends within a tensor")
        yield piece
        count -= len(piece)


def write(path, tensors):
    """Writes tensors `(name, dtype, shape, byte count, pieces of bytes)`, whose pieces are asked for in order."""
    tensors = list(tensors)
    header, offset = {"__metadata__": {"format": "pt"}}, 0
    for name, dtype, shape, count, _ in tensors:
        header[name] = {"dtype": dtype, "shape": shape, "data_offsets": [offset, offset + count]}
        offset += count
    text = json.dumps(header, separators=(",", ":")).encode()
    text += b" " * (-len(text) % 8)
    with path.open("wb") as out:
        out.write(struct.pack("<Q", len(text)) + text)
        for *_, content in tensors:
            for piece in content:
                out.write(piece)
