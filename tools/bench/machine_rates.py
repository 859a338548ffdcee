"""What this machine can do, as decoders.py's floors want it: machine_rates.py THREADS prints JSON.

Bytes a second that all threads together read from memory, and products' operations a second in f32 (OpenBLAS
by NumPy, oneDNN by torch) and in bf16 (oneDNN, which takes the processor's product units where there are any)."""

import json
import os
import sys
import time

threads = int(sys.argv[1]) if len(sys.argv) > 1 else os.cpu_count()
os.environ["OPENBLAS_NUM_THREADS"] = str(threads)

import numpy as np  # noqa: E402  (after the number of threads is set)
import torch  # noqa: E402

torch.set_num_threads(threads)


def best(work, times):
    result = []
    for _ in range(times):
        start = time.perf_counter()
        work()
        result.append(time.perf_counter() - start)
    return min(result)


def read_bandwidth():
    """The quicker of two ways to read a gigabyte once: a matrix times a vector, a sum."""
    rows, columns = 1 << 15, 1 << 13
    matrix = torch.ones(rows, columns)
    vector = torch.ones(columns)
    seconds = min(best(lambda: matrix @ vector, 7), best(matrix.sum, 7))
    return matrix.numel() * 4 / seconds


def product_rate(multiply):
    """Of square products of growing size, until one takes a fifth of a second."""
    size, rate = 256, 0.0
    while True:
        multiply(size)
        seconds = best(lambda: multiply(size), 5)
        rate = max(rate, 2 * size**3 / seconds)
        if seconds > 0.2 or size == 4096:
            return rate
        size *= 2


def main():
    a = np.random.default_rng(0).standard_normal((4096, 4096), dtype=np.float32)
    single = torch.from_numpy(a)
    half = single.bfloat16()

    def by(matrix):
        return product_rate(lambda size: matrix[:size, :size] @ matrix[:size, :size])

    print(json.dumps({
        "read_bytes_per_second": read_bandwidth(),
        "f32_operations_per_second": max(by(a), by(single)),
        "bf16_operations_per_second": by(half),
    }))


main()
