# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=bash disable=SC2034
# --- what the scripts share ---

# ROOT is the root folder of the system to work on, for images and tests; nothing is this system. Programs such as
# update-grub are then taken from the folder COMMANDS alone, so that none of them reaches this system.
ROOT=${ROOT:-}
ROOT=${ROOT%/}
COMMANDS=${COMMANDS:-}
STATE=$ROOT/var/lib/cns-tuning
MARK="# Made by tuning/apply.sh of a cnsctl bundle. Do not edit: tuning/revert.sh removes it."
GRUB_FILE=/etc/default/grub.d/90-cns-tuning.cfg
SYSCTL_FILE=/etc/sysctl.d/99-zz-cns-tuning.conf
MODPROBE_FILE=/etc/modprobe.d/cns-tuning.conf
MODULES_FILE=/etc/modules-load.d/cns-tuning.conf
TMPFILES_FILE=/etc/tmpfiles.d/cns-tuning.conf
LIMIT_FILE=90-cns-tuning.conf
dry_run=false

# The path of a program; fails when there is none.
program() {
    if [[ -z $ROOT ]]; then
        command -v "$1"
    else
        [[ -n $COMMANDS && -x $COMMANDS/$1 ]] && printf '%s\n' "$COMMANDS/$1"
    fi
}

has() {
    program "$1" >/dev/null
}

# Runs a program, or shows it in a dry run.
run() {
    local path
    path=$(program "$1") || die "$1 is not installed"
    shift
    if [[ $dry_run == true ]]; then
        printf '+ %s' "${path##*/}"
        printf ' %q' "$@"
        printf '\n'
    else
        ROOT=$ROOT "$path" "$@"
    fi
}

# What a program says, without changing anything.
ask() {
    local path
    path=$(program "$1") || return 1
    shift
    ROOT=$ROOT "$path" "$@"
}

words() {
    local IFS=$' \t\n'
    local -a list
    read -r -a list <<<"${1//$'\n'/ }" || true
    printf '%s\n' "${list[*]-}"
}

must_be_root() {
    [[ -n $ROOT || $dry_run == true || $(id -u) == 0 ]] || die "run this as root"
}

sysctl_path() {
    local path=${1//.//}
    printf '%s\n' "$ROOT/proc/sys/$path"
}

boot_id() {
    cat "$ROOT/proc/sys/kernel/random/boot_id" 2>/dev/null || true
}

# --- the state: what was before, so that it can be put back ---

# Takes standard input as what was before, unless that is known; the first record is the true one.
record() {
    local file=$STATE/before/$1
    [[ -e $file || $dry_run == true ]] && {
        cat >/dev/null
        return 0
    }
    mkdir -p "$STATE/before"
    cat >"$file.new"
    sync "$file.new" 2>/dev/null || true
    mv "$file.new" "$file"
}

# Adds a line to a list of the state, once.
note_state() {
    [[ $dry_run == true ]] && return 0
    mkdir -p "$STATE"
    grep -qxF -- "$2" "$STATE/$1" 2>/dev/null && return 0
    printf '%s\n' "$2" >>"$STATE/$1"
    sync "$STATE/$1" 2>/dev/null || true
}

# True when what stands in the state waits for a reboot.
waits_for_reboot() {
    [[ -s $STATE/reboot && $(cat "$STATE/reboot") == "$(boot_id)" ]]
}
