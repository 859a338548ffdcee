#!/usr/bin/env python3
"""One run of the study's SciQ in PyTorch and transformers, stage by stage, beside the runner's times.

usage: beside-pytorch.py RUN_FOLDER [--threads N] [--steps N] [--only STAGE…]

RUN_FOLDER is WORK/runs/sciq/seed-0-part-1 of a study: its config.yaml says which models, rows and settings, and
run/stages has the seconds that each stage took. The same stages are run here, with the same models, rows, batch sizes,
numbers of steps and losses, in single precision: weak models are fine-tuned and label, the strong model learns from
gold labels and as every student, and all are evaluated. Like a stage of the runner, each loads its model, and a
training saves it. Batches of 32 are padded to their longest row; their order is another one than the runner's, so
accuracies differ by chance.
"""

import argparse
import json
import math
import shutil
import tempfile
import time
from pathlib import Path

import torch
import transformers
from safetensors.torch import save_file
from transformers import AutoModel, AutoTokenizer

CLASSES = 2


def read_rows(path):
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines() if line]


class Classifier(torch.nn.Module):
    """A decoder with a head of zeros on the last token's hidden state."""

    def __init__(self, folder):
        super().__init__()
        self.decoder = AutoModel.from_pretrained(folder, dtype=torch.float32)
        self.head = torch.nn.Linear(self.decoder.config.hidden_size, CLASSES, bias=False)
        torch.nn.init.zeros_(self.head.weight)

    def forward(self, ids, mask):
        hidden = self.decoder(input_ids=ids, attention_mask=mask, use_cache=False).last_hidden_state
        last = mask.sum(1) - 1
        return self.head(hidden[torch.arange(len(ids)), last])


class Rows:
    """Rows as tokens, with targets that are distributions."""

    def __init__(self, rows, tokenizer, targets=None):
        self.ids = [tokenizer(row["text"])["input_ids"] for row in rows]
        self.labels = torch.tensor([row["label"] for row in rows])
        if targets is None:
            targets = torch.nn.functional.one_hot(self.labels, CLASSES).float()
        self.targets = targets

    def batch(self, places):
        longest = max(len(self.ids[place]) for place in places)
        ids = torch.zeros(len(places), longest, dtype=torch.long)
        mask = torch.zeros_like(ids)
        for row, place in enumerate(places):
            tokens = torch.tensor(self.ids[place])
            ids[row, :len(tokens)] = tokens
            mask[row, :len(tokens)] = 1
        return ids, mask, self.targets[places]


def cross_entropy(logits, targets, _):
    return -(targets * logits.log_softmax(-1)).sum(-1)


def evidential(logits, targets, weight):
    """The evidential loss with exponential evidence (METHOD §5)."""
    alpha = logits.clamp(-10, 10).exp().double() + 1
    total = alpha.sum(-1, keepdim=True)
    loss = (targets * (total.log() - alpha.log())).sum(-1)
    for target in range(CLASSES):
        left = alpha.clone()
        left[:, target] = 1
        strength = left.sum(-1)
        divergence = strength.lgamma() - math.lgamma(CLASSES) - left.lgamma().sum(-1)
        divergence = divergence + ((left - 1) * (left.digamma() - strength.digamma()[:, None])).sum(-1)
        loss = loss + weight * targets[:, target] * divergence
    return loss.float()


def train(model, rows, settings, loss=cross_entropy, auxiliary=False, limit=None):
    """Fine-tunes with Adam, a cosine schedule and a clipped norm; gives the number of steps."""
    size, epochs, rate = settings["batch_size"], settings["epochs"], settings["lr"]
    per_epoch = math.ceil(len(rows.ids) / size)
    steps = min(per_epoch * epochs, limit or per_epoch * epochs)
    optimizer = torch.optim.Adam(model.parameters(), lr=rate)
    model.train()
    order = []
    for step in range(steps):
        if not order:
            order = torch.randperm(len(rows.ids)).tolist()
        places, order = order[:size], order[size:]
        optimizer.param_groups[0]["lr"] = 0.5 * rate * (1 + math.cos(math.pi * step / steps))
        ids, mask, targets = rows.batch(places)
        logits = model(ids, mask)
        weight = min(1, step / per_epoch / 10)
        value = loss(logits, targets, weight)
        if auxiliary:
            gamma = 0.5 * step / steps
            own = torch.nn.functional.one_hot(logits.argmax(-1), CLASSES).float()
            value = (1 - gamma) * value + gamma * loss(logits, own, weight)
        optimizer.zero_grad()
        value.mean().backward()
        torch.nn.utils.clip_grad_norm_(model.parameters(), 1.0)
        optimizer.step()
    return steps


