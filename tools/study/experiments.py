"""What the study runs: experiments, their configurations, and the order of their runs."""

from dataclasses import dataclass

SEEDS = (0, 1, 2)
# The folder of a configuration is WORK/runs/EXPERIMENT/UNIT.
MODELS, DATA = "../../../models", "../../../data"


@dataclass(frozen=True)
class Experiment:
    """A configuration for every seed and part."""

    name: str
    configure: object
    models: tuple
    data: str
    seeds: tuple = SEEDS
    parts: tuple = (None,)
    # The experiment whose finished stages this one begins with.
    parent: str = None
    # Stages whose models other experiments begin with, by the start of their names.
    shared: tuple = ("ceiling", "weak-")

    def units(self):
        return [Unit(self, seed, part) for seed in self.seeds for part in self.parts]


@dataclass(frozen=True)
class Unit:
    """One run: an experiment with a seed and a part."""

    experiment: Experiment
    seed: int
    part: int

    @property
    def folder(self):
        return f"seed-{self.seed}" + (f"-part-{self.part}" if self.part else "")

    @property
    def name(self):
        return f"{self.experiment.name}/{self.folder}"

    @property
    def data(self):
        return self.experiment.data.format(seed=self.seed)

    @property
    def configuration(self):
        return self.experiment.configure(self.seed, self.part)


# SciQ: is this answer right?

SCIQ_DEPTHS = (5, 6, 8)


def sciq(seed, part, **changes):
    folder = f"{DATA}/sciq/seed-{seed}/part-{part}"
    configuration = {
        "name": f"SciQ, seed {seed}, part {part}",
        "task": "classify",
        "data": {name: f"{folder}/{name}.jsonl" for name in ("weak", "strong", "test")},
        "seeds": [seed],
        "training": {"optimizer": "adam", "schedule": "cosine", "batch_size": 32, "micro_batch_size": 32},
        "weak": {
            "training": {"epochs": 3, "lr": 1e-4},
            "models": [
                {"name": f"first-{depth}", "model": f"{MODELS}/smollm2-first-{depth}"} for depth in SCIQ_DEPTHS],
        },
        "strong": {"name": "smollm2", "model": f"{MODELS}/smollm2", "training": {"epochs": 2, "lr": 5e-5}},
        "labels": {"form": "soft"},
        "students": {"methods": ["single", "naive", "bayesian"], "aux": [False, True]},
        "report": False,
    }
    return merged(configuration, changes)


def merged(configuration, changes):
    """A configuration with some keys replaced, mapping by mapping; None removes one."""
    result = dict(configuration)
    for key, value in changes.items():
        if value is None:
            result.pop(key, None)
        else:
            result[key] = merged(result.get(key, {}), value) if isinstance(value, dict) else value
    return result


# SLURP's slots as JSON. Fewer utterances than a half, so that a seed takes less than 100 minutes.
SLOTS_LABELLED = 760


def slots(seed, part=None, **changes):
    configuration = {
        "name": f"SLURP's slots, seed {seed}",
        "task": "slurp",
        "prompt": "short",
        "data": {
            "train": f"{DATA}/slots/devel.jsonl", "test": f"{DATA}/slots/test-1000.jsonl",
            "split": {"weak": 1013, "strong": SLOTS_LABELLED}},
        "seeds": [seed],
        "training": {"optimizer": "adamw", "schedule": "linear", "batch_size": 8, "micro_batch_size": 8},
        "weak": {
            "training": {"epochs": 6, "lr": 1e-3, "batch_size": 16, "micro_batch_size": 16},
            "models": [
                {"name": "gpt2", "model": f"{MODELS}/small-gpt2"},
                {"name": "opt", "model": f"{MODELS}/small-opt"},
                {"name": "first-4", "model": f"{MODELS}/smollm2-first-4", "training": {"epochs": 3, "lr": 3e-4, "batch_size": 8, "micro_batch_size": 8}},
            ],
        },
        "strong": {"name": "smollm2", "model": f"{MODELS}/smollm2", "training": {"epochs": 2, "lr": 1e-4}},
        "labels": {"beams": 4, "max_new_tokens": 64},
        "students": {
            "methods": ["single", "naive", "joint", "bayesian"], "aux": [False, True], "confidence": ["product"]},
        # A fiftieth of the students' rate, as in the paper.
        "preference": {
            "from": {"method": "bayesian", "aux": True, "confidence": "product"},
            "training": {"epochs": 2, "lr": 2e-6, "batch_size": 8, "micro_batch_size": 8}},
        "evaluation": {"max_new_tokens": 64},
        "report": False,
    }
    return merged(configuration, changes)


# SLURP: is this the scenario?


def scenarios(seed, part=None, **changes):
    folder = f"{DATA}/scenarios/seed-{seed}"
    configuration = {
        "name": f"SLURP's scenarios, seed {seed}",
        "task": "classify",
        "data": {name: f"{folder}/{name}.jsonl" for name in ("weak", "strong", "test")},
        "seeds": [seed],
        "training": {"optimizer": "adam", "schedule": "cosine", "batch_size": 32, "micro_batch_size": 32},
        "weak": {
            "training": {"epochs": 8, "lr": 1e-3},
            "models": [{"name": name, "model": f"{MODELS}/small-{name}"} for name in ("gpt2", "opt", "neox")],
        },
        "strong": {"name": "smollm2", "model": f"{MODELS}/smollm2", "training": {"epochs": 2, "lr": 5e-5}},
        "labels": {"form": "soft"},
        "students": {"methods": ["single", "naive", "bayesian"], "aux": [False, True]},
        "report": False,
    }
    return merged(configuration, changes)


