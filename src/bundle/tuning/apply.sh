# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=bash disable=SC2154
# --- applying ---

usage() {
    cat <<'END'
Usage: apply.sh [--dry-run] [--force] [--skip-boot]
Applies the node settings of this bundle to this machine. Running it again changes nothing that is right already.
  --dry-run    show what would be done
  --force      go on although this is not the operating system that the bundle was made for
  --skip-boot  leave the kernel's boot parameters alone
It never reboots; it says when a reboot is needed. revert.sh puts back what was before.
END
}

force=false skip_boot=false changed=0 needs_reboot=false
boot_words=() sysctl_keys=() sysctl_values=() modprobe_lines=() modules=() blocked=() governor='' profile=''
limit_units=() limit_lines=() services=() service_states=()
restart_units=()

# setting NAME KIND KEY VALUE    (from the plan)
setting() {
    case $2 in
    kernelParameter) ;; # all together in boot_parameters
    sysctl) sysctl_keys+=("$3") sysctl_values+=("$4") ;;
    moduleOption) modprobe_lines+=("options ${3%%.*} ${3#*.}=$4") ;;
    moduleLoad) modules+=("$3") ;;
    moduleBlacklist) blocked+=("$3") modprobe_lines+=("blacklist $3") ;;
    cpuGovernor) governor=$4 ;;
    tunedProfile) profile=$4 ;;
    serviceLimit) limit_units+=("${3%.*}") limit_lines+=("${3##*.}=$4") ;;
    service) services+=("$3") service_states+=("$4") ;;
    hugepages) ;; # boot parameters, too
    *) die "$1: this script knows no settings of kind $2" ;;
    esac
}

# boot_parameters WORD...    (from the plan)
boot_parameters() {
    boot_words=("$@")
}

# made_for ID...    (from the plan: the operating systems, as /etc/os-release calls them)
made_for() {
    local id known
    id=$(sed -n 's/^ID=//p' "$ROOT/etc/os-release" 2>/dev/null | tr -d "\"'")
    for known in "$@"; do
        [[ $id == "$known" ]] && return 0
    done
    [[ $force == true ]] && return 0
    die "this machine's operating system is '$id', and the settings are for: $* (--force to go on)"
}

# --- files of our own ---

# Fails when somebody else's file stands where ours belongs.
check_file() {
    [[ ! -e $ROOT$1 ]] || grep -qxF -- "$MARK" "$ROOT$1" || die "$1 is there and was not made by this script; nothing was changed"
}

make_folder() {
    local folder=$1
    [[ -d $ROOT$folder ]] && return 0
    make_folder "$(dirname "$folder")"
    note_state folders "$folder"
    [[ $dry_run == true ]] || mkdir "$ROOT$folder"
}

is_right() {
    local file=$1
    shift
    [[ -e $ROOT$file && $(cat "$ROOT$file") == "$(printf '%s\n' "$MARK" "$@")" ]]
}

# put FILE LINE...: makes the file; status 0 when it was changed.
put() {
    local file=$1 content
    is_right "$@" && return 1
    shift
    content=$(printf '%s\n' "$MARK" "$@")
    say "writing $file"
    changed=$((changed + 1))
    if [[ $dry_run == true ]]; then
        printf '  %s\n' "$@"
        return 0
    fi
    make_folder "$(dirname "$file")"
    note_state files "$file"
    printf '%s\n' "$content" >"$ROOT$file.cns-new"
    chmod 644 "$ROOT$file.cns-new"
    sync "$ROOT$file.cns-new" 2>/dev/null || true
    mv "$ROOT$file.cns-new" "$ROOT$file"
}

# As put, for a file that needs a program to be run behind it: status 0 when it must be, also because an earlier run was
# cut short between the two. done_with NAME says that it was.
put_with() {
    local name=$1
    shift
    if [[ $dry_run == false ]] && ! is_right "$@"; then
        mkdir -p "$STATE"
        : >"$STATE/pending.$name"
    fi
    put "$@" || [[ -e $STATE/pending.$name ]]
}

done_with() {
    rm -f "$STATE/pending.$1"
}

# --- boot parameters ---

boot_tool() {
    if has update-grub && [[ -e $ROOT/etc/default/grub ]]; then
        printf 'grub\n'
    elif has grubby; then
        printf 'grubby\n'
    else
        printf 'none\n'
    fi
}