@torch.no_grad()
def probabilities(model, rows):
    model.eval()
    found = []
    for start in range(0, len(rows.ids), 32):
        ids, mask, _ = rows.batch(list(range(start, min(start + 32, len(rows.ids)))))
        found.append(model(ids, mask).softmax(-1))
    return torch.cat(found)


class Pipeline:
    """The stages, each timed."""

    def __init__(self, folder, options):
        self.folder, self.options = folder, options
        self.configuration = json.loads((folder / "config.yaml").read_text(encoding="utf-8"))
        self.seed = self.configuration["seeds"][0]
        self.data = {name: read_rows(folder / path) for name, path in self.configuration["data"].items()}
        self.saved = Path(tempfile.mkdtemp())
        self.total = [0.0, 0.0]

    def settings(self, *sections):
        result = dict(self.configuration["training"])
        for section in sections:
            result.update(section.get("training", {}))
        return result

    def runner_seconds(self, stage):
        path = self.folder / "run" / "stages" / str(self.seed) / stage / "stage.json"
        return json.loads(path.read_text(encoding="utf-8"))["seconds"] if path.exists() else None

    def time(self, stage, work):
        started = time.time()
        result, remark = work()
        seconds = time.time() - started
        runner = self.runner_seconds(stage)
        if runner is not None:
            self.total[0] += runner
            self.total[1] += seconds
        shown = "      –      –" if runner is None else f"{runner:7.1f}{seconds / runner:7.2f}"
        print(f"{stage:36}{seconds:9.1f} {shown}  {remark}", flush=True)
        return result

    def fine_tune(self, stage, source, rows, settings, loss=cross_entropy, auxiliary=False, targets=None):
        """Trains a model from `source` and evaluates it."""
        def work():
            model = Classifier(source)
            tokenizer = AutoTokenizer.from_pretrained(source)
            steps = train(
                model, Rows(rows, tokenizer, targets), settings, loss, auxiliary, self.options.steps)
            save_file(model.state_dict(), self.saved / "model.safetensors")
            return (model, tokenizer), f"{steps} steps"

        model, tokenizer = self.time(stage, work)

        def evaluate():
            rows = Rows(self.data["test"], tokenizer)
            right = (probabilities(model, rows).argmax(-1) == rows.labels).float().mean().item()
            return None, f"accuracy {right:.3f}"

        self.time(f"evaluate-{stage}", evaluate)
        return model, tokenizer

    def run(self):
        print(f"{'stage':36}{'PyTorch s':>9} {'runner':>7}{'ratio':>7}")
        weak, strong = self.configuration["weak"], self.configuration["strong"]
        labels = {}
        for entry in weak["models"]:
            name, source = entry["name"], self.folder / entry["model"]
            model, tokenizer = self.fine_tune(
                f"weak-{name}", source, self.data["weak"], self.settings(weak, entry))
            labels[name] = self.time(
                f"labels-{name}", lambda: (probabilities(model, Rows(self.data["strong"], tokenizer)), ""))
        source, settings, rows = self.folder / strong["model"], self.settings(strong), self.data["strong"]
        self.fine_tune("ceiling", source, rows, settings)
        mean = torch.stack(list(labels.values())).mean(0)
        students = [(f"single-{name}", cross_entropy, label) for name, label in labels.items()]
        students += [("naive", cross_entropy, mean), ("bayesian", evidential, mean)]
        for name, loss, targets in students:
            for auxiliary in (False, True):
                stage = f"student-{name}" + ("-aux" if auxiliary else "")
                if self.options.only and stage not in self.options.only:
                    continue
                self.fine_tune(stage, source, rows, settings, loss, auxiliary, targets)
        if self.total[0]:
            print(
                f"PyTorch {self.total[1]:.0f} s, runner {self.total[0]:.0f} s: "
                f"{self.total[1] / self.total[0]:.2f} times as long")
        shutil.rmtree(self.saved)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--steps", type=int, help="of every training, for a trial; times then mean nothing")
    parser.add_argument("--only", nargs="+", metavar="STAGE", help="of the students, only these")
    options = parser.parse_args()
    torch.set_num_threads(options.threads)
    torch.manual_seed(0)
    transformers.logging.set_verbosity_error()
    Pipeline(options.folder, options).run()


if __name__ == "__main__":
    main()
