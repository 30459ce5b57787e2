# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=bash disable=SC2034,SC2154
# --- deploy ---

usage() {
    cat <<'TEXT'
usage: ./deploy.sh [options]

Installs the components of this bundle, wave by wave: all components of a wave, then the script waits until they are
ready. It can be run again at any time. It touches the releases, manifests and namespaces of this bundle and nothing else:
a release or an object of the same name that no bundle made is an error before anything is changed.

  --dry-run            show the commands and change nothing; charts on this machine are rendered. Needs no cluster
  --retries N          try a failed component up to N more times (default 5), pausing 5, 20, 45 ... 120 seconds
  --no-wait            do not wait until a wave is ready
  --adopt              take over releases and objects that are there already and that no bundle made; undeploy.sh then
                       removes them as its own
  --mend               also mend releases that are left in the middle of something when it cannot be told that whoever
                       worked on them is gone
  --best-effort        go on when a component fails; the exit status tells of it in the end
  --context NAME       context of the kubeconfig to use
  --kubeconfig FILE    kubeconfig to use
  --skip-chart-check   do not ask the chart repositories before the start
  -h, --help           show this help

exit status: 0 all installed, 1 a component failed or a check before the start did, 2 usage
TEXT
}

dry_run=false
retries=5
wait_for_waves=true
best_effort=false
adopt=false
mend=false
check_charts=true
helm_target=()
kubectl_target=()
retry_delay=${CNS_RETRY_DELAY:-5}

usage_error() {
    printf 'error: %s; ./deploy.sh --help tells the options\n' "$1" >&2
    exit 2
}

while [[ $# -gt 0 ]]; do
    case $1 in
    --dry-run) dry_run=true ;;
    --no-wait) wait_for_waves=false ;;
    --best-effort) best_effort=true ;;
    --adopt) adopt=true ;;
    --mend) mend=true ;;
    --skip-chart-check) check_charts=false ;;
    --retries | --context | --kubeconfig)
        [[ $# -ge 2 && -n $2 ]] || usage_error "$1 needs a value"
        case $1 in
        --retries) retries=$2 ;;
        --context) helm_target+=(--kube-context "$2") kubectl_target+=(--context "$2") ;;
        --kubeconfig) helm_target+=(--kubeconfig "$2") kubectl_target+=(--kubeconfig "$2") ;;
        esac
        shift
        ;;
    -h | --help)
        usage
        exit 0
        ;;
    *) usage_error "unknown option '$1'" ;;
    esac
    shift
