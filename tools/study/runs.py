"""One run of `swiftlet weak-to-strong run`, stage after stage, and what happens to its folder."""

import json
import os

from experiments import EXPERIMENTS, Unit, trial
from manifest import key_of
from rows import file_digest, write_text

# What is evaluated first: the ends of the gap, then the rows of every table, those of single weak models last.
ORDER = ("ceiling", "weak-", "student-naive", "student-bayesian", "student-joint", "preference", "student-single")


class Run:
    """The folder of an experiment with a seed and a part."""

    def __init__(self, unit, swiftlet, preparation, results):
        self.unit, self.swiftlet, self.preparation, self.results = unit, swiftlet, preparation, results
        self.settings = trial(unit.configuration) if preparation.trial_of else unit.configuration
        self.folder = preparation.work / "runs" / unit.experiment.name / unit.folder
        self.output = self.folder / "run"

    @property
    def parent(self):
        """The run whose stages this one begins with, or None."""
        name = self.unit.experiment.parent
        return name and self._related(EXPERIMENTS[name])

    @property
    def children(self):
        """The runs that begin with stages of this one."""
        return [
            self._related(experiment) for experiment in EXPERIMENTS.values()
            if experiment.parent == self.unit.experiment.name and self.unit.seed in experiment.seeds]

    def _related(self, experiment):
        unit = Unit(experiment, self.unit.seed, self.unit.part)
        return Run(unit, self.swiftlet, self.preparation, self.results)

    @property
    def rows(self):
        """The folder of the run's rows in the results."""
        part = f"-{self.unit.part}" if self.unit.part else ""
        return self.results / "rows" / self.unit.experiment.name / f"{self.unit.seed}{part}"

    def row_names(self):
        """The rows that there are."""
        return sorted(path.name for path in self.rows.glob("*.json"))

    def key(self):
        """Of all that the rows depend on, but the program."""
        data = self.preparation.work / "data" / self.unit.data
        return key_of({
            "configuration": self.settings,
            "data": {str(path.relative_to(data)): file_digest(path) for path in sorted(data.rglob("*.jsonl"))},
            "models": {name: self.preparation.model_recipe(name) for name in self.unit.experiment.models},
        })

    def write_configuration(self, folder=None):
        """The configuration, as JSON, which is YAML too."""
        path = (folder or self.folder) / "config.yaml"
        text = json.dumps(self.settings, indent=1) + "\n"
        if not path.exists() or path.read_text(encoding="utf-8") != text:
            write_text(path, text)
        return path

    def dry_run(self):
        """The program's plan of this run."""
        return self._dry_run(self.write_configuration(), self.output)

    def plan(self):
        """The plan, from the shapes of models that are not there yet."""
        models = self.unit.experiment.models
        if all(map(self.preparation.has_model, models)):
            return self.dry_run()
        work = self.preparation.work / "plan"
        for name in models:
            write_text(work / "models" / name / "config.json", json.dumps(self.preparation.model_shape(name)))
        if not (work / "data").exists():
            (work / "data").symlink_to("../data")
        folder = work / "runs" / self.unit.experiment.name / self.unit.folder
        return self._dry_run(self.write_configuration(folder), folder / "run")

    def _dry_run(self, configuration, output):
        return self.swiftlet.output(
            "weak-to-strong", "run", configuration, "--out", output, "--dry-run", "--json")

    def finish(self):
        """Runs every stage, and collects after each evaluation."""
        self.share_stages()
        evaluations = [stage for stage in self.dry_run()["stages"] if stage["kind"] == "evaluate"]
        for stage in evaluations:
            if stage["status"] != "done":
                # collect takes whatever has a record, be it the parent's or of another configuration.
                record = self.output / "stages" / str(self.unit.seed) / stage["stage"] / "stage.json"
                record.unlink(missing_ok=True)
        for stage in sorted(evaluations, key=lambda stage: place(stage["stage"])):
            if stage["status"] == "done":
                continue
            self.run("--stage", stage["stage"])
            self.collect()
        self.run()
        write_text(self.folder / "complete.json", json.dumps({"key": self.key()}) + "\n")

    def is_complete(self):
        """Whether every stage was run here, as it would be now; weights may have been removed since."""
        path = self.folder / "complete.json"
        return path.exists() and json.loads(path.read_text(encoding="utf-8"))["key"] == self.key()

    def run(self, *options):
        self.swiftlet("weak-to-strong", "run", self.write_configuration(), "--out", self.output, *options, heavy=True)

    def collect(self):
        """Adds the rows that are finished to the results, if the program can; says whether."""
        if not self.swiftlet.collects:
            return False
        part = ("--part", self.unit.part) if self.unit.part else ()
        self.swiftlet.short(
            "weak-to-strong", "collect", self.output, "--study", self.results, "--experiment",
            self.unit.experiment.name, *part)
        return True

    def share_stages(self):
        """Links the finished stages of the parent's run: those with the same key are done here too."""
        if not self.parent:
            return
        source = self.parent.output / "stages" / str(self.unit.seed)
        target = self.output / "stages" / str(self.unit.seed)
        for stage in sorted(source.glob("*/stage.json")):
            if not (target / stage.parent.name).exists():
                link_folder(stage.parent, target / stage.parent.name)

    def remove_weights(self, keeps_shared):
        """Removes the weights of a finished run's models, the bulk of its folder; of what other experiments share,
        only if none is left."""
        for model in self.output.glob("stages/*/*/model"):
            stage = model.parent.name
            if keeps_shared and stage.startswith(self.unit.experiment.shared):
                continue
            for weights in model.glob("*.safetensors"):
                weights.unlink()


def place(stage):
    """Where an evaluation belongs in the order."""
    name = stage.removeprefix("evaluate-")
    return next((number for number, start in enumerate(ORDER) if name.startswith(start)), len(ORDER)), name


def link_folder(source, target):
    """A copy of a folder whose files are hard links; it appears complete."""
    partial = target.with_name(f".{target.name}.links")
    for path in sorted(source.rglob("*")):
        copy = partial / path.relative_to(source)
        if path.is_dir():
            copy.mkdir(parents=True, exist_ok=True)
        else:
            copy.parent.mkdir(parents=True, exist_ok=True)
            copy.unlink(missing_ok=True)
            os.link(path, copy)
    partial.rename(target)
