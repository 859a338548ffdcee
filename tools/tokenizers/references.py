"""The reference of each family: ids and exact byte offsets of a text.

For the offsets, texts are normalized here at the stage where the family does it, with what does it there: the normalizer
of Hugging Face's tokenizers, which has the tables of Unicode 9, or NFC of Unicode 16.
"""

import json
import pathlib
import re

import nfc

BYTES = {}
_others = 0x100
for _byte in range(256):
    if 0x21 <= _byte <= 0x7E or 0xA1 <= _byte <= 0xAC or 0xAE <= _byte:
        BYTES[chr(_byte)] = _byte
    else:
        BYTES[chr(_others)] = _byte
        _others += 1

QWEN_PATTERN = (
    r"(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}| ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+"
)


class Reference:
    """A reference tokenizer; `encode(text)` returns (ids, offsets)."""

    def pieces(self, text):
        """Yields the stretches that are normalized separately, and added tokens, with whether they are normalized."""
        last = 0
        for match in self.verbatim.finditer(text) if self.verbatim else ():
            if last < match.start():
                yield text[last : match.start()], True
            yield match.group(), False
            last = match.end()
        if last < len(text):
            yield text[last:], True

    special = frozenset()
    nfc = staticmethod(nfc.nfc)

    def places(self, text):
        """Whether offsets of the text are those of the reference."""
        return True

    def decode(self, ids, skip):
        return self.tokenizer.decode(ids, skip_special_tokens=skip)

    def vocabulary(self):
        """Tokens as texts, for texts made of them."""
        texts = {self.decode([id], False) for id in sorted(self.tokenizer.get_vocab().values())[::7]}
        return sorted(text for text in texts if text and "\ufffd" not in text)

    def encode(self, text):
        if not self.normalizes or self.nfc(text) == text:
            ids, lengths = self.raw(text)
            return ids, self.offsets(ids, lengths, None, 0)
        if self.whole:
            ids, lengths = self.raw(self.nfc(text))
            return ids, self.offsets(ids, lengths, nfc.Map(text, self.nfc), 0)
        pieces = list(self.pieces(text))
        ids, lengths = self.raw("".join(self.nfc(piece) if normal else piece for piece, normal in pieces))
        # Tokens never reach across stretches, so each has a map of its own.
        offsets, index, base = [], len(ids) - len(lengths), 0
        offsets += [[0, 0]] * index
        for piece, normal in pieces:
            size, count = len((self.nfc(piece) if normal else piece).encode()), 0
            part = []
            while size > 0:
                part.append(lengths[index - (len(ids) - len(lengths))])
                size -= part[-1]
                index += 1
            assert size == 0, text
            offsets += self.offsets(part, part, nfc.Map(piece, self.nfc) if normal else None, base)
            base += len(piece.encode())
        return ids, offsets

    def offsets(self, ids, lengths, map_, base):
        offsets, at = [[0, 0]] * (len(ids) - len(lengths)), 0
        for length in lengths:
            start, end = at, at + length
            if map_ is not None and map_.changes:
                start, end = map_.start(start), map_.end(end)
            offsets.append([base + start, base + end])
            at += length
        return offsets


class HuggingFace(Reference):
    whole = False

    def __init__(self, folder):
        from tokenizers import Tokenizer

        path = folder / "tokenizer.json" if folder.is_dir() else folder
        if path.exists():
            data = json.loads(path.read_text())
            self.normalizes = data["normalizer"] is not None
            if self.normalizes:
                self.nfc = Tokenizer.from_str(json.dumps(data)).normalizer.normalize_str
            data["normalizer"] = None
            self.tokenizer = Tokenizer.from_str(json.dumps(data))
        else:
            from transformers import AutoTokenizer

            self.normalizes = False
            self.tokenizer = AutoTokenizer.from_pretrained(str(folder)).backend_tokenizer
        added = self.tokenizer.get_added_tokens_decoder()
        self.stripping = {id for id, token in added.items() if token.lstrip or token.rstrip}
        self.extra = [token.content for token in added.values()]
        self.special = {id for id, token in added.items() if token.special}
        before = sorted((t.content for t in added.values() if not t.normalized), key=len, reverse=True)
        self.verbatim = re.compile("|".join(map(re.escape, before))) if before else None
        self.lengths = {}
        for token, id in self.tokenizer.get_vocab().items():
            known = all(character in BYTES for character in token) and id not in added
            self.lengths[id] = len(token) if known else len(token.encode())
        self.front = len(self.tokenizer.encode("").ids)

    def raw(self, text):
        encoding = self.tokenizer.encode(text)
        lengths = []
        for id, (start, end) in list(zip(encoding.ids, encoding.offsets))[self.front :]:
            # Offsets include the white space that belongs to such a token, but not that of a token of spaces.
            lengths.append(len(text[start:end].encode()) if id in self.stripping else self.lengths[id])
        return encoding.ids, lengths


