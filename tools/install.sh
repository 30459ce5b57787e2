#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# Installs the release build under ${DESTDIR}${PREFIX}: program (stripped), manual pages, shell completions.
set -euo pipefail
cd "$(dirname "$0")/.."
prefix=${PREFIX:-/usr/local}
quietly() {
    "$@" >build/install.log 2>&1 || {
        cat build/install.log >&2
        exit 1
    }
}
if [ "$(cat build/release/.prefix 2>/dev/null)" != "$prefix" ]; then
    quietly meson configure build/release "-Dprefix=$prefix"
    echo "$prefix" >build/release/.prefix
fi
quietly ninja -C build/release
quietly meson install -C build/release --no-rebuild --strip
echo "installed under ${DESTDIR:-}$prefix"
