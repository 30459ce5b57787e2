#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# Line coverage of all tests: tools/coverage.sh. Needs gcovr (Debian: gcovr).
set -euo pipefail
cd "$(dirname "$0")/.."
command -v gcovr >/dev/null || { echo "gcovr is missing: apt-get install gcovr" >&2; exit 1; }
tools/install-deps.sh test
tools/venv.sh
tools/build.sh coverage
meson test -C build/coverage --no-rebuild --quiet
CNSCTL=$PWD/build/coverage/src/cnsctl build/venv/bin/python -B -m pytest --numprocesses 2 tests/cases
gcovr --root . --filter 'src/' build/coverage --txt build/coverage.txt --print-summary