class HuggingFaceOffsets(Reference):
    """Any tokenizer.json, with the offsets of tokenizers itself, in bytes.

    They are offsets of whole characters, and those of text that NFC changes are others than swiftlet's, so
    `places` is False for such a text.
    """

    def __init__(self, path):
        from tokenizers import Tokenizer

        data = json.loads(path.read_text())
        self.untrim(data)
        self.tokenizer = Tokenizer.from_str(json.dumps(data))
        self.normalizes = "NFC" in json.dumps(data["normalizer"])
        if self.normalizes:
            self.nfc = self.tokenizer.normalizer.normalize_str
        added = self.tokenizer.get_added_tokens_decoder()
        self.extra = [token.content for token in added.values()]
        self.special = {id for id, token in added.items() if token.special}

    def untrim(self, value):
        """Lets no step take white space from the offsets of tokens."""
        if isinstance(value, dict):
            if "trim_offsets" in value:
                value["trim_offsets"] = False
            for key in value:
                if key not in ("model", "added_tokens"):
                    self.untrim(value[key])
        elif isinstance(value, list):
            for item in value:
                self.untrim(item)

    def places(self, text):
        return not self.normalizes or self.nfc(text) == text

    def encode(self, text):
        encoding = self.tokenizer.encode(text)
        starts = [0]
        for character in text:
            starts.append(starts[-1] + len(character.encode()))
        return encoding.ids, [[starts[start], starts[end]] for start, end in encoding.offsets]


class Tiktoken(Reference):
    """Qwen v1, as its tokenization_qwen.py calls tiktoken."""

    whole, normalizes, verbatim = True, True, None

    def __init__(self, folder):
        import base64

        import tiktoken

        lines = (folder / "qwen.tiktoken").read_bytes().splitlines()
        ranks = {base64.b64decode(token): int(rank) for token, rank in (line.split() for line in lines if line)}
        names = ["<|endoftext|>", "<|im_start|>", "<|im_end|>", *(f"<|extra_{index}|>" for index in range(205))]
        special = {name: len(ranks) + index for index, name in enumerate(names)}
        self.tokenizer = tiktoken.Encoding("qwen", pat_str=QWEN_PATTERN, mergeable_ranks=ranks, special_tokens=special)
        self.extra = names
        self.lengths = {rank: len(token) for token, rank in ranks.items()}
        self.lengths |= {id: len(name) for name, id in special.items()}
        self.special = frozenset(special.values())

    def decode(self, ids, skip):
        return self.tokenizer.decode([id for id in ids if not (skip and id in self.special)])

    def vocabulary(self):
        return []

    def raw(self, text):
        ids = self.tokenizer.encode(text, allowed_special="all", disallowed_special=())
        return ids, [self.lengths[id] for id in ids]


def is_plain(file):
    """Whether the file is byte-level BPE with a token for every byte of UTF-8 and nothing but splits, so that a
    token has the bytes that its spelling says."""
    data = json.loads(file.read_text())
    steps = json.dumps([data[key] for key in ("normalizer", "pre_tokenizer")])
    known = {"Sequence", "ByteLevel", "Split", "Digits", "Punctuation", "NFC"}
    if (data["decoder"] or {}).get("type") != "ByteLevel" or set(re.findall(r'"type": "(\w+)"', steps)) - known:
        return False
    tokens = set(data["model"]["vocab"])
    return all(character in tokens for character, byte in BYTES.items() if byte not in range(0xF5, 0x100) and byte not in (0xC0, 0xC1))


def load(path):
    """The reference for a folder or a tokenizer.json."""
    path = pathlib.Path(path)
    if (path / "qwen.tiktoken").exists():
        return Tiktoken(path)
    file = path / "tokenizer.json" if path.is_dir() else path
    if file.exists() and not is_plain(file):
        return HuggingFaceOffsets(file)
    return HuggingFace(path)
