#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# Fuzzes every target, or those named, for FUZZ_SECONDS each (60): tools/fuzz.sh [NOUN...]. Inputs that crash land in
# build/fuzz-findings; put one that was mended into tests/fuzz/seeds/<noun>/, so that every build tests it from then on.
set -euo pipefail
cd "$(dirname "$0")/.."
tools/install-deps.sh lint
tools/build.sh fuzz

findings=$PWD/build/fuzz-findings
mkdir -p "$findings"
failed=()
for program in build/fuzz/tests/fuzz/fuzz_*; do
    noun=${program##*/fuzz_}
    if ! [ -f "$program" ] || ! [ -x "$program" ] || [[ $noun = *_seeds ]]; then
        continue
    fi
    if [ $# -gt 0 ] && [[ " $* " != *" $noun "* ]]; then
        continue
    fi
    corpus=build/fuzz-corpus/$noun
    mkdir -p "$corpus"
    echo "== $noun"
    "$program" -max_total_time="${FUZZ_SECONDS:-60}" -timeout=10 -rss_limit_mb=2048 -verbosity=0 -print_final_stats=1 \
        -artifact_prefix="$findings/$noun-" "$corpus" "tests/fuzz/seeds/$noun" || failed+=("$noun")
done
if [ ${#failed[@]} -gt 0 ]; then
    echo "found something: ${failed[*]}; see $findings" >&2
    exit 1
fi
