"""Random tokenizer.json files that test normalizers, pre-tokenizers and added tokens: random steps before a tiny
BPE model, with texts of odd characters."""

import base64
import struct

from tokenizers.pre_tokenizers import ByteLevel

SPACE = "\u2581"
BEHAVIORS = ["Removed", "Isolated", "MergedWithPrevious", "MergedWithNext", "Contiguous"]
# Combining marks, Hangul, emoji with joiners, full width, dotless and dotted i, ligatures, unassigned and new code
# points, zero width, right to left, digits and punctuation of many scripts.
ODD = [
    "e\u0301", "\u00e9", "\u01d6", "u\u0308\u0304", "a\u0327\u0323\u0301", "a\u0301\u0323", "\u0301", "\u0301\u0327", "\u0344", "\u212b", "\u2126",
    "\u1e69", "s\u0323\u0307", "s\u0307\u0323", "\u0958", "\u0915\u093c", "\u0cca", "\u0cc6\u0cc2", "\u0f73", "\u2adc", "\ufb1d", "\ufb2c",
    "한국", "\u1112\u1161\u11ab", "\u1100\u1161", "\u1161\u0301", "각\u11a8", "가\u11a8", "\u1100\uac01", "\u302e", "か\u3099", "が", "ー", "ｶﾞ",
    "👨\u200d👩\u200d👧", "👍🏽", "🇩🇪", "❤\ufe0f", "\u00a9\u200d❤", "#\ufe0f\u20e3", "Ａｂ１", "ﾊ", "ı", "İ", "I\u0307", "ſ", "ß", "ẞ", "Σ", "ς", "ǅ", "ﬁ", "ﬃ",
    "ĳ", "²", "½", "Ⅷ", "ⓐ", "㎏", "㋿", "\u320e", "…", "\u0378", "\u0897", "\u1c89", "\ua7cb", "\U00010d50", "\U00011938", "\U00011935\U00011930",
    "\U00011de0", "\U0001e030", "\u0340", "\u0f81", "\U0001d15e", "\U0001d165", "\U000e0041", "\u200b", "\u200c", "\u200d", "\u00ad", "\ufeff", "\ufffd", "\u2028", "\u0085",
    "\u00a0", "\u3000", "\u2003", "\u1680", "שלום", "\u05d0\u05bc\u05b8", "مرحبا", "\u0600\u0661", "\u06dd", "١٢٣", "१२", "𝟘𝟙", "、。", "“”", "¿", "\u0964", "\u1360", "\u2e43",
    "\u00df\u0301", "\r\n", "\r", "\n\u0301", "\t", "\x00", "\x01", "\x7f", "\x8f", "\x9f", "$", "+", "^", "`", "|", "~", "-", "_", "'s", "'", "Москва", "日本語", "漢字かな",
    "ไทย", "\u0e33", "\u0eb3", "\ufdfa", "\u2460", "\uff9e", "\U0001f100", "\U0002f800", "\u2f00", "\ud7a3", "\uac00", "x\u0334\u0315", "\u1d2c", "\u00b5", "\u017f\u0307",
]
PLAIN = ["a", "b", "ab", "abc", "A", "AB", "Hello", "the", " ", " ", "  ", "1", "12", "1234", ".", ",", "!?", "a1", "<s>", SPACE, SPACE + "a", "\n", "don't", "end "]
PATTERNS = [
    {"String": " "}, {"String": "a"}, {"String": "ab"}, {"String": "é"}, {"String": "."}, {"String": ""}, {"String": "日"}, {"String": "  "},
    {"Regex": r"\s+"}, {"Regex": r"[^\s]+"}, {"Regex": r"\p{N}"}, {"Regex": r"\d{1,3}"}, {"Regex": r"\p{M}"}, {"Regex": "^"}, {"Regex": "$"}, {"Regex": "b*"},
    {"Regex": r"(?=[A-Z])"}, {"Regex": r"\w+|[^\w\s]"}, {"Regex": r"[\r\n]"}, {"Regex": "[一-龥぀-ヿ]+"}, {"Regex": r".$"}, {"Regex": r"\p{L}+"}, {"Regex": "é|\u0301"},
]


