#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# What can be judged without running the program: tools/lint.sh. Runs every check, then tells which failed.
set -euo pipefail
cd "$(dirname "$0")/.."
tools/install-deps.sh lint

failed=()
check() { # NAME COMMAND...
    local name=$1
    shift
    echo "-- $name"
    "$@" || failed+=("$name")
}
format() {
    git ls-files -z '*.c' '*.h' | xargs -0 clang-format --dry-run -Werror
}
scripts() {
    git ls-files -z '*.sh' .ci/run 'tests/fakes/node/*' ':!tests/fakes/node/fake-grubby' | xargs -0 shellcheck
}
analysis() {
    cppcheck --quiet --inline-suppr --error-exitcode=1 --std=c11 -Isrc -D_GNU_SOURCE \
        --suppressions-list=tools/cppcheck.supp -j "$(nproc)" src
}

check "format" format
check "layers, library owners, pure engines, file openings" python3 -B tools/check_layers.py
check "shell scripts" scripts
check "static analysis" analysis

if [ ${#failed[@]} -gt 0 ]; then
    printf 'FAILED: %s\n' "${failed[@]}" >&2
    exit 1
fi
