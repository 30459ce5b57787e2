#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# Installs the packages that this tree needs, on Debian and its kin: tools/install-deps.sh build|test|lint...
# Does nothing, and asks apt nothing, when all are there. As root, or through sudo. --list prints the names only.
set -euo pipefail

# Compilers, build system, and the libraries that the program is linked with or loads when first used.
build_packages=(
    gcc libc6-dev make meson ninja-build pkg-config python3
    libyaml-dev libjq-dev libsystemd-dev libexpat1-dev libcurl4-openssl-dev
    ca-certificates # the certificates that https:// is checked against
)
# What `make test` runs: cmocka, the Python that makes a virtual environment, and real programs that tests talk to.
test_packages=(libcmocka-dev python3-venv git dbus-daemon strace shellcheck openssl jq zsh fish man-db)
# A second compiler with its sanitizers and fuzzer, and the checkers.
lint_packages=(clang libclang-rt-14-dev clang-format cppcheck shellcheck)

usage() {
    echo "usage: tools/install-deps.sh [--list] build|test|lint..." >&2
    exit 2
}

only_list=false
packages=()
for argument; do
    case $argument in
    build) packages+=("${build_packages[@]}") ;;
    test) packages+=("${build_packages[@]}" "${test_packages[@]}") ;;
    lint) packages+=("${build_packages[@]}" "${lint_packages[@]}") ;;
    --list) only_list=true ;;
    *) usage ;;
    esac
done
[ ${#packages[@]} -gt 0 ] || usage

if $only_list; then
    printf '%s\n' "${packages[@]}" | sort -u
    exit 0
fi

# Without dpkg nothing can be looked up: what the build itself needs is looked for by name instead.
if ! command -v dpkg-query >/dev/null || ! command -v apt-get >/dev/null; then
    if command -v cc >/dev/null && command -v meson >/dev/null && command -v ninja >/dev/null &&
        command -v python3 >/dev/null && pkg-config --exists yaml-0.1 libsystemd expat libcurl; then
        exit 0
    fi
    {
        echo "This system has no apt, so nothing was installed. Install what these Debian packages hold, then run again:"
        printf '%s\n' "${packages[@]}" | sort -u | sed 's/^/  /'
    } >&2
    exit 1
fi

mapfile -t missing < <(
    comm -23 <(printf '%s\n' "${packages[@]}" | sort -u) \
        <(dpkg-query -W -f='${binary:Package} ${db:Status-Status}\n' 2>/dev/null |
            sed -n 's/^\([^ :]*\)[^ ]* installed$/\1/p' | sort -u)
)
[ ${#missing[@]} -gt 0 ] || exit 0

as_root=()
if [ "$(id -u)" -ne 0 ]; then
    if ! command -v sudo >/dev/null; then
        echo "These packages are missing: ${missing[*]}" >&2
        echo "Neither root nor sudo: ask an administrator to run: apt-get install ${missing[*]}" >&2
        exit 1
    fi
    as_root=(sudo)
fi
apt_get() {
    # The variables stand after sudo, which would drop them.
    "${as_root[@]}" env DEBIAN_FRONTEND=noninteractive NEEDRESTART_MODE=a \
        apt-get -q -y -o DPkg::Lock::Timeout=300 "$@" </dev/null
}
install() {
    apt_get install --no-install-recommends "${missing[@]}"
}

echo "Installing these packages with apt: ${missing[*]}"
# Lists that are missing or old know no such package, or one that the mirror no longer has: ask again with new ones.
if [ -z "$(find /var/lib/apt/lists -name '*_Packages*' -print -quit 2>/dev/null)" ]; then
    apt_get update
fi
install || { apt_get update && install; }
