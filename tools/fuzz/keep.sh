#!/usr/bin/env bash
# keep.sh TARGET FORMAT [COUNT [BYTES]] puts a sample of the corpus of TARGET into
# fixtures/fuzz/FORMAT, where the tests read it: the corpus is reduced to inputs that together reach
# the same code, and of those with at most BYTES bytes, COUNT are kept, spread over all sizes.
#
# Regressions, which have other names, are not changed.
set -euo pipefail
cd "$(dirname "$0")"
target="${1:?keep.sh TARGET FORMAT [COUNT [BYTES]]}"
folder="../../fixtures/fuzz/${2:?keep.sh TARGET FORMAT [COUNT [BYTES]]}"
count="${3:-40}"
bytes="${4:-2000}"
export SWIFT_BACKTRACE=enable=no

merged="$(mktemp -d)"
trap 'rm -rf "$merged"' EXIT
".build/release/${target}Fuzzer" -set_cover_merge=1 -max_len="$bytes" "$merged" \
    "work/corpus/$target" "work/seeds/$target" >/dev/null 2>&1
mkdir -p "$folder"
rm -f "$folder/$target"-*
# libFuzzer names an input by its hash.
find "$merged" -type f -size "-$((bytes + 1))c" -printf '%s %f\n' | sort -n | awk -v n="$count" '
    { line[NR] = $2 }
    END { for (i = 1; i <= n && i <= NR; i++) print line[NR <= n ? i : int(1 + (i - 1) * (NR - 1) / (n - 1))] }
' | while read -r name; do
    cp "$merged/$name" "$folder/$target-${name:0:12}"
done
du -sb "$folder"
