"""Texts for comparisons: random ones, passages of real files, and what lies between."""

import functools
import gzip
import pathlib
import sysconfig

from random_texts import Texts

# Prose, changelogs in many languages' names, control files; and code.
FOLDERS = [pathlib.Path("/usr/share/doc"), pathlib.Path(sysconfig.get_paths()["stdlib"])]
ENDINGS = {"", ".txt", ".md", ".rst", ".html", ".gz", ".py", ".c", ".h", ".json", ".sh"}
LARGEST = 4_000_000
EMOJI = ["😀", "👍🏽", "👩‍👩‍👧‍👦", "🏳️‍🌈", "🇩🇪", "1️⃣", "❤️", "☎", "🫠", "🧑🏿‍🚀", "\u200d", "\ufe0f", "🏻"]


@functools.lru_cache(maxsize=1)
def files(folders=tuple(FOLDERS)):
    """The files that passages are taken from, in an order that does not depend on the system."""
    found = []
    for folder in folders:
        for path in sorted(pathlib.Path(folder).rglob("*")):
            if path.suffix in ENDINGS and path.is_file() and not path.is_symlink() and 0 < path.stat().st_size < LARGEST:
                found.append(path)
    return found


@functools.lru_cache(maxsize=256)
def content(path):
    try:
        data = gzip.open(path).read(LARGEST) if path.suffix == ".gz" else path.read_bytes()
        return data.decode("utf-8", "replace").replace("\x00", "")
    except (OSError, EOFError):
        return ""


class MixedTexts(Texts):
    """An endless stream of texts; `extra` are the added tokens, `vocabulary` other tokens as texts."""

    def __init__(self, seed, extra, vocabulary=(), folders=tuple(FOLDERS)):
        super().__init__(seed, extra)
        self.vocabulary = vocabulary
        self.files = files(tuple(folders))
        self.current, self.left = "", 0

    def passage(self):
        """A passage of a file; many of one file follow each other, since reading it takes longest."""
        if self.left == 0:
            self.current, self.left = content(self.random.choice(self.files)) if self.files else "", 40
        self.left -= 1
        start = self.random.randrange(max(len(self.current), 1))
        return self.current[start : start + int(self.random.choice((20, 80, 300, 1200)) * self.random.random()) + 1]

    def tokens(self):
        joint = self.random.choice(("", "", " "))
        return joint.join(self.random.choice(self.vocabulary) for _ in range(self.random.randint(1, 12)))

    def digits(self):
        parts = ("".join(self.random.choice("0123456789") for _ in range(self.random.randint(1, 20))) for _ in range(self.random.randint(1, 6)))
        return self.random.choice((" ", ".", ",", "", "\n", "-")).join(parts)

    def spaces(self):
        return "".join(self.random.choice(" \n\t\r\u00a0") * self.random.randint(1, 40) + self.random.choice(("", "x", "()", "1"))
                       for _ in range(self.random.randint(1, 4)))

    def text(self):
        kind = self.random.randrange(20)
        if kind < 6:
            text = super().text()
        elif kind < 13:
            text = self.passage()
        elif kind < 15 and self.vocabulary:
            text = self.tokens()
        elif kind < 16:
            text = self.digits()
        elif kind < 17:
            text = self.spaces()
        elif kind < 18:
            text = "".join(self.random.choice(EMOJI) for _ in range(self.random.randint(1, 8)))
        else:
            text = "".join(self.any_character() for _ in range(self.random.randint(1, 30)))
        if self.extra and self.random.random() < 0.1:
            at = self.random.randint(0, len(text))
            text = text[:at] + self.special() + text[at:]
        return text
