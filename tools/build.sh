#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# Builds one variant of the tree into build/<variant>: tools/build.sh release|test|gcc|clang|fuzz|coverage
# The one place that knows the options of each.
set -euo pipefail
cd "$(dirname "$0")/.."

variant=${1:?usage: tools/build.sh release|test|gcc|clang|fuzz|coverage}
compiler=${CC:-cc}
case $variant in
release) options=(--buildtype=release -Dtests=false) ;;
test) options=(--buildtype=debug -Doptimization=1 '-Db_sanitize=address,undefined' -Db_lundef=false) ;;
# The compilers warn about more when they optimise; one with assertions, one without.
gcc) compiler=gcc options=(--buildtype=release -Dtests=false --werror) ;;
clang) compiler=clang options=(--buildtype=debugoptimized --werror) ;;
fuzz) compiler=clang options=(--buildtype=debugoptimized '-Db_sanitize=address,undefined' -Db_lundef=false -Dfuzzers=true) ;;
coverage) options=(--buildtype=debug -Db_coverage=true) ;;
*)
    echo "tools/build.sh: $variant: no such variant; there are: release test gcc clang fuzz coverage" >&2
    exit 2
    ;;
esac

for needed in meson ninja "$compiler"; do
    if ! command -v "$needed" >/dev/null; then
        echo "$needed is missing. To install what the build needs, run: tools/install-deps.sh build" >&2
        exit 1
    fi
done

mkdir -p build
folder=build/$variant
if [ "$(cat "$folder/.options" 2>/dev/null)" != "$compiler ${options[*]}" ]; then
    [ ! -d "$folder" ] || rm -rf "$folder"
    CC=$compiler meson setup "$folder" "${options[@]}" >"build/$variant.log" 2>&1 || {
        cat "build/$variant.log" >&2
        exit 1
    }
    echo "$compiler ${options[*]}" >"$folder/.options"
fi
# A changed meson.build makes ninja configure anew, which is of interest only when it fails.
ninja -C "$folder" build.ninja >"build/$variant.log" 2>&1 || {
    cat "build/$variant.log" >&2
    exit 1
}
ninja -C "$folder" --quiet | sed '/^ninja: no work to do\.$/d'
if [ "$variant" = release ]; then
    ln -sfn release/src/cnsctl build/cnsctl
fi
