#!/usr/bin/env bash
# Compares the GGUF files that Swiftlet writes with llama.cpp, built from its source:
#   tools/real-model/llama-cpp.sh SOURCE SWIFTLET WORK [MODEL]
# SOURCE is a folder with llama.cpp's source, such as vendor/llama.cpp of the source archive of llama-cpp-python. WORK
# is a folder for the build and the files; nothing is written to SOURCE. MODEL, SmolLM2 as a
# folder or a GGUF file, is converted and compared besides the small models of fixtures/decoders. JOBS compile at a time (2). The program of an earlier run
# is used again. cmake (pip has it too), a C++ compiler and python3 are needed, no Python package.
set -euo pipefail
if [ $# -lt 3 ]; then
    echo "usage: $0 SOURCE SWIFTLET WORK [MODEL]" >&2
    exit 64
fi
here=$(cd "$(dirname "$0")" && pwd)
source=$(cd "$1" && pwd) swiftlet=$2 work=$3
mkdir -p "$work"
build=$work/llama.cpp program=$work/llama-logprobs

if [ ! -x "$program" ]; then
    # The library alone, for this processor only.
    cmake -S "$source" -B "$build" -DCMAKE_BUILD_TYPE=Release -DBUILD_SHARED_LIBS=OFF -DGGML_OPENMP=OFF \
        -DLLAMA_BUILD_COMMON=OFF -DLLAMA_BUILD_TOOLS=OFF -DLLAMA_BUILD_EXAMPLES=OFF -DLLAMA_BUILD_TESTS=OFF \
        -DLLAMA_BUILD_SERVER=OFF -DLLAMA_BUILD_APP=OFF -DLLAMA_OPENSSL=OFF >"$work/configure.log" 2>&1
    cmake --build "$build" --target llama -j"${JOBS:-2}" >"$work/build.log"
    group=(-Wl,--start-group) end=(-Wl,--end-group)
    if [ "$(uname)" = Darwin ]; then group=() end=(-framework Accelerate -framework Foundation); fi
    mapfile -t archives < <(find "$build" -name 'lib*.a')
    c++ -std=c++17 -O2 -Wall -Wextra -I"$source/include" -I"$source/ggml/include" "$here/llama-cpp/logprobs.cpp" \
        ${group[@]+"${group[@]}"} "${archives[@]}" "${end[@]}" -lpthread -ldl -o "$program"
fi
python3 "$here/llama-cpp/compare.py" "$program" "$swiftlet" "$work" ${4+"$4"}
