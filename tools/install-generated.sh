#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Installs what the program writes about itself: manual pages and completion scripts. Run by `meson install`:
# tools/install-generated.sh PROGRAM MAN_DIRECTORY DATA_DIRECTORY (the latter two relative to the prefix)
set -eu

program=$1
root=${MESON_INSTALL_DESTDIR_PREFIX:?run by meson install}
man=$root/$2/man1
data=$root/$3

install -d "$man" "$data/bash-completion/completions" "$data/zsh/site-functions" "$data/fish/vendor_completions.d"
"$program" help --man >"$man/cnsctl.1"
"$program" help --names | while read -r command; do
    # shellcheck disable=SC2086 # a command of two words is two arguments
    "$program" help --man $command >"$man/cnsctl-$(echo "$command" | tr ' ' -).1"
done
"$program" completion bash >"$data/bash-completion/completions/cnsctl"
"$program" completion zsh >"$data/zsh/site-functions/_cnsctl"
"$program" completion fish >"$data/fish/vendor_completions.d/cnsctl.fish"
