# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=bash disable=SC2154
# --- reading back ---

usage() {
    cat <<'END'
Usage: verify.sh
Reads each setting of this bundle back on this machine, as `cnsctl validate --phase deployment` does from a snapshot.
Exit status 0: all that applies holds; 1: something does not hold, or could not be checked.
END
}

passed=0 failed=0 unchecked=0 other=0

tell() { # STATUS NAME WHAT
    printf '%-14s  %-28s  %s\n' "$1" "$2" "$3"
}

# Prints the value of a reading. Status 1: looked, and it is not there; 2: cannot look.
value_of() {
    local reading=$1 rest file unit
    case $reading in
    OS.grub.*)
        [[ -r $ROOT/proc/cmdline ]] || return 2
        boot_values "${reading#OS.grub.}" | tail -n 1 | grep .
        ;;
    OS.sysctl.*)
        file=$ROOT${reading#OS.sysctl.}
        [[ -d $ROOT/proc/sys ]] || return 2
        [[ -r $file ]] || return 2
        words "$(cat "$file")"
        ;;
    OS.kmod.*)
        [[ -r $ROOT/proc/modules ]] || return 2
        grep -q "^${reading#OS.kmod.} " "$ROOT/proc/modules" && printf 'true\n'
        ;;
    OS.kmod-detail.*)
        rest=${reading#OS.kmod-detail.}
        file=$ROOT/sys/module/${rest%%.*}/parameters/${rest##*.}
        [[ -r $file ]] || return 2
        cat "$file"
        ;;
    OS.cpu.governor)
        cat "$ROOT"/sys/devices/system/cpu/cpu*/cpufreq/scaling_governor 2>/dev/null | sort -u | paste -s -d , - | grep .
        ;;
    OS.hugepages.*.total)
        rest=${reading#OS.hugepages.}
        file=$ROOT/sys/kernel/mm/hugepages/hugepages-${rest%.total}/nr_hugepages
        [[ -r $file ]] || return 2
        cat "$file"
        ;;
    OS.tuned.active-profile)
        [[ -r $ROOT/etc/tuned/active_profile ]] || return 2
        cat "$ROOT/etc/tuned/active_profile"
        ;;
    OS.nvidia-driver.parameter.*)
        [[ -r $ROOT/proc/driver/nvidia/params ]] || return 2
        sed -n "s/^${reading##*.}: //p" "$ROOT/proc/driver/nvidia/params" | grep .
        ;;
    OS.kubelet.*-policy)
        rest=${reading#OS.kubelet.}
        rest=${rest%-policy}
        file=$ROOT/var/lib/kubelet/${rest//-/_}_state
        [[ -r $file ]] || return 2
        sed -n 's/.*"policyName" *: *"\([^"]*\)".*/\1/p' "$file" | grep .
        ;;
    SystemD.*)
        rest=${reading#SystemD.}
        unit=${rest%.*}
        has systemctl || return 2
        [[ $(ask systemctl show --property=LoadState --value "$unit") == loaded ]] || return 1
        ask systemctl show --property="${rest##*.}" --value "$unit"
        ;;
    *) return 2 ;;
    esac
}

# Every value of a boot parameter, "" for one without; nothing when it is not there.
boot_values() {
    local word list
    read -r -a list <"$ROOT/proc/cmdline" || true
    for word in "${list[@]}"; do
        case $word in
        "$1") printf '(set)\n' ;;
        "$1"=*) printf '%s\n' "${word#*=}" ;;
        esac
    done
}

is_integer() {
    [[ $1 =~ ^-?[0-9]+$ ]]
}

# Judges a value by an expression such as ">= 5"; status 2: it cannot be compared.
holds() {
    local operator=${2%% *} operand=${2#* }
    case $2 in
    '>= '* | '<= '* | '> '* | '< '*)
        is_integer "$1" && is_integer "$operand" || return 2
        case $operator in
        '>=') (($1 >= operand)) ;;
        '<=') (($1 <= operand)) ;;
        '>') (($1 > operand)) ;;
        '<') (($1 < operand)) ;;
        esac
        ;;
    '== '*) [[ $1 == "$operand" ]] ;;
    '!= '*) [[ $1 != "$operand" ]] ;;
    *) [[ $1 == "$2" ]] ;;
    esac
}

# One of the values, or of their parts between commas.
one_holds() {
    local value part
    while IFS= read -r value; do
        holds "$value" "$2" && return 0
        local IFS=,
        for part in $value; do
            holds "$part" "$2" && return 0
        done
    done < <(boot_values "${1#OS.grub.}")
    return 1
}

count() { # STATUS NAME WHAT
    case $1 in
    passed) passed=$((passed + 1)) ;;
    failed) failed=$((failed + 1)) ;;
    'not checked') unchecked=$((unchecked + 1)) ;;
    *) other=$((other + 1)) ;;
    esac
    tell "$@"
}

# check NAME READING value|present|absent EXPRESSION unknown|failed|notApplicable WHY last|any    (from the plan)
check() {
    local name=$1 reading=$2 expectation=$3 expression=$4 absence=$5 why=$6 occurrence=$7 value status=0
    if [[ -z $reading ]]; then
        count 'not checked' "$name" "nothing tells whether it holds"
        return
    fi
    value=$(value_of "$reading") || status=$?
    case $status:$expectation in
    0:present | 1:absent) count passed "$name" "$expectation" ;;
    0:absent | 1:present) count failed "$name" "must be $expectation: $reading" ;;
    0:value) judge "$name" "$reading" "$value" "$expression" "$occurrence" ;;
    1:value)
        case $absence in
        failed) count failed "$name" "$why" ;;
        notApplicable) count 'not applicable' "$name" "$why" ;;
        *) count 'not checked' "$name" "$reading is not there" ;;
        esac
        ;;
    *) count 'not checked' "$name" "$reading cannot be read" ;;
    esac
}

judge() { # NAME READING VALUE EXPRESSION OCCURRENCE
    local status=0
    holds "$3" "$4" || status=$?
    if [[ $status == 1 && $5 == any ]] && one_holds "$2" "$4"; then
        status=0
    fi
    case $status in
    0) count passed "$1" "$3" ;;
    1) count failed "$1" "is '$3', must be '$4'" ;;
    *) count 'not checked' "$1" "'$3' cannot be compared with '$4'" ;;
    esac
}

main() {
    if [[ $# -gt 0 ]]; then
        case $1 in
        -h | --help)
            usage
            exit 0
            ;;
        *)
            usage >&2
            die "unknown argument '$1'"
            ;;
        esac
    fi
    plan
    printf '%s passed, %s failed, %s not checked, %s not applicable\n' "$passed" "$failed" "$unchecked" "$other"
    if waits_for_reboot; then
        say "a reboot is pending: boot parameters and module options hold after it"
    fi
    [[ $failed == 0 && $unchecked == 0 ]]
}

main "$@"
