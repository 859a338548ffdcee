#!/usr/bin/env python3
"""Swiftlet beside the formats' own libraries on files of over 2 GB: formats.py SWIFTLET_BINARY [FOLDER]

Run with the Python of tools/setup-python.sh, in a folder with 12 GB free, on a machine that does nothing
else. Each piece of work is done by a process of its own that has the files in the page cache; the best of three
runs counts. Opening is timed inside the process on both sides, all else as whole processes, the peers'
without their start and imports. `anon` is the most anonymous memory that the process had.
"""

import json
import os
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from process import Failed, run

CONFIG = {
    "model_type": "gpt2", "architectures": ["GPT2LMHeadModel"], "n_embd": 1280, "n_layer": 24, "n_head": 20,
    "bos_token_id": 50256, "eos_token_id": 50256,
}

# What the peers do; each prints nothing and leaves its time in `seconds`.
PEERS = {
    "open safetensors": """
import torch
from safetensors import safe_open
start = time.perf_counter()
with safe_open(path, "pt") as f:
    for name in f.keys():
        part = f.get_slice(name)
        part.get_shape(), part.get_dtype()
seconds = time.perf_counter() - start
""",
    "open torch": """
import torch
start = time.perf_counter()
for name, tensor in torch.load(path, weights_only=True).items(): name, tensor.shape, tensor.dtype
seconds = time.perf_counter() - start
""",
    "open torch mmap": """
import torch
start = time.perf_counter()
for name, tensor in torch.load(path, weights_only=True, mmap=True).items(): name, tensor.shape, tensor.dtype
seconds = time.perf_counter() - start
""",
    "open hdf5": """
import h5py
start = time.perf_counter()
with h5py.File(path) as f:
    f.visititems(lambda name, item: (name, getattr(item, "shape", None), getattr(item, "dtype", None)) and None)
seconds = time.perf_counter() - start
""",
    "statistics safetensors": """
import torch
from safetensors.torch import load_file
torch.set_num_threads(threads)
start = time.perf_counter()
for tensor in load_file(path).values():
    tensor.aminmax(), tensor.mean(), tensor.isnan().sum()
seconds = time.perf_counter() - start
""",
    "statistics hdf5": """
import h5py, numpy
start = time.perf_counter()
with h5py.File(path) as f:
    def visit(name, item):
        if isinstance(item, h5py.Dataset):
            a = item[...]
            a.min(), a.max(), a.mean(dtype="f8"), numpy.isnan(a).sum()
    f.visititems(visit)
seconds = time.perf_counter() - start
""",
    "copy safetensors": """
from safetensors.torch import load_file, save_file
start = time.perf_counter()
save_file(load_file(path), out, metadata={"format": "pt"})
descriptor = os.open(out, os.O_RDONLY); os.fsync(descriptor)
seconds = time.perf_counter() - start
""",
    "bf16 safetensors": """
import torch
from safetensors.torch import load_file, save_file
torch.set_num_threads(threads)
start = time.perf_counter()
save_file({k: v.bfloat16() for k, v in load_file(path).items()}, out, metadata={"format": "pt"})
descriptor = os.open(out, os.O_RDONLY); os.fsync(descriptor)
seconds = time.perf_counter() - start
""",
    "copy hdf5": """
import h5py
start = time.perf_counter()
with h5py.File(path) as a, h5py.File(out, "w") as b:
    def visit(name, item):
        if isinstance(item, h5py.Dataset): b[name] = item[...]
    a.visititems(visit)
descriptor = os.open(out, os.O_RDONLY); os.fsync(descriptor)
seconds = time.perf_counter() - start
""",
}


def best(work, times=3):
    results = [work() for _ in range(times)]
    return min(results, key=lambda r: r[0])[0], max(r[1] for r in results)


def peer(name, path, out=""):
    code = (
        f"import os, sys, time\npath, out, threads = {str(path)!r}, {str(out)!r}, {os.cpu_count()}\n"
        + PEERS[name] + "\nprint(seconds)")

    def work():
        _, memory, output = run([sys.executable, "-c", code])
        return float(output), memory

    return best(work)


def main():
    swiftlet = str(Path(sys.argv[1]).resolve())
    folder = Path(tempfile.mkdtemp(dir=sys.argv[2] if len(sys.argv) > 2 else None))
    try:
        measure(swiftlet, folder)
    except Failed as failure:
        sys.exit(str(failure))
    finally:
        shutil.rmtree(folder)


