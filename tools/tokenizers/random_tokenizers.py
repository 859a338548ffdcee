"""Random tokenizer.json files of few tokens, for every option of BPE and Unigram and every decoder, with texts
for them and what the reference makes of these."""

import json

from tokenizers import Tokenizer
from tokenizers.pre_tokenizers import ByteLevel

SPACE = "\u2581"
# One to four bytes each; some are digits, marks, spaces or spell bytes.
CHARACTERS = list("aab bc.,!n'tdo s m ve") + ["é", "ß", "\u0301", "→", "日", "本", "😀", "👍", "\n", "1", SPACE]
BYTE_CHARACTERS = sorted(ByteLevel.alphabet())


def byte_tokens(which):
    return [f"<0x{byte:02X}>" for byte in which]


class RandomTokenizers:
    def __init__(self, random):
        self.random = random

    def chance(self, share):
        return self.random.random() < share

    def sample(self, values, share):
        return [value for value in values if self.chance(share)]

    # Files

    def file(self, kind):
        """A tokenizer.json whose model is `pairs`, `bytes` (byte-level pairs) or `unigram`."""
        unigram = kind == "unigram"
        model = self.unigram() if unigram else self.pairs(kind == "bytes")
        tokens = [token for token, _ in model["vocab"]] if unigram else list(model["vocab"])
        added = self.sample(["<s>", "</s>", "a b"], 0.3)
        for number, token in enumerate(added):
            if token in tokens:
                continue
            tokens.append(token)
        return {
            "version": "1.0",
            "truncation": None,
            "padding": None,
            "added_tokens": [
                {"id": tokens.index(token) if unigram or token not in model["vocab"] else model["vocab"][token],
                 "content": token, "single_word": False, "lstrip": False, "rstrip": False,
                 "normalized": False, "special": token != "a b"}
                for token in added
            ],
            "normalizer": None,
            "pre_tokenizer": self.pre_tokenizer(kind),
            "post_processor": self.post_processor(),
            "decoder": self.decoder(kind),
            "model": model,
        }

    def pre_tokenizer(self, kind):
        if kind == "bytes":
            return {"type": "ByteLevel", "add_prefix_space": False, "trim_offsets": True,
                    "use_regex": self.chance(0.7)}
        return self.random.choice([None, None, {"type": "WhitespaceSplit"}])

    def post_processor(self):
        pair = {"sep": ["</s>", 1], "cls": ["<s>", 0]}
        bert = {"type": "BertProcessing", **pair}
        roberta = {"type": "RobertaProcessing", "trim_offsets": False, "add_prefix_space": False, **pair}
        template = {
            "type": "TemplateProcessing",
            "single": [{"SpecialToken": {"id": "x", "type_id": 0}}, {"Sequence": {"id": "A", "type_id": 0}},
                       {"SpecialToken": {"id": "y", "type_id": 0}}, {"SpecialToken": {"id": "x", "type_id": 0}}],
            "pair": [{"Sequence": {"id": "A", "type_id": 0}}, {"Sequence": {"id": "B", "type_id": 1}}],
            "special_tokens": {"x": {"id": "x", "ids": [2], "tokens": ["x"]},
                               "y": {"id": "y", "ids": [1, 0], "tokens": ["y", "z"]}},
        }
        level = {"type": "ByteLevel", "add_prefix_space": True, "trim_offsets": False, "use_regex": True}
        several = {"type": "Sequence", "processors": [level, bert, template, roberta]}
        return self.random.choice([None, None, None, bert, roberta, template, several])

    # Models

    def pairs(self, is_byte_level):
        prefix = self.random.choice([None, None, None, "", "##", "é"])
        suffix = self.random.choice([None, None, None, "", "</w>", "日"])
        characters = self.sample(BYTE_CHARACTERS if is_byte_level else sorted(set(CHARACTERS)), 0.8)
        tokens = dict.fromkeys(["<unk>", "<b>", "<c>"])
        for character in characters:
            for front in {"", prefix or ""}:
                for back in {"", suffix or ""}:
                    if self.chance(0.8):
                        tokens[front + character + back] = None
        falls_back = self.chance(0.4)
        if falls_back:
            tokens.update(dict.fromkeys(byte_tokens(self.sample(range(256), self.random.choice([1.0, 0.98, 0.8])))))
        merges = []
        for _ in range(self.random.randint(0, 90)):
            names = list(tokens)
            left, right = self.random.choice(names), self.random.choice(names)
            if prefix and not right.startswith(prefix) and self.chance(0.9):
                continue
            if len(right.encode()) < len((prefix or "").encode()):
                continue
            try:
                merged = left + right.encode()[len((prefix or "").encode()):].decode()
            except UnicodeDecodeError:
                continue
            tokens[merged] = None
            merges.append([left, right])
        if self.chance(0.3):
            self.random.shuffle(merges)
        if self.chance(0.3):
            merges = [" ".join(pair) for pair in merges if not any(" " in part for part in pair)]
        order = list(tokens)
        self.random.shuffle(order)
        return {
            "type": "BPE",
            "dropout": self.random.choice([None, None, None, 0.0, 1.0]),
            "unk_token": self.random.choice([None, "<unk>"]),
            "continuing_subword_prefix": prefix,
            "end_of_word_suffix": suffix,
            "fuse_unk": self.chance(0.5),
            "byte_fallback": falls_back,
            "ignore_merges": self.chance(0.3),
            "vocab": {token: number for number, token in enumerate(order)},
            "merges": merges,
        }

    def unigram(self):
        characters = sorted(set(CHARACTERS))
        tokens = dict.fromkeys(["<unk>", "<b>", "<c>"])
        tokens.update(dict.fromkeys(self.sample(characters, 0.7)))
        for _ in range(self.random.randint(5, 80)):
            tokens["".join(self.random.choice(CHARACTERS) for _ in range(self.random.randint(2, 5)))] = None
        falls_back = self.chance(0.5)
        if falls_back:
            tokens.update(dict.fromkeys(byte_tokens(self.sample(range(256), self.random.choice([1.0, 0.98, 0.8])))))
        order = list(tokens)
        self.random.shuffle(order)
        # Few scores make many segmentations equal; high ones make unknown characters attractive.
        score = self.random.choice([
            lambda: self.random.choice([-1, -2.5, 0, -3]),
            lambda: self.random.choice([-0.1, -0.2, -0.3, -1.1, -3.3]),
            lambda: -self.random.random() * 12,
            lambda: self.random.random() * 40,
            lambda: self.random.choice([-1e-9, 1e300, -12345678901234567890.123, 0.30000000000000004]),
        ])
        return {
            "type": "Unigram",
            "unk_id": self.random.choice([order.index("<unk>")] * 3 + [None]),
            "vocab": [[token, score()] for token in order],
            "byte_fallback": falls_back,
        }

    # Decoders

    def decoder(self, kind):
        if kind == "bytes" and self.chance(0.6):
            return {"type": "ByteLevel", "add_prefix_space": True, "trim_offsets": True, "use_regex": True}
        steps = [self.step(kind) for _ in range(self.random.choice([0, 1, 1, 2, 3, 4]))]
        if not steps and self.chance(0.7):
            return None
        if len(steps) == 1 and self.chance(0.5):
            return steps[0]
        return {"type": "Sequence", "decoders": steps}

    def step(self, kind):
        random = self.random
        choices = [
            {"type": "Replace", "pattern": {"String": random.choice([SPACE, "a", "ab", "", "</w>", "\n"])},
             "content": random.choice([" ", "", "xy"])},
            {"type": "Replace", "pattern": {"Regex": random.choice(["[ab]+", "(?<=a).", "^", "é|日", "$"])},
             "content": random.choice([" ", "", "xy"])},
            {"type": "ByteFallback"},
            {"type": "ByteFallback"},
            {"type": "Fuse"},
            {"type": "Fuse"},
            {"type": "Strip", "content": random.choice([" ", "a", "é"]), "start": random.choice([0, 1, 1, 3]),
             "stop": random.choice([0, 0, 0, 1])},
            {"type": "Metaspace", "replacement": random.choice([SPACE, SPACE, "a"]),
             "prepend_scheme": random.choice(["first", "never", "always"]), "split": True},
            {"type": "BPEDecoder", "suffix": random.choice(["</w>", "日", "a", ""])},
            {"type": "WordPiece", "prefix": random.choice(["##", "a", ""]), "cleanup": self.chance(0.5)},
            {"type": "CTC", "pad_token": random.choice(["<unk>", "a", ""]),
             "word_delimiter_token": random.choice([" ", "|", "b"]), "cleanup": self.chance(0.5)},
        ]
        if kind == "bytes":
            choices.append({"type": "ByteLevel", "add_prefix_space": True, "trim_offsets": True, "use_regex": True})
        return random.choice(choices)

    # Texts and ids

    def text(self, file):
        vocabulary = file["model"]["vocab"]
        names = [name for name, _ in vocabulary] if isinstance(vocabulary, list) else list(vocabulary)
        parts = []
        for _ in range(self.random.choice([1, 2, 4, 8, 12, 60])):
            if self.chance(0.15):
                parts.append(self.random.choice(names))
            elif self.chance(0.05):
                parts.append(self.random.choice(["ü", "語", "\U0001f389", "\x00", "<s>", "a b"]))
            else:
                parts.append(self.random.choice(CHARACTERS))
        return "".join(parts)

    def ids(self, file):
        vocabulary = file["model"]["vocab"]
        names = [name for name, _ in vocabulary] if isinstance(vocabulary, list) else list(vocabulary)
        byte = [number for number, name in enumerate(names) if name.startswith("<0x")]
        ids = []
        for _ in range(self.random.choice([0, 1, 2, 3, 8, 20])):
            ids.append(self.random.choice(byte) if byte and self.chance(0.5) else self.random.randrange(len(names)))
            if self.chance(0.2):
                ids.append(ids[-1])
        return ids


def place(text, offsets):
    """Offsets in characters as offsets in bytes of UTF-8."""
    ends = [0]
    for character in text:
        ends.append(ends[-1] + len(character.encode()))
    return [[ends[start], ends[end]] for start, end in offsets]


def results(tokenizer, text, file):
    """Ids and byte offsets; None if the reference refuses the text.

    The bytes of a prefix or suffix get offsets beyond their word, which say nothing: there are none then.
    """
    try:
        encoding = tokenizer.encode(text)
    except Exception:
        return None
    model = file["model"]
    affixes = model.get("continuing_subword_prefix") or model.get("end_of_word_suffix")
    if model["byte_fallback"] and affixes:
        return [encoding.ids, None]
    return [encoding.ids, place(text, encoding.offsets)]


def decoded(tokenizer, ids):
    """The text without and with special tokens; None where the reference panics."""
    try:
        return [tokenizer.decode(ids), tokenizer.decode(ids, skip_special_tokens=False)]
    except BaseException as error:
        if "Panic" not in type(error).__name__:
            raise
        return None


def load(file):
    return Tokenizer.from_str(json.dumps(file))
