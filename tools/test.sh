#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# All tests, from a bare machine: packages, virtual environment, tools, builds, then the runners in order. A runner
# that fails does not keep the next from running; the exit status tells of any.
set -euo pipefail
cd "$(dirname "$0")/.."

tools/install-deps.sh test
tools/venv.sh
# Built from source once, then kept outside the checkout. Without network, what needs them is skipped by name.
tools/tool-cache.sh build helm etcd kubectl kube-apiserver promtool ||
    echo "tests that need helm, a Kubernetes API or promtool will be skipped" >&2

echo "== builds: with AddressSanitizer and UndefinedBehaviorSanitizer; release, for tests of time and memory"
tools/build.sh test
tools/build.sh release

failed=()
echo "== unit tests, fuzz seeds, layers"
meson test -C build/test --no-rebuild --print-errorlogs || failed+=("meson test")
echo "== black-box tests"
CNSCTL=$PWD/build/test/src/cnsctl CNSCTL_RELEASE=$PWD/build/release/src/cnsctl \
    build/venv/bin/python -B -m pytest --numprocesses "${PYTEST_WORKERS:-2}" || failed+=("pytest")

if [ ${#failed[@]} -gt 0 ]; then
    echo "FAILED: ${failed[*]}" >&2
    exit 1
fi
