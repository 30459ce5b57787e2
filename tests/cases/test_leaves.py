# SPDX-License-Identifier: Apache-2.0
"""Every combination for which NVIDIA/aicr publishes a recipe of its own (its recipe-health page of September 2026, and what landed
after it) resolves here too, as a leaf or from layers, with the components that make it what it is, and with its kinds of checks."""

import json

import pytest

from support import recipe_data as data

BASE = {"gpu-operator", "nfd", "nvidia-dra-driver-gpu", "nvsentinel", "skyhook-operator", "kube-prometheus-stack",
        "prometheus-operator-crds", "k8s-ephemeral-storage-metrics", "kai-scheduler", "prometheus-adapter"}
SERVICE = {
    "aks": BASE | {"network-operator"},
    "bcm": BASE | {"skyhook-customizations"},
    "eks": BASE | {"aws-ebs-csi-driver", "aws-efa"},
    "generic": BASE | {"network-operator"},
    "gke": BASE, "k0s": BASE, "kind": BASE, "lke": BASE | {"cert-manager"}, "oke": BASE, "rke2": BASE,
    "ocp": {"nfd-ocp-olm", "nfd-ocp", "gpu-operator-ocp-olm", "gpu-operator-ocp", "network-operator-ocp-olm", "network-operator-ocp",
            "cert-manager-ocp-olm", "cert-manager-ocp", "prometheus-adapter", "nvidia-dra-driver-gpu"},
}
PLATFORM = {
    None: set(),
    "kubeflow": {"kubeflow-trainer"},
    "dynamo": {"grove", "dynamo-platform", "agentgateway", "agentgateway-crds"},
    "nim": {"k8s-nim-operator", "agentgateway"},
    "slurm": {"slinky-slurm-operator-crds", "slinky-slurm-operator", "slinky-slurm"},
    "kueue": {"kueue"},
}
TUNED = {"skyhook-customizations"}

