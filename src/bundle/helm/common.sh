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

# --- marks: what of the cluster is this bundle's (docs/bundle.md, Marks) ---

# Objects that are applied carry this label.
OBJECT_MARK=cns.nvidia.com/applied-by

# What helm knows of a release: sets release_since (when it was first installed), release_status, release_revision.
# Returns 1 when there is none, 2 when that cannot be told.
read_release() { # NAME NAMESPACE
    local output line
    # helm may warn of this and that beside the answer, hence the word at the start of the line.
    local template='{{"\n"}}cns-release {{.Release.Info.FirstDeployed.UnixNano}} {{.Release.Info.Status}} {{.Release.Version}}{{"\n"}}'
    release_since='' release_status='' release_revision=''
    if ! output=$(helm_ get all "$1" --namespace "$2" --template "$template" 2>&1); then
        [[ $output == *'release: not found'* ]] && return 1
        printf '%s\n' "$output" >&2
        return 2
    fi
    while read -r line; do
        [[ $line != 'cns-release '* ]] || read -r _ release_since release_status release_revision <<<"$line"
    done <<<"$output"
    [[ -n $release_since ]] || return 2
    [[ $release_status != uninstalled ]] || return 1
}

# The ConfigMap with which deploy.sh claims a release: sets claim_since, claim_holder (host:process that runs helm),
# claim_started (seconds since 1970). Returns 1 when there is none, 2 when that cannot be told.
read_claim() { # NAME NAMESPACE
    local output
    claim_since='' claim_holder='' claim_started=''
    output=$(kubectl_ get configmap "cns-release-$1" --namespace "$2" --ignore-not-found \
        -o 'jsonpath={.data.since}|{.data.holder}|{.data.started}|') || return 2
    [[ -n $output ]] || return 1
    IFS='|' read -r claim_since claim_holder claim_started _ <<<"$output"
}

# Whether deploy.sh made the release, or took it over. One that was uninstalled and installed anew by somebody else has
# another beginning than the claim says; a claim without one was made just before helm was killed.
is_claimed() { # NAME NAMESPACE, after read_release
    local status=0
    read_claim "$1" "$2" || status=$?
    [[ $status == 0 ]] || return "$status"
    [[ -z $claim_since || $claim_since == "$release_since" ]]
}

# The objects of a file, one a line as "apiVersion kind namespace name", - for no namespace. Needs no cluster.
list_objects() { # FILE
    local template='{{.apiVersion}} {{.kind}} {{with .metadata.namespace}}{{.}}{{else}}-{{end}} {{.metadata.name}}{{"\n"}}'
    kubectl label --local --overwrite -f "$1" "$OBJECT_MARK=bundle" -o "go-template=$template"
}

# Those that are in the cluster, as "kind.version.group namespace name mark", <none> for what is not there.
existing_objects() { # FILE NAMESPACE
    local objects version kind namespace name mark found
    local columns='V:.apiVersion,K:.kind,NS:.metadata.namespace,NAME:.metadata.name,MARK:.metadata.labels.cns\.nvidia\.com/applied-by'
    # All at once, unless the cluster does not know one of the kinds yet, or namespaces differ.
    found=$(kubectl_ get -f "$1" ${2:+--namespace "$2"} --ignore-not-found --no-headers -o "custom-columns=$columns" 2>/dev/null) || {
        objects=$(list_objects "$1") || return 1
        found=$(existing_one_by_one "$2" "$columns" <<<"$objects") || return 1
    }
    while read -r version kind namespace name mark; do
        [[ -z $name ]] || printf '%s %s %s %s\n' "$(resource_type "$version" "$kind")" "$namespace" "$name" "$mark"
    done <<<"$found"
}

# "apps/v1 Deployment" as kubectl takes it: Deployment.v1.apps
resource_type() {
    local group=
    [[ $1 != */* ]] || group=${1%/*}
    printf '%s' "$2.${1##*/}.$group"
}

existing_one_by_one() { # NAMESPACE COLUMNS, objects on standard input
    local version kind namespace name problem place
    while read -r version kind namespace name; do
        [[ -n $name ]] || continue
        [[ $namespace != - ]] || namespace=$1
        place=(get "$(resource_type "$version" "$kind")" "$name" --ignore-not-found --no-headers -o "custom-columns=$2")
        [[ -z $namespace ]] || place+=(--namespace "$namespace")
        kubectl_ "${place[@]}" </dev/null 2>/dev/null && continue
        problem=$(kubectl_ "${place[@]}" </dev/null 2>&1 >/dev/null) || true
        # A kind that the cluster does not know has no objects.
        [[ $problem == *"doesn't have a resource type"* || $problem == *'no matches for kind'* ]] && continue
        printf '%s\n' "$problem" >&2
        return 1
    done
}
