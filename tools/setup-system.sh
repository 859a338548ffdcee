#!/bin/sh
# Installs the system libraries that Swiftlet uses, where they are missing. The Swift toolchain (6.2
# or newer) must be installed already.
#
# Only SentencePiece is needed to build. The others are opened by name when they are first used, so
# their runtime packages are enough.
set -eu

command -v swift >/dev/null 2>&1 || {
    echo "error: no 'swift' on the path; install Swift 6.2 or newer (swift.org/install)" >&2
    exit 69
}

# Whether the dynamic loader finds a library whose file name matches a pattern.
has_library() {
    /sbin/ldconfig -p | grep -q "$1"
}

case "$(uname -s)" in
Linux)
    missing=""
    pkg-config --exists sentencepiece 2>/dev/null || missing="pkg-config libsentencepiece-dev"
    # Matrix products. This build has a kernel for each processor.
    has_library 'libopenblas\.so\.0' || missing="$missing libopenblas0-pthread"
    # Downloads: requests, trusted certificates, hashes.
    has_library 'libcurl\(-gnutls\)\{0,1\}\.so\.4' || missing="$missing libcurl4 ca-certificates"
    has_library 'libcrypto\.so\.\(3\|1\.1\)' || missing="$missing libssl3"
    # Tokenizers with patterns that no scanner covers.
    has_library 'libonig\.so\.5' || missing="$missing libonig5"
    # Writing HDF5.
    hdf5=""
    has_library 'libhdf5\(_serial\)\{0,1\}\.so' || hdf5="libhdf5"
    [ -z "$missing$hdf5" ] && exit 0
    if ! command -v apt-get >/dev/null 2>&1; then
        echo "error: install these libraries (Debian's names): $missing $hdf5" >&2
        exit 69
    fi
    run=""
    [ "$(id -u)" = 0 ] || run="sudo"
    $run apt-get update -qq
    if [ -n "$hdf5" ]; then
        # The package's name has the version of the library in it: libhdf5-103-1, libhdf5-310.
        hdf5=$(apt-cache search --names-only '^libhdf5-[0-9]+(-[0-9]+)?(t64)?$' |
            cut -d ' ' -f 1 | sort -V | tail -n 1)
        missing="$missing ${hdf5:-libhdf5-dev}"
    fi
    echo "installing $missing" >&2
    # shellcheck disable=SC2086 # a list of packages
    DEBIAN_FRONTEND=noninteractive $run apt-get install -y -qq --no-install-recommends $missing
    ;;
Darwin)
    # Matrix products come from Accelerate, requests from the system's libcurl.
    pkg-config --exists sentencepiece 2>/dev/null || brew list sentencepiece >/dev/null 2>&1 ||
        brew install pkg-config sentencepiece
    for formula in oniguruma hdf5 openssl@3; do
        brew list "$formula" >/dev/null 2>&1 || brew install "$formula"
    done
    ;;
esac
