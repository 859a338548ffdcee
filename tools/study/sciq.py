#!/usr/bin/env python3
"""Rows of the study's classification of SciQ's answers.

usage: sciq.py SCIQ_FOLDER OUT_FOLDER SEED...

The public test split has 1,000 questions. For each seed they are shuffled and cut in three, and the thirds rotate:
OUT_FOLDER/seed-SEED/part-N has the rows that train the weak models, those that they label and those of the test, with
no question in two of them. Each question is tested in one part, so the predictions of the three parts together are
those of 1,000 questions.

A training row is `Q: {question} A: {answer}`; each question gives two, one with its answer and one with a distractor. A
test row has one of the two, half of them the right one, as METHOD §2 has it. The `id` of a test row is the question's
line in the source, of training rows with `+` for the right answer or `-` for the wrong one.
"""

import sys
from pathlib import Path

from rows import SplitMix64, letters, read_lines, require_disjoint, write_lines

PARTS = (1, 2, 3)


def text(question, answer):
    return f"Q: {question['question']} A: {answer}"


def distractor(question, numbers):
    return question[f"distractor{numbers.next() % 3 + 1}"]


def training_rows(questions, seed):
    """Both answers of each question."""
    numbers = SplitMix64(seed + 2)
    rows = []
    for line, question in questions:
        rows.append({"id": f"{line}+", "text": text(question, question["correct_answer"]), "label": 1})
        rows.append({"id": f"{line}-", "text": text(question, distractor(question, numbers)), "label": 0})
    return rows


def test_rows(questions, seed):
    """One answer of each question, half of them right."""
    ones = (len(questions) + 1) // 2
    labels = [1] * ones + [0] * (len(questions) - ones)
    SplitMix64(seed + 1).shuffle(labels)
    numbers = SplitMix64(seed + 2)
    return [
        {"id": line, "text": text(question, question["correct_answer"] if label else distractor(question, numbers)),
         "label": label}
        for (line, question), label in zip(questions, labels)
    ]


def thirds(questions, seed):
    """The shuffled questions in three parts of nearly equal length."""
    order = list(enumerate(questions, 1))
    SplitMix64(seed).shuffle(order)
    cuts = [round(len(order) * part / 3) for part in range(4)]
    return [order[first:end] for first, end in zip(cuts, cuts[1:])]


def write_seed(source, target, seed):
    """Writes the three parts of a seed."""
    questions = read_lines(source / "test.jsonl")
    if len({letters(question["question"]) for question in questions}) != len(questions):
        raise ValueError(f"{source}: a question is there twice")
    parts = thirds(questions, seed)
    for part in PARTS:
        test, weak, strong = (parts[(part - 1 + place) % 3] for place in range(3))
        require_disjoint(
            f"SciQ, seed {seed}, part {part}",
            {name: [question["question"] for _, question in items]
             for name, items in (("test", test), ("weak", weak), ("strong", strong))})
        folder = target / f"part-{part}"
        write_lines(folder / "weak.jsonl", training_rows(weak, seed))
        write_lines(folder / "strong.jsonl", training_rows(strong, seed))
        write_lines(folder / "test.jsonl", test_rows(test, seed))


if __name__ == "__main__":
    if len(sys.argv) < 4:
        sys.exit(__doc__.split("\n\n")[1])
    for number in sys.argv[3:]:
        write_seed(Path(sys.argv[1]), Path(sys.argv[2]) / f"seed-{number}", int(number))
