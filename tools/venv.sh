#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# Makes build/venv, the Python of the tests, from tests/requirements.txt; nothing to do when it is up to date.
set -euo pipefail
cd "$(dirname "$0")/.."

venv=build/venv
stamp=$venv/.requirements
if [ -x "$venv/bin/pytest" ] && cmp -s tests/requirements.txt "$stamp"; then
    exit 0
fi
echo "Python packages of the tests into $venv: $(grep -v '^#' tests/requirements.txt | tr '\n' ' ')" >&2
mkdir -p build
exec 9>build/.venv.lock
flock 9
if [ -x "$venv/bin/pytest" ] && cmp -s tests/requirements.txt "$stamp"; then
    exit 0
fi
rm -rf "$venv"
python3 -m venv "$venv"
"$venv/bin/python" -m pip install --quiet --disable-pip-version-check --requirement tests/requirements.txt
cp tests/requirements.txt "$stamp"
