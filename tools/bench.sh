#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# Measures the release build: tools/bench.sh [arguments of tests/bench/bench.py]
set -euo pipefail
cd "$(dirname "$0")/.."
tools/venv.sh
exec build/venv/bin/python -B tests/bench/bench.py "$@"
