# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=bash disable=SC2034,SC2154
# --- what both scripts share ---

NAMES=() WAVES=() NAMESPACES=() KINDS=() CHARTS=() REPOSITORIES=() VERSIONS=() WAITS=() TIMEOUTS=()
MANIFEST_OWNERS=() MANIFEST_PHASES=() MANIFEST_FILES=() MANIFEST_NAMESPACES=() MANIFEST_CLASSES=()
WORKLOAD_OWNERS=() WORKLOAD_NAMESPACES=() WORKLOADS=()
WAVE_COUNT=0

# component WAVE NAME NAMESPACE helm|kustomize|manifests CHART REPOSITORY VERSION wait|no-wait TIMEOUT
component() {
    WAVES+=("$1") NAMES+=("$2") NAMESPACES+=("$3") KINDS+=("$4") CHARTS+=("$5") REPOSITORIES+=("$6") VERSIONS+=("$7")
    WAITS+=("$8") TIMEOUTS+=("$9")
    WAVE_COUNT=$1
}

# manifest pre|post FILE NAMESPACE plain|definitions      (of the component before it)
manifest() {
    MANIFEST_OWNERS+=("$((${#NAMES[@]} - 1))") MANIFEST_PHASES+=("$1") MANIFEST_FILES+=("$2")
    MANIFEST_NAMESPACES+=("$3") MANIFEST_CLASSES+=("$4")
}

# workload NAMESPACE KIND/NAME      (that manifests of the component before it make, and that is waited for)
workload() {
    WORKLOAD_OWNERS+=("$((${#NAMES[@]} - 1))") WORKLOAD_NAMESPACES+=("$1") WORKLOADS+=("$2")
}

say() {
    printf '%s\n' "$*"
}

warn() {
    printf 'warning: %s\n' "$*" >&2
}

die() {
    printf 'error: %s\n' "$*" >&2
    exit 1
}

show_command() {
    printf '+'
    printf ' %q' "$@"
    printf '\n'
}

# Runs the command, or only shows it in a dry run.
run() {
    if [[ $dry_run == true ]]; then
        show_command "$@"
    else
        "$@"
    fi
}

helm_() {
    helm "$@" ${helm_target[@]+"${helm_target[@]}"}
}

kubectl_() {
    kubectl "$@" ${kubectl_target[@]+"${kubectl_target[@]}"}
}

# As run(), with the chosen context: the dry run shows exactly what would be run.
run_helm() {
    run helm "$@" ${helm_target[@]+"${helm_target[@]}"}
}

run_kubectl() {
    run kubectl "$@" ${kubectl_target[@]+"${kubectl_target[@]}"}
}

verify_checksums() {
    local tool
    if command -v sha256sum >/dev/null 2>&1; then
        tool=(sha256sum --check --quiet --strict checksums.txt)
    elif command -v shasum >/dev/null 2>&1; then
        tool=(shasum --algorithm 256 --check --quiet checksums.txt)
    else
        die "neither sha256sum nor shasum is there, so the bundle cannot be checked"
    fi
    "${tool[@]}" || die "this bundle is not as it was made: files differ from checksums.txt. Make it again with cnsctl bundle"
}

need_program() {
    command -v "$1" >/dev/null 2>&1 || die "$1 is needed and was not found in PATH"
}

has_kind() {
    local kind
    for kind in "${KINDS[@]}"; do
        [[ $kind == "$1" ]] && return 0
    done
    return 1
}

# helm >= 3.8, which is the first that installs from OCI registries without a switch.
check_helm_version() {
    local version major minor
    version=$(helm version --template '{{.Version}}') || die "helm does not run"
    version=${version#v}
    major=${version%%.*}
    minor=${version#*.}
    minor=${minor%%.*}
    if [[ ! $major =~ ^[0-9]+$ || ! $minor =~ ^[0-9]+$ ]]; then
        warn "the version of helm, '$version', is not one that this script can read"
    elif ((major < 3 || (major == 3 && minor < 8))); then
        die "helm $version is too old: 3.8 or newer is needed"
    fi
}

check_tools() {
    need_program kubectl
    if has_kind helm; then
        need_program helm
        check_helm_version
    fi
}

check_cluster() {
    kubectl_ version --request-timeout=15s >/dev/null ||
        die "the cluster cannot be reached; choose one with --context or --kubeconfig"
}
