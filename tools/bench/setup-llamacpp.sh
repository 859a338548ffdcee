#!/usr/bin/env bash
# Builds llama.cpp for tools/bench/decoders.py: setup-llamacpp.sh FOLDER [PYTHON]
#
# The source is the one inside the source archive of llama-cpp-python, so that pip is all that is needed. It is
# built for this machine's processor in FOLDER (1 GB): FOLDER/build/bin/llama-bench and its libraries, and
# FOLDER/source, whose converter and Python face run with the Python of tools/setup-python.sh.
set -euo pipefail
if [ $# -lt 1 ] || [ $# -gt 2 ]; then
    echo "usage: $0 FOLDER [PYTHON]" >&2
    exit 64
fi
version=0.3.36
mkdir -p "$1"
folder=$(cd "$1" && pwd)
"${2:-python3}" -m venv "$folder/venv"
"$folder/venv/bin/python" -m pip install --quiet cmake ninja
export PATH="$folder/venv/bin:$PATH"
if [ ! -e "$folder/llama_cpp_python-$version.tar.gz" ]; then
    pip download --quiet --no-deps --no-binary llama-cpp-python --dest "$folder" "llama-cpp-python==$version"
fi
rm -rf "$folder/source"
mkdir "$folder/source"
tar -xzf "$folder/llama_cpp_python-$version.tar.gz" -C "$folder/source" --strip-components 1

cmake -S "$folder/source/vendor/llama.cpp" -B "$folder/build" -G Ninja -Wno-dev \
    -DCMAKE_BUILD_TYPE=Release -DGGML_NATIVE=ON -DLLAMA_OPENSSL=OFF \
    -DLLAMA_BUILD_TESTS=OFF -DLLAMA_BUILD_EXAMPLES=OFF -DLLAMA_BUILD_SERVER=OFF -DLLAMA_BUILD_APP=OFF
cmake --build "$folder/build" --parallel "${JOBS:-2}" --target llama-bench
"$folder/build/bin/llama-bench" --help >/dev/null
echo "$folder/build/bin/llama-bench"
