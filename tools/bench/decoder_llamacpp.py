"""llama.cpp's side of decoders.py: its converter, its benchmark, its logits."""

import ctypes
import json
import os
import sys

from process import run

FAMILIES = ("gpt2", "gpt_neox", "llama")  # of the five; it has Qwen's too, it never had OPT


class LlamaCpp:
    """What setup-llamacpp.sh left in a folder."""

    def __init__(self, folder):
        self.folder = folder
        self.bench_tool = folder / "build/bin/llama-bench"
        self.converter = folder / "source/vendor/llama.cpp/convert_hf_to_gguf.py"

    def runs(self, model):
        return model.config["model_type"] in FAMILIES

    def convert(self, model, form):
        """The model's GGUF file, made once."""
        path = model.folder / f"{form}.gguf"
        if not path.exists():
            part = path.with_suffix(".part")
            run([sys.executable, self.converter, model.folder, "--outtype", form, "--outfile", part])
            part.rename(path)
        return path

    def bench(self, path, threads, prompt, new, depth=0, warm=True):
        """Tokens a second of a prompt (`new` 0), or of new tokens behind `depth` others, and the most anonymous
        memory in MB."""
        command = [self.bench_tool, "-m", path, "-t", threads, "-p", prompt, "-n", new, "-d", depth, "-r", 1, "-o", "json"]
        _, memory, output = run(command + ([] if warm else ["--no-warmup"]))
        (test,) = json.loads(output)
        return test["avg_ts"], memory

    def first_token(self, path, threads):
        """Seconds of a process that loads the model and computes one token."""
        command = [self.bench_tool, "-m", path, "-t", threads, "-p", 1, "-n", 0, "-r", 1, "-o", "json", "--no-warmup"]
        return run(command)[0]

    def logits(self, path, threads, ids, first):
        """Rows of logits that follow ids[first:], from one pass, by the library's Python face."""
        environment = dict(
            os.environ, LLAMA_CPP_LIB_PATH=str(self.folder / "build/bin"), PYTHONPATH=str(self.folder / "source"))
        request = json.dumps({"path": str(path), "threads": threads, "ids": ids, "first": first})
        return json.loads(run([sys.executable, __file__, request], environment)[2])


def compute(request):
    """Runs in a process of its own, since the library writes and ends as it likes."""
    # The package itself wants more packages than its module of C declarations does.
    import importlib.util
    from pathlib import Path
    from types import ModuleType

    root = Path(os.environ["PYTHONPATH"]) / "llama_cpp"
    package = ModuleType("llama_cpp")
    package.__path__ = [str(root)]
    sys.modules["llama_cpp"] = package
    spec = importlib.util.spec_from_file_location("llama_cpp.llama_cpp", root / "llama_cpp.py")
    api = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = api
    spec.loader.exec_module(api)

    quiet = api.llama_log_callback(lambda *_: None)
    api.llama_log_set(quiet, None)
    api.llama_backend_init()
    ids, first = request["ids"], request["first"]
    model = api.llama_model_load_from_file(request["path"].encode(), api.llama_model_default_params())
    options = api.llama_context_default_params()
    options.n_ctx = options.n_batch = options.n_ubatch = max(len(ids), 64)
    options.n_threads = options.n_threads_batch = request["threads"]
    context = api.llama_init_from_model(model, options)
    batch = api.llama_batch_init(len(ids), 0, 1)
    batch.n_tokens = len(ids)
    for i, token in enumerate(ids):
        batch.token[i], batch.pos[i], batch.n_seq_id[i], batch.seq_id[i][0] = token, i, 1, 0
        batch.logits[i] = i >= first
    if api.llama_decode(context, batch):
        sys.exit("llama_decode failed")
    size = api.llama_vocab_n_tokens(api.llama_model_get_vocab(model))
    rows = [api.llama_get_logits_ith(context, i) for i in range(first, len(ids))]
    print(json.dumps([list(ctypes.cast(row, ctypes.POINTER(ctypes.c_float * size)).contents) for row in rows]))


if __name__ == "__main__":
    compute(json.loads(sys.argv[1]))