def ablation(parent, name, **changes):
    """An experiment of seed 0 that differs from its parent in a few settings, and shares what they do not touch."""
    return Experiment(
        f"{parent.name}-{name}", lambda seed, part=None: parent.configure(seed, part, **changes), parent.models,
        parent.data, seeds=(0,), parts=parent.parts, parent=parent.name)


def weak_models(configure, *names):
    """The weak models of a configuration with these names."""
    return [model for model in configure(0, 1)["weak"]["models"] if model["name"] in names]


SCIQ = Experiment(
    "sciq", sciq, ("smollm2", *(f"smollm2-first-{depth}" for depth in SCIQ_DEPTHS)), "sciq/seed-{seed}",
    parts=(1, 2, 3))
SLOTS = Experiment(
    "slots", slots, ("smollm2", "smollm2-first-4", "small-gpt2", "small-opt"), "slots",
    shared=("ceiling", "weak-", "student-naive-aux", "student-joint-aux", "student-bayesian-aux", "preference"))
SCENARIOS = Experiment(
    "scenarios", scenarios, ("smollm2", "small-gpt2", "small-opt", "small-neox"), "scenarios/seed-{seed}")

# What a choice of the method changes: the students that it concerns, without the auxiliary loss.
BAYESIAN = {"methods": ["bayesian"], "aux": [False]}
BOTH = {"methods": ["naive", "bayesian"], "aux": [False]}
JOINT = {"methods": ["joint"], "aux": [False], "confidence": ["none", "product"]}
# Adapters take a larger rate than whole matrices.
LORA = {"training": {"method": "lora", "rank": 16, "alpha": 32, "lr": 1e-3}}


def classification_ablations(parent):
    first, second = [model["name"] for model in parent.configure(0, 1)["weak"]["models"]][:2]
    return (
        ablation(parent, "hard", labels={"form": "hard"}, students={"aux": [False]}),
        ablation(parent, "softplus", students={**BAYESIAN, "evidence": "softplus"}),
        ablation(parent, "relu", students={**BAYESIAN, "evidence": "relu"}),
        ablation(parent, "no-kl", students={**BAYESIAN, "lambda": 0}),
        ablation(parent, "full-kl", students={**BAYESIAN, "anneal_epochs": 0}),
        ablation(parent, "two-weak", students=BOTH, weak={"models": weak_models(parent.configure, first, second)}),
        ablation(parent, "one-weak", students=BAYESIAN, weak={"models": weak_models(parent.configure, first)}),
        ablation(parent, "lora", strong=LORA, students=BOTH),
    )


def generation_ablations(parent):
    # Without its preference stage, which belongs to a student that these do not have.
    def change(name, **changes):
        return ablation(parent, name, preference=None, **changes)

    return (
        ablation(parent, "hard", preference=None, students={"confidence": ["none"]}),
        ablation(
            parent, "whole-test", data={"test": f"{DATA}/slots/test.jsonl"},
            students={"methods": ["naive", "joint", "bayesian"], "aux": [True]}),
        change("eq8", students={**BOTH, "confidence": ["eq8"]}),
        change("mean", students={**JOINT, "joint_score": "mean"}),
        change("mixture", students={**JOINT, "joint_score": "mixture"}),
        change("softplus", students={**BAYESIAN, "evidence": "softplus"}),
        change("no-kl", students={**BAYESIAN, "lambda": 0}),
        change("full-kl", students={**BAYESIAN, "anneal_epochs": 0}),
        change("two-weak", students=BOTH, weak={"models": weak_models(slots, "gpt2", "opt")}),
        change("one-weak", students=BAYESIAN, weak={"models": weak_models(slots, "opt")}),
        change("lora", strong=LORA, students=BOTH),
    )


EXPERIMENTS = {experiment.name: experiment for experiment in (
    SCIQ, SLOTS, SCENARIOS, *generation_ablations(SLOTS), *classification_ablations(SCIQ))}


def ordered_units(names, seeds):
    """The runs in the order in which they are worth most: seed after seed, and parts of a seed together."""
    units = [unit for name in names for unit in EXPERIMENTS[name].units() if unit.seed in seeds]
    rank = list(EXPERIMENTS)
    return sorted(units, key=lambda unit: (
        unit.experiment.parent is not None, unit.seed, rank.index(unit.experiment.name), unit.part or 0))


def trial(configuration):
    """A configuration that runs every stage once, for seconds."""
    short = {"training": {"steps": 1, "batch_size": 4, "micro_batch_size": 4}}
    result = merged(configuration, {"weak": short, "strong": short, "data": {"test_limit": 4}})
    for part in (result, result["weak"], result["strong"], *result["weak"]["models"]):
        part.get("training", {}).pop("epochs", None)
    if "split" in result["data"]:
        result["data"]["split"] = {"weak": 8, "strong": 8}
    if "preference" in result:
        result["preference"] = merged(result["preference"], {"training": {"epochs": 1}})
    for section in ("labels", "evaluation"):
        if "max_new_tokens" in result.get(section, {}):
            result[section] = {**result[section], "max_new_tokens": 8}
    return result
