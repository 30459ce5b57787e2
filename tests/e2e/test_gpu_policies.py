# SPDX-License-Identifier: Apache-2.0
"""The rules of the mixin gpu-policies, judged by a real Kubernetes API: Gatekeeper's CEL templates use the language and the
library of Kubernetes' own admission policies, so each template is made such a policy, and pods are sent against it."""

import json
import time

import yaml

from support import recipe_data

SECONDS = 60  # until a policy is in force; on an idle machine it is 2


def gpu(name="gpu", count="1", **more):
    limits = {name if "/" in name else f"nvidia.com/{name}": count}
    return {"name": "c", "image": "nvcr.io/nvidia/cuda:13.0", "resources": {"limits": limits, **more}}


PLAIN = {"name": "c", "image": "docker.io/library/busybox:1.37"}
ENOUGH = {"requests": {"cpu": "1", "memory": "1Gi"}}
TOLERATES = [{"key": "nvidia.com/gpu", "operator": "Exists"}]


def with_volume(path):
    return {"containers": [PLAIN], "volumes": [{"name": "dev", "hostPath": {"path": path}}, {"name": "tmp", "emptyDir": {}}]}


def with_variable(value, container=PLAIN):
    return {"containers": [{**container, "env": [{"name": "NVIDIA_VISIBLE_DEVICES", "value": value}, {"name": "A"}]}]}


# kind -> (spec of a pod, part of the refusal or None, owner)
CASES = {
    "CnsGpuDevices": [
        ({"containers": [PLAIN]}, None),
        (with_volume("/data"), None),
        (with_volume("/dev/nvidia0"), "volumes dev mount GPU device files"),
        (with_volume("/dev"), "volumes dev mount GPU device files"),
        (with_volume("/dev/shm"), None),
        (with_variable("all"), "containers c set NVIDIA_VISIBLE_DEVICES"),
        (with_variable("none"), None),
        (with_variable("0", gpu(**ENOUGH)), None),
        ({"containers": [PLAIN], "initContainers": [{**with_variable("all")["containers"][0], "name": "i"}]}, "containers i set"),
    ],
    "CnsGpuRequests": [
        ({"containers": [PLAIN]}, None),
        ({"containers": [gpu(**ENOUGH)]}, None),
        ({"containers": [gpu()]}, "containers c ask for GPUs but not for cpu and memory"),
        ({"containers": [gpu("mig-1g.10gb")]}, "containers c ask for GPUs"),
        ({"containers": [gpu(requests={"cpu": "1"})]}, "containers c ask for GPUs"),
        ({"containers": [gpu("example.com/other")]}, None),
    ],
    "CnsGpuNodes": [
        ({"containers": [PLAIN]}, None),
        ({"containers": [PLAIN], "tolerations": TOLERATES}, "tolerates nvidia.com/gpu but uses no GPU"),
        ({"containers": [gpu()], "tolerations": TOLERATES}, None),
        ({"containers": [PLAIN], "tolerations": [{"key": "spot", "operator": "Exists"}]}, None),
        ({"containers": [PLAIN], "tolerations": TOLERATES,
          "resourceClaims": [{"name": "x", "resourceClaimTemplateName": "t"}]}, None),
        ({"containers": [PLAIN], "tolerations": TOLERATES}, None, "DaemonSet"),
        ({"containers": [PLAIN], "tolerations": TOLERATES}, "uses no GPU", "ReplicaSet"),
    ],
    "CnsAllowedImages": [
        ({"containers": [gpu()]}, None),
        ({"containers": [PLAIN]}, "images docker.io/library/busybox:1.37 come from none of nvcr.io/nvidia/"),
        ({"containers": [gpu()], "initContainers": [{**PLAIN, "name": "i"}]}, "come from none of"),
    ],
}
PARAMETERS = {"CnsGpuNodes": {"taintKeys": ["nvidia.com/gpu"]}, "CnsAllowedImages": {"prefixes": ["nvcr.io/nvidia/"]}}


