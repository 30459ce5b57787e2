#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# Runs the black-box tests: tools/pytest.sh [pytest arguments]. Without arguments: cases, then end to end.
# The program under test is $CNSCTL, else the newest debug build there is, else the release build.
set -euo pipefail
cd "$(dirname "$0")/.."

tools/venv.sh
if [ -z "${CNSCTL:-}" ]; then
    for candidate in build/test/src/cnsctl build-dev/src/cnsctl build/release/src/cnsctl; do
        if [ -x "$candidate" ] && { [ -z "${CNSCTL:-}" ] || [ "$candidate" -nt "$CNSCTL" ]; }; then
            case "$candidate:${CNSCTL:-}" in
            build/release/*:?*) ;; # a build with sanitizers sees more
            *) CNSCTL=$PWD/$candidate ;;
            esac
        fi
    done
fi
: "${CNSCTL:?no program to test: build it first, or name it in CNSCTL}"
export CNSCTL
exec build/venv/bin/python -B -m pytest "$@"
