# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=bash disable=SC2154
# --- putting back ---

usage() {
    cat <<'END'
Usage: revert.sh [--dry-run]
Puts back what apply.sh found on this machine: removes its files, and sets what it set to the value of before.
It never reboots; it says when a reboot is needed. Run again, it goes on where it failed.
END
}

failed=0 needs_reboot=false

attempt() {
    "$@" || {
        warn "failed: $*"
        failed=$((failed + 1))
    }
}

was_ours() {
    grep -qxF -- "$1" "$STATE/files" 2>/dev/null
}

lines_of() {
    [[ -e $STATE/$1 ]] && cat "$STATE/$1"
    return 0
}

revert_files() {
    local file
    while IFS= read -r file; do
        [[ $dry_run == true ]] || rm -f "$ROOT$file.cns-new"
        [[ -e $ROOT$file ]] || continue
        if ! grep -qxF -- "$MARK" "$ROOT$file"; then
            warn "$file is no longer the one that apply.sh made, so it is kept"
            continue
        fi
        say "removing $file"
        [[ $dry_run == true ]] || rm -f "$ROOT$file"
    done < <(lines_of files)
    while IFS= read -r file; do
        [[ $dry_run == true || ! -d $ROOT$file ]] || rmdir "$ROOT$file" 2>/dev/null || true
    done < <(lines_of folders | sort -r)
}

# The args="..." of each kernel=... in a listing of grubby, as lines "KERNEL<tab>ARGS".
kernels() {
    sed -n -e 's/^kernel="\(.*\)"$/\1/p' -e 's/^args="\(.*\)"$/\t\1/p' | sed -e ':a' -e '/\t/!{N;ba}' -e 's/\n\t/\t/'
}

revert_grubby() {
    local kernel args now listing
    [[ -e $STATE/before/grubby ]] || return 0
    needs_reboot=true
    attempt run grubby --update-kernel=ALL --remove-args="$(lines_of grubby-words | tr '\n' ' ')"
    [[ $dry_run == true ]] && return 0
    if ! listing=$(ask grubby --info=ALL); then
        warn "grubby does not list the kernels"
        failed=$((failed + 1))
        return 0
    fi
    # A parameter that had another value before, or stood elsewhere, is put back kernel by kernel. Kernels that are gone
    # need nothing.
    while IFS=$'\t' read -r kernel args; do
        now=$(kernels <<<"$listing" | awk -F '\t' -v kernel="$kernel" '$1 == kernel {print $2}')
        [[ -z $now || $(words "$now") == "$(words "$args")" ]] ||
            attempt run grubby --update-kernel="$kernel" --remove-args="$now" --args="$args"
    done < <(kernels <"$STATE/before/grubby")
}

revert_boot() {
    if was_ours "$GRUB_FILE"; then
        attempt run update-grub
        needs_reboot=true
    fi
    revert_grubby
    if was_ours "$MODPROBE_FILE"; then
        needs_reboot=true
        if has update-initramfs; then
            attempt run update-initramfs -u
        elif has dracut; then
            attempt run dracut --force
        fi
    fi
}

write_back() {
    [[ $dry_run == true ]] || cat "$1" >"$2"
}

revert_values() {
    local file name path
    for file in "$STATE"/before/*; do
        [[ -e $file && $file != *.new ]] || continue
        name=$(basename "$file")
        case $name in
        sysctl.*) path=$(sysctl_path "${name#sysctl.}") ;;
        governor.*) path=$ROOT/sys/devices/system/cpu/${name#governor.}/cpufreq/scaling_governor ;;
        *) continue ;;
        esac
        [[ -e $path ]] || continue
        say "setting ${path#"$ROOT"} back to $(words "$(cat "$file")")"
        attempt write_back "$file" "$path"
    done
}

revert_modules() {
    local file module
    for file in "$STATE"/before/module.*; do
        [[ -e $file && $file != *.new ]] || continue
        module=${file##*/module.}
        grep -q "^${module//-/_} " "$ROOT/proc/modules" 2>/dev/null || continue
        run modprobe -r "$module" 2>/dev/null || warn "$module is in use and stays loaded until the next reboot"
    done
}

revert_services() {
    local file unit enabled active
    for file in "$STATE"/before/service.*; do
        [[ -e $file && $file != *.new ]] || continue
        unit=${file##*/service.}
        read -r enabled active <"$file" || true
        case $enabled in
        enabled) attempt run systemctl enable "$unit" ;;
        disabled) attempt run systemctl disable "$unit" ;;
        esac
        case $active in
        active) attempt run systemctl start "$unit" ;;
        inactive) attempt run systemctl stop "$unit" ;;
        esac
    done
    if lines_of files | grep -q '^/etc/systemd/'; then
        attempt run systemctl daemon-reload
        say "restart $(lines_of files | sed -n 's|^/etc/systemd/system/\(.*\)\.service\.d/.*|\1|p' | tr '\n' ' ')for its limits of before"
    fi
}

revert_profile() {
    [[ -e $STATE/before/tuned ]] || return 0
    if [[ -s $STATE/before/tuned ]]; then
        attempt run tuned-adm profile "$(words "$(cat "$STATE/before/tuned")")"
    else
        attempt run tuned-adm off
    fi
}

main() {
    while [[ $# -gt 0 ]]; do
        case $1 in
        --dry-run) dry_run=true ;;
        -h | --help)
            usage
            exit 0
            ;;
        *)
            usage >&2
            die "unknown argument '$1'"
            ;;
        esac
        shift
    done
    must_be_root
    if [[ ! -d $STATE ]]; then
        say "nothing to put back: apply.sh did not run here"
        exit 0
    fi
    revert_files
    revert_boot
    revert_modules
    revert_values
    revert_services
    revert_profile
    [[ $failed == 0 ]] || die "$failed steps failed; what is needed to try again is kept in ${STATE#"$ROOT"}"
    [[ $dry_run == true ]] || rm -rf "$STATE"
    if [[ $needs_reboot == true ]]; then
        say "a reboot is needed: drain this node and reboot it"
    else
        say "done"
    fi
}

main "$@"