def templates(bundle):
    """kind -> the CEL source of its template."""
    texts = [path.read_text() for path in bundle.glob("gatekeeper/*manifests/*.yaml")]
    documents = [item for text in texts for item in yaml.safe_load_all(text) if item]
    return {item["spec"]["crd"]["spec"]["names"]["kind"]: item["spec"]["targets"][0]["code"][0]["source"] for item in documents}


def policy(kind, source):
    """As Gatekeeper sets its variables: the object, and the parameters of the constraint."""
    variables = [{"name": "anyObject", "expression": "object"},
                 {"name": "params", "expression": json.dumps(PARAMETERS.get(kind, {}))}, *source["variables"]]
    name = kind.lower()
    return [
        {"apiVersion": "admissionregistration.k8s.io/v1", "kind": "ValidatingAdmissionPolicy", "metadata": {"name": name},
         "spec": {"failurePolicy": "Fail", "variables": variables, "validations": source["validations"], "matchConstraints": {
             "resourceRules": [{"apiGroups": [""], "apiVersions": ["v1"], "operations": ["CREATE"], "resources": ["pods"]}]}}},
        {"apiVersion": "admissionregistration.k8s.io/v1", "kind": "ValidatingAdmissionPolicyBinding", "metadata": {"name": name},
         "spec": {"policyName": name, "validationActions": ["Deny"], "matchResources": {
             "namespaceSelector": {"matchLabels": {"kubernetes.io/metadata.name": name}}}}},
    ]


def answer(api, namespace, spec, owner=None):
    """None, or why the pod was refused."""
    metadata = {"name": "p", "namespace": namespace}
    if owner:
        metadata["ownerReferences"] = [{"apiVersion": "apps/v1", "kind": owner, "name": "o", "uid": "1"}]
    pod = {"apiVersion": "v1", "kind": "Pod", "metadata": metadata, "spec": spec}
    done = api.kubectl("create", "--dry-run=server", "-f", "-", stdin=json.dumps(pod), check=False)
    return done.stderr if done.returncode else None


def test_rules_refuse_what_they_say(kube_api, cnsctl, tmp_path):
    recipe = cnsctl("recipe", "--service", "generic", "--mixin", "gpu-policies").stdout
    cnsctl("bundle", "-r", "-", "-o", "out", stdin=recipe)
    found = templates(tmp_path / "out")
    assert set(found) == set(CASES)
    for kind, source in found.items():
        kube_api.kubectl("create", "namespace", kind.lower())
        kube_api.kubectl("create", "serviceaccount", "default", "--namespace", kind.lower())
        for document in policy(kind, source):
            kube_api.apply(json.dumps(document))
    for kind, cases in CASES.items():
        bad = next(case for case in cases if case[1])
        end = time.monotonic() + SECONDS
        while not answer(kube_api, kind.lower(), *bad[:1], *bad[2:]):
            assert time.monotonic() < end, f"{kind} never came into force"
            time.sleep(0.5)
        for spec, part, *owner in cases:
            told = answer(kube_api, kind.lower(), spec, *owner)
            if part is None:
                assert told is None, f"{kind} refuses {spec}: {told}"
            else:
                assert told and part in " ".join(told.split()), f"{kind} on {spec}: {told}"


def test_constraints_name_the_kinds_of_the_templates(cnsctl, tmp_path):
    recipe = cnsctl("recipe", "--service", "generic", "--mixin", "gpu-policies").stdout
    cnsctl("bundle", "-r", "-", "-o", "out", "--set-json", 'gpu-policies:allowedImagePrefixes=["nvcr.io/nvidia/"]', stdin=recipe)
    text = next((tmp_path / "out").glob("gpu-policies/*manifests/*.yaml")).read_text()
    constraints = {item["kind"]: item["spec"].get("parameters", {}) for item in yaml.safe_load_all(text) if item}
    assert constraints == {kind: PARAMETERS.get(kind, {}) for kind in templates(tmp_path / "out")}
    known = {check["name"].split(".")[0] for check in recipe_data.registry()["gatekeeper"]["healthCheck"]["resources"]
             if check["name"].endswith(".constraints.gatekeeper.sh")}
    assert known == {kind.lower() for kind in constraints}
