"""Random tokenizer.json files over very few letters, whose added tokens, literals and pieces overlap themselves and one
another, with texts for them and what the reference makes of these."""

import json

from random_tokenizers import place
from tokenizers import Tokenizer

ALPHABETS = ["ab", "ab ", "aé ", "a日b", "a \u3000", "a_- ", "aAb"]
BEHAVIORS = ["Removed", "Isolated", "MergedWithPrevious", "MergedWithNext", "Contiguous"]


class RandomMatching:
    def __init__(self, random):
        self.random = random

    def chance(self, share):
        return self.random.random() < share

    def word(self, letters, longest=6):
        """A few random letters, or a run with another letter at its end."""
        if self.chance(0.3):
            return self.random.choice(letters) * self.random.randint(1, longest) + self.random.choice(letters)
        return "".join(self.random.choice(letters) for _ in range(self.random.randint(1, longest)))

    def file(self):
        letters = self.random.choice(ALPHABETS)
        # With long ones, walking from every place of a text is what swiftlet stops doing.
        longest = self.random.choice([3, 6, 6, 150, 400])
        unigram = self.chance(0.5)
        vocabulary = ["<unk>"] + [letter for letter in letters if self.chance(0.8)]
        if unigram:
            for _ in range(self.random.choice([3, 10, 40])):
                vocabulary.append(self.word(letters, longest))
        vocabulary = list(dict.fromkeys(vocabulary))
        score = self.random.choice([lambda: -self.random.random() * 9, lambda: self.random.choice([-1, -2, -3])])
        model = {"type": "Unigram", "unk_id": 0, "vocab": [[token, score()] for token in vocabulary],
                 "byte_fallback": False} if unigram else {
                "type": "BPE", "dropout": None, "unk_token": "<unk>", "continuing_subword_prefix": None,
                "end_of_word_suffix": None, "fuse_unk": False, "byte_fallback": False, "ignore_merges": False,
                "vocab": {token: number for number, token in enumerate(vocabulary)}, "merges": []}
        file = {"version": "1.0", "truncation": None, "padding": None, "added_tokens": [],
                "normalizer": self.normalizer(letters, longest), "pre_tokenizer": self.split(letters, longest),
                "post_processor": None, "decoder": None, "model": model}
        file["added_tokens"] = self.added_tokens(file, letters, longest, vocabulary)
        return file

    def added_tokens(self, file, letters, longest, vocabulary):
        normalizer = load(file).normalizer
        tokens, seen, ids = [], set(), list(vocabulary)
        for _ in range(self.random.choice([0, 1, 2, 5, 9])):
            content = self.word(letters, longest)
            normalized = self.chance(0.4)
            left = normalizer.normalize_str(content) if normalizer and normalized else content
            # Of two tokens that are normalized to the same text the reference finds either, at random.
            if content in seen or not left or (left, normalized) in seen:
                continue
            seen |= {content, (left, normalized)}
            if content not in ids:
                ids.append(content)
            flags = {name: self.chance(0.3) for name in ["single_word", "lstrip", "rstrip"]}
            tokens.append({"id": ids.index(content), "content": content, **flags, "normalized": normalized,
                           "special": self.chance(0.5)})
        return sorted(tokens, key=lambda token: token["id"])

    def normalizer(self, letters, longest):
        replace = {"type": "Replace", "pattern": {"String": self.word(letters, longest)},
                   "content": self.random.choice(["", "a", "ba", " "])}
        return self.random.choice([None, None, None, replace, {"type": "Lowercase"},
                                   {"type": "Prepend", "prepend": letters[0]}])

    def split(self, letters, longest):
        split = {"type": "Split", "pattern": {"String": self.word(letters, longest)},
                 "behavior": self.random.choice(BEHAVIORS), "invert": self.chance(0.3)}
        metaspace = {"type": "Metaspace", "replacement": letters[0], "prepend_scheme": "first", "split": True}
        return self.random.choice([None, None, split, split, metaspace])

    def text(self, file):
        vocabulary = file["model"]["vocab"]
        words = [row[0] for row in vocabulary] if isinstance(vocabulary, list) else list(vocabulary)
        words = words[1:] + [token["content"] for token in file["added_tokens"]] + [" ", "a"]
        parts = []
        for _ in range(self.random.choice([0, 1, 3, 10, 30])):
            word = self.random.choice(words)
            # A part of it, or it many times.
            parts.append(word[:self.random.randint(0, len(word))] if self.chance(0.4) else word)
            if len(word) == 1 and self.chance(0.2):
                parts.append(word * self.random.choice([2, 10, 100, 500]))
        return "".join(parts)


def load(file):
    return Tokenizer.from_str(json.dumps(file))


def results(tokenizer, text):
    """Ids and byte offsets; None where the reference panics."""
    try:
        encoding = tokenizer.encode(text)
    except BaseException as error:
        if "Panic" not in type(error).__name__:
            raise
        return None
    return [encoding.ids, place(text, encoding.offsets)]
