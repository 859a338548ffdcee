#!/bin/sh
# Runs two builds of swiftlet on the fixtures and compares what they print and write, byte for byte.
# usage: tools/compare-binaries.sh OLD NEW [OPTIONS]; --help lists the options.
# Needs Python 3.9 or later and nothing else. Exit status 0 when all is equal, 1 when not.
exec python3 "$(dirname "$0")/compare-binaries/compare.py" "$@"