done
[[ $retries =~ ^[0-9]{1,3}$ ]] || usage_error "--retries needs a number"
[[ $retry_delay =~ ^[0-9]{1,4}$ ]] || usage_error "CNS_RETRY_DELAY needs a number of seconds"
invoked_from=$PWD
cd "$(dirname "${BASH_SOURCE[0]}")" || exit 1
for ((n = 1; n < ${#kubectl_target[@]}; n += 2)); do
    # A relative kubeconfig is relative to where the script was called.
    if [[ ${kubectl_target[n - 1]} == --kubeconfig && ${kubectl_target[n]} != /* ]]; then
        kubectl_target[n]=$invoked_from/${kubectl_target[n]}
        helm_target[n]=${kubectl_target[n]}
    fi
done

work=
cleanup() {
    local pid pids n
    # Each component is a process group: helm and kubectl are told as well, not only the shell that waits for them.
    pids=$(jobs -p)
    for pid in $pids; do
        kill -- "-$pid" 2>/dev/null || true
    done
    # helm notes on its way out that the release failed; without that no later run could go on.
    for pid in $pids; do
        for ((n = 0; n < 300; n++)); do
            kill -0 -- "-$pid" 2>/dev/null || break
            sleep 0.1
        done
    done
    [[ -z $work ]] || rm -rf -- "$work"
}
trap cleanup EXIT
trap 'exit 130' INT
trap 'exit 143' TERM

# The arguments that name a component's chart: sets chart_arguments.
set_chart_arguments() {
    chart_arguments=("${CHARTS[$1]}")
    [[ -z ${REPOSITORIES[$1]} ]] || chart_arguments+=(--repo "${REPOSITORIES[$1]}")
    [[ -z ${VERSIONS[$1]} ]] || chart_arguments+=(--version "${VERSIONS[$1]}")
}

is_local_chart() {
    [[ ${KINDS[$1]} == helm && (${CHARTS[$1]} == /* || ${CHARTS[$1]} == ./* || ${CHARTS[$1]} == ../*) ]]
}

# What is there and was made by somebody else, as lines for people.
foreign=()

find_foreign_release() {
    local i=$1 status=0
    [[ ${KINDS[i]} == helm ]] || return 0
    read_release "${NAMES[i]}" "${NAMESPACES[i]}" || status=$?
    [[ $status != 2 ]] || die "the releases in namespace ${NAMESPACES[i]} cannot be read"
    [[ $status == 0 ]] || return 0
    is_claimed "${NAMES[i]}" "${NAMESPACES[i]}" || status=$?
    [[ $status != 2 ]] || die "the marks of releases in namespace ${NAMESPACES[i]} cannot be read"
    [[ $status == 0 ]] || foreign+=("release ${NAMES[i]} in namespace ${NAMESPACES[i]}")
}

# A namespace that is there is used, whoever made it.
find_foreign_objects() { # FILE NAMESPACE
    local found type namespace name mark
    found=$(existing_objects "$1" "$2") || return 1
    while read -r type namespace name mark; do
        [[ -n $name && $mark == '<none>' && $type != Namespace.v1. ]] || continue
        if [[ $namespace == '<none>' ]]; then
            foreign+=("${type%%.*} $name")
        else
            foreign+=("${type%%.*} $name in namespace $namespace")
        fi
    done <<<"$found"
}

find_foreign() {
    local i n
    for ((i = 0; i < ${#NAMES[@]}; i++)); do
        find_foreign_release "$i"
        if [[ ${KINDS[i]} == kustomize && $check_charts == true ]]; then
            build_kustomization "$i" || die "the kustomization of ${NAMES[i]} cannot be built (--skip-chart-check installs without asking)"
            find_foreign_objects "$work/${NAMES[i]}.yaml" "${NAMESPACES[i]}" || die "the objects of ${NAMES[i]} cannot be looked up"
        fi
    done
    for ((n = 0; n < ${#MANIFEST_FILES[@]}; n++)); do
        find_foreign_objects "${MANIFEST_FILES[n]}" "${NAMESPACES[${MANIFEST_OWNERS[n]}]}" ||
            die "the objects of ${MANIFEST_FILES[n]} cannot be looked up"
    done
}

refuse_foreign() {
    local line
    find_foreign
    [[ ${#foreign[@]} -gt 0 ]] || return 0
    for line in "${foreign[@]}"; do
        if [[ $adopt == true ]]; then
            say "taken over: $line"
        else
            printf 'there already, and made by no bundle: %s\n' "$line" >&2
        fi
    done
    [[ $adopt == true ]] ||
        die "nothing was changed. --adopt takes these over; or leave their components out of the bundle (--set NAME:enabled=false)"
}

preflight() {
    local i phase
    verify_checksums
    if [[ $dry_run == true ]]; then
        return
    fi
    check_tools
    check_cluster
    for ((i = 0; i < ${#NAMES[@]}; i++)); do
        phase=
        if [[ -n ${NAMESPACES[i]} ]]; then
            phase=$(kubectl_ get namespace "${NAMESPACES[i]}" --ignore-not-found -o 'jsonpath={.status.phase}') ||
                die "namespace ${NAMESPACES[i]} cannot be read"
        fi
        [[ $phase != Terminating ]] || die "namespace ${NAMESPACES[i]} is being deleted; wait until it is gone"
        if [[ $check_charts == true && ${KINDS[i]} == helm ]]; then
            set_chart_arguments "$i"
            helm show chart "${chart_arguments[@]}" >/dev/null ||
                die "the chart of ${NAMES[i]} cannot be read (--skip-chart-check installs without asking)"
        fi
    done
    refuse_foreign
}

namespace_document() {
    printf '%s\n' 'apiVersion: v1' 'kind: Namespace' 'metadata:' "  name: $1" '  labels:' \
        '    app.kubernetes.io/managed-by: cnsctl' '    cns.nvidia.com/created-by: bundle'
}

# Creates the namespace when it is not there, with the mark that lets undeploy.sh remove it.
ensure_namespace() {
    local found
    [[ -n $1 ]] || return 0
    if [[ $dry_run == true ]]; then
        run_kubectl get namespace "$1"
        say "# if it is not there, it is created with the label cns.nvidia.com/created-by=bundle"
        return
    fi
    found=$(kubectl_ get namespace "$1" --ignore-not-found -o name) || return 1
    [[ -z $found ]] || return 0
    namespace_document "$1" | kubectl_ create -f - && return
    # Another component of the same wave may have been quicker.
    found=$(kubectl_ get namespace "$1" --ignore-not-found -o name) || return 1
    [[ -n $found ]]
}

# Until the API serves the kinds that were just applied, whose objects may follow at once. Arguments: as of kubectl get.
wait_for_definitions() {
    local applied name n
    applied=$(kubectl_ get -o name "$@") || return 1
    for name in $applied; do
        [[ $name == customresourcedefinition.* ]] || continue
        # kubectl gives up at once on a definition that has no conditions yet.
        for ((n = 0; n < 20; n++)); do
            kubectl_ wait --for=condition=Established --timeout=3s "$name" >/dev/null 2>&1 && continue 2
            sleep 0.2
        done
        say "$name is not served by the API"
        return 1
    done
}

# Applies a file's objects, each with the mark that lets undeploy.sh remove it. Namespaces in it are made as others are.
apply_file() { # FILE NAMESPACE
    local file=$1 objects kind name
    local arguments=(apply --server-side --force-conflicts --field-manager=cnsctl)
    [[ -z $2 ]] || arguments+=(--namespace "$2")
    arguments+=(-f -)
    if [[ $dry_run == true ]]; then
        printf '+ kubectl label --local --overwrite -f %q %q -o json | kubectl' "$file" "$OBJECT_MARK=bundle"
        printf ' %q' "${arguments[@]}" ${kubectl_target[@]+"${kubectl_target[@]}"}
        printf '\n'
        return
    fi
    objects=$(list_objects "$file") || return 1
    while read -r _ kind _ name; do
        [[ $kind != Namespace ]] || ensure_namespace "$name" || return 1
    done <<<"$objects"
    kubectl label --local --overwrite -f "$file" "$OBJECT_MARK=bundle" -o json | kubectl_ "${arguments[@]}"
}

apply_manifests() {
    local i=$1 phase=$2 n
    for ((n = 0; n < ${#MANIFEST_FILES[@]}; n++)); do
        [[ ${MANIFEST_OWNERS[n]} == "$i" && ${MANIFEST_PHASES[n]} == "$phase" ]] || continue
        local objects=(-f "${MANIFEST_FILES[n]}")
        [[ -z ${MANIFEST_NAMESPACES[n]} ]] || objects+=(--namespace "${MANIFEST_NAMESPACES[n]}")
        apply_file "${MANIFEST_FILES[n]}" "${MANIFEST_NAMESPACES[n]}" || return 1
        if [[ ${MANIFEST_CLASSES[n]} == definitions && $dry_run != true ]]; then
            wait_for_definitions "${objects[@]}" || return 1
        fi
    done
}

# "1h30m" as seconds.
seconds_of() {
    local rest=$1 total=0
    while [[ $rest =~ ^([0-9]+)([hms])(.*)$ ]]; do
        case ${BASH_REMATCH[2]} in
        h) total=$((total + 3600 * BASH_REMATCH[1])) ;;
        m) total=$((total + 60 * BASH_REMATCH[1])) ;;
        s) total=$((total + BASH_REMATCH[1])) ;;
        esac
        rest=${BASH_REMATCH[3]}
    done
    printf '%s' "$total"
}

# Writes the claim on a release: before helm runs with who runs it, so that a helm that is killed leaves no release
# without an owner; afterwards with nobody.
write_claim() { # INDEX SINCE HOLDER
    local i=$1
    printf '%s\n' 'apiVersion: v1' 'kind: ConfigMap' 'metadata:' "  name: cns-release-${NAMES[i]}" '  labels:' \
        '    app.kubernetes.io/managed-by: cnsctl' 'data:' "  release: \"${NAMES[i]}\"" \
        "  since: \"$2\"" "  holder: \"$3\"" "  started: \"$(date +%s)\"" |
        kubectl_ apply --server-side --force-conflicts --field-manager=cnsctl --namespace "${NAMESPACES[i]}" -f - >/dev/null
}

# This shell, which may be one of several that work at the same time. (Bash 3.2 has no BASHPID.)
set_own_process() {
    own_process=${BASHPID:-$(sh -c 'printf %s "$PPID"')}
}

# Whether whoever worked on the release when the claim was written is gone: a process of this machine that is no more,
# this very process, or one whose time is long over.
is_holder_gone() {
    local host=${claim_holder%:*} process=${claim_holder##*:}
    [[ -n $claim_holder ]] || return 1
    if [[ $host == "$HOSTNAME" && $process =~ ^[0-9]+$ ]]; then
        set_own_process
        [[ $process == "$own_process" ]] && return 0
        kill -0 "$process" 2>/dev/null || return 0
    fi
    [[ $claim_started =~ ^[0-9]+$ ]] && (($(date +%s) > claim_started + $(seconds_of "${TIMEOUTS[$1]}") + 60))
}

# A release that a helm that was killed left in the middle of something: helm itself would refuse it for ever.
mend_release() {
    local i=$1
    local name=${NAMES[i]} place=(--namespace "${NAMESPACES[i]}")
    case $release_status in
    pending-install | pending-upgrade | pending-rollback | uninstalling) ;;
    *) return 0 ;;
    esac
    if [[ $mend != true ]] && ! is_holder_gone "$i"; then
        say "  $name: the release is $release_status, and ${claim_holder:-somebody else} may still work on it." \
            "When nobody does, run deploy.sh --mend"
        return 1
    fi
    case $release_status in
    pending-install | uninstalling)
        say "  $name: a helm that was killed left the release $release_status; it is uninstalled and installed anew"
        helm_ uninstall "$name" "${place[@]}" --wait --timeout "${TIMEOUTS[i]}" || return 1
        release_since=
        ;;
    *)
        say "  $name: a helm that was killed left the release $release_status; it goes back to the revision before"
        helm_ rollback "$name" "${place[@]}" || return 1
        ;;
    esac
}

# Sees to it that the release is ours and can be worked on.
take_release() {
    local i=$1 status=0
    read_release "${NAMES[i]}" "${NAMESPACES[i]}" || status=$?
    [[ $status != 2 ]] || return 1
    if [[ $status == 0 ]]; then
        is_claimed "${NAMES[i]}" "${NAMESPACES[i]}" || status=$?
        if [[ $status == 1 && $adopt != true ]]; then
            say "  ${NAMES[i]}: somebody else has made a release of this name meanwhile; --adopt takes it over"
        fi
        [[ $status == 0 || ($status == 1 && $adopt == true) ]] || return 1
        mend_release "$i" || return 1
    fi
    set_own_process
    write_claim "$i" "$release_since" "$HOSTNAME:$own_process"
}

# After helm, also after one that failed. Of one that was killed the claim goes on telling whose it was.
settle_claim() {
    local i=$1 status=0
    read_release "${NAMES[i]}" "${NAMESPACES[i]}" || status=$?
    if [[ $status == 1 ]]; then
        kubectl_ delete configmap "cns-release-${NAMES[i]}" --namespace "${NAMESPACES[i]}" --ignore-not-found >/dev/null
    elif [[ $status == 0 && $release_status != pending-* ]]; then
        write_claim "$i" "$release_since" ''
    fi
}

install_chart() {
    local i=$1 status=0
    set_chart_arguments "$i"
    local arguments=(upgrade --install "${NAMES[i]}" "${chart_arguments[@]}" --namespace "${NAMESPACES[i]}"
        --values "${NAMES[i]}/values.yaml")
    if [[ $wait_for_waves == true && ${WAITS[i]} == wait ]]; then
        arguments+=(--wait --timeout "${TIMEOUTS[i]}")
    fi
    if [[ $dry_run != true ]]; then
        take_release "$i" || return 1
    fi
    run_helm "${arguments[@]}" || status=1
    if [[ $dry_run != true ]]; then
        settle_claim "$i" || return 1
    fi
    [[ $status == 0 ]] || return 1
    if [[ $dry_run == true ]] && is_local_chart "$i" && command -v helm >/dev/null 2>&1; then
        helm template "${NAMES[i]}" "${chart_arguments[@]}" --namespace "${NAMESPACES[i]}" \
            --values "${NAMES[i]}/values.yaml" >/dev/null || return 1
        say "  ${NAMES[i]}: the chart renders with these values"
    fi
}

build_kustomization() {
    kubectl kustomize "${CHARTS[$1]}" >"$work/${NAMES[$1]}.yaml"
}

# kubectl builds the kustomization and applies what comes out.
install_kustomization() {
    local i=$1
    if [[ $dry_run == true ]]; then
        printf '+ kubectl kustomize %q >%q\n' "${CHARTS[i]}" "${NAMES[i]}.yaml"
        apply_file "${NAMES[i]}.yaml" "${NAMESPACES[i]}"
        return
    fi
    [[ -s $work/${NAMES[i]}.yaml ]] || build_kustomization "$i" || return 1
    if [[ $check_charts != true && $adopt != true ]]; then
        foreign=()
        find_foreign_objects "$work/${NAMES[i]}.yaml" "${NAMESPACES[i]}" || return 1
        if [[ ${#foreign[@]} -gt 0 ]]; then
            printf '  there already, and made by no bundle: %s\n' "${foreign[@]}"
            return 1
        fi
    fi
    apply_file "$work/${NAMES[i]}.yaml" "${NAMESPACES[i]}"
}

wait_for_workloads() {
    local i=$1 n
    [[ $wait_for_waves == true && ${WAITS[i]} == wait ]] || return 0
    for ((n = 0; n < ${#WORKLOADS[@]}; n++)); do
        [[ ${WORKLOAD_OWNERS[n]} == "$i" ]] || continue
        run_kubectl rollout status "${WORKLOADS[n]}" --namespace "${WORKLOAD_NAMESPACES[n]}" \
            --timeout "${TIMEOUTS[i]}" || return 1
    done
}

install_once() {
    local i=$1
    ensure_namespace "${NAMESPACES[i]}" || return 1
    apply_manifests "$i" pre || return 1
    case ${KINDS[i]} in
    helm) install_chart "$i" || return 1 ;;
    kustomize) install_kustomization "$i" || return 1 ;;
    esac
    apply_manifests "$i" post || return 1
    wait_for_workloads "$i" || return 1
}

install_with_retries() {
    local i=$1 attempt=0 delay
    until install_once "$i"; do
        attempt=$((attempt + 1))
        if [[ $dry_run == true ]] || ((attempt > retries)); then
            return 1
        fi
        delay=$((retry_delay * attempt * attempt))
        ((delay <= 120)) || delay=120
        say "  ${NAMES[i]}: attempt $attempt failed, the next one follows in $delay s"
        sleep "$delay"
    done
}

members_of_wave() {
    local i
    for ((i = 0; i < ${#NAMES[@]}; i++)); do
        [[ ${WAVES[i]} != "$1" ]] || printf '%s\n' "$i"
    done
}

failed=()

report() {
    local i=$1 status=$2
    if [[ $status == 0 ]]; then
        [[ $dry_run == true ]] || say "  ${NAMES[i]}: installed"
    else
        say "  ${NAMES[i]}: FAILED"
        failed+=("${NAMES[i]}")
    fi
}

# All components of a wave are installed at the same time, each with a log of its own; then all are waited for.
install_wave() {
    local i n status members=() pids=()
    for i in $(members_of_wave "$1"); do
        members+=("$i")
        if [[ $dry_run == true ]]; then
            status=0
            install_with_retries "$i" || status=1
            report "$i" "$status"
        else
            set -m # a process group of its own, for cleanup()
            install_with_retries "$i" </dev/null >"$work/${NAMES[i]}.log" 2>&1 &
            pids+=("$!")
            set +m
        fi
    done
    [[ $dry_run != true ]] || return 0
    for ((n = 0; n < ${#members[@]}; n++)); do
        i=${members[n]}
        status=0
        wait "${pids[n]}" || status=1
        sed 's/^/    /' "$work/${NAMES[i]}.log"
        report "$i" "$status"
    done
}

plan
work=$(mktemp -d)
preflight
for ((wave = 1; wave <= WAVE_COUNT; wave++)); do
    say "wave $wave of $WAVE_COUNT"
    install_wave "$wave"
    if [[ ${#failed[@]} -gt 0 && $best_effort != true ]]; then
        die "wave $wave did not succeed: ${failed[*]}. Later waves were not started; run deploy.sh again to go on"
    fi
done
if [[ ${#failed[@]} -gt 0 ]]; then
    die "${#failed[@]} of ${#NAMES[@]} components failed: ${failed[*]}"
fi
if [[ $dry_run == true ]]; then
    say "dry run: nothing was changed"
else
    say "all ${#NAMES[@]} components are installed"
fi
