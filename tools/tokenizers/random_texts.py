"""Random short texts made of what tokenizers are likely to get wrong."""

import random

WORDS = "the of and to in is lighthouse keeper Ada I'm don't they're we've she'll IT'S I'D def return NULL".split()
CONTRACTIONS = ["'s", "'S", "'t", "'T", "'re", "'Re", "'rE", "'ve", "'m", "'ll", "'LL", "'lL", "'d", "'x", "'\u017f", "''", "'r", "'v", "'l"]
SPACES = [" ", "  ", "   ", "    ", " " * 7, " " * 13, " " * 24, " " * 25, " " * 60, "\n", "\n\n", "\r\n", "\r", "\t", "\t\t", " \n",
          "\n ", " \n ", "\n\t", "\x0b", "\x0c", "\u00a0", "\u2003", "\u3000", "\u2028", "\u0085", " \u00a0", "\u00a0\n"]
OTHERS = list("!\"#$%&()*+,-./:;<=>?@[\\]^_`{|}~") + ["...", "---", "==", "//", ");\n", "}\n\n", "::", "\x00", "\x1f", "\x7f", "—", "…", "“", "€", "\u200b", "\u200d"]
DIGITS = ["0", "7", "42", "123", "1234", "00000", "1234567890", "3.14", "²", "½", "Ⅷ", "٣", "१२३४", "𝟘𝟙𝟚𝟛", "一"]
SCRIPTS = [(0x41, 0x5B), (0x61, 0x7B), (0xC0, 0x250), (0x370, 0x400), (0x400, 0x530), (0x531, 0x590), (0x5D0, 0x5EB), (0x620, 0x6FF),
           (0x900, 0x980), (0x980, 0xA00), (0xE00, 0xE80), (0x10A0, 0x1100), (0x1100, 0x1200), (0x1E00, 0x2000), (0x2100, 0x2200),
           (0x3040, 0x3100), (0x4E00, 0xA000), (0xAC00, 0xD7A4), (0xF900, 0xFB00), (0x10300, 0x10350), (0x1D400, 0x1D800),
           (0x1F300, 0x1F700), (0x20000, 0x20100), (0x2F800, 0x2FA20)]
MARKS = [*range(0x300, 0x346), 0x34F, 0x591, 0x5B0, 0x5BC, 0x64B, 0x651, 0x670, 0x93C, 0x94D, 0x9BE, 0xE38, 0xE48, 0x1161, 0x11A8, 0x302A,
         0x3099, 0x309A, 0x20D0, 0x1D165, 0xFE0F, 0x0DCF, 0x0BBE]


class Texts:
    """An endless stream of texts; `extra` are the added tokens of the family."""

    def __init__(self, seed, extra):
        self.random = random.Random(seed)
        self.extra = extra

    def letters(self):
        low, high = self.random.choice(SCRIPTS)
        return "".join(chr(self.random.randrange(low, high)) for _ in range(self.random.randint(1, 6)))

    def any_character(self):
        code = self.random.choice((self.random.randrange(0x80), self.random.randrange(0x3000), self.random.randrange(0x110000)))
        return "\ufffd" if 0xD800 <= code < 0xE000 else chr(code)

    def marked(self):
        base = self.letters()
        for _ in range(self.random.randint(1, 3)):
            base += chr(self.random.choice(MARKS))
        return base

    def special(self):
        token = self.random.choice(self.extra)
        shape = self.random.randrange(6)
        if shape == 0:
            return token[: self.random.randint(1, len(token))]
        return " " + token if shape == 1 else token

    def piece(self):
        kind = self.random.randrange(20)
        if kind < 5:
            return self.random.choice(WORDS)
        if kind < 9:
            return self.random.choice(SPACES)
        if kind < 10:
            return self.random.choice(CONTRACTIONS)
        if kind < 13:
            return self.random.choice(OTHERS)
        if kind < 14:
            return self.random.choice(DIGITS)
        if kind < 16:
            return self.letters()
        if kind < 17:
            return self.any_character()
        if kind < 18:
            return self.marked()
        if kind < 19 and self.extra:
            return self.special()
        return "".join(self.random.choice("etaoinshrdluETAOIN") for _ in range(self.random.randint(1, 14)))

    def text(self):
        # One in eight is long enough for scanners that read many bytes at once.
        count = self.random.randint(30, 90) if self.random.random() < 0.125 else self.random.randint(1, 16)
        return "".join(self.piece() for _ in range(count))