# service, accelerator, os, intent, platform: what else must be there, checks of performance that are declared
LEAVES = [
    ("aks", None, "ubuntu", None, None, set(), ()),
    ("aks", "a100", "ubuntu", "training", "kubeflow", set(), ()),
    ("aks", "h100", "ubuntu", "inference", "dynamo", TUNED, ("inference-perf",)),
    ("aks", "h100", "ubuntu", "training", "kubeflow", TUNED, ("nccl-all-reduce-bw",)),
    ("aks", "h100", "ubuntu", "training", "slurm", TUNED, ()),
    ("bcm", None, None, "inference", None, set(), ()),
    ("bcm", "h100", "ubuntu", "training", "kubeflow", set(), ()),
    ("eks", None, "ubuntu", None, None, set(), ()),
    ("eks", "a100", "ubuntu", "training", "kubeflow", TUNED, ()),
    ("eks", "gb200", "ubuntu", "inference", "dynamo", TUNED, ("inference-perf",)),
    ("eks", "gb200", "ubuntu", "training", "kubeflow", TUNED, ("nccl-all-reduce-bw-net", "nccl-all-reduce-bw-nvls")),
    ("eks", "gb200", "ubuntu", "training", "slurm", TUNED, ()),
    ("eks", "gb300", "ubuntu", "inference", "dynamo", TUNED, ()),
    ("eks", "gb300", "ubuntu", "training", "kubeflow", TUNED, ("nccl-all-reduce-bw-net", "nccl-all-reduce-bw-nvls")),
    ("eks", "gb300", "ubuntu", "training", "slurm", TUNED, ()),
    ("eks", "h100", "ubuntu", "inference", "dynamo", TUNED, ("inference-perf",)),
    ("eks", "h100", "ubuntu", "inference", "nim", TUNED, ()),
    ("eks", "h100", "ubuntu", "training", "kubeflow", TUNED, ("nccl-all-reduce-bw",)),
    ("eks", "h100", "ubuntu", "training", "slurm", TUNED, ()),
    ("eks", "h100", "ubuntu", "training", "kueue", TUNED, ()),
    ("eks", "h200", None, "inference", None, TUNED, ()),
    ("eks", "h200", None, "training", "kubeflow", TUNED, ("nccl-all-reduce-bw",)),
    ("eks", "rtx-pro-6000", "ubuntu", "inference", "dynamo", set(), ("inference-perf",)),
    ("eks", "rtx-pro-6000", "ubuntu", "inference", "nim", set(), ()),
    ("eks", "rtx-pro-6000", "ubuntu", "training", "kubeflow", set(), ()),
    ("eks", "h100", "amazonlinux", "inference", None, set(), ()),
    ("eks", "gb200", "amazonlinux", "inference", None, set(), ()),
    ("eks", "gb300", "amazonlinux", "inference", None, set(), ()),
    ("generic", "gb300", "ubuntu", "training", None, set(), ("nccl-all-reduce-bw-nvls",)),
    ("gke", "a100", "cos", "training", "kubeflow", TUNED, ()),
    ("gke", "b200", "cos", "inference", "dynamo", TUNED, ()),
    ("gke", "b200", "cos", "training", "kubeflow", TUNED, ()),
    ("gke", "gb200", "cos", "inference", "dynamo", {"gke-nccl-gib"}, ("inference-perf",)),
    ("gke", "gb200", "cos", "training", "kubeflow", {"gke-nccl-gib"}, ("nccl-all-reduce-bw-nvls",)),
    ("gke", "gb200", "cos", "training", "slurm", {"gke-nccl-gib"}, ()),
    ("gke", "gb300", "cos", "inference", None, set(), ()),
    ("gke", "gb300", "cos", "inference", "dynamo", set(), ()),
    ("gke", "gb300", "cos", "training", None, set(), ()),
    ("gke", "gb300", "cos", "training", "kubeflow", set(), ()),
    ("gke", "h100", "cos", "inference", "dynamo", TUNED, ("inference-perf",)),
    ("gke", "h100", "cos", "training", "kubeflow", TUNED | {"gke-nccl-tcpxo"}, ("nccl-all-reduce-bw",)),
    ("gke", "h100", "cos", "training", "slurm", TUNED | {"gke-nccl-tcpxo"}, ()),
    ("gke", "h100", "cos", "training", "kueue", TUNED | {"gke-nccl-tcpxo"}, ()),
    ("k0s", "h200", "ubuntu", "training", None, set(), ()),
    ("kind", "h100", None, "inference", "dynamo", set(), ()),
    ("kind", "h100", None, "training", "kubeflow", set(), ()),
    ("kind", "h100", None, "training", "slurm", set(), ()),
    ("kind", "h100", None, "training", "kueue", set(), ()),
    ("lke", "rtx-pro-6000", "ubuntu", "inference", None, {"agentgateway"}, ()),
    ("lke", "rtx-pro-6000", "ubuntu", "training", "kubeflow", set(), ()),
    ("ocp", None, None, "inference", "nim", set(), ()),
    ("ocp", None, None, "training", None, set(), ()),
    ("oke", "a100", "ubuntu", "training", "kubeflow", set(), ()),
    ("oke", "gb200", "ubuntu", "inference", "dynamo", {"network-operator"}, ("inference-perf",)),
    ("oke", "gb200", "ubuntu", "training", "kubeflow", {"network-operator"}, ("nccl-all-reduce-bw-net", "nccl-all-reduce-bw-nvls")),
    ("oke", "l40s", "ol", "inference", None, set(), ()),
    ("oke", "l40s", "ol", "training", "kubeflow", set(), ()),
    ("rke2", "vr200", "ubuntu", "inference", "dynamo", TUNED | {"dranet"}, ()),
    ("rke2", "vr200", "ubuntu", "training", None, TUNED | {"dranet"}, ("nccl-all-reduce-bw-nvls",)),
    ("rke2", "vr200", "ubuntu", "training", "kubeflow", TUNED | {"dranet"}, ("nccl-all-reduce-bw-nvls",)),
    ("rke2", None, "sles", None, None, set(), ()),
]
FLOORS = {"a100": "v24.6.0", "b200": "v25.10.0", "gb200": "v25.10.0", "gb300": "v25.10.0", "h100": "v24.6.0", "h200": "v24.6.0",
          "l40": "v24.6.0", "l40s": "v24.6.0", "rtx-pro-6000": "v25.10.0", "vr200": "v26.7.0"}


