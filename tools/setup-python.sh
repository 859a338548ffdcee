#!/usr/bin/env bash
# Makes the Python environment of tools/: setup-python.sh VENV [PYTHON]
# The fixtures were made with Python 3.11. Nothing in the build or the tests of Swiftlet needs it.
set -euo pipefail
if [ $# -lt 1 ] || [ $# -gt 2 ]; then
    echo "usage: $0 VENV [PYTHON]" >&2
    exit 64
fi
here=$(cd "$(dirname "$0")" && pwd)
"${2:-python3}" -m venv "$1"
"$1/bin/python" -m pip install --quiet --requirement "$here/requirements.txt"
"$1/bin/python" -c 'import torch, transformers; print("torch", torch.__version__, "transformers", transformers.__version__)'
