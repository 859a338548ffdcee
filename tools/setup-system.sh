#!/bin/sh
# Installs the system libraries that Swiftlet uses, if they are missing. The Swift toolchain (6.2 or
# newer) itself is taken for granted.
set -eu

command -v swift >/dev/null 2>&1 || {
    echo "error: no 'swift' on the path; Swift 6.2 or newer is needed (swift.org/install)" >&2
    exit 69
}

case "$(uname -s)" in
Linux)
    missing=""
    pkg-config --exists openblas 2>/dev/null || missing="pkg-config libopenblas-dev"
    # Loaded at run time, to write HDF5.
    pkg-config --exists hdf5 2>/dev/null || missing="$missing libhdf5-dev"
    pkg-config --exists sentencepiece 2>/dev/null || missing="$missing pkg-config libsentencepiece-dev"
    # Loaded when `swiftlet pull` makes its first request; certificates to trust come along.
    /sbin/ldconfig -p | grep -q 'libcurl\(-gnutls\)\{0,1\}\.so\.4' || missing="$missing libcurl4 ca-certificates"
    # Loaded for tokenizers with patterns that no scanner covers.
    /sbin/ldconfig -p | grep -q 'libonig\.so\.5' || missing="$missing libonig5"
    [ -z "$missing" ] && exit 0
    if ! command -v apt-get >/dev/null 2>&1; then
        echo "error: install the development files of OpenBLAS, HDF5 and SentencePiece, pkg-config, libcurl and Oniguruma (Debian: $missing)" >&2
        exit 69
    fi
    run=""
    [ "$(id -u)" = 0 ] || run="sudo"
    echo "installing $missing" >&2
    $run apt-get update -qq
    # shellcheck disable=SC2086 # a list of packages
    DEBIAN_FRONTEND=noninteractive $run apt-get install -y -qq --no-install-recommends $missing
    ;;
Darwin)
    pkg-config --exists openblas 2>/dev/null || brew list openblas >/dev/null 2>&1 || brew install pkg-config openblas
    brew list oniguruma >/dev/null 2>&1 || brew install oniguruma
    brew list hdf5 >/dev/null 2>&1 || brew install hdf5
    pkg-config --exists sentencepiece 2>/dev/null || brew list sentencepiece >/dev/null 2>&1 || brew install pkg-config sentencepiece
    ;;
esac