def resolved(cnsctl, **criteria):
    words = [word for field, value in criteria.items() if value for word in (f"--{field}", value)]
    return json.loads(cnsctl("recipe", *words, "--format", "json").stdout)


def enabled(recipe):
    return {item["name"] for item in recipe["componentRefs"] if item.get("overrides", {}).get("enabled", True)}


@pytest.mark.parametrize("leaf", LEAVES, ids=lambda leaf: "-".join(filter(None, leaf[:5])))
def test_leaf_of_the_field_resolves(leaf, cnsctl):
    service, accelerator, os, intent, platform, others, performance = leaf
    recipe = resolved(cnsctl, service=service, accelerator=accelerator, os=os, intent=intent, platform=platform)
    wanted = SERVICE[service] | PLATFORM[platform] | others
    assert wanted <= enabled(recipe), f"missing: {sorted(wanted - enabled(recipe))}"
    checks = {phase: body.get("checks", []) for phase, body in recipe["validation"].items()}
    assert set(performance) <= set(checks.get("performance", []))
    if accelerator:
        assert {"operator-health", "expected-resources", "check-nvidia-smi"} <= set(checks["deployment"])
    assert "gpu-operator-health" in checks["conformance"]
    if platform:
        assert "robust-controller" in checks["conformance"] or platform == "slurm"


@pytest.mark.parametrize("accelerator", FLOORS)
def test_every_accelerator_has_its_floor(accelerator, cnsctl):
    recipe = resolved(cnsctl, accelerator=accelerator)
    floors = {item["name"]: item["value"] for item in recipe["validation"]["deployment"]["constraints"]}
    assert floors["Deployment.gpu-operator.version"] == f">= {FLOORS[accelerator]}"


def vocabulary(field):
    return [value["name"] for value in data.document("criteria.yaml")["fields"][field]["values"] if value["name"] != "any"]


@pytest.mark.parametrize("service", vocabulary("service"))
def test_driver_toolkit_and_root_agree_on_every_system(service, cnsctl):
    """Who installs the driver decides where claims look for it and whether its pod shows the nodes that have one. Layers of a
    service, a system and a profile's default meet here, and none may answer a part of the question alone."""
    seen = 0
    for os in vocabulary("os"):
        query = {"service": service, "os": os, "accelerator": "rtx-pro-6000" if service == "lke" else "h100", "intent": "training"}
        if data.refusals(query):
            continue
        values = {item["name"]: data.values_of(item) for item in data.resolve(query)[1].values()}
        words = [word for field, value in query.items() for word in (f"--{field}", value)]
        shown = json.loads(cnsctl("query", *words, "--selector", "components", "--format", "json").stdout)
        assert shown["gpu-operator"]["values"]["driver"]["enabled"] is values["gpu-operator"]["driver"]["enabled"], os
        operator, root = shown["gpu-operator"]["values"], shown["nvidia-dra-driver-gpu"]["values"]["nvidiaDriverRoot"]
        assert root == operator["hostPaths"]["driverInstallDir"] if operator["driver"]["enabled"] \
            else root in ("/", "/home/kubernetes/bin/nvidia"), os
        labeler = shown["nvsentinel"]["values"].get("labeler", {}).get("assumeDriverInstalled", False)
        assert labeler is not operator["driver"]["enabled"], os
        seen += 1
    assert seen
