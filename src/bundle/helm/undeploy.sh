# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=bash disable=SC2034,SC2154
# --- undeploy ---

usage() {
    cat <<'TEXT'
usage: ./undeploy.sh [options]

Removes what deploy.sh installed, in reverse order: manifests and releases of this bundle, then the namespaces that
deploy.sh created, if nothing else lives in them. Releases and objects of the same names that deploy.sh did not make are
kept, and that is said. Finalizers are left to their owners.

  --dry-run            show the commands and change nothing; needs no cluster
  --keep-namespaces    leave all namespaces
  --delete-crds        also delete manifests that hold resource definitions. With a definition goes every object of that
                       kind in the whole cluster, whoever made it
  --timeout TIME       how long to wait for each removal (default 120s; a number is seconds)
  --context NAME       context of the kubeconfig to use
  --kubeconfig FILE    kubeconfig to use
  -h, --help           show this help

exit status: 0 all removed, 1 something is left, 2 usage
TEXT
}

dry_run=false
keep_namespaces=false
delete_crds=false
timeout=120s
helm_target=()
kubectl_target=()

usage_error() {
    printf 'error: %s; ./undeploy.sh --help tells the options\n' "$1" >&2
    exit 2
}

while [[ $# -gt 0 ]]; do
    case $1 in
    --dry-run) dry_run=true ;;
    --keep-namespaces) keep_namespaces=true ;;
    --delete-crds) delete_crds=true ;;
    --timeout | --context | --kubeconfig)
        [[ $# -ge 2 && -n $2 ]] || usage_error "$1 needs a value"
        case $1 in
        --timeout) timeout=$2 ;;
        --context) helm_target+=(--kube-context "$2") kubectl_target+=(--context "$2") ;;
        --kubeconfig)
            file=$2
            [[ $file == /* ]] || file=$PWD/$file
            helm_target+=(--kubeconfig "$file") kubectl_target+=(--kubeconfig "$file")
            ;;
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
[[ $timeout =~ ^[0-9]+$ ]] && timeout=${timeout}s
[[ $timeout =~ ^([0-9]+[hms])+$ ]] || usage_error "--timeout needs a time such as 90s or 5m"
cd "$(dirname "${BASH_SOURCE[0]}")" || exit 1

left=()

leave() {
    warn "$1"
    left+=("$1")
}

# Namespaces that stand in manifests; they go at the end, as those of components do.
manifested=()

# Deletes a file's objects that carry our mark.
delete_file() {
    local file=$1 namespace=$2 found output type place name mark
    if [[ $dry_run == true ]]; then
        printf '# those of them that deploy.sh made:\n'
        run_kubectl delete --ignore-not-found --wait --timeout "$timeout" -f "$file" ${namespace:+--namespace "$namespace"}
        return
    fi
    found=$(existing_objects "$file" "$namespace") || return 1
    while read -r type place name mark; do
        [[ -n $name ]] || continue
        [[ $place != '<none>' ]] || place=
        if [[ $type == Namespace.v1. ]]; then
            manifested+=("$name")
        elif [[ $mark != bundle ]]; then
            say "  kept: ${type%%.*} $name${place:+ in namespace $place}, which deploy.sh did not make"
        elif ! output=$(kubectl_ delete "$type" "$name" ${place:+--namespace "$place"} --ignore-not-found --wait \
            --timeout "$timeout" 2>&1 </dev/null); then
            printf '%s\n' "$output" >&2
            return 1
        elif [[ -n $output ]]; then
            printf '%s\n' "$output" | sed 's/^/  /'
        fi
    done <<<"$found"
}

delete_manifests() {
    local i=$1 phase=$2 n
    for ((n = ${#MANIFEST_FILES[@]} - 1; n >= 0; n--)); do
        [[ ${MANIFEST_OWNERS[n]} == "$i" && ${MANIFEST_PHASES[n]} == "$phase" ]] || continue
        if [[ ${MANIFEST_CLASSES[n]} == definitions && $delete_crds != true ]]; then
            say "  kept: ${MANIFEST_FILES[n]} (holds definitions that others may use; --delete-crds deletes them)"
            continue
        fi
        delete_file "${MANIFEST_FILES[n]}" "${MANIFEST_NAMESPACES[n]}" ||
            leave "manifest ${MANIFEST_FILES[n]} could not be deleted"
    done
}

# Releases in whatever state but uninstalled. helm 3 lists only some unless told so, helm 4 has no --all.
list_releases() {
    helm_ list --deployed --failed --pending --superseded --uninstalling --short --namespace "$1"
}

forget_claim() {
    kubectl_ delete configmap "cns-release-${NAMES[$1]}" --namespace "${NAMESPACES[$1]}" --ignore-not-found >/dev/null ||
        leave "the mark of release ${NAMES[$1]} in namespace ${NAMESPACES[$1]} could not be deleted"
}

# 0: ours; 1: there is none; 2: that cannot be told; 3: it is somebody else's.
whose_release() {
    local status=0
    read_release "${NAMES[$1]}" "${NAMESPACES[$1]}" || status=$?
    # One that was uninstalled but kept in the history has no objects, and goes when it is ours.
    [[ $status == 0 || $release_status == uninstalled ]] || return "$status"
    status=0
    is_claimed "${NAMES[$1]}" "${NAMESPACES[$1]}" || status=$?
    [[ $status != 1 ]] || status=3
    return "$status"
}

uninstall_release() {
    local i=$1 status=0
    local arguments=(uninstall "${NAMES[i]}" --namespace "${NAMESPACES[i]}" --wait --timeout "$timeout")
    if [[ $dry_run == true ]]; then
        run_helm "${arguments[@]}"
        return
    fi
    whose_release "$i" || status=$?
    case $status in
    0) ;;
    1)
        say "  ${NAMES[i]}: no release in namespace ${NAMESPACES[i]}"
        forget_claim "$i"
        return
        ;;
    3)
        say "  kept: release ${NAMES[i]} in namespace ${NAMESPACES[i]}, which deploy.sh did not make"
        return
        ;;
    *)
        leave "release ${NAMES[i]} in namespace ${NAMESPACES[i]} could not be looked up"
        return
        ;;
    esac
    if helm_ "${arguments[@]}"; then
        forget_claim "$i"
        return
    fi
    # Helm forgets a release whose objects it told to go, also when they did not go in time.
    status=0
    whose_release "$i" || status=$?
    if [[ $status == 1 ]]; then
        forget_claim "$i"
        leave "release ${NAMES[i]} is uninstalled, but not all of its objects in namespace ${NAMESPACES[i]} are gone yet"
        return
    fi
    warn "${NAMES[i]}: uninstalling failed, trying without its hooks"
    if helm_ "${arguments[@]}" --no-hooks; then
        forget_claim "$i"
    else
        leave "release ${NAMES[i]} in namespace ${NAMESPACES[i]} could not be uninstalled"
    fi
}

delete_kustomization() {
    local i=$1 file
    if [[ $dry_run == true ]]; then
        printf '# unless it holds definitions and --delete-crds was not given:\n'
        printf '+ kubectl kustomize %q | kubectl delete --ignore-not-found --wait --timeout %q -f -\n' "${CHARTS[i]}" "$timeout"
        return
    fi
    file=$(mktemp)
    if ! kubectl kustomize "${CHARTS[i]}" >"$file"; then
        leave "the kustomization of ${NAMES[i]} could not be built"
    elif [[ $delete_crds != true ]] && grep -q '^kind: CustomResourceDefinition$' "$file"; then
        say "  kept: ${CHARTS[i]} (holds definitions that others may use; --delete-crds deletes them)"
    elif ! delete_file "$file" "${NAMESPACES[i]}"; then
        leave "the kustomization of ${NAMES[i]} could not be deleted"
    fi
    rm -f -- "$file"
}

# What lives in a namespace beside this bundle, one a line as Kind/name. Not counted: what Kubernetes puts into every
# namespace, events and leases, what is going already, and what belongs to another object, with which it goes.
others_in() {
    local types found
    local template='{{range .items}}{{if not (or .metadata.deletionTimestamp .metadata.ownerReferences)}}{{.kind}}/{{.metadata.name}}
{{end}}{{end}}'
    types=$(kubectl_ api-resources --namespaced --verbs=list,delete --no-headers -o name) || return 1
    types=$(grep -vxE 'events(\.events\.k8s\.io)?|endpoints|endpointslices\.discovery\.k8s\.io|leases\.coordination\.k8s\.io' <<<"$types") ||
        return 1
    found=$(kubectl_ get "${types//$'\n'/,}" --namespace "$1" -o "go-template=$template") || return 1
    grep -vxE 'ConfigMap/kube-root-ca\.crt|ServiceAccount/default|' <<<"$found" || true
}

# Removes a namespace when deploy.sh created it and nothing else lives in it.
delete_namespace() {
    local namespace=$1 mark others
    case $namespace in
    '' | default | kube-system | kube-public | kube-node-lease) return ;;
    esac
    if [[ $dry_run == true ]]; then
        printf '# only if deploy.sh created it and nothing else is in it:\n'
        run_kubectl delete namespace "$namespace" --ignore-not-found --timeout "$timeout"
        return
    fi
    mark=$(kubectl_ get namespace "$namespace" --ignore-not-found \
        -o 'jsonpath={.metadata.labels.cns\.nvidia\.com/created-by}') || {
        leave "namespace $namespace could not be read"
        return
    }
    [[ $mark == bundle ]] || return 0
    if has_kind helm; then
        others=$(list_releases "$namespace") || {
            leave "releases in namespace $namespace could not be listed"
            return
        }
        if [[ -n $others ]]; then
            say "kept: namespace $namespace, in which there are other releases: ${others//$'\n'/, }"
            return
        fi
    fi
    others=$(others_in "$namespace") || {
        leave "what is in namespace $namespace could not be listed, so it was not deleted"
        return
    }
    if [[ -n $others ]]; then
        say "kept: namespace $namespace, in which there is: ${others//$'\n'/, }"
        say "      (with these it goes by: kubectl delete namespace $namespace)"
        return
    fi
    kubectl_ delete namespace "$namespace" --ignore-not-found --timeout "$timeout" ||
        leave "namespace $namespace is not gone: kubectl describe namespace $namespace tells what holds it"
}

delete_namespaces() {
    local i namespace seen=' '
    [[ $keep_namespaces != true ]] || return 0
    for namespace in ${manifested[@]+"${manifested[@]}"}; do
        [[ $seen != *" $namespace "* ]] || continue
        seen+="$namespace "
        delete_namespace "$namespace"
    done
    for ((i = ${#NAMES[@]} - 1; i >= 0; i--)); do
        [[ $seen != *" ${NAMESPACES[i]} "* ]] || continue
        seen+="${NAMESPACES[i]} "
        delete_namespace "${NAMESPACES[i]}"
    done
}

plan
verify_checksums
if [[ $dry_run != true ]]; then
    check_tools
    check_cluster
fi
say "removing ${#NAMES[@]} components, the last of $WAVE_COUNT waves first"
for ((i = ${#NAMES[@]} - 1; i >= 0; i--)); do
    say "${NAMES[i]}"
    delete_manifests "$i" post
    case ${KINDS[i]} in
    helm) uninstall_release "$i" ;;
    kustomize) delete_kustomization "$i" ;;
    esac
    delete_manifests "$i" pre
done
delete_namespaces
if [[ ${#left[@]} -gt 0 ]]; then
    die "${#left[@]} things are left: $(printf '%s; ' "${left[@]}")"
fi
if [[ $dry_run == true ]]; then
    say "dry run: nothing was changed"
else
    say "all components are removed"
fi