def measure(swiftlet, folder):
    (folder / "config.json").write_text(json.dumps(CONFIG))
    model = folder / "model"
    subprocess.run([swiftlet, "init", folder / "config.json", model, "--quiet"], check=True, stdout=subprocess.DEVNULL)
    safetensors = model / "model.safetensors"
    size = safetensors.stat().st_size
    hdf5 = folder / "tf" / "tf_model.h5"
    subprocess.run([swiftlet, "convert", model, folder / "tf", "--to", "hdf5", "--quiet"], check=True, stdout=subprocess.DEVNULL)
    torch_file = folder / "pytorch_model.bin"
    subprocess.run([sys.executable, "-c", (
        "import torch, sys; from safetensors.torch import load_file; torch.save(load_file(sys.argv[1]), sys.argv[2])"),
        safetensors, torch_file], check=True)
    for path in (safetensors, hdf5, torch_file):
        with open(path, "rb") as file:
            while file.read(1 << 24):
                pass

    print(f"files of {size / 1e9:.2f} GB, {os.cpu_count()} processors")
    print(f"{'work':<34} {'swiftlet':>18} {'anon':>8}   {'peer':>18} {'anon':>8}   ratio")

    def row(work, unit, ours, theirs, name):
        (a, a_memory), (b, b_memory) = ours, theirs
        show = (lambda s: f"{s * 1e3:.2f} ms") if unit == "ms" else (lambda s: f"{size / 1e6 / s:.0f} MB/s")
        print(f"{work:<34} {show(a):>18} {a_memory:>5.0f} MB   {show(b):>18} {b_memory:>5.0f} MB   {b / a:.2f}x {name}", flush=True)

    def inspect(path):
        def work():
            _, memory, output = run([swiftlet, "inspect", path, "--json"])
            return json.loads(output)["seconds"], memory
        return best(work, 9)

    def whole(*command, out=None):
        def work():
            if out and out.exists():
                shutil.rmtree(out) if out.is_dir() else out.unlink()
            return run([swiftlet, *command])[:2]
        result = best(work)
        if out and out.exists():
            shutil.rmtree(out) if out.is_dir() else out.unlink()
        return result

    listing = "from safetensors import safe_open\nf = safe_open(sys.argv[1], 'np')\nfor n in f.keys(): f.get_slice(n).get_shape()"
    row("open and list, whole process", "ms", best(lambda: run([swiftlet, "inspect", safetensors, "--json"])[:2], 9),
        best(lambda: run([sys.executable, "-c", "import sys\n" + listing, str(safetensors)])[:2], 9), "safetensors (Rust) in Python")
    row("open and list safetensors", "ms", inspect(safetensors), peer("open safetensors", safetensors), "safetensors (Rust)")
    row("open and list .bin", "ms", inspect(torch_file), peer("open torch", torch_file), "torch.load")
    row("", "ms", inspect(torch_file), peer("open torch mmap", torch_file), "torch.load(mmap=True)")
    row("open and list HDF5", "ms", inspect(hdf5), peer("open hdf5", hdf5), "h5py")
    row("statistics, safetensors", "MB/s", whole("inspect", safetensors, "--stats", "--json"),
        peer("statistics safetensors", safetensors), "safetensors + torch")
    row("statistics, HDF5", "MB/s", whole("inspect", hdf5, "--stats", "--json"),
        peer("statistics hdf5", hdf5), "h5py + numpy")
    out, lone = folder / "out.safetensors", folder / "out.h5"
    row("read and save safetensors", "MB/s", whole("convert", safetensors, out, "--quiet", out=out),
        peer("copy safetensors", safetensors, out), "safetensors (Rust)")
    row("read and save HDF5", "MB/s", whole("convert", hdf5, lone, "--quiet", out=lone),
        peer("copy hdf5", hdf5, lone), "h5py")
    out.unlink(missing_ok=True)

    def copy():
        start = time.perf_counter()
        subprocess.run(["cp", safetensors, out], check=True)
        subprocess.run(["sync", out], check=True)
        seconds = time.perf_counter() - start
        out.unlink()
        return seconds, 0

    narrow = ["convert", safetensors, out, "--dtype", "bf16", "--quiet"]
    ours, theirs = whole(*narrow, out=out), best(copy)
    row("f32 to bf16, rate of the source", "MB/s", ours, theirs, "cp and sync")
    row("", "MB/s", ours, peer("bf16 safetensors", safetensors, out), "safetensors + torch")


main()