running_with() {
    local word line
    line=" $(words "$(cat "$ROOT/proc/cmdline" 2>/dev/null || true)") "
    for word in "$@"; do
        [[ $line == *" $word "* ]] || return 1
    done
}

# True when every kernel of a listing of grubby has every word.
has_all() {
    local line word
    while IFS= read -r line; do
        [[ $line == args=* ]] || continue
        line=" $(words "$(sed 's/^args="//; s/"$//' <<<"$line")") "
        for word in "${boot_words[@]}"; do
            [[ $line == *" $word "* ]] || return 1
        done
    done <<<"$1"
}

apply_boot() {
    local text="${boot_words[*]-}" word listing
    [[ ${#boot_words[@]} -gt 0 && $skip_boot == false ]] || return 0
    case $(boot_tool) in
    grub)
        if put_with grub "$GRUB_FILE" "GRUB_CMDLINE_LINUX=\"\$GRUB_CMDLINE_LINUX $text\""; then
            run update-grub
            done_with grub
        fi
        ;;
    grubby)
        listing=$(ask grubby --info=ALL) || die "grubby does not list the kernels; their boot parameters were left alone"
        [[ $listing == *kernel=* ]] || die "grubby knows no kernel"
        if ! has_all "$listing"; then
            printf '%s\n' "$listing" | record grubby
            for word in "${boot_words[@]}"; do
                note_state grubby-words "$word"
            done
            changed=$((changed + 1))
            say "adding boot parameters: $text"
            run grubby --update-kernel=ALL --args="$text"
        fi
        ;;
    esac
    running_with "${boot_words[@]}" || needs_reboot=true
}

# --- settings that hold at once ---

apply_sysctls() {
    local i path lines=()
    [[ ${#sysctl_keys[@]} -gt 0 ]] || return 0
    for i in "${!sysctl_keys[@]}"; do
        # The dash: a kernel that lacks the key is no error at boot.
        lines+=("-${sysctl_keys[i]} = ${sysctl_values[i]}")
    done
    put "$SYSCTL_FILE" "${lines[@]}" || true
    for i in "${!sysctl_keys[@]}"; do
        path=$(sysctl_path "${sysctl_keys[i]}")
        if [[ ! -e $path ]]; then
            warn "this kernel has no ${sysctl_keys[i]}"
        elif [[ $(words "$(cat "$path")") != "$(words "${sysctl_values[i]}")" ]]; then
            set_sysctl "${sysctl_keys[i]}" "$path" "${sysctl_values[i]}"
        fi
    done
}

set_sysctl() {
    record "sysctl.$1" <"$2"
    changed=$((changed + 1))
    say "setting $1 = $3"
    [[ $dry_run == true ]] || printf '%s\n' "$3" >"$2" || warn "$1 cannot be set now"
}

apply_governor() {
    local file
    [[ -n $governor ]] || return 0
    put "$TMPFILES_FILE" "w /sys/devices/system/cpu/cpu*/cpufreq/scaling_governor - - - - $governor" || true
    for file in "$ROOT"/sys/devices/system/cpu/cpu*/cpufreq/scaling_governor; do
        [[ -e $file ]] || {
            say "no frequency control here, so the governor is left alone"
            return 0
        }
        [[ $(cat "$file") == "$governor" ]] && continue
        printf '%s\n' "$(cat "$file")" | record "governor.$(basename "$(dirname "$(dirname "$file")")")"
        changed=$((changed + 1))
        [[ $dry_run == true ]] || printf '%s\n' "$governor" >"$file" || warn "${file#"$ROOT"} cannot be set"
    done
}

is_loaded() {
    grep -q "^${1//-/_} " "$ROOT/proc/modules" 2>/dev/null
}

apply_modules() {
    local module
    [[ ${#modules[@]} -gt 0 ]] || return 0
    put "$MODULES_FILE" "${modules[@]}" || true
    for module in "${modules[@]}"; do
        is_loaded "$module" && continue
        if ! has modprobe || ! ask modprobe --dry-run --quiet "$module" >/dev/null 2>&1; then
            warn "this kernel has no module $module"
            continue
        fi
        printf 'not loaded\n' | record "module.$module"
        changed=$((changed + 1))
        run modprobe "$module" || warn "$module cannot be loaded now"
    done
}

rebuild_initramfs() {
    if has update-initramfs; then
        run update-initramfs -u
    elif has dracut; then
        run dracut --force
    else
        warn "neither update-initramfs nor dracut is here; options of modules in the initial file system do not change"
    fi
}

apply_modprobe() {
    local module
    [[ ${#modprobe_lines[@]} -gt 0 ]] || return 0
    if put_with initramfs "$MODPROBE_FILE" "${modprobe_lines[@]}"; then
        rebuild_initramfs
        done_with initramfs
        needs_reboot=true
    fi
    for module in "${blocked[@]+"${blocked[@]}"}"; do
        is_loaded "$module" && needs_reboot=true
    done
    return 0
}

apply_limits() {
    local i j unit lines
    for i in "${!limit_units[@]}"; do
        unit=${limit_units[i]} lines=()
        for j in "${!limit_units[@]}"; do
            [[ ${limit_units[j]} == "$unit" ]] && lines+=("${limit_lines[j]}")
        done
        if put_with systemd "/etc/systemd/system/$unit.service.d/$LIMIT_FILE" "[Service]" "${lines[@]}"; then
            restart_units+=("$unit")
        fi
    done
    if [[ ${#restart_units[@]} -gt 0 ]]; then
        run systemctl daemon-reload
        done_with systemd
    fi
}

unit_state() {
    printf '%s %s\n' "$(ask systemctl is-enabled "$1" 2>/dev/null || true)" "$(ask systemctl is-active "$1" 2>/dev/null || true)"
}

apply_services() {
    local i unit before
    for i in "${!services[@]}"; do
        unit=${services[i]}
        before=$(unit_state "$unit")
        case "$before:${service_states[i]}" in
        :* | " "*:* | not-found*) say "$unit is not installed here" ;;
        enabled\ active:enabled | disabled\ inactive:disabled | masked\ inactive:disabled) ;;
        *)
            printf '%s\n' "$before" | record "service.$unit"
            changed=$((changed + 1))
            if [[ ${service_states[i]} == enabled ]]; then
                run systemctl enable --now "$unit"
            else
                run systemctl disable --now "$unit"
            fi
            ;;
        esac
    done
}

apply_profile() {
    local before=$ROOT/etc/tuned/active_profile
    [[ -n $profile ]] || return 0
    has tuned-adm || die "tuned is not installed"
    [[ -e $before && $(words "$(cat "$before")") == "$profile" ]] && return 0
    { cat "$before" 2>/dev/null || true; } | record tuned
    changed=$((changed + 1))
    run tuned-adm profile "$profile"
}

# --- the whole ---

check_all() {
    local unit
    for unit in "$GRUB_FILE" "$SYSCTL_FILE" "$MODPROBE_FILE" "$MODULES_FILE" "$TMPFILES_FILE"; do
        check_file "$unit"
    done
    for unit in "${limit_units[@]+"${limit_units[@]}"}"; do
        check_file "/etc/systemd/system/$unit.service.d/$LIMIT_FILE"
    done
    if [[ ${#boot_words[@]} -gt 0 && $skip_boot == false && $(boot_tool) == none ]]; then
        die "neither update-grub nor grubby is here. Add these boot parameters by hand, and run this with --skip-boot: ${boot_words[*]}"
    fi
}

finish() {
    [[ $needs_reboot == false || $dry_run == true || $(cat "$STATE/reboot" 2>/dev/null) == "$(boot_id)" ]] || boot_id >"$STATE/reboot"
    [[ $changed -gt 0 ]] || say "nothing to change"
    if [[ ${#restart_units[@]} -gt 0 ]]; then
        say "limits of ${restart_units[*]} hold once the service is restarted"
    fi
    if [[ $needs_reboot == true ]] || waits_for_reboot; then
        say "a reboot is needed: drain this node, reboot it, then run verify.sh"
    elif [[ $changed -gt 0 ]]; then
        say "done; verify.sh proves it"
    fi
}

main() {
    while [[ $# -gt 0 ]]; do
        case $1 in
        --dry-run) dry_run=true ;;
        --force) force=true ;;
        --skip-boot) skip_boot=true ;;
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
    plan
    check_all
    trap 'warn "interrupted; run apply.sh again, or revert.sh to undo what was done"; exit 130' INT TERM
    [[ $dry_run == true ]] || mkdir -p "$STATE"
    apply_boot
    apply_modprobe
    apply_modules
    apply_sysctls
    apply_governor
    apply_limits
    apply_services
    apply_profile
    finish
}

main "$@"