def trie(rules):
    """A character map of SentencePiece with the given (string, replacement) pairs."""
    nodes, results, blob = [{}], {}, b""
    for source, target in rules:
        node = 0
        for byte in source.encode():
            if byte not in nodes[node]:
                nodes[node][byte] = len(nodes)
                nodes.append({})
            node = nodes[node][byte]
        if node not in results:
            results[node] = len(blob)
            blob += target.encode() + b"\0"
    # Each node has a block of 256 units for its children, the first of which is its leaf.
    # The label of a free unit is none that leads to it.
    units = [index & 0xFF ^ 0xAA for index in range(256 * (len(nodes) + 1))]
    units[0] = 0
    places = {0: 0}
    for node, children in enumerate(nodes):
        base, here = 256 * (node + 1), places[node]
        units[here] |= (base ^ here) << 10 | (0x100 if node in results else 0)
        if node in results:
            units[base] = 1 << 31 | results[node]
        for byte, child in children.items():
            places[child] = base ^ byte
            units[base ^ byte] = byte
    data = struct.pack(f"<I{len(units)}I", 4 * len(units), *units) + blob
    return base64.b64encode(data).decode()


class RandomSteps:
    def __init__(self, random):
        self.random = random

    def chance(self, share):
        return self.random.random() < share

    def choice(self, values):
        return self.random.choice(values)

    # Files

    def file(self):
        byte_level = self.chance(0.4)
        normalizer = self.sequence("normalizers", [self.normalizer(byte_level) for _ in range(self.choice([0, 1, 1, 2, 3]))])
        steps = [self.pre_tokenizer(byte_level) for _ in range(self.choice([0, 1, 1, 2, 3]))]
        if byte_level and self.chance(0.8):
            steps.append(self.byte_level())
        return self.complete(normalizer, self.sequence("pretokenizers", steps))

    def complete(self, normalizer, pre_tokenizer):
        """The file with the given steps."""
        vocabulary, merges = self.model()
        return {
            "version": "1.0",
            "truncation": None,
            "padding": None,
            "added_tokens": self.added(vocabulary),
            "normalizer": normalizer,
            "pre_tokenizer": pre_tokenizer,
            "post_processor": None,
            "decoder": self.choice([None, {"type": "Fuse"}, {"type": "ByteLevel", "add_prefix_space": True, "trim_offsets": True, "use_regex": True}]),
            "model": {"type": "BPE", "dropout": None, "unk_token": "<unk>", "continuing_subword_prefix": None, "end_of_word_suffix": None,
                      "fuse_unk": self.chance(0.3), "byte_fallback": False, "ignore_merges": False, "vocab": vocabulary, "merges": merges},
        }

    def sequence(self, key, steps):
        if not steps and self.chance(0.5):
            return None
        if len(steps) == 1 and self.chance(0.7):
            return steps[0]
        if len(steps) > 2 and self.chance(0.3):
            steps = [steps[0], self.sequence(key, steps[1:])]
        return {"type": "Sequence", key: steps}

    def model(self):
        vocabulary = {"<unk>": 0}
        alphabet = sorted(ByteLevel.alphabet()) + [SPACE, " ", "é", "e", "\u0301", "日", "本", "語", "s", "1", "．", "が", "한", "İ", "👍", "\n", "ﬁ", "x"]
        for character in alphabet:
            vocabulary.setdefault(character, len(vocabulary))
        merges = []
        for left, right in ["ab", "he", "le", "Ġa", ("Ġ", "ab"), "12", ("ab", "c"), (SPACE, "a"), (SPACE, "ab"), ("e", "\u0301"), "日本", "ÃĲ", "ðŁ", ("ðŁ", "ĳ"), "Ã©", "ÌĢ", "ÌĤ", "ss", "  ", ("a", " ")]:
            if left in vocabulary and right in vocabulary:
                vocabulary.setdefault(left + right, len(vocabulary))
                merges.append([left, right])
        return vocabulary, merges

    def added(self, vocabulary):
        tokens, seen = [], set()
        for _ in range(self.choice([0, 1, 2, 4])):
            content = self.choice(["<s>", "</s>", "AB", "ab", "é", "e\u0301", " x", "Hello", "ﬁ", "1", "日", "\u0301", "[A]", " ", "a b"])
            # Two tokens that normalize to the same are an error of the reference.
            if content in seen:
                continue
            seen.add(content)
            flags = {name: self.chance(0.25) for name in ("single_word", "lstrip", "rstrip")}
            id = vocabulary.get(content, len(vocabulary) + sum(token["content"] not in vocabulary for token in tokens))
            tokens.append({"id": id, "content": content, **flags, "normalized": self.chance(0.5), "special": self.chance(0.5)})
        return tokens

    # Steps

    def normalizer(self, byte_level=False):
        kinds = ["NFC", "NFD", "NFKC", "NFKD", "Lowercase", "Strip", "StripAccents", "Replace", "Replace", "Prepend", "Nmt", "Precompiled"]
        kind = self.choice(kinds + ["ByteLevel"] * byte_level)
        step = {"type": kind}
        if kind == "Strip":
            step |= {"strip_left": self.chance(0.5), "strip_right": self.chance(0.5)}
        elif kind == "Replace":
            step |= {"pattern": self.choice(PATTERNS), "content": self.choice(["", " ", SPACE, "xy", "é"])}
        elif kind == "Prepend":
            step |= {"prepend": self.choice([SPACE, " ", "é日", ""])}
        elif kind == "Precompiled":
            pool = ["é", "e\u0301", "e", "a", "Ａ", "ﬁ", "\n", "\u200b", "½", "日", "ab", "\u0301", "\u00a9", "\u0600", "…", "\x00a", "\u3099", "\u1161", "ガ", "한"]
            rules = {source: self.choice(["", "x", "fi", "e\u0301", " ", "1/2", "日本"]) for source in pool if self.chance(0.4) and not source.startswith("\x00")}
            step |= {"precompiled_charsmap": trie(rules.items() or [("q", "x")])}
        return step

    def byte_level(self):
        return {"type": "ByteLevel", "add_prefix_space": self.chance(0.4), "trim_offsets": True, "use_regex": self.chance(0.6)}

    def pre_tokenizer(self, byte_level=False):
        kinds = ["Split", "Split", "Metaspace", "Digits", "Punctuation", "Whitespace", "WhitespaceSplit", "CharDelimiterSplit", "UnicodeScripts", "FixedLength", "BertPreTokenizer"]
        kind = self.choice(kinds + ["ByteLevel"] * byte_level)
        step = {"type": kind}
        if kind == "ByteLevel":
            return self.byte_level()
        if kind == "Split":
            step |= {"pattern": self.choice(PATTERNS), "behavior": self.choice(BEHAVIORS), "invert": self.chance(0.4)}
        elif kind == "Metaspace":
            step |= {"replacement": self.choice([SPACE, SPACE, "_", "a"]), "prepend_scheme": self.choice(["first", "never", "always"]), "split": self.chance(0.7)}
        elif kind == "Digits":
            step |= {"individual_digits": self.chance(0.5)}
        elif kind == "Punctuation":
            step |= {"behavior": self.choice(BEHAVIORS)}
        elif kind == "CharDelimiterSplit":
            step |= {"delimiter": self.choice([" ", "a", "é", "日", SPACE])}
        elif kind == "FixedLength":
            step |= {"length": self.choice([1, 2, 3, 5])}
        return step

    # Texts

    def text(self):
        parts = []
        for _ in range(self.choice([0, 1, 2, 3, 5, 8, 12, 40])):
            kind = self.random.random()
            if kind < 0.45:
                parts.append(self.choice(PLAIN))
            elif kind < 0.85:
                parts.append(self.choice(ODD))
            elif kind < 0.95:
                code = self.choice([self.random.randrange(0x3000), self.random.randrange(0x20000), self.random.randrange(0x110000)])
                parts.append("\ufffd" if 0xD800 <= code < 0xE000 else chr(code))
            else:
                parts.append(self.choice(["</s>", "[A]", "AB", " x", "a b", "Hello"]))
        return "".join(parts)
